"""What people do with single quick replies: propose, approve, refuse, retire, stop. Each gives the settings it wants.

Whether they are sound and whether this person may have them is for the checks and rights to say, as for any other
change; here it is said only what cannot be meant, and why an approval cannot be this person's.
"""

from typing import Literal, assert_never

import msgspec

from relay.domain.names import ReplyId, ShopId
from relay.domain.office.rights import shops_where
from relay.domain.office.signing import may_sign, second_persons, shops_of
from relay.domain.office.state import OfficeState, Settings, settings_of
from relay.domain.settings import Person, Purpose, QuickReply

Doing = Literal["propose", "approve", "refuse", "retire", "stop", "lift"]


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One act. What is None or left out stays as it was in the version before.

    `propose` writes the next version from `text`, or without it hands the newest draft in. `refuse` says `why`. `stop`
    and `lift` are about a reply, or a `shop`, or with neither about every shop in which the person may do so.
    """

    do: Doing
    reply: ReplyId | None = None
    version: int | None = None
    text: str | None = None
    purpose: Purpose | None = None
    shops: tuple[ShopId, ...] | None = None
    groups: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None
    goods: tuple[str, ...] | None = None
    draft: bool = False
    shop: ShopId | None = None
    why: str | None = None


class ActError(ValueError):
    """An act that cannot be meant; says why, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.en, self.zh = en, zh


def wanted_by(state: OfficeState, act: Act, person: Person) -> Settings:
    """The settings after this act. Raises ActError."""
    match act.do:
        case "propose":
            return _with(state, _proposed(state, act, person))
        case "approve":
            return _with(state, _approved(state, act, person))
        case "refuse":
            return _with(state, _refused(state, act, person))
        case "retire":
            return _with(state, msgspec.structs.replace(_version(state, act), status="retired"))
        case "stop" | "lift" if act.reply is not None:
            return _with(state, msgspec.structs.replace(_in_force(state, act), stopped=act.do == "stop"))
        case "stop" | "lift":
            return _shops_stopped(state, act, person)
        case _:
            assert_never(act.do)


def _with(state: OfficeState, version: QuickReply) -> Settings:
    """The live settings with this version in its place; one that it replaces as the approved one goes."""
    now = settings_of(state)
    kept = [
        one
        for one in now.replies
        if one.id != version.id or not (one.version == version.version or (one.is_approved and version.is_approved))
    ]
    return msgspec.structs.replace(now, replies=(*kept, version))


def _proposed(state: OfficeState, act: Act, person: Person) -> QuickReply:
    name = _name(act)
    newest = state.replies.get(name)
    status: Literal["draft", "pending"] = "draft" if act.draft else "pending"
    if act.text is None:
        if newest is None or newest.status != "draft":
            raise ActError(f'"{name}" has no draft to hand in; give a text', f'"{name}" 没有可提交的草稿，请给出文字')
        return msgspec.structs.replace(newest, status=status)
    told = {key: getattr(act, key) for key in ("purpose", "shops", "groups", "topics", "goods")}
    keys = {key: value for key, value in told.items() if value is not None}
    number = max(state.versions.get(name, {}), default=0) + 1
    made = newest or QuickReply(name, number, "")
    return msgspec.structs.replace(
        made,
        version=number,
        text=act.text,
        status=status,
        author=person.id,
        approved_by=None,
        approval=None,
        stopped=False,
        refused_by=None,
        refused_why="",
        **keys,
    )


def _approved(state: OfficeState, act: Act, person: Person) -> QuickReply:
    version = _version(state, act)
    if version.is_approved:
        raise ActError(f"version {version.version} is approved already", f"版本 {version.version} 已批准")
    if version.status == "retired":
        raise ActError(
            f"version {version.version} is retired; propose it anew", f"版本 {version.version} 已停用，请重新提出"
        )
    own = version.author in (None, person.id)
    signing = msgspec.structs.replace(
        version, status="approved", approved_by=person.id, approval="owner_self" if own else "two_person"
    )
    if own and not may_sign(state, person, signing):
        others = ", ".join(one.id for one in second_persons(state, person, shops_of(state, signing)))
        raise ActError(
            "nobody approves their own text, or one of no named author, where another can"
            + (f": {others}" if others else "; only an owner may, who is alone"),
            "自己写的或没有写明作者的短语须由他人批准"
            + (f"：{others}" if others else "；只有独自一人的管理员可以自审"),
        )
    return signing


def _refused(state: OfficeState, act: Act, person: Person) -> QuickReply:
    version, why = _version(state, act), (act.why or "").strip()
    if version.status != "pending":
        raise ActError(f"version {version.version} waits for no approval", f"版本 {version.version} 不在待审中")
    if not why:
        raise ActError("say why; its author reads it", "请写明不批准的原因，作者会看到")
    return msgspec.structs.replace(version, status="retired", refused_by=person.id, refused_why=why)


def _shops_stopped(state: OfficeState, act: Act, person: Person) -> Settings:
    stopped = act.do == "stop"
    mine = shops_where(person, "stop" if stopped else "settings")
    if act.shop is not None and act.shop not in state.shops:
        raise ActError(f'there is no shop "{act.shop}"', f'没有店铺 "{act.shop}"')
    if act.shop is None and not mine:
        raise ActError("you may do so in no shop", "您在任何店铺都没有此权限")
    named = {act.shop} if act.shop is not None else mine
    now = settings_of(state)
    shops = [msgspec.structs.replace(one, stopped=stopped) if one.id in named else one for one in now.shops]
    return msgspec.structs.replace(now, shops=tuple(shops))


def _name(act: Act) -> ReplyId:
    if act.reply is None:
        raise ActError("names no quick reply", "没有写明短语")
    return act.reply


def _in_force(state: OfficeState, act: Act) -> QuickReply:
    found = state.approved.get(_name(act))
    if found is None:
        raise ActError(f'"{act.reply}" has no approved version', f'"{act.reply}" 没有已批准的版本')
    return found


def _version(state: OfficeState, act: Act) -> QuickReply:
    """The version that is meant: the one named, else the newest; to retire, there must be no doubt."""
    name = _name(act)
    live = state.live(name)
    if not live:
        raise ActError(f'there is no quick reply "{name}"', f'没有短语 "{name}"')
    if act.version is None:
        if act.do == "retire" and len(live) > 1:
            numbers = ", ".join(str(one.version) for one in live)
            raise ActError(f"say which version: {numbers}", f"请写明版本：{numbers}")
        return live[-1]
    found = next((one for one in live if one.version == act.version), None)
    if found is None:
        raise ActError(f'"{name}" has no version {act.version} to act on', f'"{name}" 没有可操作的版本 {act.version}')
    return found

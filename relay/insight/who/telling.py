"""A dry run as lines for people, Chinese first. What a file says is shown so that it cannot disturb a terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from relay.insight.who.records import SHOP_SIDE, Sentence
from relay.insight.who.sentences import KINDS, ROLES
from relay.insight.who.wording import shown
from relay.rules.instants import InstantWriter

if TYPE_CHECKING:
    from relay.insight.who.understood import NickState, TextState, Understood

_MOST = 20
_MOST_EXAMPLE = 60


def told(of: "Understood") -> list[str]:
    """The counts, what was not understood, who is who, which texts are whose, and what to do next."""
    return [*_counts(of), *_unread(of), *_nicks(of), *_texts(of), *_next(of)]


def todo(of: "Understood") -> list[Sentence]:
    """What the owner should confirm next, the most telling first."""
    return list(_todo(of))


def _counts(of: "Understood") -> Iterator[str]:
    yield f"共 {of.pieces} 条：看懂 {of.messages}，未看懂 {of.unread}，按要求忽略 {of.ignored}"
    yield f"  {of.pieces} pieces: {of.messages} understood, {of.unread} not, {of.ignored} ignored as told"
    if of.first is not None and of.last is not None:
        writer = InstantWriter(ZoneInfo(of.zone))
        span = f"{writer.write(of.first)} – {writer.write(of.last)}"
        yield f"时间 / time: {span} ({of.zone}{'?' if of.zone_missing else ''})"
    yield f"会话 {of.conversations}（{of.without_buyer} 个没有唯一买家），买家 {of.buyers}"
    yield f"  {of.conversations} conversations ({of.without_buyer} without one buyer), {of.buyers} buyers"
    kinds = ", ".join(f"{KINDS[kind][0]} {kind} {count}" for kind, count in of.kinds if kind in KINDS)
    yield f"客服消息 / shop messages: {kinds or '–'}"
    seats = ", ".join(f"{shown(seat) or '店铺主账号 main account'} {count}" for seat, count in of.seats[:_MOST])
    yield f"子账号 / seats: {seats or '–'}{' …' if len(of.seats) > _MOST else ''}"


def _unread(of: "Understood") -> Iterator[str]:
    for reason in of.reasons:
        yield f"未采用 {reason.count}：{shown(reason.zh, 200)} / not taken: {shown(reason.en, 200)}"
        for one in reason.examples:
            yield f"    {one.where}: {shown(one.text, _MOST_EXAMPLE)}"


def _nicks(of: "Understood") -> Iterator[str]:
    if of.nicks:
        yield "昵称 / nicks:"
    for one in of.nicks[:_MOST]:
        yield f"  {_mark(one.sure)} {shown(one.entry.nick)} = {'、'.join(ROLES[one.entry.role])}"
        yield from _evidence(one)
    if len(of.nicks) > _MOST:
        yield f"  … {len(of.nicks) - _MOST}"


def _texts(of: "Understood") -> Iterator[str]:
    if of.texts:
        yield "反复出现的文字 / repeated texts:"
    for one in of.texts[:_MOST]:
        more = "…" if one.entry.match == "prefix" else ""
        yield f"  {_mark(one.entry.confirmed)} {shown(one.entry.text)}{more} = {'、'.join(KINDS[one.entry.kind])}"
        yield from _evidence(one)
    if len(of.texts) > _MOST:
        yield f"  … {len(of.texts) - _MOST}"


def _evidence(one: "NickState | TextState") -> Iterator[str]:
    if one.proposed is not None:
        zh, en = one.proposed.sentence
        yield f"      {shown(zh, 300)}"
        yield f"      {shown(en, 300)} ({one.proposed.confidence}/1000)"


def _mark(sure: bool) -> str:
    return "[已确认 confirmed]" if sure else "[待确认 to confirm]"


def _next(of: "Understood") -> Iterator[str]:
    yield "下一步 / next:"
    steps = todo(of)
    if not steps:
        yield "  没有待确认的内容 / nothing is left to confirm"
    for zh, en in steps:
        yield f"  - {zh}"
        yield f"    {en}"


def _todo(of: "Understood") -> Iterator[Sentence]:
    if of.zone_missing:
        yield (
            '时间没有时区，这里暂按北京时间；请写 timezone = "Asia/Shanghai" 或用 --timezone',
            'times have no offset and are read as Beijing time here; write timezone = "Asia/Shanghai" or --timezone',
        )
    if of.whole_minutes:
        yield (
            "时间只到分钟，看不出自动回复，三分钟的判定也不准；请导出带秒的记录",
            "times have no seconds: canned texts do not show and three minutes cannot be judged; export with seconds",
        )
    unsure = [one for one in of.nicks if one.entry.role in SHOP_SIDE and not one.sure]
    if unsure:
        yield (
            f"核对 {len(unsure)} 个子账号或店铺账号，都对就写 confirm_seats = true；未确认前它们的话都算未知",
            f"check {len(unsure)} seats or shop accounts; if all are right, confirm_seats = true. "
            "Until then what they say is unknown",
        )
    if of.doubtful:
        names = ", ".join(shown(one.entry.nick, 20) for one in of.doubtful[:5])
        yield f"把握不大的昵称 {len(of.doubtful)} 个：{names}", f"{len(of.doubtful)} nicks are not sure: {names}"
    machines = [one for one in of.texts if not one.entry.confirmed and one.entry.kind != "human"]
    if machines:
        yield (
            f"核对 {len(machines)} 条像自动回复或机器人的文字；误认为人工会使比率虚高",
            f"check {len(machines)} texts that look like a machine's; taken for a person's they inflate the rate",
        )
    if of.rest_kind == "unknown":
        yield f'{of.rest.sentence[0]}；若是，写 rest = "human"', f'{of.rest.sentence[1]}; if so, rest = "human"'
    if of.without_buyer:
        yield (
            f"{of.without_buyer} 个会话没有唯一买家，其中客服的话不知道是对谁说的",
            f"{of.without_buyer} conversations have not exactly one buyer: nobody knows to whom the shop spoke there",
        )
    if of.out_of_order:
        yield (
            f"{of.out_of_order} 处时间倒序，已按时间排列后判断",
            f"time runs backwards in {of.out_of_order} places; the look was taken in time order",
        )

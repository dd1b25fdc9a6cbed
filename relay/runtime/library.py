"""The library of quick replies as people use it: who sees which, and what they do with single ones.

Everybody who has a role in a shop sees the replies of that shop (L14). An act is checked like a settings file and
written like one: the same rights, the same facts, done when every desk concerned has it.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import msgspec

from relay.config.texts import word_lists
from relay.domain.names import ReplyId
from relay.domain.office import OfficeState, check_settings, grants, settings_of
from relay.domain.office.acts import Act, ActError, wanted_by
from relay.domain.office.rights import may_everywhere
from relay.domain.office.signing import shops_of
from relay.domain.office.state import Settings
from relay.domain.settings import Person, QuickReply
from relay.domain.slots import fill, slots_of
from relay.errors import BadInputError, ConfigError, Finding, ForbiddenError
from relay.insight.library.checking import Checker, Objection, Shelf
from relay.runtime.office import Office

_SHOWN: Final = 40
"""So much of what was matched is told."""
_SAMPLE: Final = {
    "agent": "小美", "shop": "本店", "position": "3", "minutes": "2", "opening": "08:00", "buyer_name": "王女士",
    "order_no": "1234567890123456789",
}  # fmt: skip
"""Values with which a text can be looked at before anybody is sent it."""


class Library:
    """Quick replies of one office."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def listed(self, person: Person) -> list[dict[str, Any]]:
        """The versions that still matter of every reply this person may see, by name; also one that was refused.

        One that waits comes with what speaks against it (`checks`). `may_approve`: this person may approve and refuse
        it, for which they need that right in every shop that it is for.
        """
        state = self._office.state
        shown = (one for name in sorted(state.replies) for one in _mattering(state, name))
        seen = list(_seen(person, shown))
        shelf = _shelf(state, person) if any(_waits(one) for one in seen) else None
        return [
            _told(state, one)
            | {"may_approve": may_everywhere(state, person, "approve", shops_of(state, one))}
            | (_checks(one, shelf) if shelf and _waits(one) else {})
            for one in seen
        ]

    def versions(self, name: str, person: Person) -> list[dict[str, Any]]:
        """Every version of one reply, oldest first. Raises BadInputError if there is none that they may see."""
        state = self._office.state
        shown = (one for _, one in sorted(state.versions.get(ReplyId(name), {}).items()))
        found = [_told(state, one) for one in _seen(person, shown)]
        if not found:
            raise BadInputError(f'没有短语 "{name}" / there is no quick reply "{name}"')
        return found

    async def act(self, act: Act, person: Person) -> list[str]:
        """Do it and return the lines of the difference, and what speaks against a text that was proposed.

        Raises BadInputError or ForbiddenError; nothing is written.
        """
        remarks: list[str] = []

        def wanted(state: OfficeState) -> Settings:
            if act.reply is not None and not list(_seen(person, state.live(act.reply))) and act.reply in state.replies:
                raise ForbiddenError
            try:
                settings = wanted_by(state, act, person)
            except ActError as error:
                raise BadInputError(f"{error.zh} / {error.en}") from None
            check_new(state, settings)
            if act.do == "propose":
                remarks[:] = _judge(state, settings, ReplyId(act.reply or ""), person)
            return settings

        changes = await self._office.change_settings(wanted, person)
        return [line for change in changes for line in change.lines] + remarks


def check_new(state: OfficeState, wanted: Settings) -> None:
    """What is wrong with it and was not wrong before."""
    before = set(check_settings(settings_of(state), state))
    new = [one for one in check_settings(wanted, state) if one not in before]
    if new:
        raise ConfigError([Finding(f"{one.id} {one.key}", one.en, one.zh) for one in new])


def _judge(state: OfficeState, wanted: Settings, name: ReplyId, person: Person) -> list[str]:
    """What speaks against the newest text of this name; raises ConfigError for what should not be approved."""
    newest = max((one for one in wanted.replies if one.id == name), key=lambda one: one.version)
    against = _against(newest, _shelf(state, person))
    refused = [one for one in against if one.severity == "refuse"]
    if refused and newest.status != "draft":
        findings = (Finding(f"{name} text", f"{one.en}: {one.matched}", f"{one.zh}：{one.matched}") for one in refused)
        raise ConfigError(list(findings))
    return [f"注意 / look at: {one.zh} / {one.en}: {one.matched[:_SHOWN]}" for one in against]


def _seen(person: Person, replies: Iterable[QuickReply]) -> Iterable[QuickReply]:
    mine = grants(person)
    return (one for one in replies if (not one.shops and mine) or not mine.keys().isdisjoint(one.shops))


def _mattering(state: OfficeState, name: ReplyId) -> Iterator[QuickReply]:
    """A refusal is for its author to read until there is a newer version."""
    live, newest = state.live(name), state.replies[name]
    yield from live
    if newest.refused_by is not None and newest not in live:
        yield newest


def _waits(one: QuickReply) -> bool:
    return one.status in ("draft", "pending")


def _checks(one: QuickReply, shelf: Shelf) -> dict[str, Any]:
    return {"checks": [msgspec.to_builtins(each) for each in _against(one, shelf)]}


def _shelf(state: OfficeState, person: Person) -> Shelf:
    """The texts that this person may see: that a text is like another tells of that other one (L14)."""
    shelf = Shelf(_checker().lists)
    for one in _seen(person, state.replies.values()):
        shelf.add(one.id, one.text)
    return shelf


def _against(one: QuickReply, shelf: Shelf) -> list[Objection]:
    return [*_checker().check(one.text), *shelf.twins(one.id, one.text)]


@cache
def _checker() -> Checker:
    return Checker(word_lists())


def _told(state: OfficeState, one: QuickReply) -> dict[str, Any]:
    in_force = state.approved.get(one.id)
    keys = {field.name: getattr(one, field.name) for field in msgspec.structs.fields(one)}
    return {
        **keys,
        "slots": list(slots_of(one.text)),
        "sample": fill(one.text, _SAMPLE).text,
        "in_force": in_force == one and not one.stopped,
    }

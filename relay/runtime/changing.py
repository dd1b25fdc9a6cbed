"""Settings changed piece by piece, as the console does it: whole subjects in the place of those of the same id.

Laws: one sees and changes what belongs to shops in which one may change settings (L14); of a person who also has roles
elsewhere these are neither shown nor touched. A change is checked like a settings file and written like one. Who says
on which state of things their change rests overwrites nobody: what somebody else changed since is refused.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import msgspec

from relay.contracts import Clock
from relay.domain.events import span
from relay.domain.names import ShopId
from relay.domain.office import Change, OfficeState, Settings, diff, not_allowed, settings_of
from relay.domain.office.changes import default_of
from relay.domain.office.past import past_of, taken_back
from relay.domain.office.rights import shops_where
from relay.domain.office.staffing import EndEvent, StartEvent
from relay.domain.office.state import SORTS
from relay.domain.settings import Event, Person, Seat, Shop, Sort, sort_of
from relay.errors import BadInputError, ConfigError, Finding, ForbiddenError, RefusedError
from relay.insight.rehearsal import ShopRehearsal, rehearse, stage_of
from relay.runtime.arranging import arrange, settings_after
from relay.runtime.office import Office
from relay.runtime.previewing import Previewed, previewed
from relay.runtime.settings_text import FILE_DEFAULTS
from relay.runtime.telling_changes import Told, seen_past, told_change, told_past, within, works_in

Changed = Person | Shop | Seat | Event
Checked = Callable[[Settings], Settings]
_KINDS: dict[Sort, type[Changed]] = {"person": Person, "shop": Shop, "seat": Seat, "event": Event}
PAGE = 20
"""So many changes of the past are told at a time."""
_LISTS: dict[str, str] = {"person": "persons", "shop": "shops", "seat": "seats", "event": "events"}


class Removal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seat or an event that is no more. Persons are disabled instead, so that what they did keeps its name."""

    sort: Sort
    id: str


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is put in its place, what is taken away, to which changes (by seq) one goes back.

    `based_on`: the seq of the office at which whoever asks has seen the settings. With `dry_run` it is only said.
    """

    put: tuple[Changed, ...] = ()
    remove: tuple[Removal, ...] = ()
    back_to: tuple[int, ...] = ()
    based_on: int | None = None
    dry_run: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What differs: as lines, as a settings file has them, and key by key; and what a dry run foresees."""

    lines: list[str]
    changes: list[Told]
    dry_run: bool
    preview: Previewed = Previewed()


class PastPage(msgspec.Struct, frozen=True):
    """Changes of the past, the newest first. `before`: from which seq the next page goes on; None at the end."""

    changes: list[Told]
    before: int | None


class Changing:
    """The settings of one office, for people."""

    def __init__(self, office: Office, clock: Clock, checked: Checked) -> None:
        self._office, self._clock, self._checked = office, clock, checked

    def seen(self, person: Person) -> dict[str, Any]:
        """What this person may change, and every shop that they may see. Raises ForbiddenError if there is nothing."""
        mine = _mine(person)
        state = self._office.state
        holds = (one for one in state.replies.values() if one.purpose == "hold")
        return {
            "seq": state.seq,
            "usual": _usual(),
            "at_first": _at_first(),
            "desks": [one for one in state.desks.values() if any(state.desk_of_shop.get(s) == one.id for s in mine)],
            "shops": [one for one in state.shops.values() if one.id in mine],
            "seats": [one for one in state.seats.values() if one.shop in mine],
            "persons": [within(one, mine) for one in state.persons.values() if works_in(one, mine)],
            "events": [one for one in state.events.values() if mine.issuperset(one.shops)],
            "standing": {
                one.id: stage_of(span(one, state.shops[one.shops[0]].zone), self._clock.now())
                for one in state.events.values()
                if mine.issuperset(one.shops) and one.shops[0] in state.shops
            },
            "holds": [
                {"id": one.id, "text": one.text, "shops": one.shops, "approved": one.id in state.approved}
                for one in holds
                if not one.shops or not mine.isdisjoint(one.shops)
            ],
        }

    async def change(self, person: Person, wanted: Changes) -> Answer:
        """Do it, or with `dry_run` say it. Raises ConfigError, ForbiddenError, RefusedError; then nothing is done."""
        fresh = (one.id for one in wanted.put if isinstance(one, Shop) and one.id not in self._office.state.shops)
        mine = _mine(person).union(fresh)
        if not wanted.dry_run:
            changes = await self._office.change_settings(lambda state: self._sound(state, person, wanted), person)
            return _answer(changes, mine, dry_run=False)
        state = self._office.state
        after = self._sound(state, person, wanted)
        changes = diff(state, after)
        if not_allowed(state, person, changes):
            raise ForbiddenError
        shops = [one.subject for one in changes if isinstance(one.subject, Shop)]
        events = [one.subject for one in changes if isinstance(one.subject, Event)]
        answer = _answer(changes, mine, dry_run=True)
        return msgspec.structs.replace(answer, preview=previewed(after, shops, events, self._clock.now()))

    async def arrange(
        self, person: Person, act: StartEvent | EndEvent, *, dry_run: bool = False
    ) -> Sequence[ShopRehearsal]:
        """Begin or end an event now, or with `dry_run` only say what it does. Raises ForbiddenError, RefusedError."""
        event, mine = self._office.state.events.get(act.event), shops_where(person, "staff")
        if not mine:
            raise ForbiddenError
        if event is None or not mine.issuperset(event.shops):
            raise RefusedError("not_now", "there is no such event", "没有这个活动")
        now = self._clock.now()
        after = settings_after(self._office.state, act, now)
        if not dry_run:
            await arrange(self._office, person, act, now)
        elif not_allowed(self._office.state, person, diff(self._office.state, after)):
            raise ForbiddenError
        return rehearse(after, next(one for one in after.events if one.id == act.event), now)

    def past(self, person: Person, before: int | None, sort: str = "", name: str = "") -> PastPage:
        """What was changed in this person's shops, of one setting or of all. Raises ForbiddenError."""
        state, mine = self._office.state, _mine(person)
        about = (
            one
            for one in seen_past(past_of(self._office.told()), mine)
            if one.sort == (sort or one.sort) and one.id == (name or one.id)
        )
        found = [told for one in about if (told := told_past(one, state, mine)) is not None]
        earlier = [one for one in found if before is None or (one.seq or 0) < before]
        page = earlier[-PAGE:]
        return PastPage(page[::-1], page[0].seq if len(earlier) > len(page) else None)

    def _sound(self, state: OfficeState, person: Person, wanted: Changes) -> Settings:
        """The settings after it, if they can be used. What is wrong names the subject and key that it is about."""
        mine = shops_where(person, "settings")
        gone_back = tuple(self._back(state, mine, seq) for seq in wanted.back_to)
        wanted = msgspec.structs.replace(wanted, put=(*wanted.put, *gone_back))
        self._nobody_since(state, mine, wanted)
        settings = _settings(state, mine, wanted)
        if not_allowed(state, person, diff(state, settings)):  # before it is said what is wrong beside other shops
            raise ForbiddenError
        try:
            return self._checked(settings)
        except ConfigError as error:
            raise ConfigError([_about(one, settings) for one in error.findings]) from None

    def _back(self, state: OfficeState, mine: frozenset[ShopId], seq: int) -> Changed:
        found = next((one for one in seen_past(past_of(self._office.told()), mine) if one.seq == seq), None)
        if found is None or not isinstance(found.meant, Changed):
            raise BadInputError(f"there is no change {seq} to go back to / 没有可以恢复的改动 {seq}")
        meant = taken_back(found.meant, state.get(found.sort, found.id))
        assert isinstance(meant, Changed)
        return meant

    def _nobody_since(self, state: OfficeState, mine: frozenset[ShopId], wanted: Changes) -> None:
        """As far as this person sees the changes of others."""
        if wanted.based_on is None:
            return
        named: set[tuple[Sort, str]] = {(sort_of(one), one.id) for one in wanted.put}
        named |= {(one.sort, one.id) for one in wanted.remove}
        for past in seen_past(past_of(self._office.told()), mine):
            if past.seq > wanted.based_on and (past.sort, past.id) in named and past.before != past.after:
                who = (known.name if (known := state.persons.get(past.by)) else "") or past.by
                raise RefusedError(
                    "changed_meanwhile",
                    f'{who} has changed "{past.id}" since you opened it; nothing was written. '
                    "Look at it as it is now, and make your change again",
                    f"在您打开之后，{who} 已改过“{past.id}”；这次没有写入。请看过现在的内容后再改一次",
                )


def _answer(changes: Iterable[Change], mine: frozenset[ShopId], *, dry_run: bool) -> Answer:
    told = [one for change in changes if (one := told_change(change, mine)) is not None]
    return Answer([line for one in told for line in one.lines], told, dry_run)


@cache
def _usual() -> dict[str, dict[str, Any]]:
    """What each key is where a setting does not say it."""
    return {
        sort: {
            one.name: msgspec.to_builtins(default_of(one)) for one in msgspec.structs.fields(kind) if not one.required
        }
        for sort, kind in _KINDS.items()
    }


@cache
def _at_first() -> dict[str, dict[str, Any]]:
    """And what a new one begins with instead, as with a new one in a settings file."""
    found: dict[str, dict[str, Any]] = {sort: {} for sort in _KINDS}
    for (sort, key), value in FILE_DEFAULTS.items():
        found[sort][key] = msgspec.to_builtins(value)
    return found


def _mine(person: Person) -> frozenset[ShopId]:
    mine = shops_where(person, "settings")
    if not mine:
        raise ForbiddenError
    return mine


def _settings(state: OfficeState, mine: frozenset[ShopId], wanted: Changes) -> Settings:
    now = settings_of(state)
    lists: dict[str, dict[str, Any]] = {name: {one.id: one for one in getattr(now, name)} for name in _LISTS.values()}
    for one in wanted.put:
        if isinstance(one, Person):
            one = _merged(state.persons.get(one.id), one, mine)
        lists[_LISTS[sort_of(one)]][one.id] = one
    for gone in wanted.remove:
        if gone.sort not in ("seat", "event"):
            raise BadInputError(
                "only seats and events are removed; disable a person / 只能删除子账号和活动；人员请停用"
            )
        was = lists[_LISTS[gone.sort]].pop(gone.id, None)
        if was is None or not mine.issuperset([was.shop] if isinstance(was, Seat) else was.shops):
            raise BadInputError(f"there is no {gone.sort} {gone.id!r} / 没有 {gone.id!r}")
    return msgspec.structs.replace(now, **{name: tuple(found.values()) for name, found in lists.items()})


def _merged(old: Person | None, new: Person, mine: frozenset[ShopId]) -> Person:
    """The roles that whoever changes this person cannot see stay as they are."""
    hidden = tuple(one for one in old.roles if one.shop not in mine) if old is not None else ()
    return msgspec.structs.replace(new, roles=(*hidden, *new.roles))


def _about(finding: Finding, settings: Settings) -> Finding:
    """The same, with the subject and the key that it is about in place of a line of a file that nobody has seen."""
    match finding.path:
        case (table, int() as number, *rest):
            for sort in SORTS:
                if sort == table:
                    name, key = settings.of(sort)[number].id, str(rest[0]) if rest else "id"
                    return Finding(f"{sort} {name} {key}", finding.en, finding.zh, (sort, name, key))
    return finding

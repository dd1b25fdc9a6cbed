"""What the platform published, as people take it down: record, list, withdraw. Whoever may read a shop's figures sees
them; who may take them down is for the office to say.

A correction is told: the line names what was there, and the fact names the one it stands in for.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from relay.contracts import Clock
from relay.domain.facts import FigureFact, FigureSource, PlatformFigureRecorded
from relay.domain.names import Millis, ShopId
from relay.domain.office import OfficeState, may
from relay.domain.office.published import place_of
from relay.domain.office.recording import FaultsError, GivenFigure, Taken, take_down, withdrawn
from relay.domain.published import Unit, UnreadableFigureError, figure_name
from relay.domain.settings import Person
from relay.errors import BadInputError, ConfigError, Finding, ForbiddenError
from relay.runtime.adopting import AdoptedReading, adopt, revert
from relay.runtime.office import Office

_MOST_TOLD: Final = 50
"""So many faulty rows are told; the rest is said to be there."""


class FigureAct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """`record` with figures, `withdraw` with the number of a record and a reason, `adopt` with a reading, `revert` with
    the number of an adoption.

    Figures that were read from a file come with the SHA-256 of its bytes and their rows' numbers. With `dry_run`
    nothing is written.
    """

    do: Literal["record", "withdraw", "adopt", "revert"]
    figures: tuple[GivenFigure, ...] = ()
    source: FigureSource = "typed"
    digest: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""
    record: int | None = None
    reason: str = ""
    reading: AdoptedReading | None = None
    dry_run: bool = False


class Figures:
    """The published figures of one office. `units`: in what each rule's figure is published."""

    def __init__(self, office: Office, clock: Clock, units: Mapping[str, Unit]) -> None:
        self._office, self._clock, self._units = office, clock, units

    def listed(
        self, person: Person, shop: str | None = None, figure: str | None = None, *, past: bool = False
    ) -> list[dict[str, Any]]:
        """The figures of the shops whose figures this person may read, in order of their days.

        `past`: also those that were corrected or withdrawn. Raises ForbiddenError for a shop that is not theirs.
        """
        if shop is not None and not may(person, ShopId(shop), "report"):
            raise ForbiddenError
        book = self._office.state.published
        live = {held.seq for held in book.live.values()}
        found = (
            (seq, one)
            for seq, one in book.recorded.items()
            if (past or seq in live)
            and (shop is None or one.shop == shop)
            and (figure is None or one.figure == figure)
            and may(person, one.shop, "report")
        )
        order = sorted(found, key=lambda pair: (pair[1].shop, pair[1].figure, pair[1].first_day, pair[0]))
        return [told_of(self._office.state, seq, one) for seq, one in order]

    async def act(self, act: FigureAct, person: Person) -> list[str]:
        """Do it; the lines of what changed. Raises BadInputError, ConfigError, ForbiddenError; then nothing is written.

        What is adopted is written at once: its dry run is the calibration.
        """
        if act.do == "adopt":
            return await adopt(self._office, _reading(act), person)
        if act.do == "revert":
            if act.record is None or act.dry_run:
                raise BadInputError("没有写明编号；撤回不能试运行 / names no record; there is no dry run of reverting")
            return await revert(self._office, act.record, person)
        lines: list[str] = []

        def made(state: OfficeState, now: Millis) -> Sequence[FigureFact]:
            facts = self._made(state, act, person, now, lines)
            return [] if act.dry_run else facts

        await self._office.record(made)
        return lines

    def _made(
        self, state: OfficeState, act: FigureAct, person: Person, now: Millis, lines: list[str]
    ) -> list[FigureFact]:
        try:
            if act.do == "withdraw":
                if act.record is None:
                    raise BadInputError("没有写明编号 / names no record")
                fact = withdrawn(state, act.record, act.reason, person, now)
                lines.append(f"- {described(state.published.recorded[act.record])}")
                return [fact]
            taken = take_down(state, act.figures, person, now, self._units, act.source, act.digest)
        except FaultsError as error:
            raise _findings(error) from None
        except UnreadableFigureError as error:
            raise BadInputError(str(error)) from None
        lines += [line for one in taken if (line := _line(one)) is not None]
        return [one.fact for one in taken if one.fact is not None]


def _reading(act: FigureAct) -> AdoptedReading:
    if act.reading is None or act.dry_run:
        raise BadInputError("没有写明口径；采用不能试运行 / names no reading; there is no dry run of adopting")
    return act.reading


def _findings(error: FaultsError) -> ConfigError:
    told = [Finding(f"第 {one.line} 行 row {one.line}", one.en, one.zh) for one in error.faults[:_MOST_TOLD]]
    if len(error.faults) > _MOST_TOLD:
        more = len(error.faults) - _MOST_TOLD
        told.append(Finding("…", f"and {more} more", f"另有 {more} 行"))
    return ConfigError(told)


def _line(one: Taken) -> str | None:
    if one.fact is None:
        return None
    if one.was is None:
        return f"+ {described(one.fact)}"
    return f"~ {described(one.was.fact)} → {shown(one.fact)} （更正 {one.was.seq} / corrects {one.was.seq}）"


def described(fact: PlatformFigureRecorded) -> str:
    """One line: shop, figure, days, whose, and what was seen."""
    days = fact.first_day if fact.first_day == fact.last_day else f"{fact.first_day}..{fact.last_day}"
    zh, _ = figure_name(fact.figure)
    name = fact.figure if zh in fact.figure else f"{fact.figure} {zh}"
    whose = fact.seat or fact.agent
    return f"{fact.shop} {name} {fact.period} {days}{f' {whose}' if whose else ''}: {shown(fact)}"


def shown(fact: PlatformFigureRecorded) -> str:
    counts = (
        f"{'?' if fact.numerator is None else fact.numerator}/{'?' if fact.denominator is None else fact.denominator}"
    )
    if fact.value is None:
        return counts
    return str(fact.value) if fact.numerator is None and fact.denominator is None else f"{fact.value} ({counts})"


def told_of(state: OfficeState, seq: int, fact: PlatformFigureRecorded) -> dict[str, Any]:
    """A record for programs; `state` says whether it holds."""
    zh, en = figure_name(fact.figure)
    held = state.published.live.get(place_of(fact))
    stands = "live" if held is not None and held.seq == seq else "corrected"
    return {
        "record": seq,
        "shop": fact.shop,
        "figure": fact.figure,
        "zh": zh,
        "en": en,
        "period": fact.period,
        "first_day": fact.first_day,
        "last_day": fact.last_day,
        "seat": fact.seat,
        "agent": fact.agent,
        "numerator": fact.numerator,
        "denominator": fact.denominator,
        "value": None if fact.value is None else str(fact.value),
        "state": "withdrawn" if seq in state.published.withdrawn else stands,
        "by": fact.by,
        "at": fact.at,
        "source": fact.source,
        "digest": fact.digest,
        "line": fact.line,
        "corrects": fact.corrects,
    }

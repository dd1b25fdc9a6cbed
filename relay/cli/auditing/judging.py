"""A log judged: one reading, under the shop's options alone or with the other bundle beside them.

Nothing here asks for causes: the report alone is what programs call, and it should not wait for what it does not need.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from relay.cli.auditing.source import Source
from relay.errors import BadInputError
from relay.rules.catalogue import Catalogue, Rule
from relay.rules.flaws import LogError, Watch
from relay.rules.ledger import Ledger, Placed
from relay.rules.messages import Body
from relay.rules.report import Figure, Report

if TYPE_CHECKING:
    from relay.cli.auditing.aside import LeftOut
    from relay.cli.auditing.exported import Unconfirmed
    from relay.insight.causes import Explained, Missed, Seat


class UnreadableLogError(BadInputError):
    """Lines of the log cannot be read, and nobody asked to leave them out. `watch` has them."""

    def __init__(self, watch: Watch) -> None:
        super().__init__("lines of the log cannot be read / 日志中有无法读取的行")
        self.watch = watch


class Asked(NamedTuple):
    """What the figure is computed under. Times without offset are of `zone`."""

    rule_id: str
    options: Mapping[str, str]
    zone: ZoneInfo | None = None
    lenient: bool = False


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """A judged log. What takes a second ledger or a second reading is None until somebody has asked for it.

    `rounds` are those of `report`, each with its entry; `other` is the same log under the other bundle and `beside`
    its figure. `seats` are who answered each round or is held responsible for it, as far as the log tells. `aside` and
    `unconfirmed` are what exports leave out and leave open; `next_step` is the command that brings the owner on.
    `names` are the rounds' own short names, where they have such: those of a ledger.
    """

    ledger: Ledger
    report: Report
    rounds: Sequence[Placed]
    rule: Rule | None = None
    options: Mapping[str, str] = {}
    other: Ledger | None = None
    beside: Figure | None = None
    watch: Watch | None = None
    empty: bool = False
    conflicts: Sequence[tuple[int, str]] = ()
    why: "Explained | None" = None
    missed: "Mapping[int, Missed]" = {}
    seats: "Sequence[Seat | None]" = ()
    aside: "LeftOut | None" = None
    unconfirmed: "Unconfirmed | None" = None
    next_step: Sequence[str] = ()
    names: Sequence[str] = ()


def of_ledger(ledger: Ledger, report: Report, names: Sequence[str] = ()) -> Audit:
    """A ledger that was filled elsewhere, with nothing beside it; `names` are those of its rounds."""
    return Audit(ledger=ledger, report=report, rounds=ledger.rounds(), names=names)


def figure(source: Source, catalogue: Catalogue, asked: Asked) -> Audit:
    """One reading: the report and no more. Raises UnreadableLogError, and ValueError on rule and options."""
    ledger = catalogue.open(asked.rule_id, asked.options, asked.zone)
    watch, empty = read(source, [ledger], lenient=asked.lenient)
    report = ledger.report()
    again = conflicts(source, report)
    return Audit(ledger=ledger, report=report, rounds=(), watch=watch, empty=empty, conflicts=again)


def strict(options: Mapping[str, str]) -> bool:
    return options.get("bundle") == "strict"


def other_bundle(options: Mapping[str, str]) -> dict[str, str]:
    """The same options under the strict bundle, or under the default one where the shop looks strictly already."""
    return {**options, "bundle": "default" if strict(options) else "strict"}


def conflicts(source: Source, report: Report) -> list[tuple[int, str]]:
    """Line and id of every message whose id came with another body too."""
    return list(source.places(frozenset(report.conflicts))) if report.conflicts is not UNSET else []


def read(source: Source, ledgers: Sequence[Ledger], *, lenient: bool) -> tuple[Watch, bool]:
    """What was noticed, and whether there was no message at all."""
    watch = Watch(lenient=lenient)
    lines = source.messages(watch)
    try:
        first = next(lines, None)
        if first is not None:
            _take(chain([first], lines), ledgers, source)
    except LogError:
        raise UnreadableLogError(watch) from None
    if watch.flaws and (first is None or not lenient):
        raise UnreadableLogError(watch)
    return watch, first is None


def _take(lines: Iterable[tuple[int, Body]], ledgers: Sequence[Ledger], source: Source) -> None:
    takes = [_taking(ledger, source) for ledger in ledgers]
    if len(takes) == 1:
        for at, body in lines:
            takes[0](at, body)
        return
    one, two = takes
    for at, body in lines:
        one(at, body)
        two(at, body)


def _taking(ledger: Ledger, source: Source) -> Callable[[int, Body], None]:
    """How this ledger takes a message. One that counts by seat is told the seat of a question, where that is a reading
    of an export; the others see what the log says."""
    if not (ledger.law.by_sub_account or ledger.law.seats) or source.seated is None:
        return ledger.take_at
    seated, take_at = source.seated, ledger.take_at
    return lambda at, body: take_at(at, seated(body))

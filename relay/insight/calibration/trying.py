"""Every reading tried on one log: the row of each day under each, and which readings nothing in the log tells apart.

A conversation is judged under the answers to the questions that touch it; a reading's day is the sum of what its
answers make of each conversation. So the work is what can differ, and not readings times messages.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from relay.domain.names import HOUR
from relay.insight.calibration.space import Axis, Reading, axes, readings, versions
from relay.insight.calibration.talks import KNOWN_AXES, Heard, Talks, put
from relay.rules.catalogue import RULES, Catalogue
from relay.rules.instants import date_text
from relay.rules.ledger import Ledger
from relay.rules.report import Figure
from relay.rules.rows import Row
from relay.rules.tally import Days

MOST_READINGS = 20_000
NO_READING = frozenset({"as_of", "agent"})
"""Options that say where to look from and whose figure it is."""
Progress = Callable[[int, int], None]
"""How many messages were judged, of how many."""


class Day(NamedTuple):
    """What one reading makes of one day: the row, which can be added to others, and its figure."""

    row: Row
    figure: Figure


class Tried(NamedTuple):
    """Readings that give every day of this log the same figure, the plainest first. `days` are by date."""

    readings: Sequence[Reading]
    days: Mapping[str, Day]

    @property
    def reading(self) -> Reading:
        return self.readings[0]


class Space(NamedTuple):
    """What is tried: the versions with their open questions, and the option that says whose figure it is."""

    versions: Mapping[str, Sequence[Axis]]
    fixed: Mapping[str, str]

    @property
    def size(self) -> int:
        return sum(1 for rule, open_axes in self.versions.items() for _ in readings(rule, open_axes))


def space(
    figure: str,
    catalogue: Catalogue,
    talks: Talks,
    seat: str | None = None,
    more: Mapping[str, Sequence[str]] | None = None,
    rules: Sequence[str] = (),
) -> Space:
    """`seat`: the account whose figure it is; `more`: further values of options; `rules`: further rules to try.

    Raises `UnknownRuleError`, and `ValueError` where the rule has no figure of a seat, no rule knows an option, or
    there is too much to try.
    """
    named = tuple(dict.fromkeys((*versions(figure, catalogue), *rules)))
    if seat is not None:
        named = tuple(one for one in named if "agent" in catalogue.rule(one).keys)
        if not named:
            raise ValueError(
                f"{figure} is a figure of the shop, not of a seat / {figure} 是全店指标，没有单个子账号的数字"
            )
    found = {one: axes(one, catalogue, talks.providers, more or {}) for one in named}
    _check_options(more or {}, found)
    where = Space(found, {} if seat is None else {"agent": seat})
    if where.size > MOST_READINGS:
        raise ValueError(
            f"{where.size} readings are more than {MOST_READINGS}; try fewer values at once"
            f" / 共 {where.size} 种口径，超过 {MOST_READINGS} 种，请减少要试的值"
        )
    return where


def _check_options(more: Mapping[str, Sequence[str]], found: Mapping[str, Sequence[Axis]]) -> None:
    for key in more:
        if key in NO_READING or not any(axis.name == key for open_axes in found.values() for axis in open_axes):
            raise ValueError(f"no option {key} to try in {', '.join(found)} / {'、'.join(found)} 没有可试的选项 {key}")


def try_all(
    where: Space, catalogue: Catalogue, talks: Talks, progress: Progress | None = None, *, exhaustive: bool = False
) -> list[Tried]:
    """All readings, grouped. `exhaustive` judges every conversation under each, as a check of the short way."""
    parts = _parts(where, catalogue, talks, exhaustive=exhaustive)
    lines = {touched: sum(map(len, batches)) for touched, batches in parts.items()}
    of = sum(count * _combinations(where, touched) for touched, count in lines.items())
    judged, done = dict[tuple[frozenset[str], str, tuple[tuple[str, int], ...]], Days](), 0
    found: dict[object, list[tuple[Reading, dict[str, Day]]]] = {}
    for rule, open_axes in where.versions.items():
        for reading in readings(rule, open_axes):
            total: Days = {}
            for touched, batches in parts.items():
                key = touched, rule, restricted(reading, touched)
                if key not in judged:
                    judged[key] = {}
                    for heard in batches:
                        _add(judged[key], ledger_of(reading, where, catalogue, heard, talks).day_rows(talks.as_of))
                    done += lines[touched]
                    if progress is not None:
                        progress(done, of)
                _add(total, judged[key])
            days = {date_text(day): Day(row, row.figure()) for day, row in sorted(total.items()) if not row.empty}
            print_of = tuple((date, _sign(day.figure)) for date, day in days.items() if day.figure != Figure())
            found.setdefault(print_of, []).append((reading, days))
    return [_grouped(alike) for alike in found.values()]


def _grouped(alike: list[tuple[Reading, dict[str, Day]]]) -> Tried:
    plainest = sorted((one for one, _ in alike), key=lambda one: one.departures)
    return Tried(tuple(plainest), alike[0][1])


def _sign(figure: Figure) -> tuple[object, ...]:
    return figure.numerator, figure.denominator, figure.rate_low, figure.rate_high


def _parts(
    where: Space, catalogue: Catalogue, talks: Talks, *, exhaustive: bool
) -> dict[frozenset[str], list[list[Heard]]]:
    """The messages by what touches their conversations, in batches.

    A session's figure is a mean of its waits, and a plugin's rule may mean anything by its options: there every
    conversation is judged under every reading.
    """
    laws = [catalogue.open(rule, where.fixed).law for rule in where.versions]
    if exhaustive or any(law.unit == "session" or law.rule not in RULES for law in laws):
        every = frozenset(axis.name for open_axes in where.versions.values() for axis in open_axes)
        whole: list[list[Heard]] = []
        for heard in talks.talks.values():
            put(whole, heard)
        return {every: whole}
    limits = {law.limit_ms for law in laws} | set(_tried_limits(where, catalogue))
    hours = [hours_of(catalogue, rule) for rule in where.versions]
    tried = {axis.name for open_axes in where.versions.values() for axis in open_axes}
    found: dict[frozenset[str], list[list[Heard]]] = {}
    always = tried - KNOWN_AXES
    for touched, batches in talks.touched(sorted(limits), hours).items():
        found.setdefault((touched & tried) | always, []).extend(batches)
    return found


def _tried_limits(where: Space, catalogue: Catalogue) -> Iterator[int]:
    """The limits beside the versions' own, where somebody asked to try others."""
    for rule, open_axes in where.versions.items():
        for axis in open_axes:
            if axis.name == "limit_s":
                yield from (catalogue.open(rule, {**answer, **where.fixed}).law.limit_ms for answer in axis.answers)


def hours_of(catalogue: Catalogue, rule: str) -> tuple[int, int]:
    """The assessed hours in milliseconds of the day; all of it where a rule names none."""
    version = catalogue.rule(rule).version
    since, until = getattr(version, "window_from_h", 0), getattr(version, "window_to_h", 24)
    return since * HOUR, until * HOUR


def restricted(reading: Reading, touched: frozenset[str]) -> tuple[tuple[str, int], ...]:
    """The answers that matter to a conversation that these questions touch.

    Under bundle=strict the axes are spelled out, so its places count even where no text of relay's was sent.
    """
    return tuple(sorted((name, place) for name, place in reading.places.items() if name in touched))


def _combinations(where: Space, touched: frozenset[str]) -> int:
    return sum(
        len({restricted(one, touched) for one in readings(rule, open_axes)})
        for rule, open_axes in where.versions.items()
    )


def ledger_of(reading: Reading, where: Space, catalogue: Catalogue, heard: Sequence[Heard], talks: Talks) -> Ledger:
    """A ledger of these messages under a reading, with the lines that are about no single conversation."""
    ledger = catalogue.open(reading.rule, {**reading.options, **where.fixed})
    seated = talks.seated if ledger.law.by_sub_account or ledger.law.seats else None
    ledger.take_all(heard if seated is None else ((at, seated(body)) for at, body in heard))
    ledger.take_all(talks.control)
    return ledger


def _add(total: Days, rows: Days) -> None:
    for day, row in rows.items():
        if day not in total:
            total[day] = type(row)()
        total[day].add(row)


def walk_both(
    one: Reading, other: Reading, where: Space, catalogue: Catalogue, talks: Talks
) -> Iterator[tuple[Ledger, Ledger]]:
    """The conversations under each of two readings, part by part, where their answers differ in what touches them."""
    for touched, batches in _parts(where, catalogue, talks, exhaustive=False).items():
        if one.rule != other.rule or restricted(one, touched) != restricted(other, touched):
            for heard in batches:
                left, right = (ledger_of(each, where, catalogue, heard, talks) for each in (one, other))
                yield left, right

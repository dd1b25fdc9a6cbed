"""The settings file: people, shops, seats, replies and events in short forms, read so that every error is told at once.

`load_settings` also checks the values against each other. While a value could not be read, a key that only names
another setting is not judged, so that one slip does not look like five.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path as FilePath
from typing import Final, TypeVar, get_args
from zoneinfo import ZoneInfo

import msgspec

from relay.config.lines import Path
from relay.config.reading import Form, TomlReader, read_bytes
from relay.domain.names import Millis
from relay.domain.office import OfficeState, Problem, Settings, check_settings
from relay.domain.office.checks import zone_exists
from relay.domain.office.event_words import read_cap, read_extra
from relay.domain.office.words import (
    WordError,
    read_debt_step,
    read_grant,
    read_make_up,
    read_seat_day,
    read_shift,
    read_step,
)
from relay.domain.settings import (
    Desk,
    Event,
    Guard,
    GuardName,
    Person,
    Phrases,
    QuickReply,
    Seat,
    Shop,
    Sort,
    Subject,
)
from relay.errors import ConfigError
from relay.runtime.settings_text import FILE_DEFAULTS, dump_settings

__all__ = ["dump_settings", "load_settings"]

One = TypeVar("One", Desk, Person, Shop, Seat, QuickReply, Event)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ZONE: Final = "Asia/Shanghai"
_SORTS: Final[tuple[Sort, ...]] = ("desk", "person", "shop", "seat", "reply", "event")
_NAMES_ANOTHER: Final = frozenset(
    {
        "desk", "shop", "agent", "roles", "shops", "author", "approved_by", "refused_by",
        "rule_confirmed_by", "rule_confirmed_link", "assist", "assist_confirmed_by",
        "caps", "replies",
    }
)  # fmt: skip


def load_settings(
    source: FilePath | str | bytes,
    state: OfficeState | None = None,
    limit_s: Callable[[Shop], int] | None = None,
    more: Callable[[Settings], Iterable[Problem]] | None = None,
    name: str = "settings.toml",
) -> Settings:
    """Read and check a file, or its bytes (`name` is then what findings call it).

    `state` and `limit_s` as in `check_settings`; `more` adds what only the caller can judge.
    Raises ConfigError with every finding, BadInputError if the file cannot be read at all.
    """
    if not isinstance(source, bytes):
        source = FilePath(source).expanduser()
        name, source = source.name, read_bytes(source)
    reader = TomlReader(name, source)
    broken = bool(reader.findings)
    settings, places = _read(reader)
    unread = bool(reader.findings)
    problems = [] if broken else [*check_settings(settings, state, limit_s), *(more(settings) if more else ())]
    for problem in problems:
        path = places.get((problem.sort, problem.id), (problem.sort,))
        if not (unread and problem.key in _NAMES_ANOTHER) and not _told(reader, path, problem):
            reader.fault((*path, problem.key), problem.en, problem.zh)
    if reader.findings:
        raise ConfigError(reader.findings)
    return settings


def _told(reader: TomlReader, path: Path, problem: Problem) -> bool:
    """Whether this key, or the whole item's id, was found wrong while reading."""
    return (*path, problem.key) in reader.faults or (*path, "id") in reader.faults


def _read(reader: TomlReader) -> tuple[Settings, dict[tuple[Sort, str], Path]]:
    for key in reader.data:
        if key not in _SORTS:
            reader.unknown((key,), _SORTS)
    places: dict[tuple[Sort, str], Path] = {}

    def items(sort: Sort, cls: type[One]) -> tuple[One, ...]:
        read = []
        for number, table in enumerate(reader.tables(sort)):
            one = _item(reader, cls, table, (sort, number))
            places[sort, one.id] = (sort, number)
            read.append(one)
        return tuple(read)

    settings = Settings(
        desks=items("desk", Desk),
        persons=items("person", Person),
        shops=items("shop", Shop),
        seats=items("seat", Seat),
        replies=items("reply", QuickReply),
        events=items("event", Event),
    )
    return settings, places


def _item(reader: TomlReader, cls: type[One], table: Mapping[str, object], path: Path) -> One:
    """One subject. A required key that is missing or wrong is a fault; its empty value lets the others be checked."""
    rest = {key: value for key, value in table.items() if key != "phrases" or cls is not Shop}
    keys = reader.keys(cls, rest, path, _forms(reader, cls, table))
    if len(rest) < len(table):
        phrases = reader.table((*path, "phrases"), table["phrases"])
        keys["phrases"] = msgspec.convert(reader.keys(Phrases, phrases, (*path, "phrases")), Phrases)
    required = {field.name for field in msgspec.structs.fields(cls) if field.required}
    empty: dict[str, object] = {"version": 1, "shops": ()}
    missing: dict[str, object] = {key: empty.get(key, "") for key in required - keys.keys()}
    unsaid = {key: value for (sort, key), value in FILE_DEFAULTS.items() if sort == path[0]}
    return cls(**{**missing, **unsaid, **keys})  # type: ignore[arg-type]  # each key was converted to its own type


def _forms(reader: TomlReader, cls: type[Subject], table: Mapping[str, object]) -> dict[str, Form]:
    def instant(value: object) -> object:
        return _instant(value, _zone(reader, table))

    forms: dict[type[Subject], dict[str, Form]] = {
        Person: {"roles": lambda value: [read_grant(word) for word in _words(value)]},
        Seat: {
            "shifts": lambda value: [read_shift(word) for word in _words(value)],
            "exceptions": lambda value: [read_seat_day(word) for word in _words(value)],
        },
        Shop: {
            "ladder": lambda value: [read_step(word) for word in _words(value)],
            "ladders": _ladders,
            "debt_ladder": _debt_ladder,
            "rule_options": _options,
            "rule_confirmed_on": _day,
            "assist_confirmed_on": _day,
            "holidays": lambda value: [_day(day) for day in value] if isinstance(value, list) else value,
            "guards": _guards,
            "make_up_days": lambda value: [read_make_up(word) for word in _words(value)],
        },
        QuickReply: {"valid_from": instant, "valid_to": instant},
        Event: {
            "starts": _wall_time,
            "ends": _wall_time,
            "caps": lambda value: [read_cap(word) for word in _words(value)],
            "shifts": lambda value: [read_extra(word) for word in _words(value)],
            "ladder": lambda value: [read_step(word) for word in _words(value)],
            "ladders": _ladders,
            "debt_ladder": _debt_ladder,
        },
    }
    return forms.get(cls, {})


def _words(value: object) -> list[str]:
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return value
    raise WordError('must be a list of texts: ["…", "…"]', '应为文字列表：["…", "…"]')


def _debt_ladder(value: object) -> object:
    return [read_debt_step(word) for word in _words(value)]


def _ladders(value: object) -> object:
    if not isinstance(value, dict):
        raise WordError(
            'must be a table of ladders: { aftersale = ["90s badge"] }', '应为一个表：{ aftersale = ["90s badge"] }'
        )
    return {group: [read_step(word) for word in _words(words)] for group, words in value.items()}


def _guards(value: object) -> object:
    """A guard has no keys but its own, so that a slip is told and not passed over."""
    keys = {field.name for field in msgspec.structs.fields(Guard)}
    if not isinstance(value, dict) or not all(isinstance(one, dict) and one.keys() <= keys for one in value.values()):
        raise WordError(
            'must be a table of guards with add, without, only or innocent: { complaint = { add = ["…"] } }',
            '应为一个表，每项可写 add、without、only、innocent：{ complaint = { add = ["…"] } }',
        )
    if unknown := sorted(value.keys() - set(get_args(GuardName))):
        names = ", ".join(get_args(GuardName))
        raise WordError(f'there is no guard "{unknown[0]}"; there are {names}', f'没有 "{unknown[0]}"；可用：{names}')
    return value


def _options(value: object) -> object:
    """Numbers and true/false may stand bare; a rule reads texts."""
    if not isinstance(value, dict):
        raise WordError("must be a table: { limit_s = 180 }", "应为一个表：{ limit_s = 180 }")
    return {
        key: str(option).lower() if isinstance(option, bool) else str(option) if isinstance(option, int) else option
        for key, option in value.items()
    }


def _day(value: object) -> object:
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def _wall_time(value: object) -> object:
    """A bare local time is as good as a text; one with an offset is not: each shop has its own zone."""
    if isinstance(value, datetime) and value.tzinfo is None and not (value.second or value.microsecond):
        return f"{value:%Y-%m-%d %H:%M}"
    return value


def _zone(reader: TomlReader, reply: Mapping[str, object]) -> ZoneInfo:
    """The zone of the first shop that the reply names, as far as the file has it."""
    shops, named = reader.data.get("shop"), reply.get("shops")
    first = named[0] if isinstance(named, list) and named else None
    for shop in shops if isinstance(shops, list) else ():
        if isinstance(shop, dict) and shop.get("id") == first and first is not None:
            zone = shop.get("zone", ZONE)
            return ZoneInfo(zone) if isinstance(zone, str) and zone_exists(zone) else ZoneInfo(ZONE)
    return ZoneInfo(ZONE)


def _instant(value: object, zone: ZoneInfo) -> Millis:
    """A date is its first instant in the zone; a time of day needs an offset of its own."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=zone)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise WordError(
            "must be a date (2026-11-30) or a time with its offset (2026-11-30T18:00:00+08:00), without quotes",
            "应为日期（2026-11-30）或带时区的时间（2026-11-30T18:00:00+08:00），不加引号",
        )
    return Millis((value - EPOCH) // timedelta(milliseconds=1))

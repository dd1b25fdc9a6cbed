"""What a shop may choose: `key=value` pairs read into typed values, each with one table entry.

Laws: a key no rule knows is an error, a key only another rule knows is ignored, a value outside its list is an
error. The bundle is applied first and what is named explicitly after it, whatever their order.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation

from relay.domain.names import HOUR

KNOWN_KEYS = frozenset(
    {
        "agent", "as_of", "assist_providers", "bundle", "clock", "cross_day", "last_word_required", "limit_inclusive",
        "limit_s", "person_hit", "queued", "robot_only", "robot_transparent", "robot_turn", "thread", "unit",
        "window_on",
    }
)  # fmt: skip
"""Every key of every shipped rule; a catalogue adds those of its further rules."""

_PROVIDER = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)
_YES = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class OptionError(ValueError):
    """An option of a rule has an unknown key or a value that is not one of its own; names both and what is allowed."""


def pairs(settings: Iterable[str]) -> dict[str, str]:
    """`["key=value", ...]` as a mapping; of a repeated key the last one counts."""
    found: dict[str, str] = {}
    for setting in settings:
        key, sign, value = setting.partition("=")
        if not sign or not key.strip():
            raise OptionError(f"option {setting!r} is not key=value / 选项 {setting!r} 应写作 key=value")
        found[key.strip()] = value.strip()
    return found


def known(options: Mapping[str, str], own: frozenset[str], others: frozenset[str] = KNOWN_KEYS) -> dict[str, str]:
    """The options that a rule with the keys `own` knows; raises `OptionError` on a key that nobody knows."""
    for key in options:
        if key not in own and key not in others:
            names = ", ".join(sorted(own))
            raise OptionError(f"unknown option {key!r}; this rule knows {names} / 未知选项 {key!r}，可用：{names}")
    return {key: value for key, value in options.items() if key in own}


def choice(options: Mapping[str, str], key: str, *allowed: str) -> str | None:
    """The value of a key that is one of a few words; None where it is not named."""
    value = options.get(key)
    if value is not None and value not in allowed:
        raise _bad(key, value, " | ".join(allowed))
    return value


def yes_or_no(options: Mapping[str, str], key: str) -> bool | None:
    value = options.get(key)
    if value is None:
        return None
    if value.lower() not in _YES:
        raise _bad(key, value, "true | false")
    return _YES[value.lower()]


def span_ms(options: Mapping[str, str], key: str) -> int | None:
    """A number of seconds above zero and at most a day, as milliseconds."""
    value = options.get(key)
    if value is None:
        return None
    try:
        span = Decimal(value) * 1000
    except InvalidOperation:
        raise _bad(key, value, "a number of seconds / 秒数") from None
    if not span.is_finite() or not 0 < span <= 24 * HOUR or span != int(span):
        raise _bad(key, value, "seconds above 0, at most 86400 and in whole milliseconds / 大于 0 且不超过 86400 秒")
    return int(span)


def providers(options: Mapping[str, str], key: str) -> frozenset[str] | None:
    """A comma-separated list of providers of machine texts; empty is the empty set."""
    value = options.get(key)
    if value is None:
        return None
    names = [name.strip() for name in value.split(",")] if value.strip() else []
    for name in names:
        if _PROVIDER.fullmatch(name) is None:
            raise _bad(key, value, "provider names with commas between / 以逗号分隔的服务商名")
    return frozenset(names)


def instant(options: Mapping[str, str], key: str, read: Callable[[str], int]) -> int | None:
    value = options.get(key)
    if value is None:
        return None
    try:
        return read(value)
    except ValueError as error:
        raise _bad(key, value, f"an instant with offset like 2022-01-08T00:00:00+08:00 ({error})") from None


def _bad(key: str, value: str, allowed: str) -> OptionError:
    return OptionError(f"option {key}={value!r} must be {allowed} / 选项 {key} 的值 {value!r} 无效")

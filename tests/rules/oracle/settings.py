"""The options of a rule as one plain record: the defaults, then the bundle, then what was set by name.

The set of providers whose invalid texts are transparent is worked out here: it always holds relay, one of the two
robot options alone makes it everybody, the strict bundle everybody but dianxiaomi, and after the strict bundle only
both explicit defaults together bring the default back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

LIMITS = {"jd_first30s": 30}
STRICT = {
    "taobao_ww3": {"cross_day": "miss", "window_on": "first_in_window_message"},
    "tmall_reply": {"unit": "buyer_account"},
    "kuaishou_shop_3min": {"clock": "run_first"},
    "kuaishou_agent_3min": {"queued": "from_entry"},
}
EVERYBODY = None  # as a set of transparent providers


@dataclass(frozen=True)
class Settings:
    strict: bool
    limit: int  # milliseconds
    inclusive: bool
    window_on: str
    cross_day: str
    thread: str
    assist_providers: frozenset[str]
    transparent: frozenset[str | None] | None
    opaque: frozenset[str]  # providers that close and exclude even where everybody is transparent
    last_word: bool
    unit: str
    person_hit: str
    clock: str
    queued: str
    agent: str | None
    as_of: int | None


def read_settings(rule: str, options: Mapping[str, str]) -> Settings:
    strict = options.get("bundle") == "strict"
    chosen = {**(STRICT.get(rule, {}) if strict else {}), **options}
    transparent, opaque = _transparent(options, strict)
    as_of = chosen.get("as_of")
    return Settings(
        strict=strict,
        limit=int(float(chosen.get("limit_s", LIMITS.get(rule, 180))) * 1000),
        inclusive=chosen.get("limit_inclusive", "true") == "true",
        window_on=chosen.get("window_on", "opening"),
        cross_day=chosen.get("cross_day", "exclude"),
        thread=chosen.get("thread", "buyer"),
        assist_providers=_names(chosen.get("assist_providers", "dianxiaomi,leyan,xiaowei,xiaoduo")),
        transparent=transparent,
        opaque=opaque,
        last_word=chosen.get("last_word_required", "true") == "true",
        unit=chosen.get("unit", "buyer"),
        person_hit=chosen.get("person_hit", "all"),
        clock=chosen.get("clock", "per_message"),
        queued=chosen.get("queued", "excluded"),
        agent=chosen.get("agent"),
        as_of=None if as_of is None else milliseconds(as_of),
    )


def _transparent(options: Mapping[str, str], strict: bool) -> tuple[frozenset[str | None] | None, frozenset[str]]:
    turn, only = options.get("robot_turn"), options.get("robot_only")
    if "robot_transparent" in options:
        return frozenset({"relay"}) | _names(options["robot_transparent"]), frozenset()
    if turn == "transparent" or only == "miss":
        return EVERYBODY, frozenset()
    if strict and not (turn == "closes" and only == "excluded"):
        return EVERYBODY, frozenset({"dianxiaomi"})
    return frozenset({"relay"}), frozenset()


def _names(listed: str) -> frozenset[str]:
    return frozenset(name.strip() for name in listed.split(",") if name.strip())


def milliseconds(written: str) -> int:
    """An instant with its offset as integer milliseconds."""
    at = datetime.fromisoformat(written)
    assert at.tzinfo is not None, written
    whole = at.replace(microsecond=0)
    return int(whole.timestamp()) * 1000 + round(at.microsecond / 1000)

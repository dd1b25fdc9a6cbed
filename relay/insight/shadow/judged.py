"""The rule's verdicts on one shop as they were, and as they would have been with the texts that shadow recorded.

Laws:
* Both are the audit's own figures, over the same lines; the second one over a line more for each hold.
* Nobody knows to the second when such a text would have arrived: its line stands in the middle of that span and says
  so, so that a rule which hangs on it answers `undetermined`.
* Rounds are compared by who asked and when. A round that is no more among the counted ones was taken out of the count;
  what is new, because an earlier answer closed a round, is seen in the counts alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec
from msgspec import UNSET

from relay.domain.names import Millis
from relay.domain.settings import Shop
from relay.insight.shadow.lived import Supposed
from relay.rules.catalogue import Catalogue
from relay.rules.messages import Message
from relay.rules.report import Report, RoundVerdict, Verdict

Way = Literal["as_set", "named", "by_key"]
"""How the texts count: by the shop's options as they are; with relay named among its assistants, where the rule has
such a list; or pressed by a person at that very instant, as `suggest` asks for."""
WAYS: Final[tuple[Way, ...]] = ("as_set", "named", "by_key")
Became = Literal["hit", "perhaps", "excluded", "miss"]
Round = tuple[str, str, str]
"""Buyer, sub-account, and the day, the message or the opening: what stays the same whatever is said in it."""
_RELAY: Final = "relay"


class Judged(msgspec.Struct, frozen=True):
    """One shop: its report, and by way the report that would have been. A way that the rule has not is not there."""

    was: Report
    would_be: Mapping[Way, Report]

    def became(self, way: Way) -> dict[Round, Became]:
        """What would have become of each round that was missed."""
        after = {round_of(one): one.verdict for one in self.would_be[way].rounds}
        return {
            round_of(one): _BECAME.get(after.get(round_of(one), Verdict.excluded), "miss") for one in missed(self.was)
        }


_BECAME: Final[dict[Verdict, Became]] = {
    Verdict.hit: "hit",
    Verdict.excluded: "excluded",
    Verdict.undetermined: "perhaps",
}


def judge(shop: Shop, lines: Sequence[Message], supposed: Iterable[Supposed], as_of: Millis) -> Judged:
    """By the shop's guiding rule. Raises `ValueError` where it names one that is not known."""
    catalogue, texts = Catalogue(), list(supposed)
    options = {key: value for key, value in shop.rule_options.items() if key != "as_of"}
    options["as_of"] = datetime.fromtimestamp(as_of / 1000, UTC).isoformat()

    def figure(given: Mapping[str, str], more: Iterable[Message] = ()) -> Report:
        ledger = catalogue.open(shop.rule, given)
        for line in (*lines, *more):
            ledger.take(line)
        return ledger.report()

    ways = {"as_set": (options, False), "by_key": (options, True)}
    named = _with_relay_named(shop.rule, options)
    if named is not None:
        ways["named"] = (named, False)
    would_be = {way: figure(ways[way][0], (_line(one, ways[way][1]) for one in texts)) for way in WAYS if way in ways}
    return Judged(figure(options), would_be)


def missed(report: Report) -> list[RoundVerdict]:
    """The rounds that the platform would count as missed."""
    return [one for one in report.rounds if one.verdict is Verdict.miss]


def round_of(one: RoundVerdict) -> Round:
    place = next(told for told in (one.day, one.message, one.opened) if told is not UNSET)
    return one.buyer, one.sub_account or "", str(place)


def day_of(one: RoundVerdict) -> str:
    """The day on which it counts, as 2026-03-02."""
    return one.opened[:10] if one.day is UNSET else one.day


def millis(told: str) -> Millis:
    return Millis(round(datetime.fromisoformat(told).timestamp() * 1000))


def _with_relay_named(rule: str, options: Mapping[str, str]) -> dict[str, str] | None:
    """The options under which the owner names relay among the assistants that count, if the rule has such a list and it
    does not name relay yet.
    """
    known = Catalogue().rule(rule)
    if "assist_providers" not in known.keys:
        return None
    listed = options.get("assist_providers")
    names = set(listed.split(",")) if listed is not None else set(getattr(known.version, "assist_providers", ()))
    if _RELAY in names:
        return None
    return {**options, "assist_providers": ",".join(sorted({*names, _RELAY}))}


def _line(one: Supposed, by_key: bool) -> Message:
    half = one.late_ms // 2
    at = max(one.at, one.round_at) + half
    return Message(
        at=at,
        role="merchant",
        kind="human" if by_key else "assist",
        bot=None if by_key else _RELAY,
        mode=None if by_key else "assist",
        trigger="person" if by_key else "machine",
        path="relay",
        origin="draft" if by_key else None,
        shop=one.shop,
        buyer=one.buyer,
        sub_account=one.account,
        id=f"would-{one.seq}",
        skew_ms=half,
    )

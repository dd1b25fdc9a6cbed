"""`taobao_ww3`, 阿里旺旺三分钟响应率: rounds answered within three minutes of their first question.

`TAOBAO_WW3` is the text as published; `TAOBAO_WW3_2023` the hours reported from outside for 2023.

What relay's own machine sends is transparent: it answers nothing here (A.valid names the four assistants) and it may
not take a miss out of the count either.
"""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from relay.rules import options as read
from relay.rules.authors import Hand
from relay.rules.entries import Entry
from relay.rules.instants import end_of_day
from relay.rules.laws import RuleLaw
from relay.rules.ledger import Ledger
from relay.rules.limits import LIMIT_KEYS, Limit, RuleVersion
from relay.rules.messages import Body
from relay.rules.report import Extras, Figure
from relay.rules.rounds import RoundTerms, RoundWalk
from relay.rules.senses import Effect, Judgement, Note
from relay.rules.sentences import explain
from relay.rules.walks import Sentence

KEYS = LIMIT_KEYS | {
    "assist_providers", "cross_day", "robot_only", "robot_transparent", "robot_turn", "thread", "window_on",
}  # fmt: skip
_EXCLUDED_CLASSES = {"shop_sub_account": "A.excl.c", "merchant_account": "A.excl.c", "xiaoer": "A.excl.d"}
_OFFICIAL = "dianxiaomi"


class TaobaoVersion(RuleVersion, frozen=True, kw_only=True):
    """`assist_providers` are those whose texts in assist mode are valid (A.valid)."""

    window_from_h: int = 8
    assist_providers: frozenset[str] = frozenset({_OFFICIAL, "leyan", "xiaowei", "xiaoduo"})


TAOBAO_WW3 = TaobaoVersion(id="taobao_ww3", valid_from="2022-01-08")
TAOBAO_WW3_2023 = TaobaoVersion(
    id="taobao_ww3_2023",
    valid_from="2023-01-01",
    window_from_h=9,
    window_to_h=23,
    threshold_percent=90,
    fewest_rounds=100,
)


class Providers(msgspec.Struct, frozen=True):
    """A set of providers of machine texts, or all but a few; a text without a provider is in the latter only."""

    names: frozenset[str]
    all_but: bool = False

    def __contains__(self, provider: object) -> bool:
        return (provider in self.names) is not self.all_but


class TaobaoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop chose, with the bundle applied first and explicit options after it."""

    terms: RoundTerms
    assist_providers: frozenset[str]
    robot_transparent: Providers
    by_sub_account: bool


class TaobaoLaw(RuleLaw):
    """The rule with its options: see `walks.Law`."""

    limit_clause = "A.def"
    validity_clause = "A.valid"
    certain = frozenset({"A.excl.c", "A.excl.d", "A.window"})

    def __init__(self, version: TaobaoVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        self.options = chosen(version, options, self.limit, strict=self.strict)
        self.by_sub_account = self.options.by_sub_account

    def walk(self) -> RoundWalk:
        return RoundWalk(self.options.terms)

    def settled_by(self, at: int) -> int:
        return min(at + self.limit_ms, end_of_day(at))

    def explain(self, entry: Entry) -> Sentence:
        return explain(entry, self.options.terms)

    def extras(self, figure: Figure, entries: Sequence[Entry]) -> Extras:
        """A.items: a question validly answered in time counts as one item, so the items are the hits."""
        return Extras(items=figure.numerator)

    def judge(self, body: Body, hand: Hand) -> Judgement:
        """What a merchant-side text by this hand does to a round (A.valid, A.invalid)."""
        if hand == Hand.person:
            drafted = body.kind in ("assist", "bot") or body.origin == "draft"
            return Judgement(Effect.answers, Note.approved if drafted else 0)
        if hand == Hand.canned:
            return Judgement(Effect.noted, Note.canned)
        if hand == Hand.assist and body.bot in self.options.assist_providers:
            return Judgement(Effect.answers, Note.assist)
        if body.bot in self.options.robot_transparent:
            return Judgement(Effect.noted, Note.muted)
        return Judgement(Effect.robot, Note.robot)

    def exclude(self, body: Body) -> str | None:
        return None if body.buyer_class is None else _EXCLUDED_CLASSES.get(body.buyer_class)


class TaobaoRule:
    """One dated version of the rule, ready to be opened with a shop's options."""

    keys = KEYS

    def __init__(self, version: TaobaoVersion = TAOBAO_WW3) -> None:
        self.version = version
        self.id = version.id

    def law(self, options: Mapping[str, str], zone: ZoneInfo | None = None) -> TaobaoLaw:
        """Raises `OptionError`; `zone` is that of an `as_of` without offset."""
        return TaobaoLaw(self.version, read.known(options, KEYS), zone)

    def open(self, options: Mapping[str, str], zone: ZoneInfo | None = None) -> Ledger:
        """An empty ledger under these options."""
        return Ledger(self.law(options, zone))


def chosen(version: TaobaoVersion, options: Mapping[str, str], limit: Limit, *, strict: bool) -> TaobaoOptions:
    """The options of a shop as typed values, over the defaults of the version or of the strict bundle."""
    window_on = read.choice(options, "window_on", "opening", "first_in_window_message")
    cross_day = read.choice(options, "cross_day", "exclude", "miss")
    assist = read.providers(options, "assist_providers")
    return TaobaoOptions(
        terms=RoundTerms(
            limit=limit,
            first_in_window=strict if window_on is None else window_on == "first_in_window_message",
            cross_day_miss=strict if cross_day is None else cross_day == "miss",
        ),
        assist_providers=version.assist_providers if assist is None else assist,
        robot_transparent=_transparent(options, strict=strict),
        by_sub_account=read.choice(options, "thread", "buyer", "buyer_sub_account") == "buyer_sub_account",
    )


def _transparent(options: Mapping[str, str], *, strict: bool) -> Providers:
    """The providers whose invalid texts neither close nor exclude. Always contains relay."""
    only = read.choice(options, "robot_only", "excluded", "miss")
    turn = read.choice(options, "robot_turn", "closes", "transparent")
    named = read.providers(options, "robot_transparent")
    if only == "miss" or turn == "transparent":
        return Providers(frozenset(), all_but=True)
    if named is not None:
        return Providers(named | {"relay"})
    if strict and not (only and turn):
        return Providers(frozenset({_OFFICIAL}), all_but=True)
    return Providers(frozenset({"relay"}))

"""What the laws of the shipped rules share: the options that every rule has, and the usual answers."""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from msgspec import UNSET

from relay.rules import options as read
from relay.rules.authors import Hand
from relay.rules.entries import Entry
from relay.rules.instants import InstantReader, end_of_day
from relay.rules.ledger import Ledger
from relay.rules.limits import RuleVersion, limit
from relay.rules.messages import Body
from relay.rules.report import Extras, Figure
from relay.rules.rows import RateRow, Row
from relay.rules.senses import Judgement, Senses
from relay.rules.walks import Sentence, Unit, Walk


class RuleLaw:
    """A law that judges authors and buyers by two functions; see `walks.Law` for each member's meaning.

    A subclass says its clauses, its walk and its sentences, and answers anew what is different for it.
    """

    limit_clause: str
    validity_clause: str
    certain: frozenset[str]
    unit: Unit = "round"
    by_sub_account = False
    seats = False
    lines = False
    row: type[Row] = RateRow

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        """Raises `OptionError`; `zone` is that of an `as_of` without offset."""
        self.rule, self.version, self.verified = version.id, version.name, version.verified
        self.limit = limit(version, options)
        self.limit_ms, self.limit_inclusive = self.limit.ms, self.limit.inclusive
        self.as_of = read.instant(options, "as_of", InstantReader(zone).read)
        self.strict = read.choice(options, "bundle", "default", "strict") == "strict"
        self.senses = Senses(self.judge, self.exclude, strict=self.strict, moves=self.seats, lines=self.lines)

    def judge(self, body: Body, hand: Hand) -> Judgement:
        """What a merchant-side text by this hand does."""
        raise NotImplementedError

    def exclude(self, body: Body) -> str | None:
        """The clause that takes out what this buyer's message opens."""
        raise NotImplementedError

    def walk(self) -> Walk:
        raise NotImplementedError

    def explain(self, entry: Entry) -> Sentence:
        raise NotImplementedError

    def settled_by(self, at: int) -> int:
        return max(at + self.limit_ms, end_of_day(at))

    def person(self, parts: Sequence[Entry]) -> Entry:
        raise NotImplementedError

    def shown_wait(self, entry: Entry) -> int | None:
        return entry.wait

    def extras(self, figure: Figure, entries: Sequence[Entry]) -> Extras:
        return Extras(unverified=UNSET if self.verified else True)


class VersionedRule:
    """One dated version of a rule, ready to be opened with a shop's options."""

    def __init__(
        self,
        version: RuleVersion,
        keys: frozenset[str],
        law: Callable[[RuleVersion, Mapping[str, str], ZoneInfo | None], RuleLaw],
    ) -> None:
        self.id, self.version, self.keys = version.id, version, keys
        self._law = law

    def law(self, options: Mapping[str, str], zone: ZoneInfo | None = None) -> RuleLaw:
        """Raises `OptionError`; `zone` is that of an `as_of` without offset."""
        return self._law(self.version, read.known(options, self.keys), zone)

    def open(self, options: Mapping[str, str], zone: ZoneInfo | None = None) -> Ledger:
        """An empty ledger under these options."""
        return Ledger(self.law(options, zone))

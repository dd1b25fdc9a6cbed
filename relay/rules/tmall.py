"""`tmall_reply`, 天猫旺旺回复率: persons replied to on the day they asked, over persons who asked.

    state \\ event    question              valid reply                   24:00
    nobody asked      the person's day      -                             -
    asked             buyer's word last     replied; shop's word last     the day is settled

Laws: there is no limit and there are no hours; a reply on a later day is none (B.day, B.offline); the day's last
word must be the shop's (B.last), unless the shop chose to look without that. `unit=buyer_account` counts a buyer once
per seat, and then that seat must reply and have the last word. `tmall_reply_account` is that reading as the version
that an outside page describes.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from relay.rules import options as read
from relay.rules.entries import Entry
from relay.rules.instants import DAY, end_of_day
from relay.rules.laws import VersionedRule
from relay.rules.limits import RuleVersion
from relay.rules.messages import Body
from relay.rules.person_laws import OFFICIAL, PersonLaw
from relay.rules.person_sentences import explain_reply
from relay.rules.persons import PersonNote
from relay.rules.report import Verdict
from relay.rules.senses import Effect, Note, Sense
from relay.rules.walks import Sentence, Walk

_NO_LIMIT = 2 * DAY
"""Longer than any wait within one day, so that no reply is late and nothing is lost before its day is over."""

TMALL_REPLY = RuleVersion(id="tmall_reply", valid_from="2020-01-01", limit_ms=_NO_LIMIT)
"""The text has no date; the earliest dated page that counts this rate into a shop's score is of 2020."""
TMALL_REPLY_ACCOUNT = RuleVersion(id="tmall_reply_account", valid_from="2020-01-01", limit_ms=_NO_LIMIT, verified=False)
_KEYS = frozenset({"as_of", "bundle", "last_word_required"})


class TmallLaw(PersonLaw):
    """The rule with its options: see `walks.Law`."""

    limit_clause = "B.formula"
    validity_clause = "B.valid"
    class_clause = "B.othersub"
    certain = frozenset({"B.othersub"})

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        unit = read.choice(options, "unit", "buyer", "buyer_account")
        self.by_sub_account = self.strict if unit is None else unit == "buyer_account"
        self.last_word = read.yes_or_no(options, "last_word_required") is not False

    def hears(self, body: Body) -> bool:
        return body.bot == OFFICIAL

    def settled_by(self, at: int) -> int:
        return end_of_day(at)

    def walk(self) -> Walk:
        return ReplyWalk(last_word=self.last_word)

    def explain(self, entry: Entry) -> Sentence:
        return explain_reply(entry, by_account=self.by_sub_account, last_word=self.last_word)


class TmallAccountLaw(TmallLaw):
    """The same, always once per seat."""

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        self.by_sub_account = True


class ReplyWalk:
    """One thread. `_opened` is the day's first question, `_first` and `_last` its replies so far.

    `_waiting` says that the buyer's is the last word, `_out` is the clause by which the buyer's class takes the day
    out.
    """

    __slots__ = (
        "_day_end", "_first", "_last", "_last_word", "_notes", "_opened", "_out", "_waiting", "closed",
    )  # fmt: skip

    def __init__(self, *, last_word: bool) -> None:
        self._last_word = last_word
        self.closed: list[Entry] = []
        self._day_end = self._notes = 0
        self._opened: int | None = None
        self._first: int | None = None
        self._last: int | None = None
        self._waiting = False
        self._out: str | None = None

    def fork(self) -> "ReplyWalk":
        twin = ReplyWalk(last_word=self._last_word)
        twin._day_end, twin._notes, twin._out = self._day_end, self._notes, self._out
        twin._opened, twin._waiting = self._opened, self._waiting
        twin._first, twin._last = self._first, self._last
        return twin

    def step(self, at: int, sense: Sense) -> None:
        effect = sense.effect
        if self._opened is not None and at >= self._day_end:
            if effect is Effect.answers and self._last is None:
                self._notes |= PersonNote.later
            self.closed.append(self._judged(self._opened))
            self._opened = None
        if effect is Effect.asks:
            self._ask(at, sense)
        elif self._opened is not None:
            self._notes |= sense.note
            if effect is Effect.answers:
                self._first = at if self._first is None else self._first
                self._last, self._waiting = at, False

    def ending(self, as_of: int) -> tuple[Entry, ...]:
        if self._opened is None:
            return ()
        one = self._judged(self._opened)
        if one.verdict is Verdict.miss and as_of < self._day_end:
            return (Entry(one.opened, None, Verdict.pending, "B.formula", one.notes, self._day_end),)
        return (one,)

    def _ask(self, at: int, sense: Sense) -> None:
        if self._opened is None:
            self._opened, self._day_end = at, end_of_day(at)
            self._first = self._last = None
            self._out, self._notes = sense.excludes, 0
        else:
            self._notes |= Note.repeated
        self._waiting = True

    def _judged(self, opened: int) -> Entry:
        """The person as it stands when nothing more comes that day."""
        first, last, notes, end = self._first, self._last, self._notes, self._day_end
        if self._out is not None:
            return Entry(opened, last, Verdict.excluded, self._out, notes, end)
        if first is None or last is None:
            return Entry(opened, None, Verdict.miss, "B.day", notes, end)
        if not self._last_word:
            return Entry(opened, first, Verdict.hit, "B.formula", notes, first)
        if self._waiting:
            return Entry(opened, last, Verdict.miss, "B.formula", notes | PersonNote.taken, end)
        return Entry(opened, last, Verdict.hit, "B.formula", notes, last)


TMALL = VersionedRule(TMALL_REPLY, _KEYS | {"unit"}, TmallLaw)
TMALL_ACCOUNT = VersionedRule(TMALL_REPLY_ACCOUNT, _KEYS, TmallAccountLaw)

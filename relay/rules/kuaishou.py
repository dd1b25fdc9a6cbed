"""`kuaishou_shop_3min` and `kuaishou_agent_3min`, 快手 3 分钟回复率: messages answered within three minutes.

The shop's clock runs from the sending, time in the queue included (D.shop_clock); a seat's figure knows a message
only once the conversation is on its reception list (D.agent_scope). Robots count here (D.bots), canned texts do not.

The text itself bears no date. 2021-09-01 is the day from which an outside page has the figure held to a threshold;
day or week of settlement, threshold and exclusions are not in the text and are not part of the version.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from relay.rules import options as read
from relay.rules.authors import Hand
from relay.rules.entries import Entry
from relay.rules.laws import VersionedRule
from relay.rules.limits import LIMIT_KEYS, RuleVersion
from relay.rules.message_law import MessageLaw
from relay.rules.messages import Body
from relay.rules.senses import Effect, Judgement, Note
from relay.rules.single_sentences import SingleWords, explain
from relay.rules.singles import SingleNote, SingleTerms, SingleWalk
from relay.rules.walks import Sentence, Unit
from relay.rules.wording import Remark, Said

KUAISHOU_SHOP_3MIN = RuleVersion(id="kuaishou_shop_3min", valid_from="2021-09-01", window_from_h=8)
KUAISHOU_AGENT_3MIN = RuleVersion(id="kuaishou_agent_3min", valid_from="2021-09-01", window_from_h=8)
_SCOPE = "D.agent_scope"

_REMARKS = (
    Remark(
        SingleNote.machine, "D.bots", Said("机器人的回复算有效回复", "a machine text answered, which is valid here")
    ),
    Remark(Note.approved, "D.bots", Said("机器人起草、人工发出，以发出时间为准", "a draft that a person sent")),
    Remark(Note.canned, "D.bots", Said("自动回复不算回复", "a canned text is no answer")),
    Remark(Note.muted, "D.bots", Said("机器消息不算回复，也不影响判定", "a machine text counted for nothing")),
)
_RUN = Remark(
    SingleNote.run, "D.shop_clock", Said("从第一条未回复的消息起算", "the run's first message starts the clock")
)
_ENTERED = Remark(
    SingleNote.entered, _SCOPE, Said("排队时间不计，从进入列表起算", "the time in the queue is not the seat's")
)
_SENDING = Remark(0, "D.shop_clock", Said("从买家发出算起，含排队时间", "its time in the queue is included"))
_SHOP = SingleWords("D.formula", "D.bots", (*_REMARKS, _SENDING))
_SHOP_RUNS = SingleWords("D.formula", "D.bots", (*_REMARKS, _RUN, _SENDING))
_AGENT = SingleWords("D.formula", "D.bots", (*_REMARKS, _RUN, _ENTERED))


class KuaishouShopLaw(MessageLaw):
    """The shop's figure. Strict: the run is timed from its first message, as the text has it."""

    unit: Unit = "message"
    limit_clause = "D.formula"
    validity_clause = "D.bots"
    class_clause = "D.formula"
    certain = frozenset({"D.formula", "D.window", _SCOPE})

    def __init__(self, version: RuleVersion, options: Mapping[str, str], zone: ZoneInfo | None = None) -> None:
        super().__init__(version, options, zone)
        self.terms = self.chosen(options)

    def chosen(self, options: Mapping[str, str]) -> SingleTerms:
        clock = read.choice(options, "clock", "per_message", "run_first")
        run_first = self.strict if clock is None else clock == "run_first"
        return SingleTerms(limit=self.limit, formula="D.formula", window="D.window", run_first=run_first)

    def walk(self) -> SingleWalk:
        return SingleWalk(self.terms)

    def machine(self, body: Body, hand: Hand) -> Judgement:
        """Robots of any provider, in any mode (D.bots)."""
        return Judgement(Effect.answers, SingleNote.machine)

    def explain(self, entry: Entry) -> Sentence:
        return explain(entry, self.terms, _SHOP_RUNS if self.terms.run_first else _SHOP)


class KuaishouAgentLaw(KuaishouShopLaw):
    """A seat's figure, or every seat's. Strict: what waited in the queue counts from its entry into a list."""

    seats = True

    def chosen(self, options: Mapping[str, str]) -> SingleTerms:
        queued = read.choice(options, "queued", "excluded", "from_entry")
        agent = options.get("agent")
        if agent == "":
            raise read.OptionError("option agent='' must name a seat / 选项 agent 须写明子账号")
        return SingleTerms(
            limit=self.limit,
            formula="D.formula",
            window="D.window",
            scope=_SCOPE,
            run_first=read.choice(options, "clock", "per_message", "run_first") == "run_first",
            from_entry=self.strict if queued is None else queued == "from_entry",
            agent=agent,
        )

    def explain(self, entry: Entry) -> Sentence:
        return explain(entry, self.terms, _AGENT)


SHOP = VersionedRule(KUAISHOU_SHOP_3MIN, LIMIT_KEYS | {"clock"}, KuaishouShopLaw)
AGENT = VersionedRule(KUAISHOU_AGENT_3MIN, LIMIT_KEYS | {"agent", "clock", "queued"}, KuaishouAgentLaw)

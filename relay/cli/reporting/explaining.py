"""What `relay explain` says: the fact that was named, the rounds that were asked for, the whole story of a buyer."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from relay.cli.auditing.headline import Heading
from relay.cli.auditing.widths import columns, visible
from relay.cli.auditing.words import VERDICTS
from relay.cli.reporting import telling
from relay.cli.reporting.asking import Asked
from relay.cli.reporting.candidates import DECISIONS, decision_of, lines_of, place_of
from relay.cli.reporting.readings import Reading
from relay.cli.reporting.round_story import RoundStory, Stories
from relay.domain import facts as f
from relay.domain.names import BuyerRef, ShopId
from relay.domain.settings import Shop
from relay.errors import BadInputError
from relay.insight.missed import MissCause, cause_name
from relay.insight.owed import Owed
from relay.insight.story import Moment, Thread, moment_of, timeline
from relay.rules.options import pairs
from relay.rules.report import Verdict


def reading_of(asked: Asked, shop: ShopId, rule_id: str | None, given: Sequence[str]) -> Reading:
    """The rule that was named, else the shop's own with the options that the shop has set."""
    options = pairs(given)
    if rule_id is not None:
        return Reading(rule_id, options)
    known = [
        fact.subject
        for fact in asked.facts.values()
        if isinstance(fact, f.OfficeTaken) and isinstance(fact.subject, Shop) and fact.subject.id == shop
    ]
    return Reading(known[-1].rule, {**known[-1].rule_options, **options}) if known else Reading("taobao_ww3", options)


def named(asked: Asked) -> Moment | None:
    """The fact that was named, where one was."""
    if asked.seq is None:
        return None
    fact = asked.facts[asked.seq]
    return moment_of(asked.seq, fact, fact.at)


def about_fact(asked: Asked) -> Iterator[str]:
    """The fact that was named, and of a decision the whole list of seats."""
    moment = named(asked)
    if moment is None or asked.seq is None or asked.round_seq is not None:
        return
    yield telling.fact_line(moment)
    fact = asked.facts[asked.seq]
    if isinstance(fact, DECISIONS):
        yield from lines_of(decision_of(asked.desk, asked.facts, asked.seq))
    if isinstance(fact, f.Queued):
        yield f"      {place_of(asked.desk, asked.facts, asked.seq)}"


def told(asked: Asked, stories: Stories) -> list[RoundStory]:
    """The rounds to tell whole: those that were named, or the only one there is. Raises BadInputError for none."""
    wanted = stories.wanted()
    if asked.round_seq is not None and not wanted:
        raise BadInputError(
            f"{asked.what!r}：按此规则没有轮次从这条提问开始或包含它 / {asked.what!r}: under this rule no round begins "
            "with this question or goes on over it"
        )
    whole = asked.seq is not None or asked.at is not None or len(wanted) == 1
    return [stories.tell(one) for one in wanted] if whole else []


def whole_story(asked: Asked, shop: ShopId, buyer: BuyerRef) -> list[Moment]:
    """Every fact of the buyer, whatever round it belongs to."""
    return timeline(asked.facts, Thread(shop, buyer, 1, max(asked.facts)))


def lines(asked: Asked, stories: Stories, shop: ShopId, buyer: BuyerRef, most: int | None) -> Iterator[str]:
    """For people."""
    rounds = told(asked, stories)
    for story in rounds:
        yield from telling.lines(story, most)
    if asked.round_seq is not None or asked.at is not None:
        for story in rounds:
            yield from telling.timeline_of(story)
        return
    briefs = [stories.brief(one) for one in stories.judgement.rounds]
    if len(briefs) > 1:
        yield Heading(f"{visible(buyer)}  店铺 shop {shop}  轮次 rounds: {len(briefs)}")
        yield from columns(_HEADS, [_row(one) for one in briefs], most, frozenset())
    yield Heading("经过 timeline (北京时间 China time)")
    for moment in whole_story(asked, shop, buyer):
        yield telling.fact_line(moment)


_HEADS = ["轮次 round", "开始 opened", "等待 wait", "判定 verdict", "条款 clause", "原因 cause"]


def _row(one: dict[str, Any]) -> list[str]:
    cause: MissCause | None = one["cause"]
    verdict: Verdict = one["verdict"]
    wait = "–" if one["wait_s"] is None else f"{one['wait_s']} s"
    opened = str(one["opened"]).removesuffix("+08:00")
    return [
        one["id"] or "–",
        opened,
        wait,
        VERDICTS[verdict],
        one["clause"],
        "" if cause is None else cause_name(cause),
    ]


def plain(asked: Asked, stories: Stories, shop: ShopId, buyer: BuyerRef) -> dict[str, Any]:
    """For programs: the rounds in brief, those that were asked for whole, every fact, and what is owed."""
    owed = owed_to(asked)
    return {
        "shop": shop,
        "buyer": buyer,
        "rounds": msgspec.to_builtins([stories.brief(one) for one in stories.judgement.rounds]),
        "told": msgspec.to_builtins(told(asked, stories)),
        "timeline": msgspec.to_builtins(whole_story(asked, shop, buyer)),
        "owed": {
            "debts": msgspec.to_builtins([one for one in owed.open_debts() if (one.shop, one.buyer) == (shop, buyer)]),
            "follow_ups": msgspec.to_builtins(
                [one for one in owed.open_follow_ups() if (one.shop, one.buyer) == (shop, buyer)]
            ),
        },
    }


def owed_to(asked: Asked) -> Owed:
    """What is owed on the desk, as far as the ledger goes."""
    owed = Owed(asked.desk)
    for seq, fact in asked.facts.items():
        owed.take(seq, fact)
    return owed

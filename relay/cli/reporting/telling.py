"""A round's story as people read it, line by line, in Chinese and English."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from relay.cli.auditing.headline import Heading
from relay.cli.auditing.widths import visible, wrapped
from relay.cli.auditing.words import VERDICTS
from relay.cli.reporting.candidates import lines_of
from relay.cli.reporting.round_story import RoundStory
from relay.domain.names import Millis
from relay.insight.missed import cause_name
from relay.insight.story import Moment, RungStory, SendStory, reason
from relay.insight.story.words import RUNGS

BEIJING: Final = timedelta(hours=8)
_BECAME: Final = {
    "told": "✓",
    "told_with_a_later_one": "✓",
    "not_reached": "–",
    "not_told": "–",
    "not_this_clock": "–",
}
_KINDS: Final = {"reply": "客服 a person", "hold": "稍等 the machine's hold", "notice": "通知 a notice"}
_OUTCOMES: Final = {
    "confirmed": "已送达 arrived",
    "refused": "被拒绝 refused",
    "not_sent": "未发出 not sent",
    "unknown": "未知 unknown",
    None: "尚无结果 no outcome yet",
}
_DRAFTS: Final = {
    "offered": "未处理 nothing was made of it",
    "approved": "已采用 approved",
    "edited": "修改后采用 edited and sent",
    "rejected": "已拒绝 rejected",
    "void": "已作废 void",
}


def lines(story: RoundStory, most: int | None) -> Iterator[str]:
    """Everything about one round but the facts themselves, which the timeline below has."""
    yield Heading(
        f"{story.id or '–'}  {visible(story.buyer)}  店铺 shop {story.shop}  {story.version}  {VERDICTS[story.verdict]}"
    )
    also = f" (+ {', '.join(story.also)})" if story.also else ""
    yield f"  开始 opened    {story.opened}"
    yield f"  答复 answered  {story.answered or '–'}"
    yield f"  等待 wait      {'–' if story.wait_s is None else f'{story.wait_s} s'}"
    yield f"  条款 clause    {story.clause}{also}"
    yield from wrapped(f"{story.zh} {story.en}", most, "  ")
    if story.cause is not None:
        yield f"  原因 cause     {cause_name(story.cause.cause)}  归属 whose {story.cause.seat or '无 nobody'}"
        yield from wrapped(f"{story.cause.zh} {story.cause.en}", most, "  ")
        yield from wrapped(f"→ {story.do_zh} / {story.do_en}", most, "  ")
    yield Heading("其他口径 other readings")
    for other in story.others:
        verdict = "–" if other.verdict is None else VERDICTS[other.verdict]
        same = "  相同 the same" if (other.verdict, other.clause) == (story.verdict, story.clause) else ""
        yield f"  {other.option}  {verdict}  {other.clause or ''}{same}"
        if not same:
            yield from wrapped(f"{other.zh} {other.en}", most, "    ")
    yield from _parts(story)


def _parts(story: RoundStory) -> Iterator[str]:
    if story.decisions:
        yield Heading("谁可以接 who was eligible")
    for decision in story.decisions:
        yield f"  {decision.seq:>7} {clock(decision.at)} {decision.what} {decision.reason}".rstrip()
        yield from lines_of(decision)
    yield Heading("催办 the ladder")
    yield from (_rung(one) for one in story.ladder)
    if not story.ladder:
        yield "  客服台在此没有开轮次，催办未启动 / the desk opened no round here, so no rung stood"
    yield Heading("发送 sends")
    for one in story.sends:
        yield from _send(one)
    if not story.sends:
        yield "  没有经 relay 发送 / nothing was sent through relay"
    if story.drafts:
        yield Heading("草稿 drafts")
    for draft in story.drafts:
        by = f" {draft.by}" if draft.by else ""
        why = f" ({draft.why})" if draft.why else ""
        yield f"  {draft.draft} {clock(draft.at)} {draft.responder}/{draft.provider} {_DRAFTS[draft.became]}{by}{why}"
    if story.debts:
        yield Heading("欠答 debts")
    yield from (_moment(one) for one in story.debts)


def timeline_of(story: RoundStory) -> Iterator[str]:
    yield Heading("经过 timeline (北京时间 China time)")
    yield from (fact_line(one) for one in story.timeline)


def fact_line(one: Moment) -> str:
    """A fact with all its fields, and its words."""
    rest = " ".join(f"{key}={value}" for key, value in one.fields.items() if key != "digest")
    return visible(f"{one.seq:>7} {clock(one.at)} {one.type:<18} {rest}  ｜ {one.zh} / {one.en}")


def clock(at: Millis) -> str:
    """`03-02 10:00:00.000` in China."""
    when = datetime.fromtimestamp(at // 1000, UTC) + BEIJING
    return f"{when:%m-%d %H:%M:%S}.{at % 1000:03}"


def _rung(one: RungStory) -> str:
    zh, en = RUNGS[one.do]
    when = clock(one.stands_at)
    told = "" if one.told_at is None else f" [{one.seq}] {clock(one.told_at)}"
    later = " （与更高一级一并）(with a higher rung)" if one.became == "told_with_a_later_one" else ""
    clock_word = "" if one.clock == "rule" else " 服务计时 service clock"
    return f"  {_BECAME[one.became]} {when} {one.rung:<12} {zh} {en}{clock_word}{told}: {one.zh} / {one.en}{later}"


def _send(one: SendStory) -> Iterator[str]:
    by = f" {one.by}" if one.by else ""
    text = f" {one.reply}@{one.version}" if one.reply else ""
    shadow = " 只记录 recorded only" if one.shadow else ""
    yield f"  {one.send} {clock(one.decided_at)} {_KINDS[one.kind]}{by} {one.seat or '–'}{text}{shadow}"
    for at in one.started:
        yield f"      {clock(at)} 开始发送 began to leave"
    if one.ended_at is not None:
        zh, en = reason(one.why)
        why = f" {zh} / {en}" if one.why else ""
        counts = " 算回复 counts as an answer" if one.answers else ""
        yield f"      {clock(one.ended_at)} {_OUTCOMES[one.outcome]}{why}{counts}"
    elif not one.shadow:
        yield f"      {_OUTCOMES[None]}"


def _moment(one: Moment) -> str:
    why = f" ({one.fields['why']})" if one.fields.get("why") else ""
    return f"  {one.seq:>7} {clock(one.at)} {one.zh} / {one.en}{why}"

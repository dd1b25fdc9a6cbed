"""What relay answers when asked: who could take a buyer, who waits, what was said before, what a reply would say."""

from relay.cli.terminal.rows import Rows
from relay.cli.terminal.words import Words, clean
from relay.web import frames as w


def answer(words: Words, rows: Rows, frame: w.Filled | w.Targets | w.Queue | w.History) -> list[str]:
    """Its lines."""
    match frame:
        case w.Filled():
            return _filled(words, frame)
        case w.Targets():
            return [_target(words, one) for one in frame.targets] or [words("no_targets")]
        case w.Queue():
            return _queue(words, frame)
        case w.History():
            return [*map(rows.line, frame.messages)] or [words("no_more")]


def seat(words: Words, one: w.SeatNow | w.Target) -> str:
    """Who sits where, with what they have and may have."""
    agent = words("agent_load", one.agent_load, one.agent_cap) if one.agent_cap is not None else ""
    groups = f" {clean(', '.join(one.groups))}" if one.groups else ""
    said = words("seat", clean(one.seat), clean(one.agent), words(one.presence), one.load, one.cap, one.waiting)
    return f"{said}{groups}{agent}"


def _target(words: Words, one: w.Target) -> str:
    return seat(words, one) + (f" | {words.of(f'why_{one.why}')}" if one.why is not None else "")


def _queue(words: Words, frame: w.Queue) -> list[str]:
    said = [words("queue_head", clean(frame.shop), frame.waiting)]
    said += [_queued(words, one, frame.server_now) for one in frame.buyers]
    why = [f"{words.of(f'why_{cause}')} {many}" for cause, many in sorted(frame.rejected.items())]
    return said + ([words("queue_why", "，".join(why) if words.lang == "zh" else ", ".join(why))] if why else [])


def _queued(words: Words, one: w.QueuedBuyer, at: int) -> str:
    place = words("place", one.place) if one.place is not None else words("for_seat", clean(one.waits_for or "?"))
    about = f" {words('about', one.minutes)}" if one.minutes is not None else ""
    waits = words("waits", max(0, at - one.queued_at) // 1000)
    return f"  {place}{about} | {clean(one.buyer_name or one.buyer)} | {clean(one.group)} | {waits}"


def _filled(words: Words, frame: w.Filled) -> list[str]:
    """What a quick reply would say, and what is left to be filled in."""
    zh = words.lang == "zh"
    gaps = dict.fromkeys(f"{gap.slot}（{gap.zh}）" if zh else f"{gap.slot} ({gap.en})" for gap in frame.gaps)
    said = [f"  {frame.reply}: {clean(frame.text)}"]
    return said + ([words("gaps", clean(", ".join(gaps)))] if gaps else [])

"""What the desk is told of a channel: that it is there or lost, silent or heard, what it left out, how fast it sends.

Law: what may have been missed keeps the machine silent until it is read, and no longer than `UNREAD_MS`.
"""

from typing import Final

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import MINUTE, Millis
from relay.domain.placing import place_unowned
from relay.domain.step import Step
from relay.domain.transferring import end_transfers_of

UNREAD_MS: Final = 5 * MINUTE
"""A gap that nobody has read by then is given up: longer than the three minutes that an answer usually has."""


def connect(step: Step, given: i.ConnectChannel) -> None:
    step.shop(given.shop)
    step.emit(f.ChannelConnected(at=step.at, shop=given.shop, placement=given.placement))
    touch_shop(step, given.shop)
    if given.placement != "transfer":
        end_transfers_of(step, given.shop, "placement_changed")
    if given.placement == "relay":
        place_unowned(step, given.shop)


def lose(step: Step, given: i.LoseChannel) -> None:
    step.shop(given.shop)
    step.emit(f.ChannelLost(at=step.at, shop=given.shop, why=given.why))


def report_gap(step: Step, given: i.ReportGap) -> None:
    """What is still to be read keeps the machine silent, but not for ever: after a while it counts as lost."""
    gaps = step.shop(given.shop).gaps
    told_before = [one.until for one in gaps if (one.from_at, one.to_at) == (given.from_at, given.to_at)]
    until = min(told_before, default=Millis(step.at + UNREAD_MS))
    step.emit(
        f.ChannelGap(
            at=step.at,
            shop=given.shop,
            from_at=given.from_at,
            to_at=given.to_at,
            recovered=given.recovered,
            unrecoverable=given.unrecoverable,
            silent_until=None if given.recovered or given.unrecoverable else until,
        )
    )
    touch_shop(step, given.shop)


def note_silence(step: Step, given: i.NoteSilence) -> None:
    step.shop(given.shop)
    step.emit(f.ChannelSilent(at=step.at, shop=given.shop))


def note_heard(step: Step, given: i.NoteHeard) -> None:
    step.shop(given.shop)
    step.emit(f.ChannelHeard(at=step.at, shop=given.shop))
    touch_shop(step, given.shop)


def note_sending(step: Step, given: i.NoteSending) -> None:
    """Where sending is slower than it was, the machine's replies stand earlier: all of them."""
    step.shop(given.shop)
    step.emit(f.SendingMeasured(at=step.at, shop=given.shop, p95_ms=given.p95_ms))
    touch_shop(step, given.shop)


def touch_shop(step: Step, shop: str) -> None:
    """Whatever is due there may stand at another instant now."""
    for key in step.state.conversations:
        if key[0] == shop:
            step.touched[key] = None

"""The messages on a desk's ledger, in the form in which every rule reads them (L13).

The same lines are exported and judged, so the audit of an export equals the verdicts of the ledger. Laws:
* A send is a message once there is evidence: at the channel's own time where it gave one, else at relay's with the
  measured skew. A send of unknown outcome is a line that says so; evidence that comes later takes its place.
* The echo of our own send is that send and no second message. A buyer is a `buyer_ref`.
* A gap that was read later is no gap: its line is gone, and what was read stands there as any other message.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from relay.domain import facts as f
from relay.domain.guiding import Author
from relay.domain.marks import message_id
from relay.domain.names import BuyerRef, DeskId, Millis, SendId
from relay.rules.messages import Message

Numbered = tuple[int, f.DeskFact]


def messages_of(
    desk: DeskId, facts: Iterable[Numbered], final: Mapping[SendId, int], read: Collection[int] = ()
) -> Iterator[Message]:
    """The log lines of these facts, in seq order. `final` and `read` are `final_ends` and `read_gaps` of the same."""
    for _, line in numbered_lines(desk, facts, final, read):
        yield line


def numbered_lines(
    desk: DeskId, facts: Iterable[Numbered], final: Mapping[SendId, int], read: Collection[int] = ()
) -> Iterator[tuple[int, Message]]:
    """The same, each with the seq of its fact."""
    log = LogLines(desk)
    for seq, fact in facts:
        superseded = isinstance(fact, f.SendEnded) and final.get(fact.send) != seq
        if superseded or seq in read:
            log.note(fact)
        elif not (isinstance(fact, f.ShopWrote) and fact.echo_of in final):
            for line in log.of(seq, fact):
                yield seq, line


def read_gaps(facts: Iterable[Numbered]) -> frozenset[int]:
    """The seqs of the gaps that were read later, as a whole: their span lies within that of a recovered one."""
    told: dict[int, f.ChannelGap] = {}
    read: set[int] = set()
    for seq, fact in facts:
        if isinstance(fact, f.ChannelGap):
            if fact.recovered:
                read |= {one for one, gap in told.items() if lies_within(gap, fact)}
            else:
                told[seq] = fact
    return frozenset(read)


def lies_within(gap: f.ChannelGap, read: f.ChannelGap) -> bool:
    """Whether this gap is over once that one is read."""
    return gap.shop == read.shop and read.from_at <= gap.from_at and gap.to_at <= read.to_at


def final_ends(facts: Iterable[Numbered]) -> dict[SendId, int]:
    """The seq of the last word on each send that reached the buyer or may have."""
    ends: dict[SendId, int] = {}
    for seq, fact in facts:
        if isinstance(fact, f.SendEnded):
            if fact.outcome in ("confirmed", "unknown"):
                ends[fact.send] = seq
            elif fact.retry_at is None:
                ends.pop(fact.send, None)
    return ends


class LogLines:
    """Facts to log lines, one at a time; remembers only when each send began, in `started` where that is given."""

    def __init__(self, desk: DeskId, started: dict[SendId, Millis] | None = None) -> None:
        self._desk = desk
        self._started: dict[SendId, Millis] = started if started is not None else {}

    def note(self, fact: f.DeskFact) -> None:
        """Remember what later lines need of this fact."""
        if isinstance(fact, f.SendStarted):
            self._started[fact.send] = fact.at

    def of(self, seq: int, fact: f.DeskFact) -> list[Message]:
        """The lines of one fact: none or one."""
        self.note(fact)
        match fact:
            case f.BuyerWrote():
                return [self._buyer(seq, fact)]
            case f.ShopWrote():
                return [self._shop(seq, fact)]
            case f.SendEnded(outcome="confirmed" | "unknown", retry_at=None):
                return [self._sent(fact)]
            case f.MessageRecalled():
                return [
                    self._system(fact.sent_at, "recall", fact.shop, fact.buyer, recalls=f"{self._desk}-{fact.message}")
                ]
            case f.ChannelGap(recovered=False):
                return [self._system(fact.from_at, "gap", fact.shop, None, to=fact.to_at)]
            case f.PlatformPlaced():
                kind = "transfer" if fact.transfer else "assign"
                return [
                    self._system(
                        fact.sent_at,
                        kind,
                        fact.shop,
                        fact.buyer,
                        sub_account=fact.account,
                        from_sub=fact.from_account,
                        skew_ms=fact.skew_ms,
                    )
                ]
            case f.Assigned(reason=reason) if reason != "platform":
                return [self._system(fact.at, "assign", fact.shop, fact.buyer, sub_account=fact.account)]
            case _:
                return []

    def _buyer(self, seq: int, fact: f.BuyerWrote) -> Message:
        return Message(
            at=fact.sent_at,
            role="buyer",
            kind=fact.kind,  # type: ignore[arg-type]
            buyer=fact.buyer,
            sub_account=fact.account,
            shop=fact.shop,
            id=self._id(message_id(seq)),
            content=fact.content,
            tag=fact.tag,
            buyer_class=fact.buyer_class,  # type: ignore[arg-type]
            queued=True if fact.queued else None,
            skew_ms=fact.skew_ms,
        )

    def _shop(self, seq: int, fact: f.ShopWrote) -> Message:
        return Message(
            at=fact.sent_at,
            role="system" if fact.by_platform else "merchant",
            **_who(fact.author),
            buyer=fact.buyer,
            sub_account=fact.account,
            shop=fact.shop,
            id=self._id(message_id(seq)),
            outcome="unknown" if fact.unsure else None,
            content=fact.content,
            skew_ms=fact.skew_ms,
        )

    def _sent(self, fact: f.SendEnded) -> Message:
        assert fact.author is not None
        known = fact.outcome == "confirmed"
        began = self._started.get(fact.send, fact.at)
        return Message(
            at=fact.sent_at if known and fact.sent_at is not None else began,
            role="merchant",
            **_who(fact.author),
            buyer=fact.buyer,
            sub_account=fact.account,
            shop=fact.shop,
            id=self._id(fact.send),
            outcome=None if known else "unknown",
            skew_ms=fact.skew_ms,
        )

    def _system(self, at: Millis, kind: Any, shop: str, buyer: BuyerRef | None, **more: Any) -> Message:
        return Message(at=at, role="system", kind=kind, shop=shop, buyer=buyer, **more)

    def _id(self, name: str) -> str:
        return f"{self._desk}-{name}"


def _who(author: Author) -> dict[str, Any]:
    return {
        "kind": author.kind.value,
        "bot": author.provider,
        "mode": author.mode,
        "trigger": author.trigger,
        "path": author.path,
        "origin": author.origin,
    }

"""The messages of a ledger file, as `export --messages` writes them and `report` judges them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.cli.replaying.names import Names
    from relay.domain.facts import DeskFact
    from relay.domain.names import DeskId, SendId
    from relay.rules.messages import Message
    from relay.store.reader import Reader


def messages(
    ledger: "Reader", to_seq: int | None, desks: Sequence[str], shops: Sequence[str], names: "Names | None" = None
) -> "Iterator[Message]":
    """The lines of every desk (or of `desks`, `shops`), desk by desk in seq order.

    With `names` a buyer is who the platform says, and texts are there; both are missing where erased. After a replay
    all names are then the log's own.
    """
    from relay.domain.streams import is_desk
    from relay.insight.log import messages_of

    for desk in ledger.desks():
        if not is_desk(desk) or (desks and desk not in desks):
            continue
        final, read = _ends(ledger, desk, to_seq)
        for message in messages_of(desk, _facts(ledger, desk, to_seq), final, read):
            if not shops or message.shop in shops:
                yield message if names is None else names.own(_named(ledger, desk, message))


def _ends(ledger: "Reader", desk: "DeskId", to_seq: int | None) -> "tuple[dict[SendId, int], frozenset[int]]":
    """What only the later facts say of earlier ones, in one reading."""
    from relay.domain import facts as f
    from relay.insight.log import final_ends, read_gaps

    late = [(seq, fact) for seq, fact in _facts(ledger, desk, to_seq) if isinstance(fact, f.SendEnded | f.ChannelGap)]
    return final_ends(late), read_gaps(late)


def _facts(ledger: "Reader", desk: "DeskId", to_seq: int | None) -> "Iterator[tuple[int, DeskFact]]":
    from relay.domain.codec import decode

    for row in ledger.read(desk, 1, to_seq):
        yield row.seq, decode(row.body)  # type: ignore[misc]


def _named(ledger: "Reader", desk: "DeskId", message: "Message") -> "Message":
    from msgspec.structs import replace

    from relay.domain.names import BuyerRef

    buyer = message.buyer
    if buyer is not None:
        known = ledger.buyers([BuyerRef(buyer)]).get(BuyerRef(buyer))
        buyer = known.platform_id if known is not None else buyer
    text = None
    if message.id is not None:
        seq = int(message.id.rpartition("-")[2][1:])
        row = ledger.content(desk, [seq]).get(seq)
        text = row.body.decode("utf-8", "replace") if row is not None else None
    return replace(message, buyer=buyer, text=text)

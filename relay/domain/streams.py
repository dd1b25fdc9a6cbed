"""The streams of a ledger: which of them are desks, and which hold something else.

Every stream is chained in the same way. A desk's holds what happened live, and is the only kind that is replayed,
judged and handed to agents. The others are named by a reserved word, alone or with a dot and more behind it:

    office              people, roles, library, the desk map
    orders              orders, which come from outside and decide nothing
    history, history.…  chats that were imported

Whoever walks the streams of a ledger asks here which is which, so that no order or imported chat is ever taken for
something that a desk saw.
"""

from typing import Final

from relay.domain.names import OFFICE, DeskId, ShopId

ORDERS: Final = DeskId("orders")
HISTORY: Final = DeskId("history")
RESERVED: Final = frozenset({OFFICE, ORDERS, HISTORY})


def kind_of(stream: str) -> str:
    """`desk`, or the reserved word."""
    word = stream.partition(".")[0]
    return word if word in RESERVED else "desk"


def history_of(shop: ShopId) -> DeskId:
    """The stream of a shop's imported chats."""
    return DeskId(f"{HISTORY}.{shop}")


def is_desk(stream: str) -> bool:
    """Whether the stream is a desk's own, live one."""
    return kind_of(stream) == "desk"

"""The log's own names and those under which the wire and the ledger know them.

Almost every name stands for itself. One that is missing, empty, too long or no id of a shop gets another, and the table
of these lies beside the ledger, so that whoever reads it reads the log's own names again. Laws: two names of the log
never become one; a table and its reverse are each other's.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from relay.domain.names import ID_PATTERN
from relay.rules.messages import Message

FILE: Final = "names.json"
LONGEST: Final = 200
_ID: Final = re.compile(ID_PATTERN)


class Names(msgspec.Struct, frozen=True):
    """By the name on the ledger the log's own, where the two differ. `ids` are messages whose id came again."""

    shops: dict[str, str | None] = {}
    accounts: dict[str, str | None] = {}
    buyers: dict[str, str] = {}
    ids: dict[str, str] = {}

    def own(self, message: Message) -> Message:
        """A line of the ledger, as the log would have it."""
        shop, account, from_sub = message.shop, message.sub_account, message.from_sub
        return replace(
            message,
            shop=self.shops.get(shop, shop) if shop is not None else None,
            sub_account=self.accounts.get(account, account) if account is not None else None,
            from_sub=self.accounts.get(from_sub, from_sub) if from_sub is not None else None,
            buyer=self.buyers.get(message.buyer, message.buyer) if message.buyer is not None else None,
            id=self.ids.get(message.id, message.id) if message.id is not None else None,
            recalls=self.ids.get(message.recalls, message.recalls) if message.recalls is not None else None,
        )


def read_names(ledger: Path) -> Names:
    """The table beside this ledger; an empty one where it is no ledger of a replay."""
    path = ledger.parent / FILE
    return msgspec.json.decode(path.read_bytes(), type=Names) if path.is_file() else Names()


def for_wire(own: Iterable[str | None], missing: str) -> dict[str | None, str]:
    """Names of accounts or buyers as the wire can carry them; None becomes `missing`."""
    given = list(dict.fromkeys(own))
    plain = {one for one in given if one and len(one) <= LONGEST}
    return {one: one if one in plain else _free(missing if not one else one[:LONGEST], plain) for one in given}


def for_shops(own: Iterable[str | None]) -> dict[str | None, str]:
    """Names of shops as ids."""
    given = list(dict.fromkeys(own))
    plain = {one for one in given if one and _ID.fullmatch(one)}
    return {one: one if one in plain else _free("shop", plain) for one in given if one is None or one in plain} | {
        one: _free("shop", plain) for one in given if one is not None and one not in plain
    }


def reverse(table: dict[str | None, str]) -> dict[str, str | None]:
    """By the name on the ledger, where it is not the log's own."""
    return {there: own for own, there in table.items() if own != there}


def _free(wanted: str, taken: set[str]) -> str:
    """This name or the first of its kind that nobody has; from now on somebody has it."""
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    taken.add(found)
    return found

"""The short name of a round: `r12` for the one whose clock starts with the message `m12`.

Laws: a name is read off the ledger and stays the same for ever, under every rule and option that starts the clock
there; of several messages of one instant the one that relay took first gives the name. Two rounds of one message (a
rule that charges seats) share it. `r12` is one desk's; where a ledger has several, it is `desk/r12`.
"""

from relay.rules.messages import Message


class RoundIds:
    """Take the messages of a ledger as `relay.insight.log` gives them, then ask."""

    def __init__(self, *, several: bool) -> None:
        """`several`: the ledger has more than one desk."""
        self._several = several
        self._first: dict[tuple[str, str, int], tuple[str, int]] = {}

    def take(self, message: Message) -> None:
        if message.role != "buyer" or message.id is None:
            return
        desk, _, name = message.id.rpartition("-")
        seq = int(name[1:])
        key = (message.shop or "", message.buyer or "", message.at)
        known = self._first.get(key)
        if known is None or seq < known[1]:
            self._first[key] = desk, seq

    def of(self, shop: str, buyer: str, opened: int) -> str | None:
        """None where the rule starts the clock with no message of the buyer."""
        found = self._first.get((shop, buyer, opened))
        if found is None:
            return None
        desk, seq = found
        return f"{desk}/r{seq}" if self._several else f"r{seq}"

"""What a bridge told, as the arrival that the desk of its shop is given.

Laws: an account's own message is a person's answer by the client (path `client`) unless it is relay's own send coming
back, a robot's by the bridge's word, or cannot be told (`unknown`, which answers nothing). A placement and a recall
that are told twice are one. Nothing of a shop reaches another (L14): the account was looked up before.
"""

from msgspec.structs import replace

from relay.contracts import Arrival
from relay_onebot.accounts import Account
from relay_onebot.echoes import Origin
from relay_onebot.message_ids import MessageIds
from relay_onebot.readings import read
from relay_onebot.told import Line, Placed, Recalled, Said


class Arrivals:
    """One channel's way of naming messages. `shared_ids`: a message id is the shop's, not the account's."""

    def __init__(self, ids: MessageIds, shared_ids: bool) -> None:
        self._ids, self._shared = ids, shared_ids

    def of(self, line: Line, account: Account, origin: Origin | None = None) -> Arrival:
        """The arrival; `origin` of an account's own message."""
        arrival = self._of(line, account, origin)
        return replace(arrival, replay=True) if line.extensions.replayed else arrival

    def _of(self, line: Line, account: Account, origin: Origin | None) -> Arrival:
        match line:
            case Said():
                return self._said(line, account, origin)
            case Recalled():
                name = self._ids.find((line.self_id, line.buyer), line.message_id, line.message_at)
                return Arrival(
                    shop=account.shop,
                    at=line.at,
                    role="buyer",
                    kind="recall",
                    buyer=line.buyer,
                    id=f"recall:{name}",
                    recalls=name,
                    self_id=self._self(line.self_id),
                    conversation=line.extensions.conversation or "",
                )
            case Placed():
                kind = "transfer" if line.transfer else "assign"
                return Arrival(
                    shop=account.shop,
                    at=line.at,
                    role="system",
                    kind=kind,
                    buyer=line.buyer,
                    id=f"{kind}:{line.buyer}:{line.account}:{line.at}",
                    account=line.account,
                    from_account=line.from_account,
                    skew_ms=line.skew_ms,
                )

    def _said(self, line: Said, account: Account, origin: Origin | None) -> Arrival:
        more, reading = line.extensions, read(line.segments, line.alt)
        kind = more.kind or ("unknown" if origin is not None and origin.whose == "nobody" else "human")
        by_person = line.own and kind == "human"
        path = more.path or ("client" if by_person and origin is not None and origin.whose == "person" else None)
        name = None
        if line.message_id is not None:
            name = self._ids.name((line.self_id, line.buyer), line.message_id, line.at)
        return Arrival(
            shop=account.shop,
            at=line.at,
            role="system" if line.by_platform else "merchant" if line.own else "buyer",
            kind=kind,
            buyer=line.buyer,
            id=name,
            text=more.text if more.text is not None else reading.text,
            buyer_name=line.name,
            account=more.owner or account.name,
            provider=more.bot,
            mode=more.mode,
            trigger=more.trigger,
            path=path,
            origin=more.origin,
            content=more.content or reading.content,
            buyer_class=more.buyer_class,
            tag=more.tag,
            order_state=more.order_state,
            entry=more.entry,
            echo_of=origin.key if origin is not None else None,
            self_id=self._self(line.self_id),
            conversation=more.conversation or "",
            skew_ms=line.skew_ms,
            outcome=more.outcome,
            queued=bool(more.queued),
        )

    def _self(self, self_id: str) -> str:
        return "" if self._shared else self_id

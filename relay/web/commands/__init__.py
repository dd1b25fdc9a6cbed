"""What an agent may ask for, carried out as that person (L14).

Every command is checked against shop and role, and against the seat that has the conversation, before the desk is
asked; the desk checks again in its own step. What it refuses comes back with a stable code and a sentence. Each room
of this package has one subject and works for one `Asker`; this one knows them all and does nothing itself.
"""

from typing import assert_never

from relay.contracts import Clock
from relay.errors import InboxFullError, RefusedError, RelayError
from relay.web import frames as w
from relay.web.commands.answering import Answering
from relay.web.commands.asker import Asker
from relay.web.commands.conversing import Conversing
from relay.web.commands.noting import note
from relay.web.commands.promising import Promising, promise
from relay.web.commands.seeing import history, orders, queue, targets_of
from relay.web.commands.supervising import acknowledge, arrange, presence
from relay.web.feed import Feed
from relay.web.gate import Gate
from relay.web.order_cards import KnowsOrders
from relay.web.sentences import SENTENCES, RefusedHere
from relay.web.session import Session

Asked = (
    w.SetPresence | w.Reply | w.Fill | w.RejectDraft | w.Typing | w.Close | w.Settle | w.Move | w.Resolve
    | w.Acknowledge | w.AskHistory | w.Ping | Promising | w.Hold | w.WriteNote | w.RemoveNote | w.AskTargets
    | w.AskQueue | w.AskOrders | w.SetCap | w.StartEvent | w.EndEvent | w.PlanEvent | w.TakeBack
)  # fmt: skip


class Commands:
    """The commands of one desk's agents. It remembers a few things between them, none of which a restart misses."""

    def __init__(self, feed: Feed, gate: Gate, clock: Clock, typing_ms: int, cards: KnowsOrders) -> None:
        self._cards = cards
        self._feed, self._gate, self._clock = feed, gate, clock
        self._answering, self._conversing = Answering(), Conversing(typing_ms)

    async def do(self, session: Session, asked: Asked) -> w.Frame:
        """The answer to a command. Never raises for what a desk or a person does."""
        try:
            return await self._do(Asker(session, self._feed, self._gate, self._clock), asked)
        except RefusedHere as refused:
            return w.Refused(id=asked.id, code=refused.code, en=refused.en, zh=refused.zh)
        except RefusedError as refused:
            return w.Refused(id=asked.id, code=refused.code, en=refused.en, zh=refused.zh)
        except InboxFullError:
            return _refused(asked, "busy")
        except RelayError:
            return _refused(asked, "unavailable")

    async def _do(self, asker: Asker, asked: Asked) -> w.Frame:
        match asked:
            case w.Ping():
                return w.Pong(id=asked.id, seq=self._feed.seq, server_now=self._clock.now())
            case w.AskHistory():
                return history(asker, asked)
            case w.Reply():
                return await self._answering.reply(asker, asked)
            case w.Hold():
                return await self._answering.hold(asker, asked)
            case w.RejectDraft():
                return await self._answering.reject(asker, asked)
            case w.Fill():
                return self._answering.fill(asker, asked)
            case w.AskTargets():
                return targets_of(asker, asked)
            case w.AskOrders():
                return await orders(asker, asked, self._cards)
            case w.AskQueue():
                return queue(asker, asked)
            case w.WriteNote() | w.RemoveNote():
                return await note(asker, asked)
            case w.Typing():
                return await self._conversing.typing(asker, asked)
            case w.Close():
                return await self._conversing.close(asker, asked)
            case w.Settle():
                return await self._conversing.settle(asker, asked)
            case w.Move():
                return await self._conversing.move(asker, asked)
            case w.TakeBack():
                return await self._conversing.take_back(asker, asked)
            case w.Resolve():
                return await self._conversing.resolve(asker, asked)
            case w.SetPresence():
                return await presence(asker, asked)
            case w.Acknowledge():
                return await acknowledge(asker, asked)
            case w.SetCap() | w.StartEvent() | w.EndEvent() | w.PlanEvent():
                return await arrange(asker, asked)
            case w.MakeFollowUp() | w.DismissOffer() | w.ChangeFollowUp() | w.FinishFollowUp() | w.DropFollowUp():
                return await promise(asker, asked)
            case _:
                assert_never(asked)


def _refused(asked: Asked, code: str) -> w.Refused:
    en, zh = SENTENCES[code]
    return w.Refused(id=asked.id, code=code, en=en, zh=zh)


__all__ = ["Commands"]

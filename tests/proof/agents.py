"""Agents at their seats: they come and go, type, answer, put off, close, and say again what was not confirmed."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.domain import inputs as i
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.errors import RefusedError, RelayError
from relay.runtime.keys import send_of
from tests.proof.shop import SEATS, SHOPS

if TYPE_CHECKING:
    from tests.proof.world import Life, World

TONES = {"answer": "今天下午发货", "hold": "请稍等", "acknowledgement": "好的"}


@dataclass(eq=False)
class Answer:
    """What an agent's client sends until it is told `done`; `key` makes it one."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    key: str
    text: str
    tone: str
    reply: ReplyId | None = None
    done: bool = False
    refused: str = ""


class Agents:
    """Everybody with a seat. `answers` is all that they have sent."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.answers: list[Answer] = []

    def works(self, agent: str) -> None:
        """One look at the screen now, and the next one in some seconds."""
        chance, life = self.world.chance, self.world.up
        self.world.later(chance.choice((3.0, 7.0, 12.0)), lambda: self.works(agent))
        if life is not None and life.ready:
            life.go(self._acts(life, agent, chance.random(), random.Random(chance.random())))

    async def _acts(self, life: "Life", agent: str, roll: float, chance: random.Random) -> None:
        try:
            for name, (shop, holder) in SEATS.items():
                if holder == agent:
                    await self._serves(life, agent, name, shop, roll, chance)
        except RelayError:
            pass  # refused, or the desk has gone under us: a result

    async def _serves(self, life: "Life", agent: str, name: str, shop: str, roll: float, chance: random.Random) -> None:
        running = life.service.desks.get(DeskId(SHOPS[shop]))
        if running is None:
            return
        port, seat_id = running.runner, SeatId(name)
        seen = await port.look(lambda state: _sight(state, seat_id, ShopId(shop)))
        if seen is None:
            return
        presence, waiting, owing, quiet, doubtful = seen
        if presence != "online" and roll < 0.5:
            await port.submit(i.SetPresence(seat=seat_id, presence="online", by=PersonId(agent)))
        elif roll < 0.02:
            await port.submit(
                i.SetPresence(seat=seat_id, presence=chance.choice(("away", "offline")), by=PersonId(agent))
            )
        elif doubtful and roll > 0.9:
            send = chance.choice(doubtful)
            key = next(
                (key for key, _ in self.world.platform.asked if send_of(life.store.secret, port.desk, key) == send), ""
            )
            await port.submit(
                i.ResolveSend(send=send, by=PersonId(agent), reached=bool(self.world.platform.accepted.get(key)))
            )
        elif waiting and roll < 0.75:
            buyer = chance.choice(waiting)
            if chance.random() < 0.4:
                await port.submit(i.NoteTyping(shop=ShopId(shop), buyer=buyer, seat=seat_id))
                await life.clock.sleep(chance.uniform(1, 15))
            tone = chance.choice(("answer", "answer", "answer", "hold", "acknowledgement"))
            await self._replies(
                life, Answer(ShopId(shop), buyer, PersonId(agent), f"k{self.world.number()}", TONES[tone], tone)
            )
        elif owing and roll < 0.9:
            buyer = chance.choice(owing)
            if chance.random() < 0.2:
                await port.submit(i.SettleDebt(shop=ShopId(shop), buyer=buyer, by=PersonId(agent), reason="phoned"))
            else:
                await self._replies(
                    life,
                    Answer(ShopId(shop), buyer, PersonId(agent), f"k{self.world.number()}", TONES["answer"], "answer"),
                )
        elif quiet and roll > 0.95:
            await port.submit(i.CloseConversation(shop=ShopId(shop), buyer=chance.choice(quiet), by=PersonId(agent)))

    async def _replies(self, life: "Life", answer: Answer) -> None:
        self.answers.append(answer)
        answer.text = f"{answer.text} [{answer.key}]" if answer.tone == "answer" else answer.text
        await self._says(life, answer)

    async def _says(self, life: "Life", answer: Answer) -> None:
        port = life.service.desks[DeskId(SHOPS[answer.shop])].runner
        given = i.Reply(
            shop=answer.shop,
            buyer=answer.buyer,
            by=answer.by,
            digest="",
            reads_as=answer.tone,
            key=answer.key,  # type: ignore[arg-type]
        )
        try:
            [committed, *_] = await port.submit(given, answer.text)
        except RefusedError as error:
            answer.done, answer.refused = error.code == "duplicate", error.code
        else:
            assert (port.desk, committed.seq) in self.world.durable_at, "L1: done before it was durable"
            answer.done = True

    def say_again(self, life: "Life") -> None:
        """After a start: the agents' clients repeat what they were never told of, with the same keys."""
        for answer in self.answers:
            if not answer.done and not answer.refused:
                life.go(self._says(life, answer))


def _sight(state: DeskState, seat_id: SeatId, shop: ShopId) -> Any:
    seat = state.seats.get(seat_id)
    if seat is None:
        return None
    convs = [state.conversations[key] for key in seat.open]
    doubtful = [
        send.id
        for send in state.sends.values()
        if send.shop == shop and send.seat == seat_id and send.status == "unknown"
        if send.started_at is not None
    ]
    return (
        seat.presence,
        [conv.buyer for conv in convs if conv.round is not None],
        [conv.buyer for conv in convs if conv.debt is not None],
        [conv.buyer for conv in convs if conv.round is None and conv.debt is None],
        doubtful,
    )

"""A day on the floor by chance, every kind of fact included: for laws that must hold whatever happens."""

import random
from contextlib import suppress
from typing import Any

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.guiding import Author, Kind
from relay.domain.model import Conversation
from relay.domain.names import BuyerRef, MessageId, Millis, PersonId, SeatId, SendId, ShopId
from relay.domain.refusal import Refusal
from tests.web.floor import ALPHA, BETA, SEATS, Floor

SECRET = {ALPHA: "甲店机密", BETA: "乙店机密"}
"""Stands in every text of a buyer or agent of the shop, and nowhere else."""


class Play:
    """Does random things on a floor; the same seed does the same."""

    def __init__(self, floor: Floor, seed: int) -> None:
        self.floor, self.port, self.chance = floor, floor.port, random.Random(seed)

    def run(self, moves: int) -> None:
        for _ in range(moves):
            with suppress(Refusal):
                self.chance.choice(self._MOVES)(self)

    def _shop(self) -> ShopId:
        return self.chance.choice((ALPHA, BETA))

    def _buyer(self, shop: ShopId) -> BuyerRef:
        return BuyerRef(f"{SECRET[shop]}{self.chance.randrange(6)}")

    def _text(self, shop: ShopId) -> str:
        return f"{SECRET[shop]} {self.port.core.state.seq}"

    def ask(self) -> None:
        shop = self._shop()
        buyer = self._buyer(shop)
        self.port.names[buyer] = f"{SECRET[shop]}的买家"
        given = i.TakeBuyerMessage(shop=shop, buyer=buyer, sent_at=self.floor.clock.now(), digest="d")
        self.port.do(given, self._text(shop))

    def answer(self) -> None:
        shop = self._shop()
        buyer = self._buyer(shop)
        conv = self.port.core.state.conversations.get((shop, buyer))
        seat = SEATS.get(conv.seat or "") if conv else None
        if seat is not None:
            tone: f.Tone = self.chance.choice(("hold", "answer"))
            given = i.Reply(shop=shop, buyer=buyer, by=PersonId(seat[1]), digest="", reads_as=tone)
            self.port.do(given, self._text(shop))

    def send(self) -> None:
        for send in list(self.port.core.state.sends.values())[:2]:
            if send.status == "intended":
                self.port.do(i.PrepareSend(send=send.id))
            elif send.status == "sending":
                outcome: f.Outcome = self.chance.choice(("confirmed", "confirmed", "refused", "not_sent", "unknown"))
                sent_at = self.floor.clock.now() if outcome == "confirmed" else None
                retry = self.chance.random() < 0.5
                self.port.do(i.EndSend(send=send.id, outcome=outcome, sent_at=sent_at, retryable=retry))
            elif send.status == "unknown" and self.chance.random() < 0.3:
                reached = self.chance.random() < 0.5
                self.port.do(i.ResolveSend(send=send.id, by=PersonId("ann"), reached=reached))

    def presence(self) -> None:
        seat = SeatId(self.chance.choice(list(SEATS)))
        self.port.do(i.SetPresence(seat=seat, presence=self.chance.choice(("online", "online", "away", "offline"))))

    def wait(self) -> None:
        self.floor.clock.advance(self.chance.choice((1_000, 15_000, 60_000, 700_000)))
        self.port.tick()

    def typing(self) -> None:
        shop = self._shop()
        seat = SeatId("a1" if shop == ALPHA else "b1")
        self.port.do(i.NoteTyping(shop=shop, buyer=self._buyer(shop), seat=seat))

    def elsewhere(self) -> None:
        shop = self._shop()
        author = Author(self.chance.choice((Kind.human, Kind.bot)))
        given = i.TakeShopMessage(
            shop=shop, buyer=self._buyer(shop), sent_at=self.floor.clock.now(), digest="d", author=author
        )
        self.port.do(given, self._text(shop))

    def recall(self) -> None:
        seq = self.port.core.state.seq
        for committed in reversed(self.port.facts[max(0, seq - 20) :]):
            if isinstance(committed.fact, f.BuyerWrote):
                fact = committed.fact
                self.port.do(
                    i.TakeRecall(
                        shop=fact.shop,
                        buyer=fact.buyer,
                        message=MessageId(f"m{committed.seq}"),
                        sent_at=self.floor.clock.now(),
                    )
                )
                return

    def finish(self) -> None:
        for conv in list(self.port.core.state.conversations.values()):
            seat = SEATS.get(conv.seat or "")
            if seat is not None and self.chance.random() < 0.5:
                done = i.CloseConversation(shop=conv.shop, buyer=conv.buyer, by=PersonId(seat[1]), reason="已处理")
                owed = i.SettleDebt(shop=conv.shop, buyer=conv.buyer, by=PersonId(seat[1]), reason="电话已答")
                self.port.do(owed if conv.debt is not None and self.chance.random() < 0.5 else done)
                return

    def channel(self) -> None:
        shop = self._shop()
        now = self.floor.clock.now()
        self.port.do(i.LoseChannel(shop=shop, why="测试"))
        self.port.do(i.ReportGap(shop=shop, from_at=Millis(now - 1000), to_at=now))
        self.port.do(i.ConnectChannel(shop=shop))

    def echo(self) -> None:
        for send in self.port.core.state.sends.values():
            if send.status == "sending":
                given = i.TakeShopMessage(
                    shop=send.shop,
                    buyer=send.buyer,
                    sent_at=self.floor.clock.now(),
                    digest="d",
                    author=Author(Kind.human),
                    echo_of=SendId(send.id),
                )
                self.port.do(given, self._text(send.shop))
                return

    def _somebody(self) -> tuple[Conversation, PersonId] | None:
        """An open conversation on somebody's seat, and who that is."""
        served = [one for one in self.port.core.state.conversations.values() if one.seat in SEATS]
        if not served:
            return None
        conv = self.chance.choice(served)
        return conv, PersonId(SEATS[conv.seat or ""][1])

    def note(self) -> None:
        if (one := self._somebody()) is not None:
            conv, by = one
            there = list(self.port.core.state.notes.get(conv.key, ()))
            where: dict[str, Any] = {"shop": conv.shop, "buyer": conv.buyer, "by": by}
            if there and self.chance.random() < 0.3:
                self.port.do(i.RemoveNote(note=self.chance.choice(there), **where))
            else:
                replaces = self.chance.choice([*there, None, None])
                self.port.do(i.WriteNote(replaces=replaces, digest="d", **where), self._text(conv.shop))

    def hold(self) -> None:
        if (one := self._somebody()) is not None:
            conv, by = one
            told = {"reads_as": "hold", "reply": "wait", "version": 1, "question": f"m{conv.last_message}"}
            given = i.Reply(shop=conv.shop, buyer=conv.buyer, by=by, digest="", **told)  # type: ignore[arg-type]
            self.port.do(given, f"{SECRET[conv.shop]} 请稍等")

    def promise(self) -> None:
        """Something is promised, told when it is due, kept or given up."""
        open_ones = list(self.port.core.state.follow_ups.values())
        if open_ones and self.chance.random() < 0.4:
            one = self.chance.choice(open_ones)
            self.port.do(i.FinishFollowUp(follow_up=one.id, by=one.owner or PersonId("sue"), reason="电话"))
        elif (found := self._somebody()) is not None:
            due_at = Millis(self.floor.clock.now() + self.chance.choice((30_000, 600_000)))
            given = i.MakeFollowUp(shop=found[0].shop, buyer=found[0].buyer, by=found[1], due_at=due_at)
            self.port.do(given, self._text(found[0].shop))

    def move(self) -> None:
        if (one := self._somebody()) is not None:
            self.port.do(i.MoveBuyer(shop=one[0].shop, buyer=one[0].buyer, by=one[1], reason="转给同事"))

    def acknowledge(self) -> None:
        for alert in list(self.port.core.state.alerts.open.values())[:1]:
            by = PersonId("sue")
            self.port.do(i.AcknowledgeAlerts(shop=alert.shop, buyer=alert.buyer, by=by, alerts=(alert.id,)))

    def take_back(self) -> None:
        for of, deed in list(self.port.core.state.deeds.items())[-1:]:
            self.port.do(i.TakeBack(of=of, by=deed.by))

    _MOVES = (
        ask, ask, ask, ask, answer, answer, send, send, send, presence, wait, wait, typing, elsewhere, recall, finish,
        channel, echo, note, note, hold, promise, move, acknowledge, take_back,
    )  # fmt: skip

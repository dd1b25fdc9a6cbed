"""Agents at their seats: they come and go, type, answer, put off, close, and say again what was not confirmed.

They see what the ledger shows (the picture of `tests.domain.told`, as far as it is durable), and act some seconds
later: most soon, some when it is late, some never. What each does about a buyer is chosen by the buyer and the how-many
look it is, so that no agent's deed hangs on another buyer's.
"""

import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import BuyerRef, DeskId, FollowUpId, Millis, PersonId, SeatId, ShopId
from relay.domain.promises import read_promise
from relay.errors import RefusedError, RelayError
from relay.runtime.keys import outgoing_key
from relay.testing.chance import Chance
from tests.domain.told import Thread, Told
from tests.proof.plan import PATIENT, Line, Presence
from tests.proof.shop import SHOPS, seats

if TYPE_CHECKING:
    from tests.proof.world import Life, World

TONES = {"answer": "今天下午发货", "hold": "请稍等", "acknowledgement": "好的"}
PROMISES = ("帮您查一下", "2分钟内回您", "稍后给您答复，发票的事也会处理", "半小时内联系您")
PACE_S = ((9.0, 20), (18.0, 30), (35.0, 22), (80.0, 12), (165.0, 5), (240.0, 4), (0.0, 7))
"""How soon an agent looks at a buyer, with how many of a hundred do. 0: not at all."""
DEEDS = (
    ("answer", 42), ("promises", 10), ("types", 10), ("hold", 10), ("acknowledgement", 4), ("abandons", 6),
    ("elsewhere", 8),
    ("nothing", 6), ("passes on", 3), ("is relieved", 1),
)  # fmt: skip


@dataclass(eq=False)
class Answer:
    """What an agent's client sends until it is told `done`; `key` makes it one."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    key: str
    text: str
    tone: str
    keeps: FollowUpId | None = None
    done: bool = False
    refused: str = ""
    draft: str | None = None
    edited: bool = False
    question: str | None = None
    """It is the approved hold `wait`, by one key, for this message."""


class Agents:
    """Everybody with a seat. `answers` is all that they have sent through relay."""

    def __init__(self, world: "World") -> None:
        self.world, self.chance = world, Chance(world.plan.seed, "agents")
        self.seats = seats(world.plan.conversations)
        self.answers: list[Answer] = []
        self.wish: dict[str, str] = {}
        self._looks: dict[tuple[str, str], int] = {}
        self._to_look: set[tuple[str, str]] = set()

    # --- coming and going

    def turns(self, event: Presence) -> None:
        """Their client is there from now on, or away, or gone."""
        self.wish[event.seat] = event.presence
        self._sit(event.seat)

    def come_back(self) -> None:
        """relay has begun anew: clients connect again, some only after their grace."""
        for seat, wish in self.wish.items():
            if wish != "offline":
                wait = self.chance.pick((0.3, 0.8, 2.0, 9.0, 45.0), "back", seat, self.world.life)
                self.world.later(wait, lambda seat=seat: self._sit(seat))  # type: ignore[misc]
        self._say_again()

    def _sit(self, seat: str) -> None:
        agent = self.seats[seat][1]
        self._do(seat, lambda: i.SetPresence(seat=SeatId(seat), presence=self.wish[seat], by=PersonId(agent)))  # type: ignore[arg-type]

    # --- what they see

    def see(self, desk: DeskId, fact: f.DeskFact) -> None:
        """A fact that agents' screens show."""
        match fact:
            case f.Assigned() | f.RoundOpened() | f.DebtOpened() | f.DebtReminded():
                self._plan_look(fact.shop, fact.buyer)
            case f.LadderStepped(do="wall") if fact.seat is not None:
                name = (fact.buyer, fact.round_at)
                if self.chance.roll("hurries", *name) < 0.4:  # they see the wall, begin to type, and give up
                    wait = self.chance.between(2, 15, "types", *name)
                    typing = i.NoteTyping(shop=fact.shop, buyer=fact.buyer, seat=fact.seat)
                    self.world.later(wait, lambda: self._do(typing.seat, lambda: typing))
            case f.RoundAnswered():
                if self.chance.roll("closes", fact.buyer) < 0.6:
                    self._plan_look(fact.shop, fact.buyer)
            case f.FollowUpOffered():
                self._plan_promise(desk, fact.shop, fact.buyer, f"{fact.at}")
            case f.FollowUpDue():
                name = (self.world.watch.name_of(fact.buyer), fact.follow_up, fact.rung, fact.at)
                wait = self.chance.pick((1.0, 8.0, 30.0), "keeps", *name)
                self.world.later(wait, lambda: self._keeps(desk, fact.follow_up, f"{name}"))
            case f.SendEnded(outcome="unknown", retry_at=None):
                wait = self.chance.pick((4.0, 20.0, 60.0), "finds out", desk, fact.send)
                self.world.later(wait, lambda: self._find_out(desk, fact))
            case _:
                pass

    def regret(self, desk: DeskId, seq: int, fact: f.DeskFact) -> None:
        """Now and then somebody takes back what they have just done: at once, too late, or what another did."""
        if not isinstance(fact, f.MoveAsked | f.ConversationClosed | f.DebtSettled | f.DraftRejected):
            return
        name = ("regrets", self.world.watch.name_of(fact.buyer), type(fact).__name__, fact.at)
        if fact.by is None or self.chance.roll(*name) >= 0.2:
            return
        by = fact.by if self.chance.roll(*name, "own") < 0.9 else PersonId("mia")
        wait = self.chance.pick((0.2, 3.0, 11.0, 58.0, 64.0), *name, "after")
        self.world.later(wait, lambda: self._submit(desk, lambda: i.TakeBack(of=seq, by=by)))

    def _plan_look(self, shop: str, buyer: str) -> None:
        if (shop, buyer) in self._to_look:
            return
        number = self._looks[shop, buyer] = self._looks.get((shop, buyer), 0) + 1
        name = self.world.watch.name_of(buyer)
        wait = self.chance.weigh(PACE_S, "pace", name, number)
        wait *= self.chance.between(0.6, 1.4, "pace", name, number, "by")
        if name.startswith(PATIENT):  # left until the machine has spoken, again and again
            wait = self.chance.between(164, 175, "leaves", name, number)
        if wait and number < 40:
            self._to_look.add((shop, buyer))
            self.world.later(wait, lambda: self._look(shop, buyer, f"{name}.{number}"))

    def _look(self, shop: str, buyer: str, name: str) -> None:
        """Whoever has this buyer looks, and does something or nothing."""
        self._to_look.discard((shop, buyer))
        told = self.world.watch.told(DeskId(SHOPS[shop]))
        thread = told.threads.get((shop, buyer))
        if thread is None or thread.seat is None or self.world.up is None:
            return
        if told.presence.get(thread.seat) != "online":
            self._plan_look(shop, buyer)
        elif thread.round is not None:
            self._asked(shop, buyer, thread, name)
        elif thread.debt is not None:
            self._owes(shop, buyer, thread, name)
        else:
            by = self._agent(thread)
            self._do(thread.seat, lambda: i.CloseConversation(shop=ShopId(shop), buyer=BuyerRef(buyer), by=by))

    def _asked(self, shop: str, buyer: str, thread: Thread, name: str) -> None:
        deed = self.chance.weigh(DEEDS, "deed", name)
        seat = thread.seat or ""
        if deed in ("types", "abandons"):
            self._do(seat, lambda: i.NoteTyping(shop=ShopId(shop), buyer=BuyerRef(buyer), seat=SeatId(seat)))
        match deed:
            case "nothing" | "abandons":
                self._plan_look(shop, buyer)
            case "elsewhere":
                words = self.chance.pick(tuple(TONES.values()), "elsewhere", name)
                told = {"account": f"acc-{seat}"}
                ref = self.world.watch.name_of(buyer)
                self.world.bridge.takes(
                    Line(at=0.0, shop=shop, buyer=ref, id=f"own-{name}", text=words, role="merchant", told=told)
                )
            case "passes on" | "is relieved":  # the second by a supervisor, who may go above a cap
                colleagues = [name for name, (where, _) in self.seats.items() if where == shop and name != seat]
                to = self.chance.pick((None, *colleagues), "to", name)
                by = self._agent(thread) if deed == "passes on" else PersonId("mia")
                given = i.MoveBuyer(
                    shop=ShopId(shop), buyer=BuyerRef(buyer), by=by, to=SeatId(to) if to is not None else None
                )
                self._do(seat, lambda: given)
                self._plan_look(shop, buyer)
            case "types":
                wait = self.chance.between(1, 15, "typing", name)
                self.world.later(wait, lambda: self._replies(shop, buyer, "answer", name))
            case _:
                self._replies(shop, buyer, deed, name)

    def _owes(self, shop: str, buyer: str, thread: Thread, name: str) -> None:
        roll = self.chance.roll("owes", name)
        by = self._agent(thread)
        if roll < 0.15:
            given = i.SettleDebt(shop=ShopId(shop), buyer=BuyerRef(buyer), by=by, reason="phoned")
            self._do(thread.seat or "", lambda: given)
        elif roll < 0.85:
            self._replies(shop, buyer, "answer", name)

    # --- promises

    def _plan_promise(self, desk: DeskId, shop: str, buyer: str, when: str) -> None:
        name = f"{self.world.watch.name_of(buyer)}.{when}"
        wait = self.chance.pick((1.0, 4.0, 20.0), "takes up", name)
        self.world.later(wait, lambda: self._takes_up(desk, shop, buyer, name))

    def _takes_up(self, desk: DeskId, shop: str, buyer: str, name: str) -> None:
        """Whoever has the buyer takes the offer up, by another time as often as not, or says that it was none."""
        thread = self.world.watch.told(desk).threads[shop, buyer]
        roll = self.chance.roll("takes up", name)
        if thread.seat is None or thread.offer is None or roll < 0.1:
            return
        by, offer = self._agent(thread), thread.offer
        key = {"shop": ShopId(shop), "buyer": BuyerRef(buyer), "by": by}
        if roll < 0.25:
            self._submit(desk, lambda: i.DismissOffer(**key))  # type: ignore[arg-type]
            return
        after = self.chance.pick((0, 15, 60, 200), "by when", name)
        due_at = Millis(self._now() + after * 1000) if after else offer.due_at
        given = i.MakeFollowUp(due_at=due_at, category=offer.category, offered=True, **key)  # type: ignore[arg-type]
        self._submit(desk, lambda: given, "发票" if roll > 0.6 else None)

    def _keeps(self, desk: DeskId, follow_up: FollowUpId, name: str) -> None:
        """Its owner keeps it: mostly by a reply, whether or not the conversation is over; some give it up or wait."""
        one = self.world.watch.told(desk).follow_ups.get(follow_up)
        if one is None:
            return
        by, roll = PersonId(one.owner or "mia"), self.chance.roll("keeps", name)
        if roll < 0.55:
            text = TONES["hold"] if roll < 0.08 else f"已为您处理 [{name}]"
            tone = "hold" if roll < 0.08 else "answer"
            key = f"k-{follow_up}-{self.world.life}-{self._now()}"
            self._say_it(Answer(ShopId(one.key[0]), BuyerRef(one.key[1]), by, key, text, tone, follow_up))
        elif roll < 0.7:
            self._submit(desk, lambda: i.FinishFollowUp(follow_up=follow_up, by=by, reason="phoned"))
        elif roll < 0.8:
            self._submit(desk, lambda: i.DropFollowUp(follow_up=follow_up, by=by, reason="asked twice"))
        elif roll < 0.9:
            due_at = Millis(self._now() + 45_000)
            self._submit(desk, lambda: i.ChangeFollowUp(follow_up=follow_up, by=by, due_at=due_at))

    def _find_out(self, desk: DeskId, fact: f.SendEnded) -> None:
        """Somebody looks at the platform's own page whether the text is there."""
        life = self.world.up
        if life is None or self.chance.roll("looks", desk, fact.send) < 0.3:
            return
        reached = bool(self.world.platform.accepted.get(outgoing_key(life.store.secret, desk, fact.send)))
        by = PersonId(next(agent for shop, agent in self.seats.values() if SHOPS[shop] == desk))
        self._submit(desk, lambda: i.ResolveSend(send=fact.send, by=by, reached=reached))

    def _now(self) -> Millis:
        """relay's own clock, however it was stepped."""
        return Millis(self.world.server_now + self.world.stepped_ms)

    def _agent(self, thread: Thread) -> PersonId:
        return PersonId(self.seats[thread.seat or ""][1])

    # --- what they do

    def _do(self, seat: str, given: Callable[[], i.Input]) -> None:
        self._submit(DeskId(SHOPS[self.seats[seat][0]]), given)

    def _submit(self, desk: DeskId, given: Callable[[], i.Input], text: str | None = None) -> None:
        """A command; that relay refuses it, or is not there, is a result."""
        life = self.world.up
        running = life.service.desks.get(desk) if life is not None else None
        if life is not None and running is not None:
            life.go(_quietly(running.runner.submit(given(), text)))

    def _replies(self, shop: str, buyer: str, tone: str, name: str) -> None:
        told: Told = self.world.watch.told(DeskId(SHOPS[shop]))
        thread = told.threads.get((shop, buyer))
        if thread is None or thread.seat is None:
            return
        said = self.chance.pick(PROMISES, "promises", name) if tone == "promises" else TONES[tone]
        promises = tone == "promises"
        tone = "answer" if promises else tone
        text = f"{said} [{name}]" if tone == "answer" else said
        answer = Answer(ShopId(shop), BuyerRef(buyer), self._agent(thread), f"k-{name}", text, tone)
        if tone == "answer" and not promises:
            self._with_draft(answer, name)
        if tone == "hold" and self.chance.roll("by key", name) < 0.5:
            behind = self.chance.roll("screen is behind", name) < 0.2
            answer.question = f"m{max(1, thread.last_message - behind)}"
        if self.chance.roll("notes", name) < 0.1:
            note = {"shop": answer.shop, "buyer": answer.buyer, "by": answer.by}
            self._submit(DeskId(SHOPS[shop]), lambda: i.WriteNote(**note), f"记一笔 {name}")  # type: ignore[arg-type]
        self._say_it(answer)

    def _say_it(self, answer: Answer) -> None:
        self.answers.append(answer)
        if self.world.up is not None:
            self.world.up.go(self._says(self.world.up, answer))

    def _with_draft(self, answer: Answer, name: str) -> None:
        """What was drafted for them: they let it go, edited or not, or want none of it. Some screens are behind."""
        laws = self.world.watch.stream(DeskId(SHOPS[answer.shop])).laws
        assert laws is not None
        live = list(laws.drafts.live.get((answer.shop, answer.buyer), ()))
        roll = self.chance.roll("draft", name)
        if live and roll < 0.6:
            answer.draft, answer.edited = self.chance.pick(live, "draft", name, "which"), roll < 0.2
        elif live and roll < 0.8:
            given: Any = {"shop": answer.shop, "buyer": answer.buyer, "draft": live[0], "by": answer.by}
            self._submit(DeskId(SHOPS[answer.shop]), lambda: i.RejectDraft(**given))
        elif laws.drafts.used and roll < 0.9:
            answer.draft = "d" + list(laws.drafts.used)[-1][1:]

    async def _says(self, life: "Life", answer: Answer) -> None:
        running = life.service.desks.get(DeskId(SHOPS[answer.shop]))
        if running is None:
            return
        told: dict[str, Any] = {
            "reads_as": answer.tone, "keeps": answer.keeps, "draft": answer.draft, "edited": answer.edited
        }  # fmt: skip
        if answer.question is not None:
            told |= {"reply": "wait", "version": 1, "question": answer.question}
        if answer.tone == "answer":
            shop = self.world.watch.told(running.runner.desk).shops[answer.shop]
            told["promise"] = read_promise(answer.text, shop, self._now())
        given = i.Reply(shop=answer.shop, buyer=answer.buyer, by=answer.by, digest="", key=answer.key, **told)
        try:
            [committed, *_] = await running.runner.submit(given, answer.text)
        except RefusedError as error:
            answer.done, answer.refused = error.code == "duplicate", error.code
            if error.code == "draft_void":  # they send the words as their own
                answer.draft, answer.edited, answer.refused = None, False, ""
                await self._says(life, answer)
        except RelayError:
            return  # the desk has gone under us: it is said again when relay is back
        else:
            answer.done = True
            self.world.watch.durable_at(running.runner.desk, committed.seq, answer)

    def _say_again(self) -> None:
        """The agents' clients repeat what they were never told of, with the same keys."""
        life = self.world.up
        for answer in self.answers:
            if life is not None and not answer.done and not answer.refused:
                life.go(self._says(life, answer))


async def _quietly(work: Coroutine[Any, Any, Any]) -> None:
    with contextlib.suppress(RelayError):
        await work

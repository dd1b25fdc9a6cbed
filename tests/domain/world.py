"""A small world around the real desk: a clock, buyers, agents, a channel whose outcomes the test chooses, restarts.

Nothing is stubbed inside: the desk, the facts and the guiding rule are the program's own. Effects are carried as the
runtime does: Prepare becomes PrepareSend, Deliver ends in the outcome the test has set. After every step every law is
checked (`tests.domain.laws`).
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import encode
from relay.domain.confirming import terms_of
from relay.domain.desk import Desk
from relay.domain.effects import Alert, Deliver, Prepare, Transfer, effects_of, pending
from relay.domain.guiding import Author, Kind
from relay.domain.names import BuyerRef, DeskId, Millis, PersonId, SendId, ShopId
from relay.domain.refusal import Refusal
from relay.domain.replay import rerun
from relay.domain.settings import DeskSubject, Event, Grant, Person, QuickReply, Seat, Shop
from relay.domain.slots import fill
from relay.rules.guiding import guiding
from tests.domain.laws import Broken, Laws, picture

DESK = DeskId("desk")
TEN = Millis(1_772_416_800_000)
"""Monday, 2026-03-02 10:00:00 in Shanghai."""
HUMAN = Author(Kind.human)
ASSIST_LEYAN = Author(Kind.assist, provider="leyan", mode="assist", trigger="machine")
BOT = Author(Kind.bot, provider="xiaoduo", mode="auto", trigger="machine")
AUTO = Author(Kind.auto)
Outcome = dict[str, Any] | None


def agreed(shop: Shop) -> Shop:
    """The shop with the owner's word that a machine may send there, on the terms it has."""
    statement = f"{terms_of(shop)}-text"
    return replace(
        shop, assist_confirmed_by="boss", assist_confirmed_on="2026-03-01", assist_confirmed_statement=statement
    )


def confirmed(world: "World", send: Deliver) -> Outcome:
    return {"outcome": "confirmed", "sent_at": world.server_now}


def refused(world: "World", send: Deliver) -> Outcome:
    return {"outcome": "refused", "why": "blocked"}


def retryable(world: "World", send: Deliver) -> Outcome:
    return {"outcome": "refused", "why": "busy", "retryable": True}


def not_sent(world: "World", send: Deliver) -> Outcome:
    return {"outcome": "not_sent", "why": "refused_connection"}


def unknown(world: "World", send: Deliver) -> Outcome:
    return {"outcome": "unknown", "why": "timeout"}


def silent(world: "World", send: Deliver) -> Outcome:
    """No outcome yet: the send stays `sending` until the test ends it."""
    return None


class World:
    """One desk and what is around it."""

    def __init__(self, now: int = TEN, check: bool = True) -> None:
        self.now = Millis(now)
        self.skew = 0
        self.desk = Desk(DESK, guiding)
        self.laws = Laws(DESK, guiding) if check else None
        self.facts: list[f.DeskFact] = []
        self.office = 0
        self.epoch = 0
        self.messages: dict[str, str] = {}
        self.to_prepare: list[SendId] = []
        self.to_deliver: list[Deliver] = []
        self.to_transfer: list[Transfer] = []
        self.transfer_outcome: str | None = "confirmed"
        """How the channel answers a transfer; None: it does not, until the test calls `transferred`."""
        self.alerts: list[Alert] = []
        self.outcome: Callable[[World, Deliver], Outcome] = confirmed
        self.texts: dict[tuple[str, int], str] = {}
        self.personal: dict[str, str] = {}
        """What the store knows of every buyer, by slot."""
        self.said: dict[SendId, str] = {}
        """The texts with slots that went out, filled in."""
        self.hold_back = False
        """While true, Prepare effects wait until the test calls `carry`."""

    # --- the clock and the machinery

    @property
    def server_now(self) -> Millis:
        return Millis(self.now + self.skew)

    def do(self, given: i.Input, carry: bool = True) -> list[f.DeskFact]:
        """One step with everything that follows from it; raises `Refusal` with nothing changed."""
        before = None if isinstance(given, i.Tick) else picture(self.desk.state)
        try:
            facts = self.desk.step(given, self.now)
        except Refusal:
            if picture(self.desk.state) != before:
                raise Broken("§3", "a refusal changed the state", given) from None
            raise
        self.facts += facts
        first = len(self.facts) - len(facts) + 1
        if self.laws is not None:
            self.laws.check(self.desk, given, self.now, facts)
        for seq, fact in enumerate(facts, first):
            for effect in effects_of(seq, fact):
                match effect:
                    case Prepare():
                        self.to_prepare.append(effect.send)
                    case Deliver():
                        self.to_deliver.append(effect)
                    case Transfer():
                        self.to_transfer.append(effect)
                    case Alert():
                        self.alerts.append(effect)
        if carry and not self.hold_back:
            self.carry()
        return facts

    def carry(self) -> None:
        """Carry out every waiting effect, and what follows from each."""
        while self.to_transfer and self.transfer_outcome is not None:
            self.transferred(self.transfer_outcome)
        while self.to_prepare or self.to_deliver:
            if self.to_prepare:
                self.prepare(self.to_prepare[0])
            elif (told := self.outcome(self, self.to_deliver[0])) is not None:
                self.end(self.to_deliver[0].send, **told)
            else:
                self.to_deliver.pop(0)

    def prepare(self, send: SendId) -> list[f.DeskFact]:
        """As the outbox does: what has slots is filled in before, or what is missing is named."""
        self.to_prepare = [one for one in self.to_prepare if one != send]
        told = self.desk.state.sends.get(send)
        if told is None or told.filling is None:
            return self.do(i.PrepareSend(send=send), carry=False)
        template = self.texts[told.reply or "", told.version or 0]
        filled = fill(template, {**told.filling.known, **self.personal})
        if filled.gaps:
            unfilled = tuple(dict.fromkeys(gap.slot.name for gap in filled.gaps))
            return self.do(i.PrepareSend(send=send, unfilled=unfilled), carry=False)
        self.said[send] = filled.text
        return self.do(i.PrepareSend(send=send, digest=f"text of {send}"), carry=False)

    def end(self, send: str, **told: Any) -> list[f.DeskFact]:
        self.to_deliver = [one for one in self.to_deliver if one.send != send]
        return self.do(i.EndSend(send=SendId(send), **told))

    def transferred(self, outcome: str, **more: Any) -> list[f.DeskFact]:
        """The channel's word on the first transfer that waits; one that the desk has let go is passed over."""
        first = self.to_transfer.pop(0)
        if first.transfer not in self.desk.state.transfers:
            return []
        return self.do(i.EndTransfer(transfer=first.transfer, outcome=outcome, **more))  # type: ignore[arg-type]

    def move(self, by: str, buyer: str = "b1", shop: str = "shop", **more: Any) -> list[f.DeskFact]:
        """A person gives the buyer to a seat (`to`), a group, or anybody."""
        return self.do(i.MoveBuyer(shop=ShopId(shop), buyer=BuyerRef(buyer), by=PersonId(by), **more))

    def advance(self, seconds: float) -> list[f.DeskFact]:
        """Let time pass, with a tick at each due instant; returns every fact of that time."""
        start, until = len(self.facts), Millis(self.now + round(seconds * 1000))
        for _ in range(100_000):
            due = self.desk.next_due()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.do(i.Tick())
        else:
            raise Broken("L11", "time stands still", self.desk.next_due())
        self.now = max(self.now, until)
        return self.facts[start:]

    def sleep(self, seconds: float) -> None:
        """The machine sleeps: time passes and nothing ticks."""
        self.now = Millis(self.now + round(seconds * 1000))

    def step_clock(self, seconds: float) -> None:
        """relay's own clock is set; the channel's goes on as before."""
        self.now = Millis(self.now + round(seconds * 1000))
        self.skew -= round(seconds * 1000)
        self.do(i.NoteClockStep(by_ms=round(seconds * 1000)))

    def at(self, clock: str) -> None:
        """Go on to the next HH:MM:SS in Shanghai."""
        hour, minute, second = map(int, clock.split(":"))
        day = 86_400_000
        wanted = ((hour - 8) * 3600 + minute * 60 + second) * 1000 % day
        self.advance(((wanted - self.now) % day) / 1000)

    def restart(self, back: bool = True, restored: bool = False) -> list[f.DeskFact]:
        """The process dies and another replays the ledger: sends in flight are lost, intents are asked for again.

        `back`: the agents' clients connect again at once. `restored`: the ledger is a backup, taken just now.
        """
        were = {seat_id: seat.presence for seat_id, seat in self.desk.state.seats.items()}
        fresh = Desk(DESK, guiding)
        for fact in self.facts:
            fresh.replay(fact)
        fresh.rearm()
        if picture(fresh.state) != picture(self.desk.state):
            raise Broken("L11", "replayed_state_differs")
        self.desk = fresh
        self.to_deliver.clear()
        self.epoch += 1
        restored_from = self.facts[-1].at if restored else None
        facts = self.do(i.StartDesk(epoch=self.epoch, restored_from=restored_from), carry=False)
        self.to_prepare = [one.send for one in pending(self.desk.state) if isinstance(one, Prepare)]
        self.to_transfer = [one for one in pending(self.desk.state) if isinstance(one, Transfer)]
        for seat_id, presence in were.items():
            if back and presence != "offline":
                self.presence(seat_id, presence)
        return facts

    def rerun(self) -> bool:
        """L16: the same bytes from a fresh desk."""
        again = rerun(Desk(DESK, guiding), self.facts)
        return [encode(one) for one in again] == [encode(one) for one in self.facts]

    # --- the office

    def set(self, subject: DeskSubject) -> list[f.DeskFact]:
        self.office += 1
        if isinstance(subject, QuickReply):
            self.texts[subject.id, subject.version] = subject.text
        return self.do(i.TakeOffice(office_seq=self.office, subject=subject))

    def remove(self, sort: Any, name: str) -> list[f.DeskFact]:
        self.office += 1
        return self.do(i.TakeOffice(office_seq=self.office, removed_sort=sort, removed_id=name))

    def shop(self, name: str = "shop", connected: bool = True, placement: Any = "relay", **more: Any) -> None:
        self.set(agreed(Shop(id=ShopId(name), desk=DESK, **{"assist": "assist", **more})))
        if connected:
            self.do(i.ConnectChannel(shop=ShopId(name), placement=placement))

    def seat(
        self, name: str, agent: str = "", shop: str = "shop", online: bool = True, cap: int = 5, **more: Any
    ) -> None:
        agent = agent or f"p-{name}"
        if agent not in self.desk.state.persons:
            self.person(agent, shop)
        self.set(Seat(id=name, shop=shop, agent=agent, cap=cap, **more))
        if online:
            self.presence(name, "online")

    def person(self, name: str, shop: str = "shop", **more: Any) -> None:
        self.set(Person(id=PersonId(name), **{"name": name, "roles": (Grant(ShopId(shop), "agent"),), **more}))

    def reply(self, name: str = "wait", version: int = 1, **more: Any) -> None:
        told = {"text": "稍等", "purpose": "hold", "status": "approved", "approved_by": "boss", **more}
        self.set(QuickReply(id=name, version=version, **told))

    def event(self, name: str, starts: str, ends: str, *shops: str, **more: Any) -> list[f.DeskFact]:
        """An event of these shops ("shop" if none is named); a time without a date is of the first day."""
        first, last = (clock if " " in clock else f"2026-03-02 {clock}" for clock in (starts, ends))
        return self.set(Event(id=name, shops=shops or ("shop",), starts=first, ends=last, **more))

    def presence(self, seat: str, presence: Any) -> list[f.DeskFact]:
        return self.do(i.SetPresence(seat=seat, presence=presence))

    # --- buyers and shops

    def say(self, buyer: str = "b1", tone: Any = "question", ago: float = 0, name: str = "", **more: Any) -> Any:
        """The buyer writes; `ago` seconds old by the channel's stamp. `name` is for a later recall."""
        shop = more.pop("shop", "shop")
        sent_at = Millis(self.server_now - round(ago * 1000))
        more.setdefault("digest", f"d{len(self.facts)}")
        given = i.TakeBuyerMessage(shop=shop, buyer=BuyerRef(buyer), sent_at=sent_at, tone=tone, **more)
        seq = len(self.facts) + 1
        facts = self.do(given)
        if name:
            self.messages[name] = f"m{seq}"
        return facts

    def recall(self, name: str, buyer: str = "b1", shop: str = "shop") -> list[f.DeskFact]:
        message: Any = self.messages.get(name, name)
        return self.do(i.TakeRecall(shop=ShopId(shop), buyer=BuyerRef(buyer), message=message, sent_at=self.server_now))

    def types(self, seat: str = "s1", buyer: str = "b1", shop: str = "shop") -> list[f.DeskFact]:
        return self.do(i.NoteTyping(shop=ShopId(shop), buyer=BuyerRef(buyer), seat=seat))

    def answer(self, agent: str = "", buyer: str = "b1", tone: Any = "answer", shop: str = "shop", **more: Any) -> Any:
        """An agent answers through relay; by default the one whose seat has the buyer."""
        if not agent:
            seat = self.conv(buyer, shop).seat
            agent = self.desk.state.seats[seat].setting.agent
        more.setdefault("digest", f"d{len(self.facts)}")
        return self.do(i.Reply(shop=ShopId(shop), buyer=BuyerRef(buyer), by=PersonId(agent), reads_as=tone, **more))

    def draft(
        self, buyer: str = "b1", shop: str = "shop", message: int | None = None, mark: str = "", **more: Any
    ) -> str:
        """A responder offers a draft, by default for what the buyer said last; returns its id."""
        last = self.conv(buyer, shop).last_message if message is None else message
        given = {"responder": "fake", "provider": "leyan", "mode": "assist", "digest": "d", "mark": mark or f"{last}"}
        seq = len(self.facts) + 1
        told: Any = given | more
        self.do(i.OfferDraft(shop=ShopId(shop), buyer=BuyerRef(buyer), message=f"m{last}", **told))  # type: ignore[arg-type]
        return f"d{seq}"

    def reject(self, draft: str, agent: str, buyer: str = "b1", shop: str = "shop", reason: str = "") -> Any:
        given: Any = {"draft": draft, "by": agent, "reason": reason}
        return self.do(i.RejectDraft(shop=ShopId(shop), buyer=BuyerRef(buyer), **given))

    def seen(self, buyer: str = "b1", tone: Any = "answer", author: Author = HUMAN, ago: float = 0, **more: Any) -> Any:
        """A merchant-side text from another client, a robot, or (with `echo_of`) the echo of relay's own."""
        shop = more.pop("shop", "shop")
        more.setdefault("digest", f"d{len(self.facts)}")
        sent_at = Millis(self.server_now - round(ago * 1000))
        return self.do(
            i.TakeShopMessage(shop=shop, buyer=BuyerRef(buyer), sent_at=sent_at, author=author, tone=tone, **more)
        )

    def promise(self, agent: str, buyer: str = "b1", shop: str = "shop", **more: Any) -> list[f.DeskFact]:
        """A person promises this buyer something; by default in an hour."""
        more.setdefault("due_at", Millis(self.now + 3_600_000))
        return self.do(i.MakeFollowUp(shop=ShopId(shop), buyer=BuyerRef(buyer), by=PersonId(agent), **more))

    def hold_by_key(self, agent: str = "", buyer: str = "b1", shop: str = "shop", **more: Any) -> list[f.DeskFact]:
        """An agent sends the approved hold `wait` by one key, by default for what the buyer said last."""
        conv, reply = self.conv(buyer, shop), self.desk.state.replies.get(more.get("reply", "wait"))
        more = {
            "reply": "wait",
            "version": reply.version if reply is not None else 1,
            "question": f"m{conv.last_message}",
        } | more
        return self.answer(agent, buyer, more.pop("tone", "hold"), shop, **more)  # type: ignore[no-any-return]

    def note(self, agent: str, buyer: str = "b1", shop: str = "shop", **more: Any) -> list[f.DeskFact]:
        """A person notes something of this buyer."""
        more.setdefault("digest", f"d{len(self.facts)}")
        return self.do(i.WriteNote(shop=ShopId(shop), buyer=BuyerRef(buyer), by=PersonId(agent), **more))

    def unnote(self, note: str, agent: str, buyer: str = "b1", shop: str = "shop") -> list[f.DeskFact]:
        """A person takes a note away."""
        given: Any = {"note": note, "by": agent}
        return self.do(i.RemoveNote(shop=ShopId(shop), buyer=BuyerRef(buyer), **given))

    def close(self, agent: str = "", buyer: str = "b1", reason: str = "", shop: str = "shop") -> list[f.DeskFact]:
        if not agent:
            agent = self.desk.state.seats[self.conv(buyer, shop).seat].setting.agent
        return self.do(i.CloseConversation(shop=ShopId(shop), buyer=BuyerRef(buyer), by=PersonId(agent), reason=reason))

    # --- what is seen

    def conv(self, buyer: str = "b1", shop: str = "shop") -> Any:
        return self.desk.state.conversations[ShopId(shop), BuyerRef(buyer)]

    def knows(self, buyer: str = "b1", shop: str = "shop") -> bool:
        return (shop, buyer) in self.desk.state.conversations

    def count(self, kind: type[f.Fact], **fields: Any) -> int:
        return len(self.all(kind, **fields))

    def all(self, kind: type[f.Fact], **fields: Any) -> list[Any]:
        return [
            one
            for one in self.facts
            if isinstance(one, kind) and all(getattr(one, name) == value for name, value in fields.items())
        ]

    def last(self, kind: type[f.Fact], **fields: Any) -> Any:
        return self.all(kind, **fields)[-1]


def small(now: int = TEN, seats: int = 1, cap: int = 5, check: bool = True, **shop: Any) -> World:
    """One shop in assist mode with an approved hold and this many seats, all online."""
    world = World(now, check)
    world.do(i.StartDesk(epoch=0))
    world.shop(**shop)
    world.reply()
    for number in range(1, seats + 1):
        world.seat(f"s{number}", cap=cap)
    return world

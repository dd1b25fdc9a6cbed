"""A shop floor for the agents' socket: the real desk behind a port of a few lines, the real rights, real sockets.

Two shops on one desk: `alpha` (seats a1 ann, a2 ben, a9 sue as CS admin) and `beta` (seat b1 bea). cleo holds c1 in
alpha and c2 in beta. olga owns alpha; audra audits, otto operates and pia approves there.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import count
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.contracts import RefRow
from relay.domain import inputs as i
from relay.domain.desk import Desk
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, DeskId, Millis, PersonId, ReplyId, SeatId, SendId, ShopId
from relay.domain.office import grants, may
from relay.domain.office.staffing import Arrangement
from relay.domain.refusal import Refusal
from relay.domain.settings import DeskSubject, Grant, Person, QuickReply, Role, Seat, Shop
from relay.errors import RefusedError, RelayError
from relay.rules.guiding import guiding
from relay.runtime.gate import RIGHTS_FOR
from relay.runtime.port import Committed, Listener
from relay.testing.fakes import FakeClock
from relay.web.agents import agent_routes
from relay.web.hub import AgentSettings, Hub
from relay.web.order_cards import KnowsOrders

T = TypeVar("T")
TEN = 1_772_416_800_000
"""Monday, 2026-03-02 10:00:00 in Shanghai."""
DESK, ALPHA, BETA = DeskId("desk"), ShopId("alpha"), ShopId("beta")
SEATS = {"a1": (ALPHA, "ann"), "a2": (ALPHA, "ben"), "b1": (BETA, "bea"), "c1": (ALPHA, "cleo"), "c2": (BETA, "cleo")}
ROLES: dict[str, dict[ShopId, Role]] = {
    "ann": {ALPHA: "agent"},
    "ben": {ALPHA: "agent"},
    "bea": {BETA: "agent"},
    "cleo": {ALPHA: "agent", BETA: "agent"},
    "sue": {ALPHA: "cs_admin"},
    "olga": {ALPHA: "owner"},
    "audra": {ALPHA: "auditor"},
    "otto": {ALPHA: "operations"},
    "pia": {ALPHA: "approver"},
}


class DeskPort:
    """A running desk without a store: every step is committed at once."""

    def __init__(self, clock: FakeClock, desk: DeskId = DESK) -> None:
        self.core, self.clock = Desk(desk, guiding), clock
        self.facts: list[Committed] = []
        self.names: dict[BuyerRef, str] = {}
        self.orders: dict[BuyerRef, str] = {}
        self._listeners: dict[int, Listener] = {}
        self._numbers = count()

    @property
    def desk(self) -> DeskId:
        return self.core.state.desk

    def do(self, given: i.Input, text: str | None = None) -> list[Committed]:
        """Step and commit. Raises `Refusal`."""
        start = self.core.state.seq + 1
        facts = self.core.step(given, self.clock.now())
        batch = [Committed(seq, fact, text if seq == start else None) for seq, fact in enumerate(facts, start)]
        self.facts += batch
        for listener in list(self._listeners.values()):
            listener(batch)
        return batch

    async def submit(self, given: i.Input, text: str | None = None) -> Sequence[Committed]:
        try:
            return self.do(given, text)
        except Refusal as refusal:
            raise RefusedError(refusal.code, refusal.en, refusal.zh) from None

    async def look(self, at: Callable[[DeskState], T]) -> T:
        return at(self.core.state)

    def listen(self, listener: Listener) -> Callable[[], None]:
        number = next(self._numbers)
        self._listeners[number] = listener
        return lambda: self._listeners.pop(number, None) and None

    def read(self, from_seq: int, to_seq: int | None = None) -> Iterator[Committed]:
        return iter(self.facts[from_seq - 1 : to_seq])

    def buyer_names(self, refs: Sequence[BuyerRef]) -> dict[BuyerRef, str]:
        return {ref: self.names[ref] for ref in refs if ref in self.names}

    def buyer(self, ref: BuyerRef) -> RefRow | None:
        name = self.names.get(ref)
        return None if name is None else RefRow(b"", ref, ALPHA, str(ref), name, self.orders.get(ref, ""))

    def tick(self) -> None:
        """Do everything that is due by now."""
        while (due := self.core.next_due()) is not None and due <= self.clock.now():
            self.do(i.Tick())


class Office:
    """The gate, on the real table of rights. A token is `token-` and the person, until it is ended."""

    def __init__(self, ports: dict[DeskId, DeskPort]) -> None:
        self.ports = ports
        self.persons: dict[PersonId, Person] = {}
        self.tokens: dict[str, PersonId] = {}
        self.home = {ALPHA: DESK, BETA: DESK}
        self.arranged: list[tuple[PersonId, Arrangement]] = []
        self._listeners: list[Callable[[], None]] = []

    def person_of(self, token: str) -> PersonId | None:
        person = self.persons.get(self.tokens.get(token, PersonId("")))
        return None if person is None or person.disabled else person.id

    def saw(self, token: str) -> None:
        """Tokens of persons do not end by themselves."""

    def may(self, person: PersonId, shop: ShopId, action: str) -> bool:
        return any(may(self.persons.get(person), shop, right) for right in RIGHTS_FOR[action])

    def shops(self, person: PersonId) -> dict[ShopId, AbstractSet[Role]]:
        return dict(grants(self.persons.get(person)))

    def desks(self, person: PersonId) -> list[DeskId]:
        return sorted({self.home[shop] for shop in self.shops(person)})

    def port(self, desk: DeskId) -> DeskPort:
        if desk not in self.ports:
            raise RelayError("no such desk")
        return self.ports[desk]

    async def arrange(self, person: PersonId, act: Arrangement, now: Millis) -> None:
        """Remembered; what becomes of it is the office's own affair (tests/runtime)."""
        self.arranged.append((person, act))

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def changed(self) -> None:
        for listener in list(self._listeners):
            listener()


class Floor:
    """Everything at once. Use as a context; `Floor(settings)` before anybody is connected."""

    def __init__(self, settings: AgentSettings | None = None, cards: KnowsOrders | None = None) -> None:
        self.clock = FakeClock(TEN)
        self.port = DeskPort(self.clock)
        self.office = Office({DESK: self.port})
        self._office_seq = 0
        for shop in (ALPHA, BETA):
            self.set(Shop(shop, DESK, name=f"店{shop}"))
        for name, roles in ROLES.items():
            self.hire(name, roles)
        for seat, (shop, agent) in SEATS.items():
            self.set(Seat(SeatId(seat), shop, PersonId(agent), account=f"{shop}:{seat}", cap=50))
        self.set(Seat(SeatId("a9"), ALPHA, PersonId("sue"), account="alpha:a9", role="cs_admin"))
        self.set(self.quick("wait", "请稍等，正在为您查询", "hold"))
        self.set(self.quick("ship", "今天下午发货", "answer"))
        self.set(self.quick("beta-only", "仅限贝塔", "answer", (BETA,)))
        for shop in (ALPHA, BETA):
            self.port.do(i.ConnectChannel(shop=shop))
        self.hub = Hub(self.office, self.clock, settings, cards)
        self.server = TestServer(self._app())
        self._clients: list[aiohttp.ClientSession] = []
        self._sockets: list[aiohttp.ClientWebSocketResponse] = []

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(agent_routes(self.hub))
        return app

    async def __aenter__(self) -> "Floor":
        await self.hub.start([DESK])
        await self.server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hub.stop()
        for socket in self._sockets:
            await socket.close()
        for client in self._clients:
            await client.close()
        await self.server.close()

    # --- what happens in the office and the shops

    def set(self, subject: DeskSubject) -> None:
        self._office_seq += 1
        self.port.do(i.TakeOffice(office_seq=self._office_seq, subject=subject))

    def remove(self, sort: Any, name: str) -> None:
        self._office_seq += 1
        self.port.do(i.TakeOffice(office_seq=self._office_seq, removed_sort=sort, removed_id=name))

    def hire(self, name: str, roles: dict[ShopId, Role], disabled: bool = False) -> None:
        """A person with these roles; the office knows first, then the desk."""
        person = Person(PersonId(name), name.title(), tuple(Grant(s, r) for s, r in roles.items()), disabled=disabled)
        self.office.persons[person.id] = person
        self.office.tokens[f"token-{name}"] = person.id
        self.office.changed()
        self.set(person)

    @staticmethod
    def quick(name: str, text: str, purpose: Any, shops: tuple[ShopId, ...] = (), version: int = 1) -> QuickReply:
        return QuickReply(ReplyId(name), version, text, purpose, "approved", shops, approved_by=PersonId("pia"))

    def online(self, *seats: str) -> None:
        for seat in seats:
            self.port.do(i.SetPresence(seat=SeatId(seat), presence="online"))

    def ask(self, buyer: str, text: str = "在吗？什么时候发货", shop: ShopId = ALPHA) -> int:
        """A buyer writes; returns the seq of the message."""
        now = self.clock.now()
        self.port.names.setdefault(BuyerRef(buyer), f"{shop}买家{buyer}")
        given = i.TakeBuyerMessage(shop=shop, buyer=BuyerRef(buyer), sent_at=now, digest="d")
        return self.port.do(given, text)[0].seq

    def seat_of(self, buyer: str, shop: ShopId = ALPHA) -> str | None:
        conv = self.port.core.state.conversations.get((shop, BuyerRef(buyer)))
        return conv.seat if conv else None

    def deliver(self, send: str, outcome: Any = "confirmed", **more: Any) -> None:
        """The effects of an intent: its sending, and how it ended."""
        self.port.do(i.PrepareSend(send=SendId(send)))
        sent_at = Millis(self.clock.now()) if outcome == "confirmed" else None
        self.port.do(i.EndSend(send=SendId(send), outcome=outcome, sent_at=sent_at, **more))

    # --- sockets

    async def raw(self, headers: dict[str, str] | None = None, **more: Any) -> aiohttp.ClientWebSocketResponse:
        """A socket on which nothing was said yet."""
        client = aiohttp.ClientSession()
        self._clients.append(client)
        socket: aiohttp.ClientWebSocketResponse = await client.ws_connect(
            self.server.make_url("/agent"), headers=headers, max_msg_size=0, **more
        )
        self._sockets.append(socket)  # one that nobody holds is collected, and closes
        return socket

    async def come(self, person: str, **hello: Any) -> "Client":
        """This person's session, welcomed; its first frames are `client.first` and, without `since`, a list."""
        client = Client(await self.raw())
        await client.say("hello", token=f"token-{person}", **hello)
        client.first = await client.next()
        assert client.first["type"] == "welcome", client.first
        if not client.first["resumed"]:
            client.list = await client.next()
            assert client.list["type"] == "list"
        return client


class Client:
    """A client of the protocol that remembers every event it was told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.first: dict[str, Any] = {}
        self.list: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self._ids = count(1)

    async def say(self, kind: str, **fields: Any) -> int:
        number = next(self._ids)
        await self.socket.send_str(json.dumps({"v": 1, "type": kind, "id": number, **fields}))
        return number

    async def next(self) -> dict[str, Any]:
        """The next frame; `socket_closed` with its code when the socket ended."""
        message = await self.socket.receive(timeout=5)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return {"type": "socket_closed", "closed": self.socket.close_code}
        frame: dict[str, Any] = json.loads(message.data)
        assert frame["v"] == 1
        return frame

    async def do(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Say it and return its answer; events on the way are kept."""
        number = await self.say(kind, **fields)
        while True:
            frame = await self.next()
            if frame["type"] == "socket_closed" or frame.get("id") == number:
                return frame
            self.events.append(frame)

    async def told(self) -> list[dict[str, Any]]:
        """All events up to now, in order."""
        pong = await self.do("ping")
        assert pong["type"] == "pong", pong
        return self.events

    async def closed(self) -> int | None:
        """The code with which the socket ends, whatever still comes before it."""
        while (frame := await self.next())["type"] != "socket_closed":
            self.events.append(frame)
        code: int | None = frame["closed"]
        return code

    async def leave(self) -> None:
        await self.socket.close()

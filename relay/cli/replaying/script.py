"""The log as lines to tell: read as `relay audit` reads it, in the order of server time, under names for the wire.

Laws: what is told is what was judged, line for line; a line that no bridge could tell is left out, counted by reason
and named, never changed into another; a line without an id gets one of its own, so that going on after a stop tells
none twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Final

import msgspec

from relay.cli.auditing.given import Given
from relay.cli.auditing.judging import Asked, read
from relay.cli.auditing.opening import choose, open_logs
from relay.cli.auditing.plugged import Plugged
from relay.cli.replaying.names import Names, for_shops, for_wire, reverse
from relay.domain.names import Millis
from relay.rules.catalogue import Catalogue
from relay.rules.ledger import Ledger
from relay.rules.messages import Body, Message
from relay.rules.report import Report
from relay.rules.walks import Law
from relay_replay.frames import Line

NO_ACCOUNT: Final = "(none)"
NO_BUYER = NO_ID = "(empty)"
BUYER_KINDS: Final = frozenset({"human", "auto", "system", "unknown"})
MOVES: Final = frozenset({"assign", "transfer"})
FIRST_SELF_ID: Final = 1001
MOST_NAMED: Final = 20
Place = tuple[str, str]
"""Shop and account, under their names on the ledger."""
Reason = tuple[str, str]


class LeftOut(msgspec.Struct):
    """Lines that are not told, by reason in Chinese and English; the first of them named."""

    counts: Counter[Reason] = msgspec.field(default_factory=Counter)
    named: list[str] = []

    def note(self, number: int, body: Body, why: Reason) -> None:
        self.counts[why] += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(f"{number}: {body.role} {body.kind} {body.buyer or ''} ({why[0]} / {why[1]})")


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """All of a log. `report` is what `relay audit` says of it; `self_ids` are the accounts of the bridge."""

    name: str
    sha256: str
    report: Report
    lines: Sequence[Line]
    left_out: LeftOut
    names: Names
    shops: dict[str | None, str]
    self_ids: dict[Place, str]
    merchants: frozenset[Place]
    wire_ids: dict[str, str]
    """Ids of messages that go over the wire under another."""


ShopsOf = Callable[[Sequence[str | None]], dict[str | None, str]]
"""Which shop of the settings each shop of the log is."""


def read_script(given: Given, asked: Asked, catalogue: Catalogue, shops_of: ShopsOf = for_shops) -> Script:
    """Read the logs once: what the audit says of them, and their lines. Raises BadInputError, ValueError."""
    plugged = Plugged(given)
    chosen = choose(given, plugged, asked.zone)
    catalogue = plugged.rules(catalogue, asked.rule_id)
    zone = chosen.zone
    gathered = _Gathering(catalogue.open(asked.rule_id, asked.options, zone).law)
    with open_logs(chosen, 2) as opened:
        read(opened.source, [gathered], lenient=asked.lenient)
        name, sha256 = opened.source.name, opened.source.sha256()
    return written(name, sha256, gathered.report(), gathered.came, shops_of)


class _Gathering(Ledger):
    """A ledger that keeps what it is given: a line is told with the seat that the rule was told."""

    def __init__(self, law: Law) -> None:
        super().__init__(law)
        self.came: list[tuple[int, Body]] = []

    def take_at(self, at: int, body: Body) -> None:
        self.came.append((at, body))
        super().take_at(at, body)


def written(name: str, sha256: str, report: Report, came: Sequence[tuple[int, Body]], shops_of: ShopsOf) -> Script:
    """The script of these messages."""
    desk = _Naming(came, shops_of)
    left_out = LeftOut()
    lines: list[tuple[int, int, Line]] = []
    for order, (at, body) in enumerate(came):
        why = desk.obstacle(body)
        if why is not None:
            left_out.note(order + 1, body, why)
            continue
        late = 1 if body.kind in ("recall", "gap") else 0
        lines += [(one.send_at, late, one) for one in desk.lines(order, Millis(at), body)]
    lines.sort(key=lambda one: one[:2])
    return Script(
        name=name,
        sha256=sha256,
        report=report,
        lines=[msgspec.structs.replace(one, number=number) for number, (_, _, one) in enumerate(lines, 1)],
        left_out=left_out,
        names=Names(
            shops=reverse(desk.shops),
            accounts=reverse(desk.accounts),
            buyers={there: own or "" for there, own in reverse(desk.buyers).items()},
        ),
        shops=desk.shops,
        self_ids=desk.self_ids,
        merchants=desk.merchants,
        wire_ids={own: there for own, there in desk.ids.items() if own is not None and own != there},
    )


class _Naming:
    """Who and what the lines are about, under the names of the wire."""

    def __init__(self, came: Sequence[tuple[int, Body]], shops_of: ShopsOf) -> None:
        ats, bodies = [at for at, _ in came], [body for _, body in came]
        self.shops = shops_of(list(dict.fromkeys(one.shop for one in bodies)) or [None])
        self.accounts = for_wire(
            (name for one in bodies for name in (one.sub_account, one.from_sub or one.sub_account)), NO_ACCOUNT
        )
        self.buyers = for_wire((one.buyer for one in bodies if one.buyer is not None), NO_BUYER)
        self.ids = for_wire((one.id for one in bodies if one.id is not None), NO_ID)
        self._ats = ats
        self._unnamed = "line-"
        while any(one.startswith(self._unnamed) for one in self.ids.values()):
            self._unnamed = f"+{self._unnamed}"
        places = dict.fromkeys(map(self._place, bodies))
        self.self_ids = dict(zip(places, self._numbers(), strict=False))
        self.merchants = frozenset(self._place(one) for one in bodies if one.role == "merchant" or one.kind in MOVES)
        self._first: dict[tuple[str | None, str], int] = {}
        for order, one in enumerate(bodies):
            if one.id is not None and one.kind not in ("recall", "gap"):
                self._first.setdefault((one.shop, one.id), order)
        self._bodies = bodies

    def obstacle(self, body: Body) -> Reason | None:
        """Why no bridge could tell this line."""
        if body.kind == "gap":
            return ("只属于一位买家的缺口", "a gap of one buyer alone") if body.buyer is not None else None
        if body.kind == "recall":
            known = (body.shop, body.recalls or "") in self._first
            return None if known else ("撤回的消息不在日志中", "it recalls a message that is not in the log")
        if body.buyer is None:
            return "没有买家", "it has no buyer"
        if body.role == "buyer" and body.kind not in BUYER_KINDS:
            return "买家消息的类型有误", f"a buyer's line of kind {body.kind}"
        return None

    def lines(self, order: int, at: Millis, body: Body) -> Iterator[Line]:
        """The line, or for a gap of the whole log one for each shop."""
        if isinstance(body, Message) and body.kind == "gap" and body.to is not None:
            shops = list(self.shops.values()) if body.shop is None else [self.shops[body.shop]]
            for shop in shops:
                self_id = next(self_id for (of, _), self_id in self.self_ids.items() if of == shop)
                yield Line(number=0, send_at=Millis(body.to), at=at, until=Millis(body.to), body=body, self_id=self_id,
                           id=f"{self._unnamed}{order}-{shop}")  # fmt: skip
            return
        if body.kind == "recall":
            first = self._first[body.shop, body.recalls or ""]
            of = self._bodies[first]
            buyer = body.buyer if body.buyer is not None else of.buyer
            yield Line(
                number=0, send_at=Millis(max(at, self._ats[first])), at=at, body=body,
                self_id=self.self_ids[self._place(of)], id=f"{self._unnamed}{order}", buyer=self.buyers[buyer],
                recalls=self.ids[body.recalls],
            )  # fmt: skip
            return
        yield Line(
            number=0, send_at=at, at=at, body=body, self_id=self.self_ids[self._place(body)],
            id=self.ids[body.id] if body.id is not None else f"{self._unnamed}{order}",
            buyer=self.buyers[body.buyer], account=self.accounts[body.sub_account],
            from_account=self.accounts[body.from_sub] if body.from_sub is not None else None,
        )  # fmt: skip

    def _place(self, body: Body) -> Place:
        return self.shops[body.shop], self.accounts[body.sub_account]

    def _numbers(self) -> Iterator[str]:
        taken = set(self.buyers.values())
        return (str(one) for one in count(FIRST_SELF_ID) if str(one) not in taken)

"""The witness of a desk: takes its facts in order and can then say, of any instant, who was there and what was done.

    witness = Witness(desk)
    for seq, fact in facts:
        witness.take(seq, fact)
    misses = [witness.explain(one, terms) for one in judged if one.verdict is Verdict.miss]

Laws: the state is the desk's own (`relay.domain.apply`), so what is said here of seats, queue and shifts is what the
desk itself went by; nothing asked changes anything; facts come once and in order. What is kept grows with the days
that are still to be asked about: `forget` lets go of the others.
"""

from typing import Final

from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain.apply import apply
from relay.domain.guiding import Kind, is_persons
from relay.domain.marks import send_id
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, DeskId, SeatId, ShopId
from relay.domain.rounds import asks
from relay.insight.causes import Judged, Terms
from relay.insight.causes.threads import HELD_MS
from relay.insight.missed.deciding import Scene, decide
from relay.insight.missed.records import CausedMiss, Tried
from relay.insight.missed.roster import Roster, Standing
from relay.insight.missed.series import Series
from relay.insight.missed.talk import NOWHERE, PICTURES, Place, Question, Talk, Word

_PASSED_ON: Final = frozenset({"transfer", "manual", "platform"})
"""A buyer whom a person or the platform gives to another seat. What the ladder rescues was unanswered before."""
Key = tuple[ShopId, BuyerRef]


class Witness:
    """The facts of one desk, taken in seq order."""

    def __init__(self, desk: DeskId) -> None:
        self.desk = desk
        self._state = DeskState(desk)
        self._roster = Roster()
        self._now = 0
        self._talks: dict[Key, Talk] = {}
        self._standings: dict[ShopId, dict[str | None, Series[Standing]]] = {}
        self._online: dict[SeatId, Series[bool]] = {}
        self._channels: dict[ShopId, Series[bool]] = {}
        self._move = 0
        self._open: frozenset[Key] = frozenset()

    def take(self, seq: int, fact: f.DeskFact) -> None:
        """One more fact."""
        if isinstance(fact, f.DeskStarted):
            # Nobody knows when relay stopped: an open round climbs a rung a minute, so its last fact is near enough.
            for series in self._channels.values():
                series.note(self._now, value=False)
        self._now = max(self._now, fact.at)
        key = getattr(fact, "shop", ""), getattr(fact, "buyer", None)
        before = self._place(key)  # type: ignore[arg-type]  # a fact of no buyer has no place
        if isinstance(fact, f.OfficeTaken):
            self._open = frozenset(self._state.conversations)
        apply(self._state, fact)
        self._note(seq, fact)
        if key[1] is not None:
            self._note_place(key, fact, before)  # type: ignore[arg-type]
        for shop in self._roster.note(self._state, fact):
            self._note_standing(shop)

    def knows(self, shop: str) -> bool:
        """Whether this shop is the desk's."""
        return ShopId(shop) in self._state.shops

    def round_id(self, judged: Judged) -> str | None:
        """`r12` for the round whose clock starts with the message `m12`; None where the ledger has no such question."""
        talk = self._talks.get((ShopId(judged.shop), BuyerRef(judged.buyer)))
        question = talk.question(judged.opened) if talk is not None else None
        return None if question is None else f"r{question.seq}"

    def explain(self, miss: Judged, terms: Terms) -> CausedMiss:
        """The one cause of a missed entry."""
        shop = ShopId(miss.shop)
        talk = self._talks.get((shop, BuyerRef(miss.buyer)), Talk())
        standings = self._standings.get(shop, {})
        scene = Scene(
            miss=miss,
            due=terms.due(miss),
            limit_ms=terms.limit,
            talk=talk,
            standing=standings.get(None, Series(Standing())),
            groups={group: one for group, one in standings.items() if group is not None},
            online=self._online,
            channel=self._channels.get(shop, Series(False)),
        )
        return decide(scene, self.round_id(miss))

    def forget(self, before: int) -> None:
        """Nothing that opened earlier will be asked for again.

        What held for some hours before stays: the clock of relay, by which it was noted, may be behind the channel's.
        """
        before -= HELD_MS
        for key in list(self._talks):
            if self._talks[key].forget(before) and key not in self._state.conversations:
                del self._talks[key]
        for standings in self._standings.values():
            for standing in standings.values():
                standing.forget(before)
        for series in (*self._online.values(), *self._channels.values()):
            series.forget(before)

    # --- taking

    def _note(self, seq: int, fact: f.DeskFact) -> None:
        match fact:
            case f.ChannelConnected() | f.ChannelHeard() | f.ChannelLost() | f.ChannelSilent():
                shop = self._state.shops[fact.shop]
                series = self._channels.setdefault(fact.shop, Series(False))
                series.note(self._now, shop.connected and not shop.silent)
            case f.BuyerWrote() if asks(fact.kind, fact.content, fact.buyer_class):
                self._talk(fact.shop, fact.buyer).asked.append(_question(seq, self._now, fact))
            case f.ShopWrote(echo_of=None):
                by = "person" if is_persons(fact.author) else _MACHINES.get(fact.author.kind)
                if by is not None and fact.author.provider != "relay":
                    self._talk(fact.shop, fact.buyer).words.append(Word(fact.sent_at, by))
            case f.PresenceSet():
                self._series(fact.seat).note(self._now, fact.presence == "online")
            case f.OfficeTaken():
                self._note_settings()
            case f.MoveAsked():
                self._move = seq
            case f.TakenBack(what="moved") if fact.buyer is not None:
                self._talk(fact.shop, fact.buyer).moved[-1:] = []  # the newest: only that can be taken back
            case f.ReplyIntended():
                send = send_id(seq)
                self._talk(fact.shop, fact.buyer).tried[send] = Tried(send, self._now, fact.seat)
            case f.SendEnded(machine=False):
                tried = self._talk(fact.shop, fact.buyer).tried
                known = tried.get(fact.send)
                if known is not None:
                    tried[fact.send] = replace(known, outcome=fact.outcome, why=fact.why, sent_at=_arrived(fact))
            case _:
                pass

    def _place(self, key: Key) -> Place:
        conv = self._state.conversations.get(key)
        if conv is None or (conv.seat is None and conv.queued_at is None):
            return NOWHERE
        if conv.seat is not None:
            return Place(conv.seat)
        grouped = bool(self._state.shops[conv.shop].setting.groups)
        return Place(None, True, conv.group if grouped else "", conv.waits_for)

    def _note_place(self, key: Key, fact: f.DeskFact, before: Place) -> None:
        now = self._place(key)
        if now != before:
            talk = self._talk(*key)
            talk.place.note(self._now, now)
            if before.seat is not None and now.seat != before.seat and self._passed_on(fact):
                talk.moved.append((self._state.seq, self._now))
        if isinstance(fact, f.ConversationClosed) and fact.by is not None:
            # Who closes over a question goes on owing the answer; whoever did before does no more.
            self._talk(*key).place.note(self._now, NOWHERE if fact.seat is None else Place(fact.seat))
        if now.group:
            self._group(key[0], now.group)

    def _passed_on(self, fact: f.DeskFact) -> bool:
        if isinstance(fact, f.Assigned):
            return fact.reason in _PASSED_ON
        return isinstance(fact, f.Queued) and bool(self._move) and fact.cause == self._move

    def _note_settings(self) -> None:
        """A change of settings may touch every buyer and seat: a seat is gone, a shop has groups now."""
        for key in self._open | self._state.conversations.keys():  # with its seat a whole conversation may go
            now = self._place(key)
            self._talk(*key).place.note(self._now, now)
            if now.group:
                self._group(key[0], now.group)
        for seat in {*self._online, *self._state.seats}:
            known = self._state.seats.get(seat)
            self._series(seat).note(self._now, known is not None and known.presence == "online")

    def _note_standing(self, shop: ShopId) -> None:
        standings = self._standings.setdefault(shop, {None: Series(Standing())})
        for group, series in standings.items():
            series.note(self._now, self._roster.standing(shop, group))

    def _group(self, shop: ShopId, group: str) -> None:
        standings = self._standings.setdefault(shop, {None: Series(Standing())})
        if group not in standings:
            standings[group] = Series(self._roster.standing(shop, group))

    def _series(self, seat: SeatId) -> Series[bool]:
        return self._online.setdefault(seat, Series(False))

    def _talk(self, shop: ShopId, buyer: BuyerRef) -> Talk:
        talk = self._talks.get((shop, buyer))
        if talk is None:
            talk = self._talks[shop, buyer] = Talk()
        return talk


_MACHINES: Final = {Kind.assist: "robot", Kind.bot: "robot", Kind.unknown: "unknown"}


def _question(seq: int, now: int, fact: f.BuyerWrote) -> Question:
    return Question(
        fact.sent_at,
        now,
        seq,
        thanks=fact.tone == "thanks",
        acknowledges=fact.tone == "acknowledgement" or fact.content in PICTURES,
        advertises="ad" in (fact.tag, fact.guard),
    )


def _arrived(fact: f.SendEnded) -> int | None:
    if fact.outcome != "confirmed":
        return None
    return fact.sent_at if fact.sent_at is not None else fact.at

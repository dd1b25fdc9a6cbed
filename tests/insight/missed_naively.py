"""Why a round was missed, reckoned a second time, plainly and slowly: the facts are read one by one into the picture of
`tests.domain.told`, and after each one is asked what stood in the way. It shares no code with `relay.insight.missed`
and none with the desk.
"""

from collections import Counter
from collections.abc import Iterable

from relay.domain import facts as f
from relay.insight.causes import Judged
from relay.rules.guiding import guiding
from tests.domain.told import A_DAY, Told, by_person, is_question

LIMIT = 180_000
HOURS_8 = 8 * 3_600_000
ORDER = (
    "channel_silent", "nobody_on_shift", "nobody_online", "group_empty",
    "all_full", "seat_absent", "seat_slow", "other",
)  # fmt: skip


class Naive:
    """One miss. `cause`, `seat` and `spent` are what it comes to."""

    def __init__(self, facts: list[f.DeskFact], miss: Judged) -> None:
        self.facts, self.miss = facts, miss
        self.key = (miss.shop, miss.buyer)
        self.midnight = ((miss.opened + HOURS_8) // A_DAY + 1) * A_DAY - HOURS_8
        self.due = miss.opened + LIMIT
        if miss.answered is not None and miss.answered < self.due:
            self.due = min(self.due, self.midnight)
        self.spent: Counter[tuple[str, str | None]] = Counter()
        self.holder: str | None = None
        self.moves = 0
        self._watch()
        self.cause, self.seat = self._decide()

    # --- the wait, fact by fact

    def _watch(self) -> None:
        told = Told(guiding)
        shift: dict[str, bool] = {}
        closed_with: str | None = None
        moved: list[bool] = []
        taken = False
        now, state = 0, ("channel_silent", None)
        for seq, fact in enumerate(self.facts, 1):
            if isinstance(fact, f.DeskStarted):
                state = ("channel_silent", None) if taken else state
            until = max(now, fact.at)
            self._spend(now, until, state)
            now = until
            mine = (getattr(fact, "shop", None), getattr(fact, "buyer", None)) == self.key
            was = told.thread(self.key).seat
            told.take(fact)
            self._note_shifts(told, shift, fact)
            seat = told.thread(self.key).seat
            if mine and isinstance(fact, f.ConversationClosed) and fact.by is not None:
                closed_with = fact.seat
            elif seat is not None or told.thread(self.key).queued:
                closed_with = None
            taken = taken or (mine and isinstance(fact, f.BuyerWrote) and fact.sent_at == self.miss.opened)
            if taken and was is not None and seat != was and self._by_somebody(seq, fact):
                moved.append(self.miss.opened <= now < self.due)
            elif mine and isinstance(fact, f.TakenBack) and fact.what == "moved":
                moved = moved[:-1]
            if now < self.due:
                self.holder = seat or closed_with
            state = self._stands(told, shift, taken, closed_with)
        self._spend(now, max(now, self.due), state)
        self.moves = sum(moved)
        self.known = taken
        if not taken:
            self.spent = Counter({("other", None): self.due - self.miss.opened})

    def _spend(self, since: int, until: int, state: tuple[str, str | None]) -> None:
        since, until = max(since, self.miss.opened), min(until, self.due)
        if since < until:
            self.spent[state] += until - since

    def _by_somebody(self, seq: int, fact: f.DeskFact) -> bool:
        if isinstance(fact, f.Assigned):
            return fact.reason in ("transfer", "manual", "platform")
        return isinstance(fact, f.Queued) and fact.cause > 0 and isinstance(self.facts[fact.cause - 1], f.MoveAsked)

    def _note_shifts(self, told: Told, shift: dict[str, bool], fact: f.DeskFact) -> None:
        if isinstance(fact, f.ShiftTurned):
            shift[fact.seat] = fact.on and not fact.draining
        elif isinstance(fact, f.OfficeTaken | f.EventTurned):
            for seat in told.seats:
                shift[seat] = told.works(seat, fact.at) and not told.is_draining(seat, fact.at)

    def _stands(
        self, told: Told, shift: dict[str, bool], taken: bool, closed_with: str | None
    ) -> tuple[str, str | None]:
        if not taken or not told.connected.get(self.miss.shop) or told.silent.get(self.miss.shop):
            return "channel_silent", None
        thread = told.thread(self.key)
        holder = thread.seat or closed_with
        if holder is not None:
            return ("seat_slow" if told.presence.get(holder) == "online" else "seat_absent"), holder
        if thread.queued and thread.waits_for is not None:
            here = told.presence.get(thread.waits_for) == "online"
            return ("all_full", None) if here else ("seat_absent", thread.waits_for)
        return self._queue(told, shift), None

    def _queue(self, told: Told, shift: dict[str, bool]) -> str:
        """Why nobody took the buyer."""
        shop = told.shops[self.miss.shop]
        seats = [one for one in told.seats.values() if one.shop == self.miss.shop]
        agents = [one for one in seats if one.role == "agent"]
        rota = [
            one.id
            for one in agents or seats
            if shift.get(one.id) and one.agent in told.persons and not told.persons[one.agent].disabled
        ]
        thread = told.thread(self.key)
        group = thread.group if thread.queued and shop.groups else None
        everybody = self._serving(told, shift, None)
        own = self._serving(told, shift, group)
        if not rota and not everybody:
            return "nobody_on_shift"
        if not everybody:
            return "nobody_online"
        if not own or (not self._free(told, own) and self._free(told, everybody)):
            return "group_empty"
        return "other" if self._free(told, own) else "all_full"

    def _serving(self, told: Told, shift: dict[str, bool], group: str | None) -> list[str]:
        there = [
            one
            for one in told.seats.values()
            if one.shop == self.miss.shop
            and shift.get(one.id)
            and told.presence.get(one.id) == "online"
            and not (one.id in told.lines and told.lines[one.id].flapping)
            and one.agent in told.persons
            and not told.persons[one.agent].disabled
            and (group is None or not one.groups or group in one.groups)
        ]
        return [one.id for one in there if one.role == "agent"] or [one.id for one in there]

    def _free(self, told: Told, seats: Iterable[str]) -> list[str]:
        return [
            one for one in seats if self._load(told, [one]) < told.seats[one].cap and self._agent_has_room(told, one)
        ]

    def _agent_has_room(self, told: Told, seat: str) -> bool:
        agent = told.seats[seat].agent
        cap = told.persons[agent].cap
        return cap is None or self._load(told, told.seats_of(agent)) < cap

    def _load(self, told: Told, seats: Iterable[str]) -> int:
        return sum(len(told.open_on(one)) + len(told.expected_on(one)) for one in seats)

    # --- what was said and tried

    def _decide(self) -> tuple[str, str | None]:
        miss, due = self.miss, self.due
        mine = [
            (seq, fact)
            for seq, fact in enumerate(self.facts, 1)
            if (getattr(fact, "shop", None), getattr(fact, "buyer", None)) == self.key
        ]
        words = [
            fact
            for _, fact in mine
            if isinstance(fact, f.ShopWrote) and fact.echo_of is None and fact.author.provider != "relay"
        ]
        people = [one.sent_at for one in words if by_person(one.author)]
        robots = [one.sent_at for one in words if not by_person(one.author) and one.author.kind in ("assist", "bot")]
        doubts = [one.sent_at for one in words if not by_person(one.author) and one.author.kind == "unknown"]
        tries: dict[str, tuple[int, str | None]] = {}
        clock = 0
        for seq, fact in enumerate(self.facts, 1):
            clock = max(clock, fact.at)
            if isinstance(fact, f.ReplyIntended) and (fact.shop, fact.buyer) == self.key:
                tries[f"s{seq}"] = (clock, fact.seat)
        arrived: dict[str, int] = {}
        for _, fact in mine:
            if isinstance(fact, f.SendEnded) and fact.send in tries:
                arrived.pop(fact.send, None)
                if fact.outcome == "confirmed":
                    arrived[fact.send] = fact.at if fact.sent_at is None else fact.sent_at
        told = [*people, *arrived.values()]
        answered_until = max([at for at in told if miss.opened <= at < due], default=miss.opened - 1)
        left = [
            fact
            for _, fact in mine
            if isinstance(fact, f.BuyerWrote) and is_question(fact) and answered_until < fact.sent_at < due
        ]
        if any("ad" in (one.tag, one.guard) for one in left):
            return "advertisement", self.holder
        if left and all(self._closes(one) for one in left):
            first = min(one.sent_at for one in left)
            spoken = any(first - 12 * 3_600_000 <= at < first for at in told)
            if all(one.tone == "thanks" for one in left) or spoken:
                return "ended_with_thanks", self.holder
        in_time = any(miss.opened <= at < due for at in told)
        failed = sorted(
            (at, send)
            for send, (at, _) in tries.items()
            if miss.opened <= at < due and not (send in arrived and arrived[send] - at <= 10_000)
        )
        if failed and not in_time:
            return "send_failed", tries[failed[0][1]][1]
        followed = any(
            miss.opened <= at < self.midnight for at in [*people, *doubts, *(at for at, _ in tries.values())]
        )
        if any(miss.opened <= at < due for at in robots) and not followed:
            return "robot_only", self.holder
        if self.moves:
            return "transferred_unanswered", self.holder
        if not self.known or in_time:
            return "other", None
        sums: Counter[str] = Counter()
        for (word, _), ms in self.spent.items():
            sums[word] += ms
        cause = next(word for word in ORDER if sums[word] == max(sums.values()))
        seats = [(ms, seat) for (word, seat), ms in self.spent.items() if word == cause]
        longest = max(ms for ms, _ in seats)
        return cause, min((seat for ms, seat in seats if ms == longest), key=lambda seat: seat or "")

    def _closes(self, fact: f.BuyerWrote) -> bool:
        return fact.tone in ("thanks", "acknowledgement") or fact.content in ("emoji", "sticker")

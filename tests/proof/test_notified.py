"""The whole virtual world with a group and an owner who are told of its alerts, by receivers that are no good.

Every law of the world holds with their facts on the ledger, and these besides, whatever dies, hangs or refuses:
* a notifier confirms an alert once in all lives (what its crash did not record may be sent again);
* no receiver is sent more than its limit in any minute, over all lives;
* what the room holds open is what the desk does, and each of it was told, was seen, or waits.
"""

import gc
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from relay.contracts import Notice, NoticeLimits, NoticeResult
from relay.domain import facts as f
from relay.domain.names import DeskId
from relay.runtime.notices.levels import Levels
from relay.runtime.notices.outlet import Outlet, Rule
from relay.runtime.notices.pace import Pace
from relay.testing.chance import Chance
from relay.testing.contracts_notifier import FakeNotifier
from relay.testing.virtual import VirtualClock
from tests.domain.laws import Broken
from tests.proof.checks import check_all, hold
from tests.proof.mutants import swap
from tests.proof.plan import draw
from tests.proof.world import Life, World

LIMIT = 4
"""So few that a shop of forty conversations comes up against it."""
ANSWERS = (
    (NoticeResult(outcome="confirmed"), 12),
    (NoticeResult(outcome="unknown", code="timeout"), 2),
    (NoticeResult(outcome="not_sent", code="connect_failed"), 2),
    (NoticeResult(outcome="refused", code="errcode_130101", wait_s=600), 1),
)


class Far:
    """The receivers, who outlive every process: what each was sent, and when."""

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed, "notices")
        self.sent: list[tuple[str, float]] = []
        self.world: World | None = None

    def outlets(self, clock: VirtualClock) -> list[Outlet]:
        rules = {"group": Rule(level=1, escalate_after_ms=60_000), "owner": Rule(level=2)}
        return [Outlet(Receiver(name, self, clock), one, clock.monotonic()) for name, one in rules.items()]


class Receiver(FakeNotifier):
    def __init__(self, name: str, far: Far, clock: VirtualClock) -> None:
        super().__init__(name, NoticeLimits(per_minute=LIMIT, max_bytes=2048))
        self._far, self._clock = far, clock

    async def send(self, notice: Notice) -> NoticeResult:
        assert self._far.world is not None
        number = len(self._far.sent)
        self._far.sent.append((self.name, self._far.world.now))
        await self._clock.sleep(self._far.chance.between(0.05, 4, "way", number))
        return self._far.chance.weigh(ANSWERS, "answer", number)


def play(seed: int, folder: Path, plant: Callable[[ExitStack], None] = lambda stack: None) -> Far:
    """One run with every law; raises the first breach."""
    far = Far(seed)
    with ExitStack() as stack:
        world = far.world = World(draw(seed, 40), folder, outlets=far.outlets)
        world.on_look = look
        plant(stack)
        gc.disable()
        stack.callback(gc.enable)
        world.run()
        check_all(world)
        check_told_once(
            {desk: one.laws.told.facts for desk, one in world.watch.streams.items() if one.laws is not None}
        )
        for name in {name for name, _ in far.sent}:
            sent = [at for one, at in far.sent if one == name]
            most = max(sum(at <= one < at + 60 for one in sent) for at in sent)
            hold("notices", "above_the_limit", most <= LIMIT, (name, most))
    return far


def check_told_once(streams: dict[DeskId, list[f.DeskFact]]) -> None:
    for desk, facts in streams.items():
        told: Counter[tuple[str, str]] = Counter()
        for fact in facts:
            if isinstance(fact, f.AlertsTold) and fact.outcome == "confirmed":
                told.update((fact.notifier, one) for one in fact.alerts)
        twice = [one for one, count in told.items() if count > 1]
        hold("notices", "told_twice", not twice, (desk, twice))


async def look(world: World, life: Life) -> None:
    """In the middle of everything: the room's book is the desk's, and nobody in it is forgotten."""
    assert life.notices is not None
    for desk, running in list(life.service.desks.items()):
        book = life.notices.books.get(desk)

        def compare(state: Any, desk: DeskId = desk, book: Any = book) -> None:
            if book is None:
                return
            assert life.notices is not None
            hold("notices", "another_book", book.alerts == state.alerts, desk)
            group = life.notices.outlets[0]
            for name, alert in book.alerts.open.items():
                known = (desk, name) in group.waiting or (desk, name) in group.told or alert.seen_by is not None
                hold("notices", "forgotten", known, (desk, alert))

        await running.runner.look(compare)


@pytest.mark.parametrize("seed", range(1, 3))
def test_every_law_holds_while_people_outside_are_told(seed: int, tmp_path: Path) -> None:
    far = play(seed, tmp_path)
    assert {name for name, _ in far.sent} == {"group", "owner"}


def _forgets_who_was_told(stack: ExitStack) -> None:
    place = Levels.place

    def blank(self: Levels, ref: Any, alert: Any) -> None:
        alert.told_at = None
        place(self, ref, alert)

    swap(stack, Levels, "place", blank)


def _does_not_count(stack: ExitStack) -> None:
    swap(stack, Pace, "allows", lambda self, now, urgent: True)


def _drops_what_failed(stack: ExitStack) -> None:
    ended = Outlet.ended

    def drop(self: Outlet, result: NoticeResult, now: float) -> None:
        for ref in self.parcel.refs if self.parcel is not None else ():
            self.waiting.pop(ref, None)
        ended(self, result, now)

    swap(stack, Outlet, "ended", drop)


@pytest.mark.parametrize(
    ("plant", "what"),
    [
        (_forgets_who_was_told, "told_twice|another_book"),
        (_does_not_count, "above_the_limit"),
        (_drops_what_failed, "forgotten"),
    ],
)
def test_a_planted_bug_is_found(plant: Callable[[ExitStack], None], what: str, tmp_path: Path) -> None:
    found = []
    for seed in range(1, 5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            play(seed, folder, plant)
        except Broken as breach:
            found.append(str(breach))
            break
    assert [one for one in found if any(word in one for word in what.split("|"))], found

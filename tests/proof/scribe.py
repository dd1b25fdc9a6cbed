"""A responder in the virtual world: its drafts come at once, late or never, twice, and for questions that are over.

Half of the worlds have one (even seeds), as half of the shops have none.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from relay.contracts import DraftText, Question, ReplyBook, Route
from relay.domain.inputs import OfferDraft
from relay.domain.names import DeskId, MessageId
from relay.errors import RelayError
from relay.runtime.desk_runner import DeskRunner
from relay.testing.chance import Chance
from tests.proof.shop import SHOPS

if TYPE_CHECKING:
    from tests.proof.world import Life

WAITS_S = (0.0, 0.4, 3.0, 20.0, 90.0)
BUDGET_S = 40.0


def works_in(seed: int) -> bool:
    """Whether a world of this seed has a responder."""
    return seed % 2 == 0


class Scribe:
    """See `relay.contracts.Responder`. What it does is chosen by the question's own name."""

    def __init__(self, life: "Life") -> None:
        self._life, self._chance = life, Chance(life.world.plan.seed, "scribe", life.world.life)

    @property
    def name(self) -> str:
        return "scribe"

    def routes(self) -> Sequence[Route]:
        return ()

    async def start(self, book: ReplyBook) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def drafts(self, question: Question) -> AsyncIterator[DraftText]:
        name = (question.shop, question.message)
        if self._chance.roll("fails", *name) < 0.05:
            raise RuntimeError("no draft today")
        for number in range(self._chance.pick((1, 1, 2, 3, 7), "many", *name)):
            await self._life.clock.sleep(self._chance.pick(WAITS_S, "wait", number, *name))
            words = self._chance.pick(("发货", "快递", "退货"), "words", number, *name)
            yield DraftText(text=f"{words} {question.message}", provider="leyan", mode="assist")
        if self._chance.roll("rogue", *name) < 0.3:  # what comes after all, past the runtime that had asked
            wait = self._chance.pick(WAITS_S, "rogue", "wait", *name)
            self._life.world.later(wait, lambda: self._late(question))

    def _late(self, question: Question) -> None:
        desk = self._life.service.desks.get(DeskId(SHOPS[question.shop]))
        given = OfferDraft(
            shop=question.shop,
            buyer=question.buyer,
            message=MessageId(question.message),
            responder="rogue",
            provider="xiaoduo",
            digest="",
            mark="rogue",
        )

        async def offer(runner: DeskRunner) -> None:
            with contextlib.suppress(RelayError):
                await runner.submit(given, "太晚了")

        if desk is not None and self._life.world.up is self._life:
            self._life.go(offer(desk.runner))

"""Worlds asked why they missed: the program's own messages and verdicts, and the witness over the same facts."""

from relay.domain import facts as f
from relay.domain.names import DeskId
from relay.insight.causes import Judged, Terms
from relay.insight.log import final_ends, messages_of
from relay.insight.missed import CausedMiss, Witness
from relay.rules.catalogue import rule
from relay.rules.report import Verdict
from tests.domain.world import DESK, World

TERMS = Terms(limit_ms=180_000)


def judged(world: World, **options: str) -> list[Judged]:
    """Every round of the world under `taobao_ww3`."""
    return judged_of(DESK, world.facts, **options)


def judged_of(desk: DeskId, facts: list[f.DeskFact], **options: str) -> list[Judged]:
    numbered = list(enumerate(facts, 1))
    ledger = rule("taobao_ww3", options)
    for message in messages_of(desk, numbered, final_ends(numbered)):
        ledger.take(message)
    return [
        Judged(shop, buyer, None, entry.started, entry.answered, entry.verdict, entry.clause)
        for _, buyer, shop, _, entry, _ in ledger.rounds()
    ]


def witness_of(world: World) -> Witness:
    return witness_of_facts(DESK, world.facts)


def witness_of_facts(desk: DeskId, facts: list[f.DeskFact]) -> Witness:
    witness = Witness(desk)
    for seq, fact in enumerate(facts, 1):
        witness.take(seq, fact)
    return witness


def misses(world: World, **options: str) -> list[CausedMiss]:
    """The world's misses, each with its cause."""
    return misses_of(DESK, world.facts, **options)


def misses_of(desk: DeskId, facts: list[f.DeskFact], **options: str) -> list[CausedMiss]:
    witness = witness_of_facts(desk, facts)
    return [witness.explain(one, TERMS) for one in judged_of(desk, facts, **options) if one.verdict is Verdict.miss]

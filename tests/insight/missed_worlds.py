"""Worlds asked why they missed: the program's own messages and verdicts, and the witness over the same facts."""

from relay.insight.causes import Judged, Terms
from relay.insight.log import final_ends, messages_of
from relay.insight.missed import CausedMiss, Witness
from relay.rules.catalogue import rule
from relay.rules.report import Verdict
from tests.domain.world import DESK, World

TERMS = Terms(limit_ms=180_000)


def judged(world: World, **options: str) -> list[Judged]:
    """Every round of the world under `taobao_ww3`."""
    facts = list(enumerate(world.facts, 1))
    ledger = rule("taobao_ww3", options)
    for message in messages_of(DESK, facts, final_ends(facts)):
        ledger.take(message)
    return [
        Judged(shop, buyer, None, entry.started, entry.answered, entry.verdict, entry.clause)
        for _, buyer, shop, _, entry, _ in ledger.rounds()
    ]


def witness_of(world: World) -> Witness:
    witness = Witness(DESK)
    for seq, fact in enumerate(world.facts, 1):
        witness.take(seq, fact)
    return witness


def misses(world: World, **options: str) -> list[CausedMiss]:
    """The world's misses, each with its cause."""
    witness = witness_of(world)
    return [witness.explain(one, TERMS) for one in judged(world, **options) if one.verdict is Verdict.miss]

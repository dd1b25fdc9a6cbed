"""Every KPI of random worlds and of simulated shops, held against a second, slow reckoning."""

import pytest

from relay.insight.kpi import Kpi
from tests.domain.one_run import one_run
from tests.insight.kpi_reckoned import Reckoned, talk

TALK = (
    "consulted", "received", "transferred_in", "transferred_out", "ads", "own_accounts", "one_way", "unanswered",
    "machine_only", "first_replies", "first_ms", "first_squares", "rounds", "replies", "reply_ms", "reply_squares",
    "within_30s", "buyer_messages", "agent_messages", "machine_messages", "unknown_messages", "slow", "long",
    "reception_ms", "reception_squares", "transfers", "transfers_unanswered", "holds", "machine_holds",
)  # fmt: skip


def compare(facts) -> int:
    kpi = Kpi()
    for seq, fact in enumerate(facts, 1):
        kpi.take(seq, fact)
    book = Reckoned(facts)
    rows = kpi.rows()
    for row in rows:
        told = {name: value for name in TALK if (value := getattr(row.sums, name))}
        assert told == talk(book, row.by, row.name, row.date), (row.date, row.by, row.name)
    return len(rows)


@pytest.mark.parametrize("seed", range(40))
def test_a_random_world(seed: int) -> None:
    assert compare(one_run(seed, 80).facts)

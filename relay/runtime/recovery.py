"""Rebuilding a desk from its ledger. The chain is checked on the way: a desk never serves on facts that do not hold.

This is where a snapshot will enter: a state bound to (desk, seq, head hash, fact format) from which to go on; any
mismatch means reading from the first fact, as now.
"""

from collections.abc import Callable

from relay.contracts import Claim, Store
from relay.domain.codec import GENESIS, decode, link
from relay.domain.desk import Desk
from relay.domain.facts import DeskFact, OfficeFact
from relay.domain.guiding import GuidingRules
from relay.domain.names import DeskId
from relay.errors import LedgerError

Progress = Callable[[int, int], None]
EVERY = 50_000


def recover(
    store: Store,
    desk_id: DeskId,
    claim: Claim,
    rules: GuidingRules,
    progress: Progress | None = None,
    observe: Callable[[int, DeskFact], None] | None = None,
) -> Desk:
    """Replay the ledger of this desk up to the claimed head; `observe` is shown every fact on the way.

    Raises LedgerError naming the first fact that is wrong.
    """
    desk = Desk(desk_id, rules)
    prev = GENESIS
    for row in store.read(desk_id, 1, claim.head_seq):
        if row.seq != desk.state.seq + 1:
            raise LedgerError(desk_id, desk.state.seq + 1, "the fact is missing / 缺少记录")
        if link(prev, desk_id, row.seq, row.body) != row.hash:
            raise LedgerError(desk_id, row.seq, "the fact does not fit its hash / 记录与哈希不符")
        fact = decode(row.body)
        if isinstance(fact, OfficeFact):
            raise LedgerError(desk_id, row.seq, "an office fact on a desk's stream / 台账中混入设置记录")
        desk.replay(fact)
        if observe is not None:
            observe(row.seq, fact)
        prev = row.hash
        if progress is not None and row.seq % EVERY == 0:
            progress(row.seq, claim.head_seq)
    if prev != claim.head_hash or desk.state.seq != claim.head_seq:
        raise LedgerError(desk_id, claim.head_seq, "the head is not where it was claimed / 台账末尾不符")
    desk.rearm()
    return desk

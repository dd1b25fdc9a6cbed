"""Rebuilding a desk from its ledger, from its first fact or from a snapshot.

The chain is checked on the way: a desk never serves on facts that do not hold. What lies before a snapshot is for
`relay verify` and the nightly check to prove.
"""

from relay.contracts import Claim
from relay.domain.desk import Desk
from relay.domain.guiding import GuidingRules
from relay.domain.names import DeskId
from relay.errors import LedgerError
from relay.insight.told import Told
from relay.runtime.snapshots.snapshot import Journal, Progress, Snapshot


def recover(
    journal: Journal,
    desk_id: DeskId,
    claim: Claim,
    rules: GuidingRules,
    progress: Progress | None = None,
    begin: Snapshot | None = None,
) -> tuple[Desk, Told]:
    """The desk at its claimed head, and what was told of it. `begin` is changed and becomes part of it.

    Raises LedgerError naming the first fact that is wrong.
    """
    snapshot = begin or Snapshot.empty(desk_id)
    snapshot.go_on(journal, claim.head_seq, progress)
    if snapshot.hash != claim.head_hash or snapshot.state.seq != claim.head_seq:
        raise LedgerError(desk_id, claim.head_seq, "the head is not where it was claimed / 台账末尾不符")
    desk = Desk(desk_id, rules, snapshot.state)
    desk.rearm()
    return desk, snapshot.told

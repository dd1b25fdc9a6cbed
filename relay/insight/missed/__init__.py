"""Why we missed, asked of the ledger: one primary cause for every missed round, from facts and not from guesses.

    witness = Witness(desk)
    for seq, fact in facts:
        witness.take(seq, fact)
    misses = [witness.explain(one, terms) for one in judged if one.verdict is Verdict.miss]
    totals(rows(misses))

The ledger knows shifts, presence, caps, queue, transfers, what became of every send, and when the channel was silent.
The causes in order of precedence; a row asks only what the rows above left open. `docs/causes.md` has the reasons.

    advertisement           what was left unanswered is tagged as one, by the channel or the shop's own list
    ended_with_thanks       all that was left unanswered is thanks; or "ok" and pictures after a person's word
    send_failed             a person's answer was given to relay before the deadline and had not arrived by then
    robot_only              a robot (not relay itself) spoke within the wait, and no person wrote until 24:00
    transferred_unanswered  a person or the platform gave the buyer to another seat within the wait

Where none of these decides, the wait is cut at every instant at which something changed, each stretch has one of the
causes below, and the one that took longest is the cause; of two that took as long, the first.

    channel_silent          the channel was lost or silent, relay was not running, or the question had not reached it
    nobody_on_shift         in the queue, or nowhere, and no seat of the shop was on shift (draining ones are not)
    nobody_online           as above, and no seat on shift was online
    group_empty             in the queue of a group of which nobody was there, or nobody had room while others had
    all_full                in the queue, and every seat that might have taken the buyer was full
    seat_absent             with a seat, or kept for one, that was away or offline
    seat_slow               with a seat that was online
    other                   nothing of all this

A gap is no cause: a round that may have been answered in one is undetermined, and no miss.

`other` is also what the ledger does not have, and what a person answered in time and the rule did not count.

Whose it is: the seat that gave the answer that failed; of `seat_absent` and `seat_slow` the seat with which the wait
was spent; of the first two, of `robot_only` and of `transferred_unanswered` the seat that had the buyer at the
deadline. Everything else is nobody's: who took over a buyer from the queue at the last moment is not blamed.
"""

from relay.insight.missed.records import CausedMiss, MissCause, Proof, Stretch, Tried
from relay.insight.missed.rows import MissRow, MissTotals, rows, totals
from relay.insight.missed.witness import Witness
from relay.insight.missed.wording import WORDS, cause_name

__all__ = [
    "WORDS",
    "CausedMiss",
    "MissCause",
    "MissRow",
    "MissTotals",
    "Proof",
    "Stretch",
    "Tried",
    "Witness",
    "cause_name",
    "rows",
    "totals",
]

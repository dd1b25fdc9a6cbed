"""Why we missed: one primary cause for every missed round, as far as a chat log can tell.

    inquiry = Inquiry(judged, Terms(limit_ms=180_000, assessed=terms.assessed))
    inquiry.take_all(messages.scan(lines))
    explained = inquiry.close()

The causes in order of precedence; a row asks only what the rows above left open. First what the buyer said, then what
was done with the conversation, then who was there, then what the seat did.

    likely_advertisement    the channel's tag `ad`; or a contact and two words of the trade and no word of an order
    ended_with_thanks       all that was left unanswered is thanks, a goodbye, "ok" or a friendly picture; "ok" and a
                            picture only after a word of the shop that asked nothing
    robot_only              a robot spoke within the wait, or a canned line while a person of the shop was active, and
                            no person wrote to this buyer until 24:00
    transferred_unanswered  the conversation was moved within the wait: a transfer, or a change of the seat named
    nobody_active           no person of the shop wrote to anybody from 5 min before the question to 1 min after the
                            deadline
    queued                  the question is marked `queued` or the first placement came after the deadline, and no seat
                            was given in time
    seat_away               the seat that held the conversation wrote to nobody in that time, while others did
    seat_busy               one text to other buyers per 45 s of the wait, or so many other buyers waiting for it
    seat_slow               the last resort: the seat was active and not busy; or nobody's conversation, and an active
                            seat had time
    cannot_tell             in place of nobody_active and seat_away, where a text of unknown kind or a gap in the log
                            may hide the person who was there

A robot, a transfer and a queue tell more of a round than an empty shop does, except that a canned line goes to
everybody and hides no empty shop, and a queue before nobody is an empty shop. Whether the shop was empty is counted
for itself in the findings, whatever the cause.

The seat responsible is the one that answered late, else the one last named on the conversation. Two exceptions, for a
seat must not be blamed for what it took over: `seat_away` names the seat that was away, and where the one that answered
had not been there during the wait, the one that held it.
"""

from relay.insight.causes.finding import Finding, FindingKind
from relay.insight.causes.inquiry import Explained, Inquiry
from relay.insight.causes.records import Cause, Evidence, Judged, Missed, Seat, Terms
from relay.insight.causes.totals import Totals
from relay.insight.causes.waits import SeatRow, Waits

__all__ = [
    "Cause",
    "Evidence",
    "Explained",
    "Finding",
    "FindingKind",
    "Inquiry",
    "Judged",
    "Missed",
    "Seat",
    "SeatRow",
    "Terms",
    "Totals",
    "Waits",
]

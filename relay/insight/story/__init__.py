"""The story of one buyer, read off the facts: what happened to the second, what was sent, what the ladder did and did
not do and why, what was owed, and which drafts there were.

Pure, from the facts of one desk. A text is never shown: facts bind it by a digest, and who may read it asks elsewhere.
"""

from relay.insight.story.drafts import DraftStory, drafts_of
from relay.insight.story.ladder import RungStory, ladder_story
from relay.insight.story.sends import SendStory, sends_of
from relay.insight.story.timeline import Moment, Thread, moment_of, spans_of, timeline
from relay.insight.story.words import FACTS, reason

__all__ = [
    "FACTS",
    "DraftStory",
    "Moment",
    "RungStory",
    "SendStory",
    "Thread",
    "drafts_of",
    "ladder_story",
    "moment_of",
    "reason",
    "sends_of",
    "spans_of",
    "timeline",
]

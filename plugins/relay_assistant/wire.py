"""The bodies: a question as relay posts it, and drafts as an assistant gives them, with the answer or by callback.

What relay is given is read leniently where it is only advice (an unknown mode is `unknown`, an unknown field is passed
over) and bounded everywhere: a body of `MAX_BODY` bytes, and `MOST` drafts at a time.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from relay.contracts import DraftText, Question
from relay.domain.names import Millis
from relay_webhook.instants import iso

MAX_BODY: Final = 64 * 1024
MOST: Final = 9
MODES: Final[Mapping[str, Literal["assist", "auto"]]] = {"assist": "assist", "auto": "auto"}
PROVIDER_LIMIT: Final = 64
REASON_LIMIT: Final = 200


class Given(msgspec.Struct, frozen=True):
    """One draft of an assistant."""

    text: str
    provider: str = ""
    mode: str = "unknown"
    confidence: int | None = None
    reason: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What stands in a 2xx: the drafts there are now, and whether `more` will come by callback."""

    drafts: list[Given] = []
    more: bool = False


class Callback(msgspec.Struct, frozen=True):
    """What is posted to the callback: drafts for a question, and whether these are the last."""

    question: str
    drafts: list[Given] = []
    more: bool = False


def question_body(question: Question, name: str, now: Millis, callback: str | None) -> bytes:
    """The question, field by field: the wire is a promise of its own."""
    lines = [{"role": line.role, "text": line.text, "t": iso(line.at)} for line in question.lines]
    data = {
        "question": name,
        "shop": question.shop,
        "buyer": question.buyer,
        "text": question.text,
        "lines": lines,
        "asked": iso(question.asked_at),
        "due": iso(question.due_at) if question.due_at is not None else None,
        "group": question.group,
        "topic": question.topic,
        "callback": callback,
    }
    return msgspec.json.encode({"type": "question", "timestamp": iso(now), "data": data})


def draft_of(given: Given, provider: str) -> DraftText:
    """An assistant's draft as relay takes it; who names no provider is the configured one."""
    named = given.provider.strip()[:PROVIDER_LIMIT]
    sure = given.confidence
    return DraftText(
        text=given.text,
        provider=named if named and named.isprintable() else provider,
        mode=MODES.get(given.mode, "unknown"),
        confidence=sure if sure is not None and 0 <= sure <= 1000 else None,
        reason=given.reason.strip()[:REASON_LIMIT],
    )

"""Commercial assistants as responders: relay posts the question, signed; the assistant answers with drafts, signed.

    wire       the bodies of both directions
    options    the responder's table of the configuration
    responder  the question out, the drafts in: with the answer, or later on the callback

The signature scheme and the rules of where a text may be posted are those of the webhook channel (`relay_webhook`).
docs/assistant.md tells an assistant's author the same from outside.
"""

from relay.contracts import Registry
from relay_assistant.responder import build

__all__ = ["register"]


def register(registry: Registry) -> None:
    """Offer the responder kind `assistant`."""
    registry.responder("assistant", build)

"""The library as a responder: a buyer's question is matched with the approved quick replies of purpose `answer`.

    matching    how well a reply fits a question, and how sure that is
    responder   the contract around it

It writes nothing of its own: what it offers is an approved version, word for word. Where it is not sure enough it
offers nothing. docs/drafts.md says how good it is.
"""

from relay.contracts import Registry
from relay_replies.responder import build

__all__ = ["register"]


def register(registry: Registry) -> None:
    """Offer the responder kind `replies`."""
    registry.responder("replies", build)

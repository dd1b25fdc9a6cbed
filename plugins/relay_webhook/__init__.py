"""The webhook channel: any bridge that can sign and post JSON, in any language, connects a shop to relay.

    signature   the Standard Webhooks scheme: what is signed, and how it is checked
    instants    the three ways in which a channel may write a time
    wire        the bodies a bridge sends, decoded strictly, each line into an `Arrival`
    receive     one HTTP request into one HTTP answer; nothing is acknowledged before it is durable
    target      which addresses a text may be posted to
    send        one POST into one of four outcomes; without proof it is `unknown`
    door        lets work in while open, and waits for it when closing
    options     the channel's table of the configuration
    channel     the parts put together
    notify      the same post for notices

docs/webhook.md tells a bridge's author the same from outside.
"""

from relay.contracts import Registry
from relay_webhook import notify
from relay_webhook.channel import build
from relay_webhook.signature import sign

__all__ = ["register", "sign"]


def register(registry: Registry) -> None:
    """Offer the kind `webhook` of channels and of notifiers."""
    registry.channel("webhook", build)
    registry.notifier("webhook", notify.build)

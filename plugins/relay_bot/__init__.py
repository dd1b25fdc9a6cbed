"""A shop's own bot as a drafter: relay plays the implementation side of OneBot 11 and 12, and what the bot says becomes
drafts, never messages.

    numbers      the numbers under which a bot knows buyers and messages
    questions    what is open with a bot, and what becomes of what it says
    replies      a bot's message as a text that a person may approve
    bot          what both versions share
    dialect      frames out and actions in, whatever the version
    onebot11     version 11
    onebot12     version 12
    talking      the open sockets of one bot
    dialling     the reverse WebSocket: relay dials the bot
    posting      the webhook of version 11, with quick operations
    serving      the forward WebSocket and the HTTP API: the bot comes to relay
    options      the bot's table of the configuration
    responder    the parts put together

docs/bots.md tells a bot's owner the same from outside.
"""

from relay.contracts import Registry
from relay_bot.responder import build

__all__ = ["register"]


def register(registry: Registry) -> None:
    """Offer the responder kind `bot`."""
    registry.responder("bot", build)

"""OneBot 11 and 12 with relay as the application: shops' bridges that hook their own chat client connect here.

The words of the protocol, for whoever speaks it in either role:

    segments    the parts of a message, and CQ codes
    events11    the events of version 11
    events12    the events of version 12
    actions     actions, responses, echoes
    retcodes    what a response proves
    auth        tokens and signatures
    ids         integers and strings

What a bridge says, as relay understands it:

    extensions  what a bridge may say beyond the standard
    told        an event of either version in relay's words
    readings    a message's segments as text and sort of content
    accounts    which self id is which account of which shop
    message_ids by which id a message is taken once, where ids are used again
    echoes      which own messages are relay's sends coming back
    arrivals    all that together, as the desk is told it

The ways to a bridge, and what they carry:

    doors       reverse WebSocket: the bridge dials relay
    dialing     forward WebSocket: relay dials the bridge
    webhook     HTTP POST from the bridge; http_api is the way back
    link        one socket: answers and events told apart, actions asked
    switchboard the sockets of a channel
    receiver    events into the intake, until they are durable
    presence    who is there and who is silent; attendance tells the desks
    history     what a bridge kept while relay did not listen
    speakers    through which self id a text leaves as the right account
    send        one text into one of four outcomes
    options     the channel's table of the configuration
    channel     the parts put together

docs/bridge.md tells a bridge's author the same from outside.
"""

from relay.contracts import Registry
from relay_onebot.channel import build

__all__ = ["register"]


def register(registry: Registry) -> None:
    """Offer the channel kind `onebot`."""
    registry.channel("onebot", build)

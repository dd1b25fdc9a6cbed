"""The ways in that a channel brings: its own endpoints and sockets, and where its bridge hands in orders.

Law: a channel whose endpoints cannot be had goes without. Its shops stay lost, and that is said; the others go on.
"""

from collections.abc import Sequence
from functools import partial

from relay.contracts import Channel, Route, ServesSockets, SocketRoute
from relay.runtime.orders import Orders, refuse_not_served
from relay.runtime.service import Service
from relay.web.channel_orders import channel_orders


def endpoints_of(channel: Channel, service: Service) -> list[Route]:
    """Its routes, each call of which is the plugin's own risk."""
    try:
        return [service.calls.guarded(channel.name, route) for route in channel.routes()]
    except Exception as error:
        service.calls.failed(channel.name, "routes", error)
        return []


def sockets_of(channel: Channel, service: Service) -> Sequence[SocketRoute]:
    """Its WebSockets, if it serves any."""
    if not isinstance(channel, ServesSockets):
        return ()
    try:
        return channel.sockets()
    except Exception as error:
        service.calls.failed(channel.name, "sockets", error)
        return ()


def orders_of(channel: Channel, service: Service, orders: Orders) -> list[Route]:
    """Where its bridge hands in the orders of its shops, if the channel can tell its bridge from others."""
    refuse = partial(refuse_not_served, service.office.state)
    route = channel_orders(channel, orders, refuse, lambda: service.paused)
    return [service.calls.guarded(channel.name, route)] if route is not None else []

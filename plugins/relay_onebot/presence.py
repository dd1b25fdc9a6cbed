"""Which accounts are there, which are silent, and what that makes of their shops.

    ok            its socket is open and speaks
    offline       the bridge says that the account is not logged in: nothing is missed there
    disconnected  its socket has ended without a word; after `missing_s` that counts as logged off
    silent        its socket is open and says nothing for longer than it may
    no_messages   it says that it is alive, but no message has come for `quiet_s`

Laws: an open socket alone is no proof of life. A shop is connected while none of its accounts is missing and at least
one is there; fail closed, since where one account is deaf a person's answer goes unseen. Whatever was missing leaves a
gap, from the last that was heard to the first that is heard again. Pure: instants are arguments.
"""

from collections.abc import Iterator
from typing import Final, Literal, Protocol

import msgspec

from relay.domain.names import Millis, ShopId

Part = Literal["all", "calls", "events"]
"""What a socket is for; version 11 may have one for each. What is posted is events only."""
State = Literal["ok", "offline", "disconnected", "silent", "no_messages"]
BEATS: Final = 3
"""So many heartbeats may fail to come."""


class Voice(Protocol):
    """What brings an account's events: a socket, or posts. Monotonic seconds and wall time of the last sign of life."""

    part: Part
    heard_s: float
    heard_at: Millis
    interval_ms: int | None


class Presence(msgspec.Struct, kw_only=True):
    """One account, and what brings its messages."""

    shop: ShopId
    self_id: str
    events: Voice | None = None
    offline: bool = False
    message_s: float = 0.0
    """Monotonic time of the last message, or of the coming of its socket."""
    left_s: float = 0.0
    """Monotonic time at which its socket ended."""
    missing_from: Millis | None = None
    """Since when messages may have been missed; None while nothing is."""


class Limits(msgspec.Struct, frozen=True):
    """In seconds; 0 turns a limit off."""

    silence_s: float
    quiet_s: float
    missing_s: float = 0.0

    def silence_of(self, voice: Voice) -> float | None:
        """How long this voice may say nothing; None if that cannot be told."""
        if not self.silence_s:
            return None
        beats = (voice.interval_ms or 0) * BEATS / 1000
        if voice.interval_ms is None and voice.part == "events":
            return None  # nothing can be asked over it, and it never promised to speak
        return max(self.silence_s, beats)


class Roll(msgspec.Struct):
    """Every account that was met since the start. `posted`: events come by HTTP, where no line could be down."""

    limits: Limits
    posted: bool = False
    accounts: dict[str, Presence] = {}

    def meet(self, self_id: str, shop: ShopId, monotonic: float) -> Presence:
        """The account of this self id, new or known. An account may come to belong to another shop."""
        known = self.accounts.get(self_id)
        if known is None:
            known = self.accounts[self_id] = Presence(shop=shop, self_id=self_id, message_s=monotonic)
        known.shop = shop
        return known

    def state(self, one: Presence, monotonic: float) -> State:
        if one.offline:
            return "offline"
        if one.events is None:
            gone = self.limits.missing_s and monotonic - one.left_s > self.limits.missing_s
            return "offline" if gone else "disconnected"
        limit = self.limits.silence_of(one.events)
        if limit is not None and monotonic - one.events.heard_s > limit:
            return "silent"
        if self.limits.quiet_s and monotonic - one.message_s > self.limits.quiet_s:
            return "no_messages"
        return "ok"

    def verdict(self, shop: ShopId, monotonic: float) -> str | None:
        """Why this shop is lost; None while it is connected."""
        states = [self.state(one, monotonic) for one in self.of(shop)]
        missing = next((state for state in states if state not in ("ok", "offline")), None)
        if missing is not None:
            return missing
        if not states:
            return None if self.posted else "not_connected"
        return None if "ok" in states else "offline"

    def of(self, shop: ShopId) -> Iterator[Presence]:
        return (one for one in self.accounts.values() if one.shop == shop)

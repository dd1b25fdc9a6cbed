"""One event of either version in the words that relay uses: who said or did what, when, to whom.

    Said       a line: the buyer's, the shop's own (of this account, or of a colleague), or the platform's
    Recalled   a line was taken back
    Placed     the platform gave the buyer to an account, or moved them there
    Missed     what was said from one instant to another, nobody will ever tell
    Pulse      the bridge is alive, and says how often it will say so
    Standing   whether one account is online, in the bridge's own words
    Ignored    of the standard, and nothing to relay

Laws: instants are the bridge's server time. Version 11 tells whole seconds, so that a line without an extension `time`
carries a second of doubt (L15). A time that cannot be one makes the event unusable.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import msgspec

from relay.domain.names import Millis
from relay_onebot.events11 import Event11, Message11, MessageSent11, Meta11, Notice11, Request11
from relay_onebot.events12 import Event12, Message12, Meta12, Notice12, Request12
from relay_onebot.extensions import OWN_PREFIX, Extensions, kind_of
from relay_onebot.ids import text_id
from relay_onebot.segments import Segment, segments_of
from relay_onebot.unusable import UnusableError
from relay_webhook.instants import instant_of

WHOLE_SECONDS_MS: Final = 1000


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A line. `own`: on the shop's side, by the account here or in another client, or `by_platform`."""

    self_id: str
    at: Millis
    skew_ms: int
    buyer: str
    own: bool
    by_platform: bool = False
    message_id: str | None
    segments: Sequence[Segment]
    alt: str = ""
    name: str = ""
    extensions: Extensions


class Recalled(msgspec.Struct, frozen=True, kw_only=True):
    self_id: str
    at: Millis
    buyer: str
    message_id: str
    message_at: Millis | None
    extensions: Extensions


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    self_id: str
    at: Millis
    buyer: str
    account: str
    from_account: str | None
    transfer: bool
    skew_ms: int = 0
    extensions: Extensions


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    self_id: str
    at: Millis
    until: Millis
    extensions: Extensions


class Pulse(msgspec.Struct, frozen=True):
    interval_ms: int | None = None


class Standing(msgspec.Struct, frozen=True):
    self_id: str
    online: bool
    platform: str | None = None


class Ignored(msgspec.Struct, frozen=True):
    what: str


Told = Said | Recalled | Placed | Missed | Pulse | Standing | Ignored
Line = Said | Recalled | Placed


def tell11(event: Event11, extensions: Extensions, prefixes: Sequence[str], now: Millis) -> list[Told]:
    """What an event of version 11 says."""
    own_id = _needed(text_id(event.self_id), "self_id")
    match event:
        case Meta11(meta_event_type="heartbeat"):
            online = (event.status or {}).get("online")
            standing = [Standing(own_id, online)] if isinstance(online, bool) else []
            return [Pulse(_interval(event.interval)), *standing]
        case Meta11(meta_event_type="lifecycle", sub_type="disable"):
            return [Standing(own_id, False)]
        case Meta11(meta_event_type="lifecycle"):
            return [Pulse(), Standing(own_id, True)]
        case Message11() | MessageSent11():
            if event.message_type != "private":
                return [Ignored(f"message of type {event.message_type}")]
            return [_said11(event, own_id, extensions, now)]
        case Notice11(notice_type="friend_recall"):
            return [_recalled(own_id, extensions, now, event.user_id, event.message_id, event.time)]
        case Notice11():
            word = kind_of(event.notice_type, prefixes)
            return [
                _happened(word, event.notice_type, own_id, extensions, now, event.user_id, event.time, event.message_id)
            ]
        case Meta11() | Request11():
            return [Ignored("meta or request")]


def tell12(event: Event12, extensions: Extensions, prefixes: Sequence[str], now: Millis) -> list[Told]:
    """What an event of version 12 says."""
    match event:
        case Meta12():
            return _meta12(event)
        case Message12():
            if event.detail_type != "private":
                return [Ignored(f"message of type {event.detail_type}")]
            return [_said12(event, extensions, now)]
        case Notice12(detail_type="private_message_delete"):
            return [_recalled(event.own.user_id, extensions, now, event.user_id, event.message_id, event.time)]
        case Notice12():
            word = kind_of(event.detail_type, prefixes)
            own_id = event.own.user_id
            return [_happened(word, event.detail_type, own_id, extensions, now, event.user_id, event.time, event.id)]
        case Request12():
            return [Ignored("request")]


def prefixes_of(event: Event11 | Event12, configured: Sequence[str]) -> Sequence[str]:
    """The prefixes that count in this event, the strongest first."""
    own = getattr(event, "own", None)
    return (OWN_PREFIX, *configured, own.platform) if own is not None else (OWN_PREFIX, *configured)


# --- the parts


def _said11(event: Message11 | MessageSent11, own_id: str, extensions: Extensions, now: Millis) -> Said:
    writer = _needed(text_id(event.user_id), "user_id")
    own = isinstance(event, MessageSent11) or writer == own_id or extensions.buyer not in (None, writer)
    buyer = extensions.buyer or (text_id(event.target_id) if own else None) or (writer if writer != own_id else None)
    sender = event.sender or {}
    name = next((one for one in (sender.get("card"), sender.get("nickname")) if isinstance(one, str) and one), "")
    at, skew_ms = _instant(extensions.time, event.time, now, WHOLE_SECONDS_MS)
    return Said(
        self_id=own_id,
        at=at,
        skew_ms=skew_ms if extensions.skew_ms is None else extensions.skew_ms,
        buyer=_needed(buyer, "target_id"),
        own=own,
        message_id=text_id(event.message_id),
        segments=segments_of(event.message),
        alt=event.raw_message or "",
        name=extensions.buyer_name or ("" if own else name),
        extensions=_by(writer, extensions) if own and writer not in (own_id, buyer) else extensions,
    )


def _said12(event: Message12, extensions: Extensions, now: Millis) -> Said:
    own_id = _needed(text_id(event.own.user_id), "self.user_id")
    writer = _needed(text_id(event.user_id), "user_id")
    own = writer == own_id or extensions.buyer not in (None, writer)
    at, skew_ms = _instant(extensions.time, event.time, now, 0)
    return Said(
        self_id=own_id,
        at=at,
        skew_ms=skew_ms if extensions.skew_ms is None else extensions.skew_ms,
        buyer=_needed(extensions.buyer if own else extensions.buyer or writer, "an extension field buyer"),
        own=own,
        message_id=text_id(event.message_id),
        segments=event.message,
        alt=event.alt_message,
        name=extensions.buyer_name or "",
        extensions=_by(writer, extensions) if own and writer != own_id else extensions,
    )


def _by(writer: str, extensions: Extensions) -> Extensions:
    """A colleague's line, seen by this account: the account is theirs, unless the bridge says otherwise."""
    return msgspec.structs.replace(extensions, account=extensions.account or writer)


def _meta12(event: Meta12) -> list[Told]:
    match event.detail_type:
        case "heartbeat":
            return [Pulse(_interval(event.interval))]
        case "status_update" if event.status is not None:
            return [Pulse(), *(Standing(one.own.user_id, one.online, one.own.platform) for one in event.status.bots)]
        case _:
            return [Pulse()]


def _recalled(
    own_id: str,
    extensions: Extensions,
    now: Millis,
    user_id: str | int | None,
    message_id: str | int | None,
    time: float,
) -> Recalled:
    said = extensions.message_time
    return Recalled(
        self_id=own_id,
        at=_instant(extensions.time, time, now, 0)[0],
        buyer=_needed(extensions.buyer or text_id(user_id), "user_id"),
        message_id=_needed(text_id(message_id), "message_id"),
        message_at=instant_of(said, now) if bytes(said) else None,
        extensions=extensions,
    )


def _happened(
    word: str | None,
    name: str,
    own_id: str,
    extensions: Extensions,
    now: Millis,
    user_id: str | int | None,
    time: float,
    id: str | int | None,
) -> Told:
    """A notice of the shop's world: an assignment, a transfer, or a line of the platform itself."""
    if word == "gap":
        return _missed(own_id, extensions, now, time)
    if word not in ("assign", "transfer", "system"):
        return Ignored(f"notice of type {name[:60]}")
    at, skew_ms = _instant(extensions.time, time, now, 0)
    buyer = _needed(extensions.buyer or text_id(user_id), "user_id")
    if word == "system":
        words = [Segment("text", {"text": extensions.text or ""})]
        kept = msgspec.structs.replace(extensions, kind="system")
        return Said(
            self_id=own_id,
            at=at,
            skew_ms=skew_ms,
            buyer=buyer,
            own=True,
            by_platform=True,
            message_id=text_id(id),
            segments=words,
            extensions=kept,
        )
    return Placed(
        self_id=own_id,
        at=at,
        buyer=buyer,
        account=_needed(extensions.account, "an extension field account"),
        from_account=extensions.from_account,
        transfer=word == "transfer",
        skew_ms=extensions.skew_ms or 0,
        extensions=msgspec.structs.replace(extensions, account=None),
    )


def _missed(own_id: str, extensions: Extensions, now: Millis, time: float) -> Missed:
    if not bytes(extensions.until):
        raise UnusableError("a gap needs an extension field until", "缺口事件缺少扩展字段 until")
    at, until = _instant(extensions.time, time, now, 0)[0], instant_of(extensions.until, now)
    if until < at:
        raise UnusableError("a gap ends before it begins", "缺口的结束早于开始")
    return Missed(self_id=own_id, at=at, until=until, extensions=extensions)


def _instant(better: msgspec.Raw, seconds: float, now: Millis, doubt_ms: int) -> tuple[Millis, int]:
    """The event's time and its doubt: the extension's where there is one, else the standard's seconds."""
    if bytes(better):
        return instant_of(better, now), 0
    return instant_of(msgspec.Raw(f"{Decimal(repr(seconds)):f}".encode() + _point(seconds)), now), doubt_ms


def millis(seconds: float) -> Millis:
    """Seconds with a fraction as milliseconds, half to even, by their decimal digits."""
    return Millis(int((Decimal(repr(seconds)) * 1000).quantize(Decimal(1), ROUND_HALF_EVEN)))


def _point(seconds: float) -> bytes:
    """Whole seconds need a point, or they would be read as milliseconds."""
    return b"" if isinstance(seconds, float) else b".0"


def _interval(given: int | None) -> int | None:
    return given if given is not None and 0 < given <= 86_400_000 else None


def _needed(given: str | None, name: str) -> str:
    if not given:
        raise UnusableError(f"the event needs {name}", f"事件缺少 {name}")
    return given

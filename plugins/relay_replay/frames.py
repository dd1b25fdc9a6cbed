"""A line of a message log as the OneBot event, of version 11 or 12, by which a bridge would tell it.

Laws: every event says of itself that it is replayed (`relay.replayed`); its time is the log's, to the millisecond; what
the log says beyond the standard goes in the extension fields of docs/bridge.md and in nothing else. An author is always
named, so that relay never has to guess whose the line is.
"""

from typing import Any, Final

import msgspec

from relay.domain.names import Millis
from relay.rules.messages import Body
from relay_onebot.extensions import extended
from relay_onebot.options import Version

PLATFORM: Final = "replay"
EMPTY: Final = "[无文字/no text]"
"""What stands where the log has a line without its text."""
PATHS: Final = frozenset({"client", "vendor", "relay", "hand"})
_MOVES: Final = frozenset({"assign", "transfer"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line under the names that the wire can carry. `send_at` is when it is told: a gap when it is over."""

    number: int
    send_at: Millis
    at: Millis
    body: Body
    self_id: str
    id: str
    buyer: str = ""
    account: str = ""
    from_account: str | None = None
    recalls: str | None = None
    until: Millis | None = None


def frame_of(line: Line, version: Version) -> bytes:
    """The event as it goes over the socket."""
    event = _event11(line) if version == "11" else _event12(line)
    return msgspec.json.encode(event | extended({"replayed": True, "time": line.at, **_words(line)}))


def greeting(self_ids: list[str], version: Version, now: Millis) -> list[bytes]:
    """What a bridge says first: who it is, and which accounts are online."""
    if version == "11":
        said: dict[str, Any] = {"meta_event_type": "lifecycle", "sub_type": "connect"}
        return [
            _encode({"time": now // 1000, "self_id": int(one), "post_type": "meta_event", **said}) for one in self_ids
        ]
    meta = {"id": "", "time": now / 1000, "type": "meta", "sub_type": ""}
    ours = {"impl": "relay-replay", "version": "1", "onebot_version": "12"}
    bots = [{"self": {"platform": PLATFORM, "user_id": one}, "online": True} for one in self_ids]
    return [
        _encode({**meta, "detail_type": "connect", "version": ours}),
        _encode({**meta, "detail_type": "status_update", "status": {"good": True, "bots": bots}}),
    ]


def _words(line: Line) -> dict[str, Any]:
    """The extension fields of a line."""
    body = line.body
    if line.until is not None:
        return {"until": line.until}
    if body.kind == "recall":
        return {"buyer": line.buyer}
    if body.kind in _MOVES:
        where = {"account": line.account, "from_account": line.from_account}
        return {"buyer": line.buyer, "skew_ms": body.skew_ms or None, **where}
    if body.role == "system":
        return {"buyer": line.buyer, "text": body.text or ""}
    words: dict[str, Any] = {
        "kind": body.kind,
        "content": body.content or None,
        "text": None if body.text else "",
        "skew_ms": body.skew_ms,
    }
    if body.role == "buyer":
        return words | {"tag": body.tag or None, "buyer_class": body.buyer_class, "queued": body.queued}
    words |= {
        "outcome": body.outcome,
        "bot": body.bot or None,
        "mode": body.mode,
        "trigger": body.trigger,
        "buyer": line.buyer,
    }
    origin = "draft" if body.origin == "draft" else None
    return words | {"origin": origin, "path": body.path if body.path in PATHS else None}


def _segments(line: Line) -> list[dict[str, Any]]:
    return [{"type": "text", "data": {"text": line.body.text or ""}}]


def _notice(line: Line) -> str | None:
    """The type of a notice; None for a message. A recall's type is the version's own."""
    if line.until is not None:
        return "relay.gap"
    if line.body.kind in _MOVES:
        return f"relay.{line.body.kind}"
    return "relay.system" if line.body.role == "system" else None


def _event11(line: Line) -> dict[str, Any]:
    head: dict[str, Any] = {"time": line.at // 1000, "self_id": int(line.self_id)}
    if line.body.kind == "recall":
        return {**head, "post_type": "notice", "notice_type": "friend_recall", "user_id": line.buyer,
                "message_id": line.recalls}  # fmt: skip
    if (notice := _notice(line)) is not None:
        return {**head, "post_type": "notice", "notice_type": notice, "user_id": line.buyer or None,
                "message_id": line.id}  # fmt: skip
    own = line.body.role == "merchant"
    writer: dict[str, Any] = {"user_id": int(line.self_id), "target_id": line.buyer} if own else {"user_id": line.buyer}
    return {
        **head, **writer, "post_type": "message_sent" if own else "message", "message_type": "private",
        "sub_type": "friend", "message_id": line.id, "message": _segments(line),
        "raw_message": line.body.text or EMPTY, "font": 0, "sender": {},
    }  # fmt: skip


def _event12(line: Line) -> dict[str, Any]:
    head: dict[str, Any] = {
        "id": f"e{line.number}", "time": line.at / 1000, "sub_type": "",
        "self": {"platform": PLATFORM, "user_id": line.self_id},
    }  # fmt: skip
    if line.body.kind == "recall":
        return {**head, "type": "notice", "detail_type": "private_message_delete", "user_id": line.buyer,
                "message_id": line.recalls}  # fmt: skip
    if (notice := _notice(line)) is not None:
        return {**head, "type": "notice", "detail_type": notice, "user_id": line.buyer or None}
    own = line.body.role == "merchant"
    return {
        **head, "type": "message", "detail_type": "private", "message_id": line.id, "message": _segments(line),
        "alt_message": line.body.text or EMPTY, "user_id": line.self_id if own else line.buyer,
    }  # fmt: skip


def _encode(event: dict[str, Any]) -> bytes:
    return msgspec.json.encode(event)

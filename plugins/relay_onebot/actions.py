"""Actions and their responses: what an application asks of an implementation, and what that says to it.

    request    {"action": ..., "params": {...}, "echo": any JSON, "self": {...}}   (self in version 12 only)
    response   {"status": "ok" | "async" | "failed", "retcode": ..., "data": ..., "message": ..., "echo": as it came}

Laws: an echo is JSON of any form and comes back byte for byte; a response is told from an event by its `status` and
`retcode`, since peers leave out everything else. Version 11 knows two endings of an action's name: `_async` (the
outcome is never told) and `_rate_limited` (it waits its turn).
"""

from typing import Any, Final, Literal

import msgspec

from relay_onebot.events12 import Self

NO_ECHO: Final = msgspec.Raw()
Ending = Literal["", "_async", "_rate_limited"]
_ENDINGS: Final[tuple[Ending, ...]] = ("_async", "_rate_limited")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An action asked for."""

    action: str
    params: dict[str, Any] | None = None
    echo: msgspec.Raw = NO_ECHO
    own: Self | None = msgspec.field(name="self", default=None)

    @property
    def ending(self) -> Ending:
        """How the name ends, which says how it is to be carried out (version 11)."""
        return next((each for each in _ENDINGS if self.action.endswith(each)), "")

    @property
    def name(self) -> str:
        """The action without that ending."""
        return self.action.removesuffix(self.ending)


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an action. `message` and, in older peers, `msg` and `wording` are for people, in whatever form."""

    status: str
    retcode: int
    data: Any = None
    message: Any = None
    wording: Any = None
    msg: Any = None
    echo: msgspec.Raw = NO_ECHO

    @property
    def words(self) -> str:
        """What it says for people."""
        return next((one for one in (self.message, self.wording, self.msg) if isinstance(one, str) and one), "")


_REQUEST: Final = msgspec.json.Decoder(Request)
_RESPONSE: Final = msgspec.json.Decoder(Response)


def decode_request(raw: bytes | str) -> Request:
    """Raises `ValueError` or `RecursionError`."""
    return _REQUEST.decode(raw)


def decode_response(raw: bytes | str) -> Response:
    """Raises `ValueError` or `RecursionError`."""
    return _RESPONSE.decode(raw)


def echo_of(given: Request | Response) -> object:
    """The echo as a value to compare; None where there is none."""
    raw = bytes(given.echo)
    return msgspec.json.decode(raw) if raw else None


def encode_request(action: str, params: dict[str, Any], echo: object = None, own: Self | None = None) -> bytes:
    """An action as a frame. Raises `UnicodeEncodeError` for a text that no JSON can hold."""
    frame: dict[str, Any] = {"action": action, "params": params}
    if echo is not None:
        frame["echo"] = echo
    if own is not None:
        frame["self"] = own
    return msgspec.json.encode(frame)


def encode_response(
    status: Literal["ok", "async", "failed"],
    retcode: int,
    data: Any = None,
    message: str = "",
    echo: msgspec.Raw = NO_ECHO,
) -> bytes:
    """A response as a frame; `echo` is that of the request, as it came."""
    frame: dict[str, Any] = {"status": status, "retcode": retcode, "data": data, "message": message}
    if bytes(echo):
        frame["echo"] = echo
    return msgspec.json.encode(frame)

"""What the two versions of OneBot have in common where relay is the implementation: frames out, actions in.

Laws: every frame that asks for something is answered, echo and all, whatever is wrong with it; what is itself an answer
or an event is not, so that two who echo each other soon fall silent. Nothing here waits or raises.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Literal, Protocol

import msgspec

from relay_bot.bot import NotTakenError
from relay_bot.questions import Asked
from relay_onebot.actions import NO_ECHO, Request, decode_request, encode_response
from relay_onebot.retcodes import ASYNC, OK

IMPL: Final = "relay"
HEARTBEAT_S: Final = 15.0
Params = Mapping[str, Any]
Action = Callable[[Params], Any]
"""Gives the data of its answer. Raises `FailedActionError` or `NotTakenError`."""


class FailedActionError(Exception):
    """An action that is not carried out, with its retcode and a sentence."""

    def __init__(self, retcode: int, why: str) -> None:
        super().__init__(why)
        self.retcode = retcode


class Result(msgspec.Struct, frozen=True):
    """What an action came to."""

    status: Literal["ok", "async", "failed"]
    retcode: int
    data: Any = None
    message: str = ""

    def frame(self, echo: msgspec.Raw = NO_ECHO) -> bytes:
        return encode_response(self.status, self.retcode, self.data, self.message, echo)


class Dialect(Protocol):
    """One version of the protocol, spoken for one bot."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What relay says of itself when it dials or posts."""

    @property
    def protocols(self) -> Sequence[str]:
        """The subprotocols of a WebSocket."""

    def opening(self) -> Sequence[bytes]:
        """The first frames of any socket."""

    def heartbeat(self) -> bytes: ...

    def event(self, asked: Asked) -> bytes:
        """A question as a private message."""

    def act(self, request: Request) -> Result:
        """Carry out an action. Never raises."""

    def answer(self, raw: bytes) -> bytes | None:
        """The answer to a frame; None for one that asks nothing. Never raises."""


class _Outline(msgspec.Struct, frozen=True):
    """As much of a frame as tells an answer or an event from an action that cannot be read."""

    action: Any = None
    retcode: Any = None
    post_type: Any = None
    detail_type: Any = None
    echo: msgspec.Raw = NO_ECHO

    @property
    def asks_nothing(self) -> bool:
        return self.action is None and (self.retcode, self.post_type, self.detail_type) != (None, None, None)


def answer_frame(raw: bytes, act: Callable[[Request], Result], bad_request: int) -> bytes | None:
    """The answer to a frame of either version."""
    try:
        request = decode_request(raw)
    except (ValueError, RecursionError):
        outline = _outline_of(raw)
        if outline.asks_nothing:
            return None
        why = "应为 JSON：action、params、echo / must be JSON with action, params and echo"
        return Result("failed", bad_request, None, why).frame(outline.echo)
    return act(request).frame(request.echo)


def carry_out(
    actions: Mapping[str, Action], request: Request, unsupported: int, bad: int, refused: int, endings: bool
) -> Result:
    """Look an action up and do it. `endings`: names may end in `_async` and `_rate_limited` (version 11)."""
    ending = request.ending if endings else ""
    action = actions.get(request.name if ending else request.action)
    if action is None:
        named = request.action[:64]
        return Result("failed", unsupported, None, f"relay 没有此动作 / no such action: {named}")
    try:
        data = action(request.params or {})
    except FailedActionError as error:
        result = Result("failed", error.retcode, None, str(error))
    except NotTakenError as error:
        result = Result("failed", bad if error.bad else refused, None, str(error))
    else:
        result = Result("ok", OK, data)
    return Result("async", ASYNC) if ending else result


def relay_version() -> str:
    try:
        return version("relay-desk")
    except PackageNotFoundError:
        return "0"


def _outline_of(raw: bytes) -> _Outline:
    try:
        return msgspec.json.decode(raw, type=_Outline)
    except (ValueError, RecursionError):
        return _Outline()

"""How the console's requests are read and answered: JSON both ways, every refusal with a code and both languages."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from relay.errors import BadInputError, ConfigError, ForbiddenError, RefusedError, RelayError
from relay.runtime.access.door import SlowDownError
from relay.web.bodies import body_of

T = TypeVar("T")
MOST_BYTES: Final = 64 * 1024
PART: Final = 256 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_STATUS: Final = {"wrong_login": 401, "wrong_code": 401, "no_session": 401, "plain_http": 403, "unknown_person": 404}


async def read(request: web.Request, kind: type[T], most: int = MOST_BYTES) -> T:
    """The body as one of our records. Raises BadInputError that says which key is wrong, and never what stood there."""
    if request.content_type != "application/json":
        raise BadInputError("send application/json / 请以 application/json 发送")
    body = await body_of(request, most)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"内容无效 / not what is expected here: {error}") from None


def json(data: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(data), status=status, content_type="application/json")


def json_line(data: object) -> bytes:
    """One line of an answer that comes bit by bit."""
    return msgspec.json.encode(data) + b"\n"


async def sent(request: web.Request, path: Path, name: str, kind: str) -> web.StreamResponse:
    """A file as a download of this name; it is removed afterwards, also where nobody took it to its end."""
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{name}"'})
    response.content_type = kind
    response.headers["Cache-Control"] = "no-store"
    try:
        with path.open("rb") as file:
            await response.prepare(request)
            while part := await asyncio.to_thread(file.read, PART):
                await response.write(part)
        await response.write_eof()
        return response
    finally:
        path.unlink(missing_ok=True)  # noqa: ASYNC240  (one entry of a folder)


def told(handler: Handler) -> Handler:
    """What the handler answers; what relay raises on purpose, as `{code, en, zh}` or `{findings}`. Never cached."""

    async def serve(request: web.Request) -> web.StreamResponse:
        response = await _answer(handler, request)
        if not response.prepared:
            response.headers["Cache-Control"] = "no-store"
        return response

    return serve


async def _answer(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return await handler(request)
    except ConfigError as error:
        findings = [{"where": one.where, "en": one.en, "zh": one.zh, "path": one.path} for one in error.findings]
        return json({"code": "unfit", "findings": findings}, 422)
    except SlowDownError as error:
        response = _refusal(error, 429)
        response.headers["Retry-After"] = str(-(-error.wait_ms // 1000))
        return response
    except ForbiddenError as error:
        return _refusal(error, 403)
    except RefusedError as error:
        return _refusal(error, _STATUS.get(error.code, 409))
    except RelayError as error:
        return json({"code": "unfit", "en": str(error), "zh": str(error)}, 422)


def _refusal(error: RefusedError, status: int) -> web.Response:
    return json({"code": error.code, "en": error.en, "zh": error.zh}, status)

"""The whole body of a request, within a bound.

A read of a stream gives what has come so far. A body that comes in several pieces must be read until it ends: half a
settings file is a settings file too, in which everything behind the cut was removed.
"""

from aiohttp import web

from relay.errors import BadInputError


async def body_of(request: web.Request, most: int) -> bytes:
    """Raises BadInputError above so many bytes, once they have come."""
    body = bytearray()
    while len(body) <= most and (part := await request.content.read(most + 1 - len(body))):
        body += part
    if len(body) > most:
        raise BadInputError(f"at most {most} bytes / 内容过大，最多 {most} 字节")
    return bytes(body)

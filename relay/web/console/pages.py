"""`/console/…`: the pages and what they are made of, read once at the start, with headers that let nothing else in.

Laws:
* What a page may load is ours and from here: no inline code or style, no frame, no other origin (ASVS 3.4).
* Assets live below the digest of all of them, so a browser keeps them for ever and a new relay brings new ones; a page
  itself is never kept.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from aiohttp import web

from relay.web.credentials import is_secure

HOME: Final = "/console/"
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}


class Assets:
    """Every file of `relay/web/static`, by its path there."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self.files = dict(_walk(folder or files("relay.web") / "static"))
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        self.version = digest.hexdigest()[:16]
        self.page = self.files.pop("console.html").replace(b"{{assets}}", self.base.encode())

    @property
    def base(self) -> str:
        """The path below which the assets of this version are served."""
        return f"{HOME}static/{self.version}"


def page_routes(assets: Assets) -> list[web.RouteDef]:
    """The pages, which are one file, and the assets."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=assets.page, content_type="text/html", charset="utf-8", headers=headers_of(request))

    async def home(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": HOME})

    async def asset(request: web.Request) -> web.Response:
        content = assets.files.get(request.match_info["name"])
        if content is None or request.match_info["version"] != assets.version:
            return web.Response(status=404, headers=headers_of(request))
        headers = {**headers_of(request), "Cache-Control": FOR_EVER}
        kind = _type_of(request.match_info["name"])
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=content, content_type=kind, charset=charset, headers=headers)

    return [
        web.get("/", home),
        web.get(HOME.removesuffix("/"), home),
        web.get(f"{HOME}static/{{version}}/{{name:.+}}", asset),
        web.get(f"{HOME}{{page:[a-z]*}}", page),
        web.get(f"{HOME}{{page:[a-z]+}}/{{rest:[A-Za-z0-9_.:+-]+}}", page),
    ]


def headers_of(request: web.Request) -> dict[str, str]:
    """The headers of every page and asset."""
    more = {"Strict-Transport-Security": "max-age=31536000"} if is_secure(request) else {}
    return {**HEADERS, **more, "Cache-Control": "no-store"}


def _type_of(name: str) -> str:
    suffix = name[name.rfind(".") :]
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _walk(folder: Traversable, above: str = "") -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for one in folder.iterdir():
        if one.is_dir():
            found += _walk(one, f"{above}{one.name}/")
        else:
            found.append((f"{above}{one.name}", one.read_bytes()))
    return found

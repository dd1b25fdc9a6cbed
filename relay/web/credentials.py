"""By what a request says who asks: a token in a header, or the cookie of a session at the console (ASVS 3, 4.4).

Laws:
* A cookie is believed only where no other site can have set the request off: it goes with this site's requests alone
  (SameSite=Strict), and on whatever changes something, and on a socket, the page must also name its origin as ours.
* Over HTTPS the cookie is `__Host-`: no other host or path can set it, and no plain request carries it.
"""

import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

SECURE_COOKIE: Final = "__Host-relay"
PLAIN_COOKIE: Final = "relay"
"""On this machine alone, where there may be no HTTPS."""
_SAFE: Final = ("GET", "HEAD")
_FORWARDED: Final = web.AppKey("behind_proxy", bool)


def trust_proxy(app: web.Application, behind_proxy: bool) -> None:
    """Whether a proxy on this machine tells for whom it asks."""
    app[_FORWARDED] = behind_proxy


def credential(request: web.Request) -> str | None:
    """The token in which this request comes: of the header, else of the cookie. None for none, "" for nobody's."""
    token = bearer(request)
    if token is not None:
        return token
    cookie = session_cookie(request)
    if cookie is None:
        return None
    needs_origin = request.method not in _SAFE or request.headers.get("Upgrade", "").lower() == "websocket"
    return "" if (needs_origin and not from_our_page(request)) or _from_another_site(request) else cookie


def session_cookie(request: web.Request) -> str | None:
    """The session's token, whoever had it sent."""
    return request.cookies.get(SECURE_COOKIE if is_secure(request) else PLAIN_COOKIE)


def set_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser its session."""
    secure = is_secure(request)
    name = SECURE_COOKIE if secure else PLAIN_COOKIE
    response.set_cookie(name, token, path="/", httponly=True, secure=secure, samesite="Strict")


def drop_session(request: web.Request, response: web.StreamResponse) -> None:
    secure = is_secure(request)
    name = SECURE_COOKIE if secure else PLAIN_COOKIE
    response.del_cookie(name, path="/", httponly=True, secure=secure, samesite="Strict")


def bearer(request: web.Request) -> str | None:
    """The token of the header: None without an Authorization header, "" (nobody's) if it holds none."""
    headers = request.headers.getall("Authorization", [])
    if not headers:
        return None
    scheme, _, token = headers[0].partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(headers) == 1 else ""


def origin_allowed(request: web.Request, allowed: tuple[str, ...] = ()) -> bool:
    """Whether the page that asks may: of this very host, or named in the settings (no Origin: no page)."""
    origins = request.headers.getall("Origin", [])
    if not origins:
        return True
    if len(origins) > 1:
        return False
    if origins[0] in allowed:
        return True
    try:
        parts = urlsplit(origins[0])
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and parts.netloc.lower() == request.host.lower()


def from_our_page(request: web.Request) -> bool:
    """Whether a page of ours sent this: it names its origin, and the browser says nothing else."""
    return "Origin" in request.headers and origin_allowed(request) and not _from_another_site(request)


def address_of(request: web.Request) -> str:
    """Where the request comes from; behind a proxy of this machine, what that says."""
    return _forwarded(request, "X-Forwarded-For") or request.remote or ""


def is_secure(request: web.Request) -> bool:
    """Whether what goes over this connection can be read by nobody else."""
    return request.secure or _forwarded(request, "X-Forwarded-Proto") == "https"


def is_local(address: str) -> bool:
    """Whether this is an address of the machine itself."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _from_another_site(request: web.Request) -> bool:
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


def _forwarded(request: web.Request, name: str) -> str | None:
    """The last word of this header, if a proxy of this machine wrote it and the configuration knows of one."""
    if not request.config_dict.get(_FORWARDED, False) or not is_local(request.remote or ""):
        return None
    headers: Mapping[str, str] = request.headers
    return headers.get(name, "").rpartition(",")[2].strip() or None

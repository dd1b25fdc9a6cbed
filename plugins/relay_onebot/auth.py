"""Who may connect: the bearer token of both versions, and the signature of version 11's HTTP POST.

    both        Authorization: Bearer TOKEN; where there is no such header at all, ?access_token=TOKEN
    version 11  X-Signature: sha1=HEX, the HMAC-SHA1 of the raw body under the secret

Laws: a header that is there decides alone, so that a good token in an address never heals a bad header. Every
comparison takes constant time and is made with every configured token or secret, so that one can be added before the
old one is taken away. Without a token configured nothing is admitted. No secret reaches an error or a log.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final, Literal

SIGNATURE: Final = "x-signature"
_PREFIX: Final = "sha1="

Standing = Literal["admitted", "missing", "wrong"]
"""`missing` is 401; `wrong` is 403 in version 11 and 401 in version 12."""


def token_of(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The token of a request; None if it names none, "" if its header holds none. Header names in lower case."""
    header = headers.get("authorization")
    if header is None:
        return query.get("access_token")
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def standing_of(tokens: Sequence[str], headers: Mapping[str, str], query: Mapping[str, str]) -> Standing:
    """Whether one of these tokens is given."""
    given = token_of(headers, query)
    if given is None:
        return "missing"
    matches = [_same(token, given) for token in tokens]
    return "admitted" if any(matches) else "wrong"


def sign(secret: str, body: bytes) -> str:
    """The value of X-Signature for this raw body."""
    return _PREFIX + hmac.digest(secret.encode(), body, hashlib.sha1).hex()


def signature_standing(secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> Standing:
    """Whether the raw body is signed under one of these secrets."""
    given = headers.get(SIGNATURE)
    if given is None:
        return "missing"
    matches = [_same(sign(secret, body), given.strip().lower()) for secret in secrets]
    return "admitted" if any(matches) else "wrong"


def status_of(standing: Standing, version: Literal["11", "12"]) -> int:
    """The HTTP status that says so."""
    if standing == "admitted":
        return 200
    return 403 if standing == "wrong" and version == "11" else 401


def _same(one: str, other: str) -> bool:
    """Compares digests, so that not even the length of a token shows."""
    return hmac.compare_digest(_digest(one), _digest(other))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

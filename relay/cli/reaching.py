"""Reaching the running service on loopback, with the token that only this account can read."""

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Final

from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config import Config


WAIT_S: Final = 60.0


class NotRunningError(Exception):
    """No service listens where the configuration says."""


def ask(
    config: "Config",
    method: str,
    path: str,
    body: bytes | None = None,
    token: str | None = None,
    wait_s: float | None = WAIT_S,
) -> bytes:
    """The answer of a route, as the person whose token is given, else as the owner of this machine.

    `wait_s`: for how long, None for as long as it takes. Raises NotRunningError; what the service refuses ends the
    command, exit code 2.
    """
    from relay.app import ADMIN_TOKEN
    from relay.wiring.tls import client_context

    token_file = config.relay.data_dir / ADMIN_TOKEN
    try:
        token = token or token_file.read_text(encoding="ascii")
    except FileNotFoundError:
        raise NotRunningError from None
    except OSError as error:
        stop(f"{token_file}: 无法读取 / cannot be read: {error.strerror}")
    host = "127.0.0.1" if config.http.host in ("0.0.0.0", "::") else config.http.host  # noqa: S104
    tls = client_context(config.http)
    request = urllib.request.Request(  # noqa: S310  (of our own making: http or https)
        f"{'https' if tls else 'http'}://{host}:{config.http.port}{path}",
        data=body,
        method=method,
        headers={"Authorization": f"Bearer {token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=wait_s, context=tls) as answer:  # noqa: S310
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as error:
        stop(_told(error.read()))
    except OSError:
        raise NotRunningError from None


def _told(body: bytes) -> str:
    try:
        answer: dict[str, Any] = json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
    return "\n".join(answer.get("findings", [])) or str(answer.get("error", answer))

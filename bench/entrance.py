"""People who come in at the console: a password of each, their login, and the socket that the page then opens.

The session is a cookie and the page names its origin, as a browser does; what goes over the socket after that is what
`relay/web/static/line.js` says and hears.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from bench.load import HOST, AgentSocket, LoadError, Seat
from relay.config import load_config
from relay.domain.names import Millis, PersonId
from relay.runtime.access.passwords import Hasher
from relay.store.access import FILE, AccessFile, Password
from relay.web.credentials import PLAIN_COOKIE

PASSWORD: Final = "nine paper boats upstream"
ORIGIN: Final = f"http://{HOST}"


def give_passwords(config_path: Path, people: Sequence[str]) -> None:
    """One for all, hashed once: what it costs to make them is no part of any row."""
    folder = load_config(config_path).relay.data_dir
    hashed = asyncio.run(Hasher().hash(PASSWORD))
    file = AccessFile(folder / FILE)
    try:
        for one in people:
            file.set_password(Password(PersonId(one), hashed, Millis(time.time_ns() // 1_000_000), False))
    finally:
        file.close()


async def log_in(port: int, people: Sequence[str]) -> list[str]:
    """The session of each, one after the other. Raises LoadError if somebody is not let in."""
    sessions = []
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        for one in people:
            async with client.post(
                f"{ORIGIN}:{port}/console/api/login",
                json={"person": one, "password": PASSWORD},
                headers={"Origin": f"{ORIGIN}:{port}"},
            ) as answer:
                if answer.status != 200:
                    raise LoadError(f"{one} was not let in: {await answer.text()}")
                sessions.append(answer.cookies[PLAIN_COOKIE].value)
    return sessions


class ConsoleSocket(AgentSocket):
    """The socket of a page: an agent's, who comes online. It keeps when each mark was first seen, and counts bytes.

    `seat.token` is the session.
    """

    def __init__(self, seat: Seat, seen: Callable[[int], None], failed: Callable[[Exception], None]) -> None:
        super().__init__(seat, self._first, failed, {"Cookie": f"{PLAIN_COOKIE}={seat.token}", "Origin": ORIGIN})
        self._tell, self._loop = seen, asyncio.get_running_loop()
        self.first_at: dict[int, float] = {}
        self.bytes = 0

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        super().data_received(data)

    def _first(self, number: int) -> None:
        if number not in self.first_at:
            self.first_at[number] = self._loop.time()
            self._tell(number)


class WallSocket(ConsoleSocket):
    """The socket of a supervisor's wall, who calls these seats online first."""

    def __init__(
        self,
        seat: Seat,
        seen: Callable[[int], None],
        failed: Callable[[Exception], None],
        called: Sequence[str] = (),
    ) -> None:
        super().__init__(seat, seen, failed)
        self._called = called

    def opened(self) -> None:
        self.text(b'{"v":1,"type":"hello"}')
        for seat in self._called:
            self.text(msgspec.json.encode({"v": 1, "type": "presence", "seat": seat, "presence": "online"}))
        self.text(b'{"v":1,"type":"ping","id":"ready"}')

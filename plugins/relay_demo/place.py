"""The folder of a demo: configuration, settings, secrets, and how often and by which clock it was started.

The rules assess 8:00 to 24:00 in Beijing, and outside these hours there is nothing to see. A demo that begins outside
has its clock put on to ten o'clock, never back: time on the ledger goes forward, also over several starts.
"""

import base64
import json
import os
from pathlib import Path
from typing import Final

import msgspec

from relay.contracts import Clock, Entropy
from relay.domain.names import Millis
from relay_demo.shops import CHANNEL

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
BEIJING: Final = 8 * HOUR
OPENS, TEN, CLOSES = 8 * HOUR, 10 * HOUR, 23 * HOUR + HOUR // 2

CONFIG: Final = """\
# relay demo 每次启动都会重写此文件 / written anew at every start of relay demo
[relay]
data_dir = "."
language = "{language}"

[http]
port = {port}

[log]
file = "relay.log"

[[channel]]
name = "{channel}"
kind = "webhook"

[channel.options]
secrets_file = ["secrets/bridge.secret"]
send_secret_file = "secrets/relay.secret"
send_url = "{send_url}"
"""


class Start(msgspec.Struct, frozen=True):
    """This start of the demo: the how many-th on this ledger, and by how much its clock is put on."""

    run: int = 0
    put_on_ms: int = 0


class Place:
    """The files of one demo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.settings = folder / "settings.toml"
        self.log = folder / "relay.log"
        self.visitor_token = folder / "you.token"
        self._start = folder / "start.json"

    def begin(self, now: Millis, entropy: Entropy) -> Start:
        """Make what is missing, and count this start."""
        (self.folder / "secrets").mkdir(parents=True, exist_ok=True)
        for name in ("bridge", "relay"):
            self._secret(name, entropy)
        known = msgspec.json.decode(self._start.read_bytes(), type=Start) if self._start.exists() else Start()
        start = Start(known.run + 1, put_on(now, known.put_on_ms))
        self._start.write_bytes(json.dumps(msgspec.to_builtins(start)).encode())
        return start

    def write_config(self, language: str, port: int, send_url: str) -> None:
        text = CONFIG.format(language=language, port=port, send_url=send_url, channel=CHANNEL)
        self.config.write_bytes(text.encode())

    def secrets(self) -> tuple[str, str]:
        """What the bridge signs with, and what relay signs with."""
        return self._path("bridge").read_text("ascii").strip(), self._path("relay").read_text("ascii").strip()

    def keep_visitor_token(self, token: str) -> None:
        self.visitor_token.unlink(missing_ok=True)
        _private(self.visitor_token, token)

    def move_aside(self, stamp: str) -> Path:
        """Begin afresh; what was there stays, under another name."""
        aside = self.folder.with_name(f"{self.folder.name}-{stamp}")
        self.folder.rename(aside)
        return aside

    def _secret(self, name: str, entropy: Entropy) -> None:
        if not self._path(name).exists():
            _private(self._path(name), f"whsec_{base64.b64encode(entropy.bytes(32)).decode()}")

    def _path(self, name: str) -> Path:
        return self.folder / "secrets" / f"{name}.secret"


def put_on(now: Millis, already_ms: int) -> int:
    """By how much to put the clock on so that the demo begins in assessed hours; never less than `already_ms`."""
    of_day = (now + already_ms + BEIJING) % DAY
    return already_ms if OPENS <= of_day < CLOSES else already_ms + (TEN - of_day) % DAY


class PutOnClock:
    """The machine's clock, put on by a fixed span."""

    def __init__(self, inner: Clock, put_on_ms: int) -> None:
        self._inner, self._put_on_ms = inner, put_on_ms

    def now(self) -> Millis:
        return Millis(self._inner.now() + self._put_on_ms)

    def monotonic(self) -> float:
        return self._inner.monotonic()


def _private(path: Path, text: str) -> None:
    """A file that only the owner of this account can read (Windows keeps it to the folder's rights)."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{text}\n")

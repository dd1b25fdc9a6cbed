"""The folder of one replay: a configuration like any other's, the ledger, the names, and how far it came.

Every command reads it with `--config FOLDER/config.toml`. Law: a folder belongs to one log; another log is never told
into its ledger.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from relay.cli.replaying.names import FILE, Names
from relay.cli.replaying.script import Script
from relay.cli.replaying.settings import CHANNEL
from relay.contracts import Entropy
from relay.errors import BadInputError

SUFFIX: Final = ".replay"
TOKEN: Final = "bridge.token"  # noqa: S105  (a file name)
_CONFIG: Final = """\
# relay replay 生成：重放 {name} 的台账 / made by relay replay: the ledger of {name}, replayed
[relay]
data_dir = "."

[http]
max_connections = {connections}

[log]
file = "relay.log"

[plugins]
enabled = [{plugins}]

[[channel]]
name = "{channel}"
kind = "onebot"

[channel.options]
replay = true
placement = "observe"
version = "{version}"
tokens_file = ["{token}"]
extended = true
history = "relay.get_history"
shared_ids = true
recycled_ids = false
silence_s = 0
missing_s = 0
max_frame = 16777216
{accounts}"""


class Progress(msgspec.Struct, frozen=True):
    """Whose replay it is, and how many of its lines are durable. `told`: all, and the time after the last."""

    log: str
    sha256: str
    onebot: str
    assist: str
    total: int
    done: int = 0
    told: bool = False


class House:
    """The files of a replay."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config, self.settings = folder / "config.toml", folder / "settings.toml"
        self._progress = folder / "replay.json"

    def begin(self, script: Script, onebot: str, assist: str, entropy: Entropy) -> Progress:
        """What was done here before, or a new folder. Raises BadInputError for the folder of another replay."""
        new = Progress(script.name, script.sha256, onebot, assist, len(script.lines))
        if self._progress.exists():
            known = msgspec.json.decode(self._progress.read_bytes(), type=Progress)
            if msgspec.structs.replace(known, done=0, told=False, log=new.log) != new:
                raise BadInputError(
                    f"{self.folder}: 里面是另一次重放（{known.log}，OneBot {known.onebot}，assist {known.assist}）；"
                    f"请用 --into 换文件夹 / holds another replay ({known.log}); name another folder with --into"
                )
            return known
        if self.folder.exists() and any(self.folder.iterdir()):
            raise BadInputError(
                f"{self.folder}: 不是空文件夹，也不是重放 / neither empty nor a replay; name another folder with --into"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        _private(self.folder / TOKEN, entropy.ref())
        self._write(self.folder / FILE, script.names)
        self.keep(new)
        return new

    def keep(self, progress: Progress) -> None:
        self._write(self._progress, progress)

    def keep_names(self, names: Names) -> None:
        self._write(self.folder / FILE, names)

    @property
    def token(self) -> str:
        return (self.folder / TOKEN).read_text("ascii").strip()

    def write_config(self, script: Script, onebot: str, plugins: list[str]) -> None:
        accounts = "".join(
            f'\n[channel.options.accounts."{self_id}"]\nshop = {_toml(shop)}\naccount = {_toml(account)}\n'
            for (shop, account), self_id in script.self_ids.items()
        )
        text = _CONFIG.format(
            name=script.name.replace("\n", " "), connections=100 + len(script.self_ids),
            plugins=", ".join(map(_toml, plugins)), channel=CHANNEL, version=onebot, token=TOKEN, accounts=accounts,
        )  # fmt: skip
        self.config.write_bytes(text.encode())

    def _write(self, path: Path, value: object) -> None:
        """In one piece, or as it was."""
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(msgspec.json.format(msgspec.json.encode(value)))
        part.replace(path)


def _toml(text: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON (and DEL is none)."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def _private(path: Path, text: str) -> None:
    """A file that only the owner of this account can read (Windows keeps it to the folder's rights)."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{text}\n")

"""A log replayed in this process: relay on a real loopback socket, the bridge beside it, and what the ledger says."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from relay.cli.auditing.given import Given
from relay.cli.auditing.judging import Asked
from relay.cli.messages import messages
from relay.cli.replaying.house import House
from relay.cli.replaying.names import Names, read_names
from relay.cli.replaying.playing import Outcome, Replay
from relay.cli.replaying.script import Script, read_script
from relay.cli.replaying.settings import Assist, made
from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.names import DeskId
from relay.domain.office import Settings
from relay.rules.catalogue import Catalogue
from relay.rules.messages import Message
from relay.runtime.system import SystemEntropy
from relay.store.sqlite import open_ledger

RULE = "taobao_ww3"


class Replayed:
    """One folder in which a log is replayed; `raw` are its lines."""

    def __init__(
        self, folder: Path, raw: Sequence[bytes], onebot: str = "12", *, assist: Assist = "off", zone: Any = None,
        rule: str = RULE, options: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.log = folder / "log.jsonl"
        self.log.write_bytes(b"".join(line + b"\n" for line in raw))
        self.asked = Asked(rule, options or {}, zone)
        self.script: Script = read_script(Given([self.log]), self.asked, Catalogue())
        self.house, self.onebot, self.assist = House(folder / "log.replay"), onebot, assist
        self.ledger = self.house.folder / "relay.sqlite"

    async def run(self, *, stop_after: int | None = None, settings: Settings | None = None) -> Outcome:
        """From where it stands to the end, or until so many lines are durable."""
        ending = asyncio.Event()

        def shown(done: int, _at: int) -> None:
            if stop_after is not None and done >= stop_after:
                ending.set()

        progress = self.house.begin(self.script, self.onebot, self.assist, SystemEntropy())
        self.house.write_config(self.script, self.onebot, ["onebot"])
        settings = settings or made(self.script, RULE, {}, self.assist)
        with quiet():
            return await Replay(self.house, self.script, settings, progress, None, shown).run(ending)

    @property
    def names(self) -> Names:
        return read_names(self.ledger)

    def messages(self) -> list[Message]:
        """The ledger's lines under the log's own names."""
        with open_ledger(self.ledger) as reader:
            return list(messages(reader, None, (), (), self.names))

    def facts(self, desk: str = "main") -> list[f.DeskFact]:
        with open_ledger(self.ledger) as reader:
            return [decode(row.body) for row in reader.read(DeskId(desk))]  # type: ignore[misc]

    def verdicts(self, rule: str | None = None, options: Mapping[str, str] | None = None) -> tuple[bytes, bytes]:
        """What the ledger says and what the audit of the file says."""
        if rule is None:
            ledger, of_file = Catalogue().open(self.asked.rule_id, self.asked.options), self.script.report
        else:
            ledger = Catalogue().open(rule, options or {})
            again = Asked(rule, options or {}, self.asked.zone)
            of_file = read_script(Given([self.log]), again, Catalogue()).report
        for message in self.messages():
            ledger.take(message)
        return ledger.report().to_json(), of_file.to_json()


@contextmanager
def quiet() -> Iterator[None]:
    """Without the service's log."""
    before = structlog.get_config()
    structlog.configure(processors=[_drop])
    try:
        yield
    finally:
        structlog.configure(**before)


def _drop(_logger: Any, _name: str, _event: Any) -> Any:
    raise structlog.DropEvent


def line(t: str, role: str, buyer: str | None = "mia", **more: Any) -> bytes:
    """`10:00:00` of 8 March 2022 in China, or a whole instant."""
    at = t if "T" in t else f"2022-03-08T{t}+08:00"
    return json.dumps({"t": at, "role": role, "kind": "human", "buyer": buyer, **more}, ensure_ascii=False).encode()

"""The verdicts of the ledger, under the log's own names, beside those of the file (L13)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from relay.cli.auditing.judging import Asked
from relay.cli.messages import messages
from relay.cli.replaying.names import Names
from relay.rules.catalogue import Catalogue
from relay.rules.ledger import Ledger
from relay.rules.report import Report, RoundVerdict
from relay.store.reader import Reader
from relay.store.sqlite import open_ledger

MOST_SHOWN: Final = 10


class Compared(NamedTuple):
    ledger: Ledger
    report: Report
    same: bool


def compare(path: Path, names: Names, catalogue: Catalogue, asked: Asked, of_file: Report) -> Compared:
    """What the ledger says, and whether it is what the file says, to the byte."""
    ledger = catalogue.open(asked.rule_id, asked.options, asked.zone)
    with open_ledger(path) as reader:
        judge(ledger, reader, names)
    report = ledger.report()
    return Compared(ledger, report, report.to_json() == of_file.to_json())


def judge(ledger: Ledger, reader: Reader, names: Names) -> None:
    for message in messages(reader, None, (), (), names):
        ledger.take(message)


def differences(of_ledger: Report, of_file: Report) -> Iterator[str]:
    """What differs, for people."""
    here, there = set(map(_key, of_ledger.rounds)), set(map(_key, of_file.rounds))
    for mark, rounds in (("台账 ledger", here - there), ("文件 file", there - here)):
        for one in sorted(rounds)[:MOST_SHOWN]:
            yield f"  {mark}: {' '.join(one)}"
        if len(rounds) > MOST_SHOWN:
            yield f"  {mark}: … 另有 {len(rounds) - MOST_SHOWN} 轮 more rounds"
    if not (here ^ there):
        yield "  轮次相同，其余键不同 / the rounds are equal, another key differs"


def _key(one: RoundVerdict) -> tuple[str, ...]:
    return (one.opened, one.buyer, str(one.answered), str(one.wait_s), one.verdict.value, one.clause)

"""The rounds as rows for a spreadsheet, one each, in the order of the report."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import UNSET

from relay.cli.auditing.judging import Audit
from relay.cli.auditing.words import CAUSES, VERDICTS
from relay.rules.instants import seconds

HEADS: Final = (
    "序号 number", "买家 buyer", "客服 seat", "店铺 shop", "开始 opened (北京时间)", "答复 answered (北京时间)",
    "等待秒 wait_s", "判定 verdict", "条款 clause", "说明", "sentence", "原因", "cause", "原因说明", "cause sentence",
)  # fmt: skip


class Row(NamedTuple):
    """Instants are milliseconds. `cause` and its sentences are empty but for a miss."""

    number: int
    buyer: str
    seat: str
    shop: str
    opened: int
    answered: int | None
    wait_s: int | float | None
    verdict: str
    clause: str
    zh: str
    en: str
    cause_zh: str
    cause: str
    why_zh: str
    why_en: str


def rows(audit: Audit) -> Iterator[Row]:
    law, verdicts = audit.ledger.law, audit.report.rounds
    for place, ((_, buyer, shop, charged, entry, _), shown) in enumerate(zip(audit.rounds, verdicts, strict=True)):
        seat = audit.seats[place] if place < len(audit.seats) else None
        missed = audit.missed.get(place)
        sentence, wait = law.explain(entry), law.shown_wait(entry)
        yield Row(
            place + 1,
            buyer,
            charged if seat is None else seat.name,
            "" if shown.shop is UNSET else shop,
            entry.started,
            entry.answered,
            None if wait is None else seconds(wait),
            VERDICTS[entry.verdict],
            entry.clause,
            sentence.zh,
            sentence.en,
            "" if missed is None else CAUSES[missed.cause],
            "" if missed is None else missed.cause.value,
            "" if missed is None else missed.zh,
            "" if missed is None else missed.en,
        )

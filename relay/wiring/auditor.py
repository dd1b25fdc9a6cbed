"""What the auditor's pages ask of the ledger: rounds of a day, the story of one, its texts, verification, export.

The rounds of a day are judged from its facts and those of two days before: no rule looks further back for a verdict.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import msgspec

from relay.cli.reporting import explaining
from relay.cli.reporting.asking import Asked, resolve
from relay.cli.reporting.judged_thread import listen
from relay.cli.reporting.readings import Reading
from relay.cli.reporting.round_story import Stories
from relay.domain.codec import decode
from relay.domain.facts import AnyFact
from relay.domain.names import BuyerRef, DeskId, Millis, ShopId
from relay.domain.office import OfficeState
from relay.domain.streams import is_desk
from relay.errors import BadInputError
from relay.insight.log import final_ends, messages_of, read_gaps
from relay.insight.round_ids import RoundIds
from relay.rules.catalogue import Catalogue
from relay.rules.instants import CHINA_ZONE, InstantWriter
from relay.store.reader import Reader
from relay.store.shop_export import export_shop
from relay.store.verify import SENTENCES, verify
from relay.wiring.ledger_reading import BEFORE_MS, LedgerReading, began, date_of, rows_from

MOST_ROUNDS: Final = 20_000


class Auditor:
    """`state` is the office as it is now: which desk serves a shop, and by which rule."""

    def __init__(self, reading: LedgerReading, state: Callable[[], OfficeState]) -> None:
        self._reading, self._state = reading, state

    async def rounds(self, shop: ShopId, day: str) -> dict[str, Any]:
        """Every round that opened on this day in China, as the shop's own reading judges it. Raises BadInputError."""
        known = self._state().shops.get(shop)
        if known is None:
            raise BadInputError(f"没有店铺 {shop!r} / there is no shop {shop!r}")
        start = began(date_of(day))
        reading = Reading(known.rule, known.rule_options)
        desk = known.desk
        return await self._reading.ask(lambda ledger: _rounds(ledger, desk, shop, start, reading))

    async def story(self, what: str, shops: frozenset[ShopId]) -> dict[str, Any]:
        """A round, buyer or message, in these shops alone. Raises BadInputError where they have nothing like it."""
        return await self._reading.ask(lambda ledger: _story(ledger, what, shops))

    async def thread(self, desk: DeskId, shop: ShopId, buyer: BuyerRef) -> list[int]:
        """The seqs of the facts about a buyer in a shop. Raises BadInputError where the desk has none."""
        seqs = await self._reading.ask(lambda ledger: _thread(ledger, desk, shop, buyer))
        if not seqs:
            raise BadInputError(f"{desk} 没有买家 {buyer!r} 的记录 / {desk} knows nothing of a buyer {buyer!r}")
        return seqs

    async def texts(self, desk: DeskId, seqs: list[int]) -> dict[int, str]:
        """The texts that are at hand of these facts, by seq."""
        return await self._reading.ask(lambda ledger: _texts(ledger, desk, seqs))

    async def verify(self) -> dict[str, Any]:
        """Walk the whole ledger; what does not fit."""

        def walk(ledger: Reader) -> dict[str, Any]:
            flaws = verify(ledger)
            heads = [{"desk": one.desk, "seq": one.seq, "hash": one.hash.hex()} for one in ledger.heads()]
            return {
                "heads": heads,
                "flaws": [
                    {"desk": one.desk, "seq": one.seq, "zh": SENTENCES[one.what][0], "en": SENTENCES[one.what][1]}
                    for one in flaws
                ],
            }

        return await self._reading.ask(walk)

    async def export(self, shop: ShopId) -> Path:
        """The shop's facts with their proof, in a file that the caller removes. Raises BadInputError."""

        def write(ledger: Reader) -> Path:
            with tempfile.NamedTemporaryFile("wb", prefix="relay-export-", suffix=".jsonl", delete=False) as out:
                if not export_shop(ledger, cast(BinaryIO, out), shop):
                    Path(out.name).unlink()
                    raise BadInputError(f"台账中没有店铺 {shop!r} / the ledger has no shop {shop!r}")
                return Path(out.name)

        return await self._reading.ask(write)


def _rounds(ledger: Reader, desk: DeskId, shop: ShopId, start: Millis, reading: Reading) -> dict[str, Any]:
    ended = Millis(start + 24 * 3_600_000)
    facts = [(row.seq, decode(row.body)) for row in rows_from(ledger, desk, start - BEFORE_MS)]
    figure = Catalogue().open(reading.rule_id, reading.options)
    ids = RoundIds(several=sum(is_desk(one) for one in ledger.desks()) > 1)
    for message in messages_of(desk, facts, final_ends(facts), read_gaps(facts)):  # type: ignore[arg-type]
        if message.shop == shop and message.at < ended + 24 * 3_600_000:
            figure.take(message)
            ids.take(message)
    writer = InstantWriter(CHINA_ZONE)
    mine = [one for one in figure.rounds() if start <= one[0] < ended]
    told = []
    for one in mine[:MOST_ROUNDS]:
        why = figure.law.explain(one[4])
        more = {"id": ids.of(one[2], one[1], one[4].started), "zh": why.zh, "en": why.en}
        told.append(msgspec.to_builtins(figure.verdict(one, writer)) | more)
    return {"rule": reading.title(), "rounds": told, "more": max(0, len(mine) - MOST_ROUNDS)}


def _story(ledger: Reader, what: str, shops: frozenset[ShopId]) -> dict[str, Any]:
    asked = resolve(ledger, tuple(what.split(" ", 1)))
    asked = asked._replace(threads=tuple(one for one in asked.threads if one[0] in shops))
    if not asked.threads:
        raise BadInputError(
            f"找不到 {what!r}：没有这样的买家、轮次或消息 / nothing is known of {what!r}: no buyer, round or message"
        )
    heard = listen(ledger, asked.threads)
    threads = []
    for shop, buyer in asked.threads:
        stories = Stories(asked, heard, (shop, buyer), explaining.reading_of(asked, shop, None, ()))
        told = explaining.plain(asked, stories, shop, buyer)
        told["hashes"] = _hashes(ledger, asked, [one["seq"] for one in told["timeline"]])
        threads.append(told)
    return {"desk": asked.desk, "what": asked.what, "threads": threads}


def _hashes(ledger: Reader, asked: Asked, seqs: list[int]) -> dict[int, str]:
    return {row.seq: row.hash.hex() for row in ledger.read_some(asked.desk, seqs)}


def _thread(ledger: Reader, desk: DeskId, shop: ShopId, buyer: BuyerRef) -> list[int]:
    if not is_desk(desk):
        return []
    return [row.seq for row in ledger.read(desk) if _is_of(decode(row.body), shop, buyer)]


def _texts(ledger: Reader, desk: DeskId, seqs: list[int]) -> dict[int, str]:
    return {seq: row.body.decode("utf-8", "replace") for seq, row in ledger.content(desk, seqs).items()}


def _is_of(fact: AnyFact, shop: ShopId, buyer: BuyerRef) -> bool:
    return getattr(fact, "shop", None) == shop and getattr(fact, "buyer", None) == buyer

"""One batch in the making: what was stepped, what must become durable with it, and who waits for it."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from relay.contracts import ContentRow, KeyRow, Receipt, RefRow
from relay.domain.facts import DeskFact
from relay.domain.names import BuyerRef, ChannelName
from relay.runtime.port import Committed


class Draft:
    """Facts from `first_seq` on. Acknowledgements belong to the batch (L1): `settle` or `fail` tells its waiters."""

    def __init__(self, first_seq: int) -> None:
        self.first_seq = first_seq
        self.facts: list[DeskFact] = []
        self.texts: dict[int, str] = {}
        self.content: list[ContentRow] = []
        self.keys: list[KeyRow] = []
        self.refs: list[RefRow] = []
        self.orders: list[RefRow] = []
        """Buyers who are known, with the number of another order to be kept."""
        self.erase_content: Sequence[int] = ()
        self.erase_refs: Sequence[BuyerRef] = ()
        self.erase_quarantine: Sequence[tuple[ChannelName, bytes]] = ()
        self.durable = False
        self._waiting: list[tuple[asyncio.Future[Any], int, int]] = []
        self._receipts: list[tuple[asyncio.Future[Receipt], Receipt]] = []

    @property
    def seq(self) -> int:
        """The seq that the next fact will have."""
        return self.first_seq + len(self.facts)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to store and nobody to tell."""
        return not self.facts and not self._receipts

    def add(self, facts: Sequence[DeskFact], row: ContentRow | None = None, text: str = "") -> int:
        """Append the facts of one step, with the text that the first of them binds; returns the first one's seq."""
        seq = self.seq
        self.facts.extend(facts)
        if row is not None:
            self.content.append(row)
            self.texts[seq] = text
        return seq

    def await_facts(self, done: "asyncio.Future[Any]", start: int) -> None:
        """`done` gets the facts from `start` on once they are durable."""
        self._waiting.append((done, start, self.seq))

    def await_receipt(self, done: "asyncio.Future[Receipt]", receipt: Receipt) -> None:
        self._receipts.append((done, receipt))

    def settle(self) -> list[Committed]:
        """It is durable: tell everybody, and give out the facts for the rest of the process."""
        self.durable = True
        texts = self.texts
        committed = [Committed(seq, fact, texts.get(seq)) for seq, fact in enumerate(self.facts, self.first_seq)]
        for future, start, end in self._waiting:
            if not future.done():
                future.set_result(committed[start - self.first_seq : end - self.first_seq])
        for receipt_future, receipt in self._receipts:
            if not receipt_future.done():
                receipt_future.set_result(receipt)
        return committed

    def fail(self, error: BaseException) -> None:
        """It will never be durable."""
        for future in self._futures():
            reject(future, error)

    def _futures(self) -> Iterator["asyncio.Future[Any]"]:
        yield from (future for future, _, _ in self._waiting)
        yield from (future for future, _ in self._receipts)


def reject(future: "asyncio.Future[Any]", error: BaseException) -> None:
    """Tell whoever waits, unless they have gone."""
    if not future.done():
        future.set_exception(error)

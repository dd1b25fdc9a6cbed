"""Walks a ledger and names what does not fit (L12). Never raises for what it finds, and never stops at the first desk.

For every desk: seqs run from 1 without a gap, each fact decodes, each hash is that of the chain; every text a fact
binds is there with its digest, or an `Erased` fact after it names it; no other text is there. Against exported heads:
each fact they name is there with that hash, so a cut tail and a rewritten chain are found too. Against exported spines
and tallies: up to their seq all hashes are those of then, and so is which facts are a shop's.

Keys, buyers and quarantine are no part of the proof.
"""

import hashlib
import hmac
import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from relay.contracts import ContentRow, Head
from relay.domain.codec import GENESIS, SALT_BYTES, Row, decode
from relay.domain.facts import (
    AnyFact,
    BuyerWrote,
    DraftOffered,
    Erased,
    FollowUpChanged,
    FollowUpMade,
    HistoryTold,
    NoteWritten,
    ReplyIntended,
    SendStarted,
    ShopWrote,
)
from relay.domain.names import DeskId
from relay.store.reader import Ledger, Reader
from relay.store.spines import Known, Tallying

What = Literal[
    "gap", "hash", "fact", "digest", "missing", "extra", "kept", "cut", "head", "spine", "tally", "unreadable",
]  # fmt: skip

SENTENCES: Final[Mapping[What, tuple[str, str]]] = {
    "gap": ("此处缺少事实或顺序不对", "a fact is missing here or out of order"),
    "hash": ("事实与哈希链不符", "the fact does not fit its hash chain"),
    "fact": ("事实无法解析", "the fact cannot be decoded"),
    "digest": ("文本与事实中的摘要不符", "the text does not match the digest in its fact"),
    "missing": ("文本缺失，且没有删除记录", "the text is gone and no fact says that it was erased"),
    "extra": ("文本不属于任何事实", "a text that no fact binds"),
    "kept": ("文本已记录为删除，却仍然存在", "the text was recorded as erased but is there"),
    "cut": ("台账在此之后被截断（与导出的链头不符）", "the ledger ends before an exported head"),
    "head": ("哈希与导出的链头不符", "the hash differs from an exported head"),
    "spine": ("到此为止的事实与导出的主干（spine）不符", "up to here the facts are not those of an exported spine"),
    "tally": ("到此为止店铺的事实与导出的清点（tally）不符", "up to here other facts are the shop's than a tally says"),
    "unreadable": ("数据文件无法读取", "the file cannot be read any further"),
}
BINDING: Final = (
    BuyerWrote, ShopWrote, ReplyIntended, SendStarted, DraftOffered, FollowUpMade, FollowUpChanged, NoteWritten,
    HistoryTold,
)  # fmt: skip
"""The facts that may bind a text."""
MOST_PER_DESK: Final = 100
"""Findings; more would say no more."""


class Flaw(msgspec.Struct, frozen=True, order=True):
    """One thing that does not fit: the desk, the first seq concerned, and what."""

    desk: DeskId
    seq: int
    what: What
    detail: str = ""

    def __str__(self) -> str:
        zh, en = SENTENCES[self.what]
        return f"{self.desk} seq {self.seq}: {zh} / {en}{f' ({self.detail})' if self.detail else ''}"


def check_file(path: Path) -> str | None:
    """SQLite's own check, then the chain; None if all is well, else the first thing that is not."""
    try:
        with Reader.snapshot(path) as ledger:
            flaws = verify(ledger)
            return ledger.integrity() or (str(flaws[0]) if flaws else None)
    except sqlite3.Error as error:
        return f"{path}: 无法读取数据文件 / the data file cannot be read: {error}"


def verify(ledger: Ledger, against: Iterable[Head] = (), known: Known | None = None) -> list[Flaw]:
    """Everything found, by desk and seq; an empty list means unaltered. `known` is more of what was exported once."""
    known = known or Known()
    expected: dict[DeskId, dict[int, bytes]] = {}
    flaws: list[Flaw] = []
    for head in (*against, *known.heads):
        heads = expected.setdefault(head.desk, {})
        if heads.setdefault(head.seq, head.hash) != head.hash:
            flaws.append(Flaw(head.desk, head.seq, "head", "two exported heads of one seq differ"))
    try:
        desks = {*ledger.desks(), *expected, *known.bound()}
    except sqlite3.Error as error:
        return [Flaw(DeskId(""), 0, "unreadable", str(error))]
    for desk in sorted(desks):
        walk = Walk(desk, expected.get(desk, {}), _Bound(desk, known))
        try:
            flaws += walk.over(ledger.read(desk), ledger.contents(desk))
        except (sqlite3.Error, TypeError, ValueError) as error:
            flaws += [*walk.flaws, Flaw(desk, walk.seq + 1, "unreadable", str(error))]
    return flaws


class _Bound:
    """The spines and tallies of one desk, held against its rows in order."""

    def __init__(self, desk: DeskId, known: Known) -> None:
        self._spines = [one for one in known.spines if one.desk == desk]
        self._tallies = [one for one in known.tallies if one.desk == desk]
        self._counts = {one.shop: Tallying(desk, one.shop) for one in self._tallies}
        self._digest = hashlib.sha256()
        self.ends = {*(one.seq for one in self._spines), *(one.seq for one in self._tallies)}
        self.last = max(self.ends, default=0)

    def take(self, row: Row, fact: AnyFact) -> Iterator[tuple[What, str]]:
        """What does not fit at this row, and whose."""
        self._digest.update(row.hash)
        for count in self._counts.values():
            count.take(row, fact)
        if row.seq in self.ends:
            told = self._digest.hexdigest()
            if any(one.seq == row.seq and one.digest != told for one in self._spines):
                yield "spine", ""
            for one in self._tallies:
                if one.seq == row.seq and one != self._counts[one.shop].tally(row.seq):
                    yield "tally", one.shop


class Walk:
    """One desk from its first fact on. A broken chain ends the walk: behind it nothing is proven."""

    def __init__(self, desk: DeskId, expected: Mapping[int, bytes] | None = None, bound: _Bound | None = None) -> None:
        self.seq = 0
        self.flaws: list[Flaw] = []
        self._desk = desk
        self._expected = expected or {}
        self._bound = bound or _Bound(desk, Known())
        self._missing: set[int] = set()
        self._erased: set[int] = set()
        self._there = array("q")

    def over(self, rows: Iterable[Row], contents: Iterable[ContentRow]) -> list[Flaw]:
        """Both by seq. Returns the flaws, by seq."""
        if self._facts(rows, iter(contents)):
            self._close()
        return sorted(self.flaws)

    def _facts(self, rows: Iterable[Row], texts: Iterator[ContentRow]) -> bool:
        """True if the chain held to its end."""
        name = self._desk.encode()
        prefix = len(name).to_bytes(2) + name
        sha256, prev, expected = hashlib.sha256, GENESIS, self._expected
        bound, last = self._bound, self._bound.last
        text = next(texts, None)
        for row in rows:
            seq = self.seq + 1
            if row.seq != seq:
                return self._found(seq, "gap")
            if sha256(b"".join((prev, prefix, seq.to_bytes(8), row.body))).digest() != row.hash:
                return self._found(seq, "hash")
            if seq in expected and expected[seq] != row.hash:
                return self._found(seq, "head")
            try:
                fact = decode(row.body)
            except (msgspec.MsgspecError, ValueError, RecursionError) as error:
                return self._found(seq, "fact", str(error))
            prev, self.seq = row.hash, seq
            if seq <= last:
                for what, detail in bound.take(row, fact):
                    self._found(seq, what, detail)
            while text is not None and text.seq < seq:
                self._found(text.seq, "extra")
                text = next(texts, None)
            if isinstance(fact, BINDING) and fact.digest:
                if text is None or text.seq != seq:
                    self._missing.add(seq)
                    continue
                salt, body = text.salt, text.body
                text = next(texts, None)
                self._there.append(seq)
                if len(salt) != SALT_BYTES or hmac.digest(salt, body, "sha256").hex() != fact.digest:
                    self._found(seq, "digest")
            elif isinstance(fact, Erased):
                self._erased.update(named for named in fact.contents if named < seq)
        while text is not None:
            self._found(text.seq, "extra")
            text = next(texts, None)
        return True

    def _close(self) -> None:
        for seq in sorted(self._missing - self._erased):
            self._found(seq, "missing")
        for seq in sorted(self._erased):
            at = bisect_left(self._there, seq)
            if at < len(self._there) and self._there[at] == seq:
                self._found(seq, "kept")
        gone = [seq for seq in (*self._expected, *self._bound.ends) if seq > self.seq]
        if gone:
            self._found(self.seq + 1, "cut", f"seq {min(gone)} was exported")

    def _found(self, seq: int, what: What, detail: str = "") -> bool:
        if len(self.flaws) < MOST_PER_DESK:
            self.flaws.append(Flaw(self._desk, seq, what, detail))
        return False

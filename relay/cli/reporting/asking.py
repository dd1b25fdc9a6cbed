"""Whom or what somebody asks `relay explain` about: a round, a buyer, a message or another fact, on which desk.

r12, main/r12                a round, by the name that `relay report` prints
BUYER@2026-03-02T10:00:00    a buyer's round, by the time at which it opened (Beijing's, unless it has an offset)
m12                          a buyer's or the shop's message, by relay's own id
s30, a31, 31                 a send, an alert, any fact by its seq
BUYER                        a buyer, by reference, platform id or name
"""

from collections.abc import Mapping
from typing import NamedTuple

from relay.cli.reporting.readings import desks_of
from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.names import BuyerRef, DeskId, ShopId
from relay.errors import BadInputError
from relay.rules.instants import CHINA_ZONE, InstantReader
from relay.store.reader import Reader

Facts = Mapping[int, f.DeskFact]
Thread = tuple[ShopId, BuyerRef]


class Asked(NamedTuple):
    """`threads` are the buyers meant, each in a shop: more than one only where a name is that of several.

    `seq` is the fact that was named, `round_seq` the question of the round that was, `at` when the round opened.
    """

    desk: DeskId
    facts: Facts
    what: str
    threads: tuple[Thread, ...] = ()
    seq: int | None = None
    round_seq: int | None = None
    at: int | None = None


def resolve(ledger: Reader, words: tuple[str, ...]) -> Asked:
    """Raises BadInputError with one clear sentence where nothing, or more than one thing, is meant."""
    desks = desks_of(ledger)
    if len(words) == 2:
        named, what = words
        if named not in desks:
            raise BadInputError(f"没有客服台 {named!r} / no desk {named!r}; 有 / there are: {', '.join(desks)}")
        desks = [DeskId(named)]
    else:
        (what,) = words
        named, sign, rest = what.partition("/")
        if sign and named in desks:
            desks, what = [DeskId(named)], rest
    number = int(what[1:]) if what[:1] in "rmsa" and what[1:].isascii() and what[1:].isdigit() else None
    if number is None and what.isascii() and what.isdigit():
        number = int(what)
    if number is not None:
        return _numbered(ledger, desks, what, number)
    return _of_buyer(ledger, desks, what)


def facts_of(ledger: Reader, desk: DeskId) -> Facts:
    return {row.seq: decode(row.body) for row in ledger.read(desk)}  # type: ignore[misc]


def _numbered(ledger: Reader, desks: list[DeskId], what: str, number: int) -> Asked:
    found: list[Asked] = []
    ends = []
    for desk in desks:
        facts = facts_of(ledger, desk)
        fact = facts.get(number)
        ends.append(f"{desk} {len(facts)}")
        if fact is None or not _is_meant(what, fact):
            continue
        shop, buyer = getattr(fact, "shop", None), getattr(fact, "buyer", None)
        round_seq = number if what.startswith("r") else None
        threads = ((shop, buyer),) if shop is not None and buyer is not None else ()
        found.append(Asked(desk, facts, what, threads, number, round_seq))
    if not found:
        kind = {"r": "一次提问 / a buyer's question", "m": "一条消息 / a message"}.get(what[:1], "一条事实 / a fact")
        raise BadInputError(
            f"找不到 {what!r}：该序号不是{kind.partition(' / ')[0]} / nothing is known of {what!r}: "
            f"no desk has {kind.partition(' / ')[2]} there; 台账止于 the ledgers end at {', '.join(ends)}"
        )
    if len(found) > 1:
        names = ", ".join(f"{one.desk}/{what}" for one in found)
        raise BadInputError(f"{what!r} 在多个客服台都有，请指明 / several desks have {what!r}, name one: {names}")
    return found[0]


def _is_meant(what: str, fact: f.DeskFact) -> bool:
    if what.startswith("r"):
        return isinstance(fact, f.BuyerWrote)
    return not what.startswith("m") or isinstance(fact, f.BuyerWrote | f.ShopWrote)


def _of_buyer(ledger: Reader, desks: list[DeskId], what: str) -> Asked:
    buyer, at = _parted(what)
    for name, when in ((what, None), (buyer, at)):
        refs = _refs(ledger, name)
        found = [asked for desk in desks if (asked := _on(ledger, desk, what, refs, when)) is not None]
        if len(found) > 1:
            names = ", ".join(f"{one.desk} {what}" for one in found)
            raise BadInputError(f"{what!r} 在多个客服台都有，请指明 / several desks have {what!r}, name one: {names}")
        if found:
            return found[0]
        if at is None:
            break
    raise BadInputError(
        f"找不到 {what!r}：没有这样的买家、轮次或消息 / nothing is known of {what!r}: no such buyer, round or message"
    )


def _refs(ledger: Reader, name: str) -> set[str]:
    """The references that this name may stand for; itself, for an erased buyer is known by that alone."""
    return {name} | {row.ref for row in ledger.every_buyer() if name in (row.ref, row.platform_id, row.name)}


def _on(ledger: Reader, desk: DeskId, what: str, refs: set[str], at: int | None) -> Asked | None:
    facts = facts_of(ledger, desk)
    threads: dict[Thread, None] = {}
    for fact in facts.values():
        shop, buyer = getattr(fact, "shop", None), getattr(fact, "buyer", None)
        if shop is not None and buyer is not None and buyer in refs:
            threads[shop, buyer] = None
    return Asked(desk, facts, what, tuple(threads), at=at) if threads else None


def _parted(text: str) -> tuple[str, int | None]:
    """Buyer and instant; no instant where what follows the last `@` is none, for a buyer's name may hold one."""
    buyer, sign, when = text.rpartition("@")
    if not sign:
        return text, None
    try:
        return buyer, InstantReader(CHINA_ZONE).read(when)
    except ValueError:
        return text, None

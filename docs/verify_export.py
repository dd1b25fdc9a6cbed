#!/usr/bin/env python3
"""Checks an exported ledger with nothing but Python's standard library. Written apart from relay; shares no code.

    python verify_export.py EXPORT [--against HEADS] [--names] [--shop SHOP]

EXPORT is what `relay export --facts` wrote. HEADS is an earlier export of heads or spines (or a whole earlier export):
everything in it must still hold. `--names` demands that the texts are in the export; without it they are checked if any
is there. `--shop`: EXPORT is one shop's, in which every other fact is a hash alone; it is said what then is bound.
Exit: 0 unaltered, 1 altered (the first bad line is named), 2 a file that cannot be read. The format and what this
proves: ledger.md.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Iterable
from typing import NamedTuple

STREAM = re.compile(r"(history\.)?[a-z0-9][a-z0-9_.-]{0,63}")
BINDS_A_TEXT = {
    "BuyerWrote", "ShopWrote", "ReplyIntended", "SendStarted", "DraftOffered", "FollowUpMade", "FollowUpChanged",
    "HistoryTold",
    "NoteWritten",
}  # fmt: skip
NAMES_NO_SHOP = {"DeskStarted", "ClockStepped", "Erased", "SettingRemoved", "PlatformFigureWithdrawn"}
HEX = re.compile(r"[0-9a-f]{64}")
Heads = dict[tuple[str, int], str]
Tallies = dict[tuple[str, int, str], tuple[int, str]]


class Known(NamedTuple):
    """What is known from elsewhere: the hash of a seq, the spine up to a seq, and which facts were a shop's."""

    heads: Heads
    spines: Heads
    tallies: Tallies


class Bad(Exception):
    """The line of this number is not what relay exported, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line, self.why = line, why


class Desk:
    """What has been read of one desk."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seq = 0
        self.hash = bytes(32)
        self.digests: dict[int, tuple[str, int]] = {}  # of the texts not yet met: digest and line of the fact
        self.texts: dict[int, int] = {}  # the texts met: line
        self.erased: set[int] = set()
        self.spine, self.tally = hashlib.sha256(), hashlib.sha256()
        self.shown = 0
        self.run = 0  # facts shown since the last one that was not
        self.bound = 0  # facts shown that something known from elsewhere binds


class Check:
    """Reads lines in order; `finish` after the last. Both raise Bad."""

    def __init__(
        self, heads: Heads | None = None, names: bool = False, shop: str | None = None, known: Known | None = None
    ) -> None:
        self.heads = dict(heads or {}) | (known.heads if known else {})
        self.spines = dict(known.spines) if known else {}
        self.tallies = dict(known.tallies) if known else {}
        self.names, self.shop = names, shop
        self.desks: dict[str, Desk] = {}
        self.ended: set[str] = set()
        self.current: Desk | None = None
        self.number = 0

    def line(self, raw: bytes) -> None:
        self.number += 1
        if not raw.endswith(b"\n"):
            raise Bad(self.number, "the line is cut")
        raw = raw[:-1]
        try:
            record = json.loads(raw.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise Bad(self.number, f"no JSON: {error}") from None
        if not isinstance(record, dict):
            raise Bad(self.number, "no JSON object")
        if "buyer" in record:
            if self.ended:
                raise Bad(self.number, "stands behind the heads")
            self.names = True
            return
        name = record.get("desk")
        if not isinstance(name, str) or not STREAM.fullmatch(name):
            raise Bad(self.number, "names no desk")
        kinds = [kind for kind in ("fact", "content", "head", "spine", "tally") if kind in record]
        if self.shop is not None and not kinds and record.keys() == {"desk", "seq", "hash"}:
            kinds = ["seq"]
        if len(kinds) != 1:
            raise Bad(self.number, "neither a fact nor a text nor a head")
        number = record.get(kinds[0] if kinds[0] in ("head", "spine", "tally") else "seq")
        if type(number) is not int:
            raise Bad(self.number, "has no seq")
        if kinds == ["head"]:
            self.head(raw, name, number, record)
        elif kinds[0] in ("spine", "tally"):
            self.sum(raw, name, number, record, kinds[0])
        elif self.ended:
            raise Bad(self.number, "stands behind the heads")
        elif kinds == ["fact"]:
            self.fact(raw, self.desk(name), number, record)
        elif kinds == ["seq"]:
            self.hidden(raw, self.desk(name), number, record)
        else:
            self.text(raw, self.desk(name), number, record)

    def desk(self, name: str) -> Desk:
        if self.current is None or self.current.name != name:
            if name in self.desks:
                raise Bad(self.number, f"{name} was exported before")
            self.current = self.desks[name] = Desk(name)
        return self.current

    def fact(self, raw: bytes, desk: Desk, seq: int, record: dict[str, object]) -> None:
        start = f'{{"desk":"{desk.name}","seq":{seq},"hash":"{record.get("hash")}","fact":'.encode()
        if not raw.startswith(start) or not raw.endswith(b"}"):
            raise Bad(self.number, "not in the form of an exported fact")
        body = raw[len(start) : -1]
        if seq != desk.seq + 1:
            raise Bad(self.number, f"{desk.name} seq {seq} stands where seq {desk.seq + 1} belongs")
        name = desk.name.encode()
        preimage = desk.hash + len(name).to_bytes(2, "big") + name + seq.to_bytes(8, "big") + body
        computed = hashlib.sha256(preimage)
        if computed.hexdigest() != record["hash"]:
            raise Bad(self.number, f"{desk.name} seq {seq} does not fit its hash chain")
        fact = record["fact"]
        if not isinstance(fact, dict) or not isinstance(fact.get("type"), str):
            raise Bad(self.number, "the fact has no type")
        kind = fact["type"].partition("@")[0]
        if self.shop is not None and not self.is_of_shop(kind, fact):
            raise Bad(self.number, f"{desk.name} seq {seq} is not a fact of {self.shop}")
        desk.shown += 1
        desk.run += 1
        desk.tally.update(seq.to_bytes(8, "big") + computed.digest())
        self.step(desk, seq, computed.digest())
        if kind in BINDS_A_TEXT and fact.get("digest"):
            desk.digests[seq] = (fact["digest"], self.number)
        elif kind == "Erased":
            desk.erased.update(named for named in fact.get("contents", ()) if named < seq)

    def hidden(self, raw: bytes, desk: Desk, seq: int, record: dict[str, object]) -> None:
        """A fact of which only place and hash are shown: nobody can check that its hash follows from the one before."""
        told = record["hash"]
        if not isinstance(told, str) or not HEX.fullmatch(told):
            raise Bad(self.number, "has no hash")
        if raw != f'{{"desk":"{desk.name}","seq":{seq},"hash":"{told}"}}'.encode():
            raise Bad(self.number, "not in the form of a fact that is not shown")
        if seq != desk.seq + 1:
            raise Bad(self.number, f"{desk.name} seq {seq} stands where seq {desk.seq + 1} belongs")
        desk.run = 0
        self.step(desk, seq, bytes.fromhex(told))

    def step(self, desk: Desk, seq: int, digest: bytes) -> None:
        """One fact further, shown or not; what is known from elsewhere of this place must hold."""
        desk.seq, desk.hash = seq, digest
        desk.spine.update(digest)
        if (desk.name, seq) in self.heads:
            if self.heads.pop((desk.name, seq)) != digest.hex():
                raise Bad(self.number, f"{desk.name} seq {seq} is not what an exported head says")
            desk.bound += desk.run
            desk.run = 0
        if (desk.name, seq) in self.spines:
            if self.spines.pop((desk.name, seq)) != desk.spine.hexdigest():
                raise Bad(self.number, f"up to {desk.name} seq {seq} the facts are not those of an exported spine")
            desk.bound, desk.run = desk.shown, 0
        told = self.tallies.pop((desk.name, seq, self.shop), None) if self.shop is not None else None
        if told is not None and told != (desk.shown, desk.tally.hexdigest()):
            raise Bad(self.number, f"up to {desk.name} seq {seq} other facts are shown than an exported tally says")

    def is_of_shop(self, kind: str, fact: dict[str, object]) -> bool:
        """Whether the fact may be in this shop's export at all."""
        if kind not in ("OfficeTaken", "SettingSet"):
            return kind in NAMES_NO_SHOP or fact.get("shop") == self.shop
        subject = fact.get("subject")
        if not isinstance(subject, dict):
            return kind == "OfficeTaken"  # something was removed
        roles = subject.get("roles") or [{}]
        named = [subject.get("id") if subject.get("type") == "shop" else subject.get("shop")]
        named += [*(role.get("shop") for role in roles), *(subject.get("shops") or ())]
        return {one for one in named if one is not None} == {self.shop}

    def sum(self, raw: bytes, name: str, seq: int, record: dict[str, object], kind: str) -> None:
        """The spine or the tally of a desk, behind its head."""
        desk = self.desks.get(name)
        digest = record.get("digest")
        told = (
            f'"spine":{seq}' if kind == "spine" else f'"tally":{seq},"shop":"{self.shop}","shown":{record.get("shown")}'
        )
        if raw != f'{{"desk":"{name}",{told},"digest":"{digest}"}}'.encode():
            raise Bad(self.number, f"not in the form of an exported {kind}")
        if desk is None or name not in self.ended or seq != desk.seq:
            raise Bad(self.number, f"the {kind} of {name} does not stand behind its head")
        computed = desk.spine if kind == "spine" else desk.tally
        if digest != computed.hexdigest() or (kind == "tally" and record.get("shown") != desk.shown):
            raise Bad(self.number, f"the {kind} of {name} is not that of the facts before it")

    def text(self, raw: bytes, desk: Desk, seq: int, record: dict[str, object]) -> None:
        salt, content = str(record.get("salt")), str(record["content"])
        if raw != f'{{"desk":"{desk.name}","seq":{seq},"salt":"{salt}","content":"{content}"}}'.encode():
            raise Bad(self.number, "not in the form of an exported text")
        if seq != desk.seq or seq not in desk.digests:
            raise Bad(self.number, f"a text that no fact before it binds ({desk.name} seq {seq})")
        digest, _ = desk.digests.pop(seq)
        try:
            key, body = bytes.fromhex(salt), base64.b64decode(content, validate=True)
        except ValueError:
            raise Bad(self.number, "neither hexadecimal nor base64") from None
        if len(key) != 16 or key.hex() != salt or base64.b64encode(body).decode() != content:
            raise Bad(self.number, "not in the form of an exported text")
        if hmac.new(key, body, hashlib.sha256).hexdigest() != digest:
            raise Bad(self.number, f"the text of {desk.name} seq {seq} does not match its digest")
        desk.texts[seq] = self.number
        self.names = True

    def head(self, raw: bytes, name: str, seq: int, record: dict[str, object]) -> None:
        if raw != f'{{"desk":"{name}","head":{seq},"hash":"{record.get("hash")}"}}'.encode():
            raise Bad(self.number, "not in the form of an exported head")
        desk = self.desks.get(name)
        if desk is None or name in self.ended or (desk.seq, desk.hash.hex()) != (seq, record["hash"]):
            raise Bad(self.number, f"the head of {name} is not its last fact")
        self.ended.add(name)

    def finish(self) -> None:
        if not self.number and not self.heads:
            raise Bad(0, "the export is empty")
        for desk in self.desks.values():
            if desk.name not in self.ended:
                raise Bad(self.number + 1, f"the head of {desk.name} is missing; the export was cut")
            for seq, (_, line) in desk.digests.items():
                if self.names and seq not in desk.erased:
                    raise Bad(line, f"the text of {desk.name} seq {seq} is missing and was not erased")
            for seq in sorted(desk.erased & desk.texts.keys()):
                raise Bad(desk.texts[seq], f"the text of {desk.name} seq {seq} was recorded as erased but is here")
        for name, seq, shop in sorted(self.tallies):
            if shop == self.shop:
                raise Bad(self.number + 1, f"the tally of {name} up to seq {seq} was exported once and is gone")
        if self.shop is not None:  # what binds other shops' streams binds nothing here, and a tally said which are its
            self.heads = {place: told for place, told in self.heads.items() if place[0] in self.desks}
            self.spines = {place: told for place, told in self.spines.items() if place[0] in self.desks}
        for name, seq in sorted(self.heads):
            raise Bad(self.number + 1, f"{name} seq {seq} was exported once and is gone")
        for name, seq in sorted(self.spines):
            raise Bad(self.number + 1, f"the spine of {name} up to seq {seq} was exported once and is gone")

    def told(self) -> str:
        """What one shop's export shows, and how much of it is bound by what is known from elsewhere."""
        shown = sum(desk.shown for desk in self.desks.values())
        bound = sum(desk.bound for desk in self.desks.values())
        hidden = sum(desk.seq for desk in self.desks.values()) - shown
        streams = ", ".join(f"{desk.name} {desk.shown}/{desk.seq}" for desk in self.desks.values())
        return (
            f"{shown} facts of {self.shop} are shown, {hidden} others are hashes alone; "
            f"{bound} of the {shown} are bound by what was given with --against ({streams})"
        )


def check(
    lines: Iterable[bytes],
    heads: Heads | None = None,
    names: bool = False,
    shop: str | None = None,
    known: Known | None = None,
) -> Bad | None:
    """What is wrong first, or None. Lines keep their line ends."""
    return run(Check(heads, names, shop, known), lines)


def run(walk: Check, lines: Iterable[bytes]) -> Bad | None:
    """The same with a check of one's own."""
    try:
        for line in lines:
            walk.line(line)
        walk.finish()
    except Bad as bad:
        return bad
    return None


def read_heads(lines: Iterable[bytes]) -> Heads:
    """Desk and seq to hash, of every head line. Raises ValueError for a line that is none of an export."""
    return read_known(lines).heads


def read_known(lines: Iterable[bytes]) -> Known:
    """Every head, spine and tally among these lines. Raises ValueError for a line that is none of an export."""
    known = Known({}, {}, {})
    for number, line in enumerate(lines, 1):
        record = json.loads(line)
        lines_of_exports = {"head", "fact", "content", "buyer", "spine", "tally", "hash"}
        if not isinstance(record, dict) or not (record.keys() & lines_of_exports):
            raise ValueError(f"line {number} is not a line of an export")
        for kind, into, value in (("head", known.heads, "hash"), ("spine", known.spines, "digest")):
            if kind in record:
                place = (str(record["desk"]), int(record[kind]))
                if into.setdefault(place, str(record[value])) != record[value]:
                    raise ValueError(
                        f"line {number}: another {value} for {place[0]} seq {place[1]} than in a line before"
                    )
        if "tally" in record:
            one = (str(record["desk"]), int(record["tally"]), str(record["shop"]))
            told = (int(record["shown"]), str(record["digest"]))
            if known.tallies.setdefault(one, told) != told:
                raise ValueError(f"line {number}: another tally for {one[0]} seq {one[1]} than in a line before")
    return known


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--against", metavar="HEADS")
    parser.add_argument("--names", action="store_true")
    parser.add_argument("--shop", help="the export is one shop's")
    given = parser.parse_args(arguments)
    try:
        known = Known({}, {}, {})
        if given.against:
            with open(given.against, "rb") as file:
                known = read_known(file)
        walk = Check(names=given.names, shop=given.shop, known=known)
        with open(given.export, "rb") as file:
            bad = run(walk, file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    if bad:
        print(f"{given.export}: {bad}", file=sys.stdout if bad.line else sys.stderr)
        return 1 if bad.line else 2
    if given.shop:
        print(f"{given.export}: nothing contradicts it; {walk.told()}")
        return 0
    heads = len(known.heads) + len(known.spines)
    print(f"{given.export}: unaltered" + (f", and {heads} earlier heads are in it" if heads else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Checks an exported ledger with nothing but Python's standard library. Written apart from relay; shares no code.

    python verify_export.py EXPORT [--against HEADS] [--names]

EXPORT is what `relay export --facts` wrote. HEADS is an earlier export of heads (or a whole earlier export): every
head in it must still be there. `--names` demands that the texts are in the export; without it they are checked if any
is there. Exit: 0 unaltered, 1 altered (the first bad line is named), 2 a file that cannot be read. The format and
what this proves: ledger.md.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Iterable

DESK = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
BINDS_A_TEXT = {
    "BuyerWrote", "ShopWrote", "ReplyIntended", "SendStarted", "DraftOffered", "FollowUpMade", "FollowUpChanged",
    "NoteWritten",
}  # fmt: skip
Heads = dict[tuple[str, int], str]


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


class Check:
    """Reads lines in order; `finish` after the last. Both raise Bad."""

    def __init__(self, heads: Heads | None = None, names: bool = False) -> None:
        self.heads = dict(heads or {})
        self.names = names
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
        if not isinstance(name, str) or not DESK.fullmatch(name):
            raise Bad(self.number, "names no desk")
        kinds = [kind for kind in ("fact", "content", "head") if kind in record]
        if len(kinds) != 1:
            raise Bad(self.number, "neither a fact nor a text nor a head")
        number = record.get("head" if kinds == ["head"] else "seq")
        if type(number) is not int:
            raise Bad(self.number, "has no seq")
        if kinds == ["head"]:
            self.head(raw, name, number, record)
        elif self.ended:
            raise Bad(self.number, "stands behind the heads")
        elif kinds == ["fact"]:
            self.fact(raw, self.desk(name), number, record)
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
        if self.heads.pop((desk.name, seq), record["hash"]) != record["hash"]:
            raise Bad(self.number, f"{desk.name} seq {seq} is not what an exported head says")
        fact = record["fact"]
        if not isinstance(fact, dict) or not isinstance(fact.get("type"), str):
            raise Bad(self.number, "the fact has no type")
        desk.seq, desk.hash = seq, computed.digest()
        kind = fact["type"].partition("@")[0]
        if kind in BINDS_A_TEXT and fact.get("digest"):
            desk.digests[seq] = (fact["digest"], self.number)
        elif kind == "Erased":
            desk.erased.update(named for named in fact.get("contents", ()) if named < seq)

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
        for name, seq in sorted(self.heads):
            raise Bad(self.number + 1, f"{name} seq {seq} was exported once and is gone")


def check(lines: Iterable[bytes], heads: Heads | None = None, names: bool = False) -> Bad | None:
    """What is wrong first, or None. Lines keep their line ends."""
    walk = Check(heads, names)
    try:
        for line in lines:
            walk.line(line)
        walk.finish()
    except Bad as bad:
        return bad
    return None


def read_heads(lines: Iterable[bytes]) -> Heads:
    """Desk and seq to hash, of every head line. Raises ValueError for a line that is none of an export."""
    heads: Heads = {}
    for number, line in enumerate(lines, 1):
        record = json.loads(line)
        if not isinstance(record, dict) or not (record.keys() & {"head", "fact", "content", "buyer"}):
            raise ValueError(f"line {number} is not a line of an export")
        if "head" in record:
            place = (str(record["desk"]), int(record["head"]))
            if heads.setdefault(place, str(record["hash"])) != record["hash"]:
                raise ValueError(f"line {number}: another hash for {place[0]} seq {place[1]} than in a line before")
    return heads


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--against", metavar="HEADS")
    parser.add_argument("--names", action="store_true")
    given = parser.parse_args(arguments)
    try:
        heads: Heads = {}
        if given.against:
            with open(given.against, "rb") as file:
                heads = read_heads(file)
        with open(given.export, "rb") as file:
            bad = check(file, heads, given.names)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    if bad:
        print(f"{given.export}: {bad}", file=sys.stdout if bad.line else sys.stderr)
        return 1 if bad.line else 2
    print(f"{given.export}: unaltered" + (f", and {len(heads)} earlier heads are in it" if heads else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes a ledger as lines that anybody can check with a standard library alone (`docs/ledger.md`).

The stored bytes of a fact are spliced into its line as they are; nothing is encoded again. Facts come by desk and seq;
with `names` each is followed by the text it binds, and the buyers stand at the end. The last lines are the heads.
"""

import json
from base64 import b64encode
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec

from relay.contracts import Head
from relay.domain.names import DeskId
from relay.errors import BadInputError
from relay.store.reader import Ledger
from relay.store.spines import Known, Spine, Tally


def export_facts(
    ledger: Ledger,
    out: BinaryIO,
    names: bool = False,
    to_seq: int | None = None,
    desks: Collection[DeskId] | None = None,
) -> None:
    """Write the chain of all desks (or of `desks`), each up to `to_seq`.

    Raises ValueError for `names` with `to_seq`: a text erased after the cut could not be told from a text removed.
    """
    if names and to_seq is not None:
        raise ValueError("names and to_seq exclude each other: an erasure after the cut would look like a removal")
    heads = []
    for desk in ledger.desks():
        if desks is not None and desk not in desks:
            continue
        head = _export_desk(ledger, out, desk, names, to_seq)
        heads += [head] if head else []
    if names and desks is None:
        for buyer in ledger.every_buyer():
            line = {"buyer": buyer.ref, "shop": buyer.shop, "platform_id": buyer.platform_id, "name": buyer.name}
            if buyer.order_no:
                line["order_no"] = buyer.order_no
            out.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
    _write_heads(heads, out)


def export_heads(ledger: Ledger, out: BinaryIO) -> None:
    """One line a desk: small enough to be mailed, printed or published where nobody can take it back."""
    _write_heads(ledger.heads(), out)


def read_heads(lines: Iterable[bytes]) -> list[Head]:
    """The heads among these lines (a file of heads or a whole export). Raises BadInputError naming a bad line."""
    return list(read_known(lines).heads)


def read_known(lines: Iterable[bytes]) -> Known:
    """Heads, spines and tallies among these lines. Raises BadInputError naming a bad line."""
    heads: list[Head] = []
    spines: list[Spine] = []
    tallies: list[Tally] = []
    for number, line in enumerate(lines, 1):
        try:
            found = msgspec.json.decode(line, type=dict[str, object])
            if "head" in found:
                heads.append(msgspec.convert(found, _HeadLine).head_of())
            elif "spine" in found:
                spines.append(msgspec.convert(found | {"seq": found["spine"], "hash": ""}, Spine))
            elif "tally" in found:
                tallies.append(msgspec.convert(found | {"seq": found["tally"]}, Tally))
            elif not found.keys() & {"fact", "content", "buyer", "hash"}:
                raise ValueError("neither a head nor another line of an export")
        except (msgspec.MsgspecError, ValueError) as error:
            raise BadInputError(f"line {number}: 不是导出的链头 / not a line of an exported head: {error}") from error
    return Known(heads, spines, tallies)


def newest_heads(folder: Path | None) -> Path | None:
    """The newest file of exported heads there, or None."""
    named = [*folder.glob("heads-*.jsonl")] if folder is not None and folder.is_dir() else []
    return max((path for path in named if path.stem[6:].isdecimal()), key=lambda path: int(path.stem[6:]), default=None)


class _HeadLine(msgspec.Struct):
    desk: DeskId
    head: int
    hash: str

    def head_of(self) -> Head:
        return Head(self.desk, self.head, bytes.fromhex(self.hash))


def _export_desk(ledger: Ledger, out: BinaryIO, desk: DeskId, names: bool, to_seq: int | None) -> Head | None:
    start = b'{"desk":"%b","seq":' % desk.encode()
    texts = iter(ledger.contents(desk)) if names else iter(())
    text = next(texts, None)
    head = None
    for row in ledger.read(desk, 1, to_seq):
        out.write(b'%b%d,"hash":"%b","fact":%b}\n' % (start, row.seq, row.hash.hex().encode(), row.body))
        head = Head(desk, row.seq, row.hash)
        while text is not None and text.seq <= row.seq:
            out.write(
                b'%b%d,"salt":"%b","content":"%b"}\n'
                % (start, text.seq, text.salt.hex().encode(), b64encode(text.body))
            )
            text = next(texts, None)
    while text is not None:
        out.write(
            b'%b%d,"salt":"%b","content":"%b"}\n' % (start, text.seq, text.salt.hex().encode(), b64encode(text.body))
        )
        text = next(texts, None)
    return head


def _write_heads(heads: Iterable[Head], out: BinaryIO) -> None:
    for head in heads:
        out.write(b'{"desk":"%b","head":%d,"hash":"%b"}\n' % (head.desk.encode(), head.seq, head.hash.hex().encode()))

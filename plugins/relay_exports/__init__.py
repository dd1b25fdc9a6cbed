"""Exported chat logs: what shops already have, read into utterances. Nothing here decides who is a seat or a buyer.

    problems    the two ways to say that something cannot be read: the whole file, or a piece of it
    pieces      a file, the files in a zip, the files in a folder; nothing is ever unpacked to disk
    decoding    bytes into lines: which encoding it is, proven over the whole file and never guessed
    stamps      the many ways to write a time, all into ISO-8601 with the precision that stands there
    talks       messages that start with a header line: one small machine for four formats
    jingdong    `jd-txt`: JD Dongdong, TXT or LOG
    wangwang    `wangwang-im` and `wangwang-chat`: the two styles of Wangwang's TXT
    pane        `qianniu-pane`: what was copied from Qianniu's message pane
    pages       `qianniu-json`: the web user script's JSON, one page for each buyer
    words       the words of a table's role, kind, bot and content columns
    columns     which column of a table is what, by mapping or by its headings
    cells       a CSV, TSV or XLSX file as rows of text
    table       `table`: rows into utterances, and what a dry run shows

docs/readers.md tells a shop and a plugin's author the same from outside.
"""

from relay.contracts import Registry
from relay_exports import jingdong, wangwang
from relay_exports.columns import ColumnGuess
from relay_exports.pages import PagesReader
from relay_exports.pane import READER as PANE_READER
from relay_exports.table import TableReader, propose

__all__ = ["READERS", "ColumnGuess", "propose", "register"]

READERS = (
    TableReader(),
    jingdong.READER,
    wangwang.IM_READER,
    wangwang.CHAT_READER,
    PANE_READER,
    PagesReader(),
)


def register(registry: Registry) -> None:
    """Offer every reader of this package."""
    for reader in READERS:
        registry.reader(reader)

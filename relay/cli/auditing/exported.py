"""Exported chat logs as a source: read, looked at for who is who, and retold as messages.

Laws: files are looked at together, for one file may hold one conversation and only many show who is a seat; they are
retold one by one, so that lines which two exports share are the same messages and count once; whatever is not judged
is counted with its reason. What nobody has confirmed is of kind `unknown`, and the figure a range.

Retold messages stay in memory, about 60 MB for 100,000 with their texts; what the reader gave only up to `MOST_KEPT`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from relay.cli.auditing.aside import Aside, LeftOut
from relay.cli.auditing.columns import lacks_columns
from relay.errors import BadInputError
from relay.insight.utterances import Unread, Utterance
from relay.insight.who import Addresses, Again, Proposal, WhoIsWho, merged, messages, propose
from relay.insight.who.records import SHOP_SIDE
from relay.rules.flaws import PLAUSIBLE, LogError, Watch
from relay.rules.messages import Body, Message

if TYPE_CHECKING:
    from relay.contracts import Reader

Item = Utterance | Unread
MOST_KEPT: Final = 500_000
"""Pieces of an audit that are kept from one reading to the next; a longer file is read again each time."""
_BLOCK: Final = 1 << 20


class Unconfirmed(NamedTuple):
    """What the owner has still to say: `lines` of the shop's are of unknown kind. `new` entries are proposed that the
    who-is-who file does not hold; `rest` says that nobody has said who writes the other texts."""

    lines: int
    seats: int
    texts: int
    rest: bool
    new: int


class ExportFile:
    """One file and its reader. It is read anew each time unless it is short."""

    def __init__(self, path: Path, reader: "Reader", columns: Mapping[str, str]) -> None:
        self.name, self.path, self.reader = path.name, path, reader
        self._columns = columns
        self._kept: list[Item] | None = None

    def items(self) -> Iterable[Item]:
        """Everything the reader gives. Raises BadInputError while it is iterated."""
        return Again(self._read) if self._kept is None else self._kept

    def keep(self, most: int) -> int:
        """Keep the pieces if they are no more than `most`; how many were kept."""
        first = list(islice(self._read(), most + 1))
        if len(first) > most:
            return 0
        self._kept = first
        return len(first)

    def forget(self) -> None:
        self._kept = None

    def sha256(self) -> str:
        import hashlib

        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def _read(self) -> Iterator[Item]:
        try:
            yield from self.reader.read(self.path, self._columns)
        except OSError as error:
            raise BadInputError(f"{self.path}: 无法读取 / cannot be read ({error.strerror or error})") from None
        except ValueError as error:
            hint = ""
            if lacks_columns(self.path, self.reader, self._columns):
                hint = "；用 --columns 字段=表头 指明 / name them with --columns FIELD=HEADING"
            raise BadInputError(f"{self.name}: {error}{hint}") from None
        except Exception as error:  # a reader may be anybody's plugin: its fault is named as its own
            why = f"读取格式 {self.reader.name} 出错 / the reader {self.reader.name} failed: {error!r}"
            raise BadInputError(f"{self.name}: {why}") from error


class Exports:
    """All exported files of one audit. Raises BadInputError where one of them cannot be read."""

    def __init__(self, name: str, files: Sequence[ExportFile], who: WhoIsWho) -> None:
        self.name, self.files = name, files
        left = MOST_KEPT
        for file in files:
            left -= file.keep(left)
        self.proposal: Proposal = propose(self.items())
        self.said, self.who = who, merged(who, self.proposal)
        self._messages: list[tuple[int, Message]] = []
        self._addresses: Addresses | None = None
        self.left_out = LeftOut(0, 0, (), ())

    def items(self) -> Iterable[Item]:
        """All pieces, conversations of different files kept apart where their names do not."""
        if len(self.files) == 1:
            return self.files[0].items()
        return Again(lambda: chain.from_iterable(map(_apart, self.files)))

    def retell(self, zone: ZoneInfo | None) -> None:
        """Make the messages. Raises BadInputError where times have no offset and nobody has named a zone."""
        aside = Aside(several=len(self.files) > 1)
        for file in self.files:
            try:
                for one in messages(file.items(), self.who, zone):
                    if not isinstance(one, Message):
                        aside.take(file.name, one)
                    elif one.at not in PLAUSIBLE:
                        aside.far(file.name, one)
                    else:
                        self._messages.append((one.at, one))
            except LogError as error:
                raise BadInputError(f"{file.name}: {error}") from None
            file.forget()
        self.left_out = aside.told()
        if not self._messages and self.left_out.reasons:
            zh, en, count = self.left_out.reasons[0]
            raise BadInputError(
                f"{self.name}: {self.left_out.pieces} 条全部未采用，多数因为：{zh}；请先用 --dry-run 试读"
                f" / none of its {self.left_out.pieces} pieces was taken, {count} of them: {en}; try --dry-run"
            )

    def messages(self, watch: Watch) -> Iterator[tuple[int, Body]]:
        return iter(self._messages)

    @property
    def seated(self) -> Callable[[Body], Body]:
        """Made when it is first asked for, of all files at once."""
        if self._addresses is None:
            self._addresses = Addresses(one for _, one in self._messages)
        addressed = self._addresses.addressed
        return lambda body: addressed(body) if isinstance(body, Message) else body

    def places(self, ids: frozenset[str]) -> Iterator[tuple[int, str]]:
        for file in self.files:
            for one in file.items():
                if isinstance(one, Utterance) and one.id in ids:
                    yield one.where, one.id if len(self.files) == 1 else f"{file.name}: {one.id}"

    def sha256(self) -> str:
        if len(self.files) == 1:
            return self.files[0].sha256()
        return combined((file.name, file.sha256()) for file in self.files)

    def unconfirmed(self) -> Unconfirmed | None:
        """None where every text of the shop has its author."""
        lines = sum(one.role == "merchant" and one.kind == "unknown" for _, one in self._messages)
        who = self.who
        open_ones = Unconfirmed(
            lines=lines,
            seats=sum(one.role in SHOP_SIDE and not who.sure(one) for one in who.nicks),
            texts=sum(not one.confirmed for one in who.texts),
            rest=who.rest == "unknown" and self.proposal.rest.count > 0,
            new=len(who.nicks) + len(who.texts) - len(self.said.nicks) - len(self.said.texts),
        )
        return open_ones if lines and (open_ones.seats or open_ones.texts or open_ones.rest) else None


def _apart(file: ExportFile) -> Iterator[Item]:
    """The pieces of one file among several: a conversation without a name, or with a mere number, gets the file's."""
    speakers: set[str] = set()
    for one in file.items():
        if isinstance(one, Utterance) and one.talk is None and one.buyer is None and len(speakers) <= 2:
            speakers.add(one.nick)
    one_talk = len(speakers) == 2
    for one in file.items():
        if isinstance(one, Unread):
            yield replace(one, text=f"{file.name}: {one.text}"[:120])
        elif one.talk.isdecimal() if one.talk is not None else one_talk and one.buyer is None:
            yield replace(one, talk=f"{file.name}#{one.talk or ''}")
        else:
            yield one


def combined(digests: Iterable[tuple[str, str]]) -> str:
    """One digest for several files: that of their list, as `sha256sum` prints it."""
    import hashlib

    return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in digests).encode()).hexdigest()

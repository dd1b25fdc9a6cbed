"""The notes of buyers as agents see them: the desk knows which there are, this room their words.

Words are content of the fact that wrote them. They come with that fact, or are read from the store when the buyer's
conversation is first shown; what was erased is forgotten here too.
"""

from collections.abc import Iterable

from relay.domain import facts as f
from relay.domain.marks import note_id
from relay.domain.model import DeskState, Key
from relay.domain.names import NoteId
from relay.runtime.port import Committed, Port
from relay.web import frames as w
from relay.web.threads import printable


class Noted:
    """Words by note, of the buyers that somebody was shown."""

    __slots__ = ("_words",)

    def __init__(self) -> None:
        self._words: dict[NoteId, str | None] = {}

    def take(self, committed: Committed) -> None:
        """Carry a fact in."""
        match committed.fact:
            case f.NoteWritten(replaces=replaces):
                self._words[note_id(committed.seq)] = _shown(committed.text)
                if replaces is not None:
                    self._words.pop(replaces, None)
            case f.NoteRemoved(note=note):
                self._words.pop(note, None)
            case _:
                pass

    def learn(self, state: DeskState, port: Port, keys: Iterable[Key]) -> None:
        """Read what is not at hand of these buyers' notes."""
        for key in keys:
            for name in state.notes.get(key, ()):
                if name not in self._words:
                    seq = int(name[1:])
                    self._words[name] = next((_shown(one.text) for one in port.read(seq, seq)), None)

    def let_go(self, state: DeskState, key: Key) -> None:
        """This buyer's conversation is over: their words are read again when it is not."""
        for name in state.notes.get(key, ()):
            self._words.pop(name, None)

    def forget(self, erased: Iterable[int]) -> None:
        """The content of these facts was erased."""
        for seq in erased:
            if note_id(seq) in self._words:
                self._words[note_id(seq)] = None

    def of(self, state: DeskState, key: Key) -> list[w.Note]:
        """The notes of this buyer, oldest first."""
        return [w.Note(one.id, one.by, one.at, self._words.get(one.id)) for one in state.notes.get(key, {}).values()]


def _shown(text: str | None) -> str | None:
    return printable(text) if text is not None else None

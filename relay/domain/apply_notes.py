"""apply, for notes: what is written of a buyer and taken away again. Nothing here decides."""

from typing import Final

from relay.domain import facts as f
from relay.domain.marks import DAY, note_id
from relay.domain.model import DeskState, Key, Note

KEPT_MS: Final = 90 * DAY
"""How long after the newest note of a buyer they are at hand; the ledger has them for ever."""


def written(state: DeskState, fact: f.NoteWritten) -> None:
    key, name = (fact.shop, fact.buyer), note_id(state.seq)
    mine = state.notes.pop(key, {})
    if fact.replaces is not None:
        mine.pop(fact.replaces, None)
    state.notes[key] = {**mine, name: Note(name, fact.by, fact.at)}
    _forget_oldest(state, fact)


def removed(state: DeskState, fact: f.NoteRemoved) -> None:
    key = (fact.shop, fact.buyer)
    mine = state.notes[key]
    del mine[fact.note]
    if not mine:
        del state.notes[key]


def _forget_oldest(state: DeskState, fact: f.NoteWritten) -> None:
    """Drop the notes of at most two buyers who were long ago: memory stays bounded and replay does the same."""
    for _ in range(2):
        key: Key = next(iter(state.notes))
        newest = max((note.at for note in state.notes[key].values()), default=fact.at)
        if newest + KEPT_MS > fact.at or key in state.conversations:
            return
        del state.notes[key]

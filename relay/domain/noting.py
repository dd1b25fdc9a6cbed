"""Notes about a buyer: who may write one, and who may take it away.

Laws:
* A note is never sent. It stays with (shop, buyer) through transfers, shifts, closings and restarts.
* Whoever has the buyer, served them last, or supervises the shop writes notes. A note is another person's word: only
  its writer and a supervisor replace it or take it away.
"""

from typing import Final

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.model import Key
from relay.domain.moving import supervises
from relay.domain.names import NoteId, PersonId, SeatId
from relay.domain.refusal import Refusal
from relay.domain.step import Step

MOST: Final = 20
"""Notes of one buyer."""


def write(step: Step, given: i.WriteNote) -> None:
    """Another note of this buyer, or another wording of one."""
    step.shop(given.shop)
    key = (given.shop, given.buyer)
    seat = _serving_seat(step, key, given.by)
    if given.replaces is not None:
        _check_own(step, key, given.replaces, given.by)
    elif len(step.state.notes.get(key, {})) >= MOST:
        raise Refusal("notes_many")
    step.emit(
        f.NoteWritten(
            at=step.at,
            shop=given.shop,
            buyer=given.buyer,
            by=given.by,
            digest=given.digest,
            replaces=given.replaces,
            seat=seat,
        )
    )


def remove(step: Step, given: i.RemoveNote) -> None:
    """It counts no more."""
    step.shop(given.shop)
    key = (given.shop, given.buyer)
    seat = _serving_seat(step, key, given.by)
    _check_own(step, key, given.note, given.by)
    step.emit(f.NoteRemoved(at=step.at, shop=given.shop, buyer=given.buyer, note=given.note, by=given.by, seat=seat))


def _serving_seat(step: Step, key: Key, by: PersonId) -> SeatId | None:
    """The seat that has the buyer now, if this person may note something of them; refuses if they may not."""
    conv = step.state.conversations.get(key)
    past = conv.past if conv is not None else step.state.past.get(key)
    if conv is None and past is None and key not in step.state.notes:
        raise Refusal("unknown_conversation")
    mine = step.state.person_seats.get(by, {})
    has = conv is not None and conv.seat in mine
    served = past is not None and past.seat in mine
    if not (has or served or supervises(step, by, key[0])):
        raise Refusal("not_yours")
    return conv.seat if conv is not None else None


def _check_own(step: Step, key: Key, name: NoteId, by: PersonId) -> None:
    note = step.state.notes.get(key, {}).get(name)
    if note is None:
        raise Refusal("unknown_note")
    if note.by != by and not supervises(step, by, key[0]):
        raise Refusal("note_not_yours")

"""What a person does by hand that is bound to be as it was read: a hold by one key (L8, L10), and notes (L14).

Functions over the watcher of `tests.domain.laws`, called before a fact is taken into the picture, or after a step.
"""

from typing import TYPE_CHECKING, Any

from relay.domain import facts as f
from relay.domain import inputs as i
from tests.domain.told import Text

if TYPE_CHECKING:
    from tests.domain.laws import Laws

QUARTER_MS = 90 * 86_400_000
NOTED = (f.NoteWritten, f.NoteRemoved, f.Erased)
"""What may change which notes there are."""
SUPERVISORS = ("cs_admin", "owner")


def _breaks(laws: "Laws", law: str, what: str, detail: Any) -> None:
    laws._broken(law, what, detail)


# --- a hold by key


def intended(laws: "Laws", fact: f.ReplyIntended, given: i.Input, at: int) -> None:
    if fact.question is None:
        return
    thread = laws.told.thread((fact.shop, fact.buyer))
    if fact.question != f"m{thread.last_message}" or not _waits(thread):
        _breaks(laws, "L10", "held_another_question", (fact, thread.last_message))
    _approved(laws, fact, at)


def started(laws: "Laws", text: Text, at: int) -> None:
    intent = text.intent
    if isinstance(intent, f.ReplyIntended) and intent.question is not None:
        if not _waits(laws.told.thread(text.key)):
            _breaks(laws, "L10", "held_after_an_answer", intent)
        _approved(laws, intent, at)


def _waits(thread: Any) -> bool:
    return thread.round is not None or thread.debt is not None


def _approved(laws: "Laws", fact: f.ReplyIntended, at: int) -> None:
    reply = laws.told.replies.get(fact.reply or "")
    good = reply is not None and reply.version == fact.version and reply.usable(fact.shop, at) and not reply.stopped
    if reply is None or not good or reply.purpose != "hold" or fact.reads_as != "hold":
        _breaks(laws, "L8", "no_approved_hold", (fact, reply))


# --- notes


def written(laws: "Laws", fact: f.NoteWritten, given: i.Input, at: int) -> None:
    if not isinstance(given, i.WriteNote) or not _works_there(laws, fact.by, fact.shop):
        _breaks(laws, "L14", "noted_by_a_stranger", (fact, given))
    if fact.replaces is not None:
        _own(laws, (fact.shop, fact.buyer), fact.replaces, fact.by)


def removed(laws: "Laws", fact: f.NoteRemoved, given: i.Input, at: int) -> None:
    if not isinstance(given, i.RemoveNote):
        _breaks(laws, "L14", "note_removed_by_nobody", (fact, given))
    _own(laws, (fact.shop, fact.buyer), fact.note, fact.by)


def _own(laws: "Laws", key: tuple[str, str], name: str, by: str) -> None:
    note = laws.told.notes.get(name)
    if note is None or note[0] != key or (note[1] != by and not _supervises(laws, by, key[0])):
        _breaks(laws, "L14", "note_of_another", (name, by, note))


def _works_there(laws: "Laws", person: str, shop: str) -> bool:
    seats = laws.told.seats.values()
    return any((seat.agent, seat.shop) == (person, shop) for seat in seats) or _supervises(laws, person, shop)


def _supervises(laws: "Laws", person: str, shop: str) -> bool:
    known = laws.told.persons.get(person)
    if known is None or known.disabled:
        return False
    return any(grant.shop == shop and grant.role in SUPERVISORS for grant in known.roles)


def hold(laws: "Laws", at: int) -> None:
    """Every note that was written and not taken away is there, unless its buyer was noted of too long ago."""
    there = {name: (key, one.by, one.at) for key, some in laws.mirror.state.notes.items() for name, one in some.items()}
    wanted = laws.told.notes
    if stray := there.keys() - wanted.keys():
        _breaks(laws, "L14", "note_came_back", stray)
    newest: dict[Any, int] = {}
    for key, _, written_at in wanted.values():
        newest[key] = max(newest.get(key, 0), written_at)
    for name, (key, by, written_at) in wanted.items():
        if there.get(name, (key, by, written_at)) != (key, by, written_at):
            _breaks(laws, "L14", "note_changed", name)
        if name not in there and newest[key] + QUARTER_MS > at:
            _breaks(laws, "L14", "note_lost", (name, key))

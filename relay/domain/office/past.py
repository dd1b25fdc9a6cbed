"""What became of each setting, change by change: who, when, what it was and what it is from there.

Pure, from the facts of the office alone. Quick replies are not here: their versions are a past of their own, in which
nothing is taken back without an approval (L8).

Law: to go back is another change like any other. Two words of a shop are not taken back with it, because they are
somebody's own act: that a machine may send, which an owner confirms, and the emergency stop, which somebody lifts.
"""

from collections.abc import Iterable, Iterator

import msgspec

from relay.domain.facts import OfficeFact, SettingRemoved, SettingSet
from relay.domain.names import Millis, PersonId
from relay.domain.settings import Desk, Event, Person, QuickReply, Seat, Shop, Sort, Subject, sort_of

Kept = Desk | Shop | Seat | Person | Event
_OWN_WORDS = (
    "assist",
    "assist_confirmed_by",
    "assist_confirmed_on",
    "assist_confirmed_statement",
    "stopped",
)


class Past(msgspec.Struct, frozen=True):
    """One change. `before` None: there was none; `after` None: it was taken away."""

    seq: int
    at: Millis
    by: PersonId
    sort: Sort
    id: str
    before: Kept | None
    after: Kept | None

    @property
    def meant(self) -> Kept | None:
        """What going back to this change gives again: what it made, or what it took away."""
        return self.after if self.after is not None else self.before


def past_of(told: Iterable[tuple[int, OfficeFact]]) -> Iterator[Past]:
    """Every change of these facts, oldest first. `told` begins with the first fact of the office."""
    now: dict[tuple[Sort, str], Kept] = {}
    for seq, fact in told:
        if isinstance(fact, SettingSet) and not isinstance(fact.subject, QuickReply):
            key = sort_of(fact.subject), fact.subject.id
            yield Past(seq, fact.at, fact.by, *key, now.get(key), fact.subject)
            now[key] = fact.subject
        elif isinstance(fact, SettingRemoved) and fact.sort != "reply":
            was = now.pop((fact.sort, fact.id), None)
            yield Past(seq, fact.at, fact.by, fact.sort, fact.id, was, None)


def taken_back(meant: Kept, now: Subject | None) -> Kept:
    """What a setting becomes by going back to `meant`, where it is `now`."""
    if isinstance(meant, Shop) and isinstance(now, Shop):
        return msgspec.structs.replace(meant, **{key: getattr(now, key) for key in _OWN_WORDS})
    return meant

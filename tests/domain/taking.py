"""Taking back, reckoned from the facts alone: whose deed, how long ago, what has happened since, and what is so again.

Functions over the watcher of `tests.domain.laws`, called before a fact is taken into the picture; `Deeds` is a part of
that picture.
"""

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from relay.domain import facts as f
from relay.domain import inputs as i

if TYPE_CHECKING:
    from tests.domain.laws import Laws
    from tests.domain.told import Thread

MINUTE_MS = 60_000
MOST = 256
NAMES: dict[type, str] = {
    f.MoveAsked: "moved",
    f.ConversationClosed: "closed",
    f.DebtSettled: "settled",
    f.DraftRejected: "rejected",
    f.AlertAcknowledged: "acknowledged",
}


class Deeds:
    """Every deed by its seq, with the thread as it was before, and what has happened to its buyer since."""

    def __init__(self) -> None:
        self.done: dict[int, tuple[Any, Thread, list[f.DeskFact]]] = {}
        self._of: dict[tuple[str, str | None], list[int]] = {}
        self.seat: dict[tuple[str, str], str] = {}
        """To whom the newest that was taken back leads."""

    def take(self, seq: int, fact: f.DeskFact, thread: "Thread | None") -> None:
        key = (getattr(fact, "shop", ""), getattr(fact, "buyer", None))
        if isinstance(fact, f.DeskStarted | f.Erased):
            for deed, _, since in self.done.values():
                if isinstance(fact, f.DeskStarted) or deed.buyer in fact.buyers:
                    since.append(fact)
        for of in self._of.get(key, ()):
            if of in self.done:
                self.done[of][2].append(fact)
        if type(fact) in NAMES and getattr(fact, "by", None) is not None:
            self.done[seq] = (fact, deepcopy(thread), [])
            self._of[key] = [*(of for of in self._of.get(key, ()) if of in self.done), seq]
            if len(self.done) > MOST:
                del self.done[next(iter(self.done))]


def taken_back(laws: "Laws", fact: f.TakenBack, given: i.Input, at: int) -> None:
    """Held before the fact counts; then the thread is as it was, for what follows of it to be measured by."""
    told = laws.told
    deed, was, since = told.deeds.done.pop(fact.of, (None, None, []))
    if deed is None or not isinstance(given, i.TakeBack) or given.by != deed.by != "":
        return laws._broken("L14", "took_back_what_is_not_theirs", (fact, given, deed))
    if at > deed.at + MINUTE_MS or fact.what != NAMES[type(deed)]:
        laws._broken("§5", "took_back_too_late", (fact, deed))
    answered = any(isinstance(one, f.ReplyIntended) for one in since)
    if fact.what in ("moved", "closed", "settled") and answered:
        laws._broken("§5", "took_back_what_was_answered", (fact, since))
    if fact.what == "closed" and any(isinstance(one, f.BuyerWrote | f.MessageRecalled) for one in since):
        laws._broken("§5", "reopened_beside_a_new_question", (fact, since))
    if any(isinstance(one, f.DeskStarted | f.Erased) for one in since):
        laws._broken("§5", "took_back_across_a_start", (fact, since))
    if fact.buyer is None or was is None or fact.what == "acknowledged":
        return None
    key, now = (fact.shop, fact.buyer), told.thread((fact.shop, fact.buyer))
    told.deeds.seat.pop(key, None)
    if fact.what in ("moved", "closed") and deed.seat is not None:
        told.deeds.seat[key] = deed.seat
    if fact.what == "rejected":
        laws.drafts.again(key, deed.draft)
    if fact.what in ("closed", "settled"):
        now.holds = set(was.holds) - {one.send for one in since if _never_left(one)}
    if fact.what == "closed":
        names = (
            "questions",
            "opened_at",
            "last_message",
            "heard_here",
            "last_tone",
            "last_tag",
            "group",
            "head_start",
            "service",
            "about",
        )
        for name in names:
            setattr(now, name, getattr(was, name))
        now.round, now.opened_at = was.round, None
    return None


def _never_left(fact: f.DeskFact) -> bool:
    return isinstance(fact, f.SendEnded) and fact.outcome in ("refused", "not_sent") and fact.retry_at is None


def led_back(laws: "Laws", fact: f.Assigned | f.TransferRequested, given: i.Input, own_seat: bool = False) -> None:
    """The seat is the one that had the buyer, and somebody is there. A move goes above its cap by a supervisor's word
    alone; a conversation that was closed there (`own_seat`) by the word of whoever closed it.
    """
    seat = fact.seat if isinstance(fact, f.Assigned) else fact.to
    if laws.told.deeds.seat.get((fact.shop, fact.buyer)) != seat:
        laws._broken("L5", "not_the_seat_that_had_them", (fact, laws.told.deeds.seat))
    if laws.told.presence[seat] == "offline":
        laws._broken("§6", "moved_to_nobody", fact)
    if not own_seat and not _supervises(laws, given, fact.shop) and not laws._has_room(seat):
        laws._broken("L4", "taken_back_above_cap", fact)


def _supervises(laws: "Laws", given: i.Input, shop: str) -> bool:
    person = laws.told.persons.get(given.by) if isinstance(given, i.TakeBack) else None
    return person is not None and any(
        grant.shop == shop and grant.role in ("cs_admin", "owner") for grant in person.roles if not person.disabled
    )

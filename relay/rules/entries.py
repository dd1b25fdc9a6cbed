"""What a rule's way through a thread leaves behind: one entry for each round, person's day, message or session."""

import msgspec

from relay.rules.report import Verdict


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One verdict in a thread. Instants are milliseconds.

    `opened` is the question that made the entry and decides its day and its place in the list. `clock` is when its
    wait began, where that is another instant: the first message of a run, the entry into a seat's list, the round
    that decided a person's day. `until` is when the entry was over: the answer, the message that settled it, or
    24:00. `notes` are bits of `Note`. `seat` is whose it is, where the rule charges seats. `parts` are the rounds of
    a person's day.
    """

    opened: int
    answered: int | None
    verdict: Verdict
    clause: str
    notes: int
    until: int
    clock: int | None = None
    seat: str | None = None
    parts: tuple["Entry", ...] = ()

    @property
    def started(self) -> int:
        """When the wait began."""
        return self.opened if self.clock is None else self.clock

    @property
    def wait(self) -> int | None:
        """From the start of the clock to the answer; None without one."""
        return None if self.answered is None else self.answered - self.started

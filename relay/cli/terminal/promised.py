"""The lines of follow-ups: whose, about what, by when, for whom. Every foreign text passes `words.clean`."""

from collections.abc import Iterable

from relay.cli.terminal.words import Words, clean
from relay.web import frames as w


def due_in(words: Words, due_at: int, at: int) -> str:
    """How long until then, or since, as of the instant `at`."""
    minutes = (due_at - at) // 60_000
    return words("due_in", minutes) if minutes >= 0 else words("due_ago", -minutes)


def row(words: Words, one: w.FollowUp, at: int) -> str:
    """One follow-up."""
    who = clean(one.buyer_name or one.buyer)
    owner = clean(one.owner) if one.owner is not None else words("ownerless")
    note = clean(one.note) if one.note is not None else ""
    due = due_in(words, one.due_at, at)
    said = words("follow_up", one.follow_up, clean(one.shop), who, words.of(one.category), due, owner, note)
    return said.rstrip()


def rows(words: Words, follow_ups: Iterable[w.FollowUp], at: int) -> list[str]:
    """All of them, by due."""
    ordered = sorted(follow_ups, key=lambda one: (one.due_at, one.follow_up))
    return [row(words, one, at) for one in ordered] or [words("no_follow_ups")]

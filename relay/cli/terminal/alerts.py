"""The open alerts that the screen knows of: those of the buyers on it, and those of whole shops."""

from collections.abc import Callable, Iterable

from relay.cli.terminal.words import Words, clean
from relay.runtime.notices.wording import OTHER, WORDS
from relay.web import frames as w


class Alerts:
    """A book kept by frames alone: a list, `raised` and `over`, whole conversations, acknowledgements."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, w.AlertNow]] = {}

    def begin(self, of_shops: Iterable[w.ShopAlert]) -> None:
        """Part 0 of a list: everything anew."""
        self._open = {one.alert.alert: (one.shop, one.alert) for one in of_shops}

    def put(self, conversation: w.Conversation) -> None:
        """Here is a conversation whole: these are its alerts."""
        self.forget(conversation.shop, conversation.buyer)
        self._open |= {one.alert: (conversation.shop, one) for one in conversation.alerts}

    def forget(self, shop: str, buyer: str) -> None:
        """Its buyer is off the screen."""
        self._open = {name: one for name, one in self._open.items() if (one[0], one[1].buyer) != (shop, buyer)}

    def take(self, frame: w.Event, shows: Callable[[str, str | None], bool]) -> list[w.AlertNow]:
        """Carry an event in; returns the alerts that it raised, of those that the screen `shows`."""
        told = frame.raised if isinstance(frame.raised, list) else []
        raised = [one for one in told if shows(frame.shop, one.buyer)]
        fresh = [one for one in raised if one.alert not in self._open]
        self._open |= {one.alert: (frame.shop, one) for one in raised}
        for name in frame.over if isinstance(frame.over, list) else ():
            self._open.pop(name, None)
        if isinstance(frame, w.Acknowledged | w.TakenBack):
            seen_by = frame.by if isinstance(frame, w.Acknowledged) else None
            for name in frame.alerts:
                if name in self._open:
                    shop, one = self._open[name]
                    self._open[name] = shop, w.AlertNow(one.alert, one.what, one.since, seen_by, one.buyer)
        return fresh

    def rows(self, words: Words, names: dict[tuple[str, str], str], at: int) -> list[str]:
        """All of them, the oldest first."""
        ordered = sorted(self._open.values(), key=lambda one: (one[1].since, one[1].alert))
        return [_row(words, names, shop, one, at) for shop, one in ordered] or [words("no_alerts")]

    def __len__(self) -> int:
        return len(self._open)

    def open(self) -> set[str]:
        """Their names."""
        return set(self._open)


def matter(words: Words, what: str) -> str:
    """What an alert is about, in the words in which people are told of it elsewhere."""
    zh, en = WORDS.get(what, OTHER)
    return (zh if words.lang == "zh" else en).format(1)


def _row(words: Words, names: dict[tuple[str, str], str], shop: str, one: w.AlertNow, at: int) -> str:
    whose = names.get((shop, one.buyer), one.buyer) if one.buyer is not None else words("the_shop")
    seen = words("seen_by", clean(one.seen_by)) if one.seen_by is not None else words("unseen")
    return words("alert", clean(shop), clean(whose), matter(words, one.what), max(0, at - one.since) // 1000, seen)

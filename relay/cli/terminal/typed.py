"""What was typed, as what is to be sent and what is to be said: pure, on a `View`."""

from collections.abc import Callable
from typing import Final

from relay.cli.terminal import typed_care, typed_replies, typed_seats
from relay.cli.terminal.help import help_lines
from relay.cli.terminal.pen import Pen, Typed
from relay.cli.terminal.view import View
from relay.cli.terminal.words import clean


class Typist(Pen):
    """Turns lines into frames."""

    def __init__(self, view: View, fresh_key: Callable[[], str]) -> None:
        super().__init__(view, fresh_key)
        self.quit = False

    def enter(self, line: str, now: float) -> Typed:
        """What this line asks of relay, and what to print."""
        typed = line.rstrip("\r\n")
        word, _, rest = typed.partition(" ")
        if not typed.strip():
            return [], [*self.view.lines(now), *self.view.conversation(now)]
        if typed.isdecimal() and len(typed) < 10:
            return [], self._open(int(typed), now)
        if typed.startswith("/"):
            return self._command(word, rest.strip(), now)
        return typed_replies.say(self, typed.strip())

    def _open(self, number: int, now: float) -> list[str]:
        card = self.view.numbered(number)
        if card is None:
            return [self.view.words("no_number", number)]
        self.view.open = (card.shop, card.buyer)
        return self.view.conversation(now)

    def _command(self, word: str, rest: str, now: float) -> Typed:
        room = _ROOMS.get(word)
        if room is not None:
            return room(self, word, rest)
        match word:
            case "/list":
                return [], self.view.lines(now)
            case "/promised":
                return [], self.view.promised(now)
            case "/alerts":
                return [], self.view.alert_rows(now)
            case "/seats":
                return [], self.view.seat_rows()
            case "/help":
                return [], help_lines(self.view.words.lang, self.view.may())
            case "/quit":
                self.quit = True
                return self.say("bye")
            case _:
                return self.say("no_command", clean(word))


Room = Callable[[Pen, str, str], Typed]
_ROOMS: Final[dict[str, Room]] = {
    **dict.fromkeys(("/on", "/away", "/off"), typed_seats.presence),
    "/seat": typed_seats.presence_of,
    "/cap": typed_seats.cap,
    "/event": typed_seats.event,
    "/queue": typed_seats.queue,
    "/ack": typed_seats.acknowledge,
    "/r": typed_replies.quick,
    "/fill": typed_replies.fill,
    "/0": typed_replies.hold,
    **dict.fromkeys((f"/{number}" for number in range(1, 10)), typed_replies.approve),
    **dict.fromkeys(("/e", "/x"), typed_replies.draft),
    "/again": typed_replies.again,
    **dict.fromkeys(("/close", "/settle"), typed_care.end),
    "/move": typed_care.move,
    "/who": typed_care.who,
    "/more": typed_care.more,
    "/note": typed_care.note,
    "/unnote": typed_care.unnote,
    "/resolve": typed_care.resolve,
    "/later": typed_care.later,
    **dict.fromkeys(("/keep", "/done", "/drop", "/due"), typed_care.follow_up),
}

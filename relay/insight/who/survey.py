"""The first reading of an export: which nicks there are, in which conversations, and which texts may be repeated.

What grows is nicks and conversations. Of texts nothing is kept but two tables of small counters, `SLOTS` each: a text
adds one to its slot, and only texts whose slot is full enough are looked at one by one in the second reading. Texts
that share a slot by chance are told apart there, so no result hangs on it.

A conversation is what the file keeps apart: its talk, else the buyer it names, else the whole file, per shop. In a
whole file that nothing keeps apart neighbours say little, so it is marked as a `pile`.
"""

from collections import Counter
from collections.abc import Iterable

from relay.insight.utterances import Utterance
from relay.insight.who.rereading import Item, Stamps, again, in_time_order
from relay.insight.who.wording import beginning, normal

SLOTS = 1 << 23
FEWEST_REPEATS = 3
"""Once is chance and twice is a habit; a wording that came three times is worth measuring."""

Place = tuple[str | None, str | None, str | None]
"""Shop, talk, and the buyer where there is no talk: a conversation."""


def place_of(one: Utterance) -> Place:
    """The conversation of a line."""
    return (one.shop, one.talk, None) if one.talk is not None else (one.shop, None, one.buyer)


class Nick:
    """What the file shows of one nick. `roles` are those that the file itself gives to its lines; `seated` lines name
    a seat, and `titles` conversations bear this nick as their name."""

    __slots__ = (
        "as_buyer",
        "as_seat",
        "lines",
        "name",
        "opens",
        "peers",
        "roles",
        "seated",
        "shops",
        "talks",
        "titles",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines = self.talks = self.opens = 0
        self.as_buyer = self.as_seat = self.seated = self.titles = 0
        self.roles: Counter[str] = Counter()
        self.peers: set[str] = set()
        self.shops: set[str] = set()


class Talk:
    """One conversation: its speakers in order of appearance, the buyers that its lines name, and who spoke last."""

    __slots__ = ("at", "buyers", "last", "speakers")

    def __init__(self) -> None:
        self.speakers: dict[str, int] = {}
        self.buyers: dict[str, None] = {}
        self.last: Nick | None = None
        self.at: int | None = None


class Slots:
    """How often a text may have come, at most 255."""

    def __init__(self) -> None:
        self._counts = bytearray(SLOTS)

    def add(self, text: str) -> None:
        slot = hash(text) % SLOTS
        if self._counts[slot] < 255:
            self._counts[slot] += 1

    def often(self, text: str) -> bool:
        return self._counts[hash(text) % SLOTS] >= FEWEST_REPEATS


class Survey:
    """Everything of the first reading. `first` and `last` are instants; `bad_times` lines have none.

    `naive`: some time has no offset. `whole_minutes`: no time has seconds.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self.nicks: dict[str, Nick] = {}
        self.talks: dict[Place, Talk] = {}
        self.wordings, self.beginnings = Slots(), Slots()
        self.lines = self.unread = self.bad_times = 0
        self.forward = self.backward = 0
        self.first: int | None = None
        self.last: int | None = None
        self.whole_minutes = True
        self.naive = False
        self._stamps = Stamps()
        for one in items:
            if isinstance(one, Utterance):
                self._take(one)
            else:
                self.unread += 1

    def pile(self, place: Place) -> bool:
        """Whether this is no one conversation but all that the file does not keep apart."""
        return place[1] is None and place[2] is None and len(self.talks[place].speakers) > 2

    def _take(self, one: Utterance) -> None:
        self.lines += 1
        nick = self.nicks.get(one.nick)
        if nick is None:
            nick = self.nicks[one.nick] = Nick(one.nick)
        place = place_of(one)
        talk = self.talks.get(place)
        if talk is None:
            talk = self.talks[place] = Talk()
        self._nick(nick, talk, one)
        self._time(talk, one)
        wording = normal(one.text)
        if wording:
            self.wordings.add(wording)
            start = beginning(wording)
            if start is not None:
                self.beginnings.add(start)

    def _nick(self, nick: Nick, talk: Talk, one: Utterance) -> None:
        name = nick.name
        nick.lines += 1
        speakers = talk.speakers
        if name not in speakers:
            nick.opens += not speakers
            nick.talks += 1
            nick.titles += one.talk == name
            speakers[name] = 0
        speakers[name] += 1
        last = talk.last
        if last is not nick:
            if last is not None:
                nick.peers.add(last.name)
                last.peers.add(name)
            talk.last = nick
        if one.role is not None:
            nick.roles[one.role] += 1
        if one.shop is not None:
            nick.shops.add(one.shop)
        if one.buyer is not None:
            talk.buyers[one.buyer] = None
            nick.as_buyer += one.buyer == name
        if one.sub_account is not None:
            nick.seated += 1
            nick.as_seat += one.sub_account == name

    def _time(self, talk: Talk, one: Utterance) -> None:
        at = self._stamps.maybe(one.t)
        if at is None:
            self.bad_times += 1
            return
        if not self.naive and not any(sign in one.t[11:] for sign in "Zz+-"):
            self.naive = True
        if at % 60_000:
            self.whole_minutes = False
        if talk.at is not None and at != talk.at:
            if at > talk.at:
                self.forward += 1
            else:
                self.backward += 1
        talk.at = at
        if self.first is None or at < self.first:
            self.first = at
        if self.last is None or at > self.last:
            self.last = at


def survey(items: Iterable[Item]) -> tuple[Survey, Iterable[Item]]:
    """The survey, and the source as the second reading should have it: in time order within each conversation."""
    source = again(items)
    found = Survey(source)
    if not found.backward:
        return found, source
    source = in_time_order(source, newest_first=found.backward > found.forward)
    ordered = Survey(source)
    ordered.unread, ordered.backward = found.unread, found.backward
    return ordered, source

"""Utterances into the messages that every rule reads, under what is known of who is who.

Laws:
* every line comes out once: as a message, as `Unread` with a reason, or as `Ignored` because the owner said so;
* a line of the shop belongs to the one buyer of its conversation. Where a conversation has several it is `Unread`,
  for a guess would move a figure, and a `gap` beside it says that somebody was answered then, so that a buyer's
  round which was open is undetermined rather than missed;
* ids come from the content (shop, buyer, nick, second, text, and which of several equal ones it is), so the same file
  gives the same ids, and two exports that overlap give the same messages where they do. An id of the file is kept.
  Ask once for each file: two files in one go would count equal lines twice.

The source is read twice: once for the buyer of each conversation, once for the messages.
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from zoneinfo import ZoneInfo

from relay.insight.utterances import Unread, Utterance
from relay.insight.who.cast import Cast, Part
from relay.insight.who.records import Ignored, Sentence, WhoIsWho
from relay.insight.who.rereading import Item, Stamps, again, no_zone, said
from relay.insight.who.survey import Place, place_of
from relay.insight.who.wording import shown
from relay.rules.instants import InstantReader, NaiveTimeError, day_of
from relay.rules.messages import Message, Role

MOST_NAMED = 20
"""Buyers of one conversation that are told apart; a gap among more of them is the whole shop's."""
_LONGEST_SHOWN = 120
_TIME: Sentence = "时间看不懂", "its time is not understood"
_IGNORED: Sentence = "身份文件要求忽略此昵称", "left out: the who-is-who file says to ignore this nick"
_CONTROL: Sentence = (
    "撤回或缺口记录缺少所指的消息或结束时间",
    "a recall or gap without the message it names or its end",
)
_SEVERAL: Sentence = (
    "会话中有多个买家，无法判断在回复谁",
    "several buyers in this conversation: nobody knows whom this answers",
)
_NOBODY: Sentence = "会话中没有买家发言，不知道是对谁说的", "no buyer speaks in this conversation: said to nobody known"


def messages(utterances: Iterable[Item], who: WhoIsWho, zone: ZoneInfo | None = None) -> Iterator[Message | Unread]:
    """Every line of the source; what the reader could not read passes through.

    `zone` is that of times without an offset, else the one that `who` names. Raises `LogError` at the first such time
    if there is neither. A nick that `who` does not name is a buyer: give `merged(who, propose(...))`.
    """
    source = again(utterances)
    cast = Cast(who)
    return _Retelling(cast, _buyers(source, cast), _zone(who, zone)).of(source)


def _zone(who: WhoIsWho, zone: ZoneInfo | None) -> ZoneInfo | None:
    return ZoneInfo(who.timezone) if zone is None and who.timezone is not None else zone


class _Buyers:
    """The buyers of one conversation, as its lines name them and as they speak; at most `MOST_NAMED` and one."""

    __slots__ = ("named", "speaking")

    def __init__(self) -> None:
        self.named: set[str] = set()
        self.speaking: set[str] = set()

    @property
    def all(self) -> set[str]:
        return self.named or self.speaking

    @property
    def only(self) -> str | None:
        return next(iter(self.all)) if len(self.all) == 1 else None


def _buyers(source: Iterable[Item], cast: Cast) -> dict[Place, _Buyers]:
    found: dict[Place, _Buyers] = {}
    for one in said(source):
        place = place_of(one)
        buyers = found.get(place)
        if buyers is None:
            buyers = found[place] = _Buyers()
        if one.buyer is not None:
            kept, name = buyers.named, one.buyer
        elif cast.part(one).role == "buyer":
            kept, name = buyers.speaking, one.nick
        else:
            continue
        if len(kept) <= MOST_NAMED:
            kept.add(name)
    return found


class _Retelling:
    """One going through. `_unplaced` are the spans in which shop lines of a conversation and day found no buyer."""

    def __init__(self, cast: Cast, buyers: dict[Place, _Buyers], zone: ZoneInfo | None) -> None:
        self._cast, self._buyers = cast, buyers
        self._stamps = Stamps(InstantReader(zone))
        self._ids = Ids()
        self._unplaced: dict[tuple[Place, int], tuple[int, int]] = {}

    def of(self, source: Iterable[Item]) -> Iterator[Message | Unread]:
        for one in source:
            yield self._line(one) if isinstance(one, Utterance) else one
        yield from self._gaps()

    def _line(self, one: Utterance) -> Message | Unread:
        part = self._cast.part(one)
        if part.role == "ignore":
            return Ignored(where=one.where, text=_beginning(one), zh=_IGNORED[0], en=_IGNORED[1])
        try:
            at = self._stamps.read(one.t)
        except NaiveTimeError:
            raise no_zone(one.where, one.t) from None
        except ValueError:
            return _unread(one, _TIME)
        if one.kind in ("recall", "gap"):
            return _unread(one, _CONTROL)
        place = place_of(one)
        buyer = one.buyer or self._buyer(place, one, part)
        if buyer is None and (part.role == "merchant" or one.kind in ("transfer", "assign")):
            return self._nobody(place, one, at)
        return self._message(one, part, at, buyer)

    def _buyer(self, place: Place, one: Utterance, part: Part) -> str | None:
        buyers = self._buyers[place]
        if part.role == "buyer":
            return (buyers.only if buyers.named else None) or one.nick
        return buyers.only

    def _nobody(self, place: Place, one: Utterance, at: int) -> Unread:
        if not self._buyers[place].all:
            return _unread(one, _NOBODY)
        key = (place, day_of(at))
        first, last = self._unplaced.get(key, (at, at))
        self._unplaced[key] = (min(first, at), max(last, at))
        return _unread(one, _SEVERAL)

    def _message(self, one: Utterance, part: Part, at: int, buyer: str | None) -> Message:
        shop = one.shop or self._cast.who.shop
        author = self._cast.author(one, part)
        seat = self._cast.seat(one.sub_account)
        moves = author.kind in ("transfer", "assign")
        assert part.role != "ignore", "an ignored line is no message"
        role: Role = "system" if moves else part.role
        return Message(
            at=at,
            role=role,
            kind=author.kind,
            bot=author.bot,
            buyer=buyer,
            sub_account=seat or part.sub_account if moves else part.sub_account or seat,
            shop=shop,
            id=one.id or self._ids.of(shop, buyer, one, at),
            content=one.content,
            text=one.text,
            buyer_class=part.buyer_class if part.role == "buyer" else None,
        )

    def _gaps(self) -> Iterator[Message]:
        """What is known of lines that answered one of several buyers: that somebody was answered then."""
        for (place, _), (first, last) in sorted(self._unplaced.items(), key=_place_and_day):
            buyers: list[str | None] = [*sorted(self._buyers[place].all)]
            if len(buyers) > MOST_NAMED:
                buyers = [None]
            for buyer in buyers:
                shop = place[0] or self._cast.who.shop
                yield Message(at=first, to=last + 1, role="system", kind="gap", shop=shop, buyer=buyer)


def _place_and_day(one: tuple[tuple[Place, int], tuple[int, int]]) -> tuple[str, str, str, int]:
    (shop, talk, buyer), day = one[0]
    return shop or "", talk or "", buyer or "", day


class Ids:
    """Message ids from content; the same line in another export of the same chat has the same id."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._again: dict[bytes, int] = {}

    def of(self, shop: str | None, buyer: str | None, one: Utterance, at: int) -> str:
        """`x` and 24 hex digits. Equal lines of one second are numbered in the order in which they stand."""
        parts = (shop, buyer, one.nick, str(at // 1000), one.text, one.content)
        digest = _digest(parts)
        if digest not in self._seen:
            self._seen.add(digest)
            return f"x{digest.hex()}"
        number = self._again[digest] = self._again.get(digest, 0) + 1
        return f"x{_digest((*parts, str(number))).hex()}"


def _digest(parts: Iterable[str | None]) -> bytes:
    """Each part with its length before it, so that no two lists of parts run together and none is not empty."""
    told = (None if part is None else part.encode("utf-8", "surrogatepass") for part in parts)
    written = b"".join(b"-" if one is None else b"%d:%b" % (len(one), one) for one in told)
    return blake2b(written, digest_size=12).digest()


def _beginning(one: Utterance) -> str:
    return shown(f"{one.nick}: {one.text[:_LONGEST_SHOWN]}", _LONGEST_SHOWN)


def _unread(one: Utterance, why: Sentence) -> Unread:
    return Unread(where=one.where, text=_beginning(one), zh=why[0], en=why[1])

"""The owner's record made ready to be asked: the part that each line plays, and who wrote its text.

The order in which a role is believed: the owner's confirmed word; what the file says of this line; the record's
unconfirmed entry; the file's columns of buyer and seat; else a buyer. The order for a shop text: the kind that the
file says; a confirmed text; the kind confirmed for the nick; the rest. What an unsure nick says is `unknown`, and so
is a text whose entry nobody has confirmed, unless that entry says the same as the owner says of the rest.
"""

from typing import Literal, NamedTuple

from relay.insight.utterances import Utterance
from relay.insight.who.records import SHOP_SIDE, TEXT_KINDS, NickEntry, TextEntry, WhoIsWho
from relay.insight.who.wording import normal
from relay.rules.messages import BuyerClass, MessageKind, Role

_MOVES: frozenset[str] = frozenset({"transfer", "assign"})


class Part(NamedTuple):
    """What a line is to the rules: its side, the seat, and whether the owner stands by it."""

    role: Role | Literal["ignore"]
    sure: bool = False
    sub_account: str | None = None
    entry: NickEntry | None = None

    @property
    def buyer_class(self) -> BuyerClass | None:
        return self.entry.buyer_class if self.entry is not None and self.sure else None


class Author(NamedTuple):
    kind: MessageKind
    bot: str | None = None


class Cast:
    """`WhoIsWho` with its look-ups."""

    def __init__(self, who: WhoIsWho) -> None:
        self.who = who
        self._nicks = {one.nick: one for one in who.nicks}
        self._exact = {normal(one.text): one for one in who.texts if one.match == "exact"}
        self._begun = {normal(one.text): one for one in who.texts if one.match == "prefix"}
        self._lengths = sorted({len(text) for text in self._begun}, reverse=True)

    def part(self, one: Utterance) -> Part:
        """Whose line this is."""
        entry = self._nicks.get(one.nick)
        sure = entry is not None and self.who.sure(entry)
        if entry is not None and not sure and (entry.role == "ignore" or one.role is not None):
            entry = entry if one.role == "merchant" and entry.role in SHOP_SIDE else None
        if entry is not None:
            return self._entered(one, entry, sure)
        if one.role is not None:
            return Part(one.role, False, (self.seat(one.sub_account) or one.nick) if one.role == "merchant" else None)
        if one.sub_account == one.nick and one.buyer != one.nick:
            return Part("merchant", False, one.sub_account)
        return Part("buyer")

    def _entered(self, one: Utterance, entry: NickEntry, sure: bool) -> Part:
        if entry.role == "seat":
            return Part("merchant", sure, entry.sub_account or self.seat(one.sub_account) or one.nick, entry)
        if entry.role == "shop":
            return Part("merchant", sure, entry.sub_account or self.seat(one.sub_account), entry)
        return Part(entry.role, sure, None, entry)

    def seat(self, name: str | None) -> str | None:
        """The sub-account of a seat that a line names, as the owner calls it."""
        entry = self._nicks.get(name) if name is not None else None
        return name if entry is None or entry.sub_account is None else entry.sub_account

    def author(self, one: Utterance, part: Part) -> Author:
        """Who wrote the text of this line."""
        told = one.kind if one.kind in TEXT_KINDS or one.kind in _MOVES else None
        if told in _MOVES:
            return Author(told)  # type: ignore[arg-type]
        if part.role == "system":
            return Author("system")
        if part.role == "buyer":
            return Author("system" if told == "system" else "human")
        if told is not None and told != "unknown":
            return Author(told, one.bot)  # type: ignore[arg-type]
        return self._undeclared(one, part)

    def _undeclared(self, one: Utterance, part: Part) -> Author:
        """A shop text of which the file does not say who wrote it; a robot that it names is no person by default."""
        if not part.sure:
            return Author("unknown", one.bot)
        text = self.text_entry(one.text)
        if text is not None and text.confirmed:
            return Author(text.kind, text.bot or one.bot)
        if part.entry is not None and part.entry.kind is not None:
            return Author(part.entry.kind, part.entry.bot or one.bot)
        if one.bot is not None or (text is not None and text.kind != self.who.rest):
            return Author("unknown", one.bot)
        return Author(self.who.rest)

    def text_entry(self, text: str) -> TextEntry | None:
        """The entry for this wording: a confirmed one before others, the whole wording before the longest beginning."""
        if not self._exact and not self._begun:
            return None
        wording = normal(text)
        found = [self._exact.get(wording), *(self._begun.get(wording[:length]) for length in self._lengths)]
        entries = [one for one in found if one is not None]
        return next((one for one in entries if one.confirmed), entries[0] if entries else None)

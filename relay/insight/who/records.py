"""What the owner has said about an exported log: who is who, which texts a machine sends, how the file is read.

Laws:
* a nick that is not named is a buyer, for buyers are ever new and nobody lists them; seats, the shop's own account
  and the platform's voices are few and are named;
* `confirmed` is the owner's word. The role of an unconfirmed nick is used, because without it the log cannot be read
  at all, but what such a nick says on the shop's side is of kind `unknown`; an unconfirmed text makes its lines
  `unknown`, never what was proposed (where the owner says the same of the rest, it is the owner's word);
* nothing is dropped: what an ignored nick says comes out as `Ignored`.
"""

from typing import Literal, get_args

import msgspec

from relay.insight.utterances import Unread
from relay.insight.who.wording import normal
from relay.rules.messages import BuyerClass

NickRole = Literal["buyer", "seat", "shop", "system", "ignore"]
TextKind = Literal["human", "assist", "bot", "auto", "helper", "system", "unknown"]
Match = Literal["exact", "prefix"]

SHOP_SIDE: frozenset[NickRole] = frozenset({"seat", "shop"})
TEXT_KINDS: frozenset[str] = frozenset(get_args(TextKind))
Sentence = tuple[str, str]
"""Chinese and English."""


class NickEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One nick, exactly as the file writes it: `Lily` and `lily` are two.

    `sub_account` is the name of a seat, None: the nick itself. `kind` (with `bot`, its provider) is that of everything
    this nick says on the shop's side, None: by text. `buyer_class` is for buyers who are no consumers.
    """

    nick: str
    role: NickRole
    confirmed: bool = False
    sub_account: str | None = None
    kind: TextKind | None = None
    bot: str | None = None
    buyer_class: BuyerClass | None = None


class TextEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A text of the shop's side, or its beginning. Both sides are compared in the form of `wording.normal`."""

    text: str
    kind: TextKind
    match: Match = "exact"
    confirmed: bool = False
    bot: str | None = None

    @property
    def key(self) -> tuple[Match, str]:
        """What makes two entries the same."""
        return self.match, normal(self.text)


class WhoIsWho(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, for one shop. `reader` and `columns` (field to heading) say how the export is read.

    `confirm_seats` confirms the role of every seat and shop account at once. `rest` is the kind of shop texts that no
    entry names; `unknown` until the owner says otherwise. `shop` is the shop of lines that name none.
    """

    shop: str | None = None
    timezone: str | None = None
    reader: str | None = None
    columns: dict[str, str] = {}
    confirm_seats: bool = False
    rest: TextKind = "unknown"
    nicks: tuple[NickEntry, ...] = ()
    texts: tuple[TextEntry, ...] = ()

    def sure(self, entry: NickEntry) -> bool:
        """Whether the owner stands by the role of this nick."""
        return entry.confirmed or (self.confirm_seats and entry.role in SHOP_SIDE)


class Ignored(Unread, frozen=True, kw_only=True, gc=False):
    """A line that was read and left out, because the owner said so."""

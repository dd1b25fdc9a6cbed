"""Slots in the text of a quick reply (变量): what stands in `{braces}` and is filled in when the text is sent.

    {order_no}              must be known, or the text is not sent
    {buyer_name|亲}          if it is not known, what stands after the bar; `{buyer_name|}` is then left out
    {{ and }}               a literal brace

A slot has a name and a Chinese word, and either may be written. Where its value comes from says who may fill it in:
what is personal is in no fact, so the desk never knows it (see `relay.domain.wording`).

Laws: a text is read the same by whoever fills it in; a value is one line without braces, so that nothing that a buyer
is called can look like a slot or begin a line of its own.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from rapidfuzz import fuzz, process

Source = Literal["desk", "agent", "calendar", "buyer", "order"]
"""The desk's own figures; the agent who sends; the shop's shifts; the buyer's record; their order."""
PERSONAL: Final = frozenset({"buyer", "order"})
VALUE_LIMIT: Final = 40
_NEAR: Final = 50
"""How alike, in percent, a name must be to be what was meant."""


class Slot(NamedTuple):
    """One name that a text may use."""

    name: str
    zh: str
    en: str
    source: Source

    @property
    def personal(self) -> bool:
        """Whether it says something of a buyer: such a value lies in erasable tables alone."""
        return self.source in PERSONAL


_EVERY: Final = (
    Slot("agent", "客服", "display name of the agent who sends, or who has the buyer", "agent"),
    Slot("shop", "店名", "name of the shop", "desk"),
    Slot("position", "位置", "place in the queue, 1 is next", "desk"),
    Slot("minutes", "分钟", "estimate until a seat is free, in minutes", "desk"),
    Slot("opening", "上班时间", "when the next agent comes on shift, while nobody is", "calendar"),
    Slot("buyer_name", "买家昵称", "what the platform calls the buyer", "buyer"),
    Slot("order_no", "订单号", "number of the order that the buyer last wrote about", "order"),
)
SLOTS: Final[Mapping[str, Slot]] = {slot.name: slot for slot in _EVERY}
_BY_WORD: Final[Mapping[str, Slot]] = {word: slot for slot in _EVERY for word in (slot.name, slot.zh)}
_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}|]*)(?:\|([^{}]*))?\}|[{}]")


class Gap(NamedTuple):
    """A slot where it stands: `slot` None if there is no such slot, `fallback` None if its value must be known."""

    slot: Slot | None
    fallback: str | None
    word: str


class Span(NamedTuple):
    """A gap that stayed open: its slot, and from where to where its mark stands in the text."""

    slot: Slot
    start: int
    end: int


class Filled(NamedTuple):
    """A text as far as it could be filled in; a gap is marked as `{order_no}`."""

    text: str
    gaps: tuple[Span, ...]


class Fault(NamedTuple):
    """What is wrong with the slots of a text, in both languages."""

    en: str
    zh: str


@lru_cache(maxsize=4096)
def pieces(text: str) -> tuple[str | Gap, ...]:
    """The text in its order: what stands there as it is, and what is to be filled in."""
    found: list[str | Gap] = []
    at = 0
    for piece in _PIECE.finditer(text):
        found.append(text[at : piece.start()])
        word = piece[0]
        if piece[1] is None:
            found.append(word[0])
        else:
            name = piece[1].strip()
            found.append(Gap(_BY_WORD.get(name), piece[2], name))
        at = piece.end()
    return _joined([*found, text[at:]])


def faults(text: str) -> list[Fault]:
    """A brace that belongs to nothing, and names that are no slot's."""
    found = []
    for piece in _PIECE.finditer(text):
        if piece[1] is not None:
            name = piece[1].strip()
            if name not in _BY_WORD:
                found.append(_unknown(name))
        elif len(piece[0]) == 1:
            found.append(
                Fault(
                    f'a "{piece[0]}" alone; write {{{{ or }}}} for a brace',
                    f'单独的 "{piece[0]}"；要写花括号请用 {{{{ 或 }}}}',
                )
            )
    return found


def _unknown(name: str) -> Fault:
    near = process.extractOne(name, _BY_WORD.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR)
    if near is not None:
        en, zh = f"did you mean {{{near[0]}}}?", f"是不是 {{{near[0]}}}？"
    else:
        en = f"there are {', '.join(SLOTS)}"
        zh = f"可用：{'、'.join(f'{slot.name} {slot.zh}' for slot in _EVERY)}"
    return Fault(f'there is no slot "{name}"; {en}', f'没有变量 "{name}"；{zh}')


def slots_of(text: str) -> tuple[str, ...]:
    """The slots of a text, each once, in its order."""
    return tuple(dict.fromkeys(gap.slot.name for gap in _gaps(text) if gap.slot is not None))


def needed(text: str) -> tuple[str, ...]:
    """Those of them without which it is not sent."""
    return tuple(dict.fromkeys(gap.slot.name for gap in _gaps(text) if gap.slot is not None and gap.fallback is None))


def is_sound(text: str) -> bool:
    """Whether every brace of the text means something."""
    return not faults(text) if "{" in text or "}" in text else True


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """The text with these values by slot name; a slot that nobody knows is marked as a gap."""
    out: list[str] = []
    gaps: list[Span] = []
    length = 0
    for piece in pieces(text):
        if isinstance(piece, Gap):
            name = piece.slot.name if piece.slot is not None else piece.word
            value = clean(values.get(name, ""))
            word = value or (piece.fallback if piece.fallback is not None else f"{{{name}}}")
            if not value and piece.fallback is None:
                gaps.append(Span(piece.slot or Slot(name, name, name, "order"), length, length + len(word)))
        else:
            word = piece
        out.append(word)
        length += len(word)
    return Filled("".join(out), tuple(gaps))


def open_gaps(text: str) -> tuple[Slot, ...]:
    """The slots whose marks stand in a text that is to be sent as it is."""
    marks = (piece[1].strip() for piece in _PIECE.finditer(text) if piece[1] is not None)
    return tuple(dict.fromkeys(_BY_WORD[word] for word in marks if word in _BY_WORD))


def words_alone(text: str) -> str:
    """The text with blanks where slots stand, but for what may be read in their place; every letter keeps its own."""
    read = list(text)
    for piece in _PIECE.finditer(text):
        if piece[1] is not None and piece[1].strip() in _BY_WORD:
            kept = range(piece.start(2), piece.end(2)) if piece[2] is not None else range(0)
            read[piece.start() : piece.end()] = (text[at] if at in kept else " " for at in range(*piece.span()))
    return "".join(read)


def clean(value: str) -> str:
    """A value as it may stand in a text: one short line without braces; nothing if nothing of it remains."""
    kept = "".join(" " if ch in "\n\t" else ch for ch in value if ch in "\n\t" or _stands(ch))
    return " ".join(kept.split())[:VALUE_LIMIT].strip()


def _stands(letter: str) -> bool:
    return letter not in "{}" and unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def fits(template: str, text: str) -> bool:
    """Whether the text is that of the quick reply, its slots filled in somehow.

    In one pass: each fixed part is looked for from where the one before ended, which finds a fit if there is one.
    """
    fixed, least = _fixed(template.strip())
    if len(fixed) == 1:
        return text == fixed[0]
    if not text.startswith(fixed[0]):
        return False
    at = len(fixed[0])
    for part, room in zip(fixed[1:-1], least[:-1], strict=True):
        found = text.find(part, at + room)
        if found < 0:
            return False
        at = found + len(part)
    return text.endswith(fixed[-1]) and len(text) - len(fixed[-1]) >= at + least[-1]


def _fixed(template: str) -> tuple[list[str], list[int]]:
    """The fixed parts, and how many letters at least stand between each and the next."""
    fixed, least = [""], []
    for piece in pieces(template):
        if isinstance(piece, Gap):
            least.append(0 if piece.fallback is not None else 1)
            fixed.append("")
        else:
            fixed[-1] += piece
    return fixed, least


def _gaps(text: str) -> Iterator[Gap]:
    return (piece for piece in pieces(text) if isinstance(piece, Gap))


def _joined(found: list[str | Gap]) -> tuple[str | Gap, ...]:
    joined: list[str | Gap] = []
    for piece in found:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)

"""Segments: the parts of a OneBot message, and the CQ codes in which version 11 may write them into a string.

    [CQ:image,file=a.jpg]   {"type": "image", "data": {"file": "a.jpg"}}
    text                    & → &amp;   [ → &#91;   ] → &#93;
    a parameter's value     , → &#44;   besides

Laws: what `format_cq` writes, `parse_cq` reads back equal, except that neighbouring texts become one and empty ones
none; a bracket that is no code is text, never an error; every value of a code is a string. Nothing is decided here:
what a segment says to a person is `relay_onebot.readings`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

Data = dict[str, Any]
"""What a segment carries: JSON as it came. Every use checks the type of what it takes."""


class Segment(msgspec.Struct, frozen=True):
    """One part of a message. `data` may be null on the wire, which means empty."""

    type: str
    data: Data | None = msgspec.field(default_factory=dict)

    def get(self, *names: str) -> str:
        """The first of these values that is there, as text; "" if none is."""
        for name in names:
            value = (self.data or {}).get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return str(value)
        return ""


Message = str | list[Segment] | Segment
"""A message of version 11: a string with CQ codes, segments, or one segment. Version 12 has segments only."""

_CODE: Final = re.compile(r"\[CQ:([A-Za-z0-9_.\-]+)((?:,[^\[\],=]+=[^\[\],]*)*)\]")
_ESCAPED: Final = re.compile(r"&(amp|#91|#93|#44);")
_PLAIN: Final = {"amp": "&", "#91": "[", "#93": "]", "#44": ","}
_TEXT: Final = str.maketrans({"&": "&amp;", "[": "&#91;", "]": "&#93;"})
_VALUE: Final = str.maketrans({"&": "&amp;", "[": "&#91;", "]": "&#93;", ",": "&#44;"})


def text(content: str) -> Segment:
    """A segment of plain text."""
    return Segment("text", {"text": content})


def segments_of(message: Message, auto_escape: bool = False) -> list[Segment]:
    """A message of either version as segments. `auto_escape`: a string is plain text and holds no CQ codes."""
    match message:
        case str():
            return [text(message)] if auto_escape and message else parse_cq(message)
        case Segment():
            return [message]
        case _:
            return message


def plain_text(segments: Sequence[Segment]) -> str:
    """The text segments alone, joined."""
    return "".join(each.get("text") for each in segments if each.type == "text")


# --- CQ codes


def escape(content: str) -> str:
    """Plain text as it stands between CQ codes."""
    return content.translate(_TEXT)


def escape_value(content: str) -> str:
    """Plain text as it stands in a parameter of a CQ code."""
    return content.translate(_VALUE)


def unescape(content: str) -> str:
    """The other way, for text and for values; what is no escape stays as it is."""
    return _ESCAPED.sub(lambda found: _PLAIN[found[1]], content)


def parse_cq(content: str) -> list[Segment]:
    """The segments of a string with CQ codes."""
    found: list[Segment] = []
    end = 0
    for code in _CODE.finditer(content):
        _add_text(found, content[end : code.start()])
        end = code.end()
        pairs = (pair.partition("=") for pair in code[2].split(",")[1:])
        found.append(Segment(code[1], {name.strip(): unescape(value) for name, _, value in pairs}))
    _add_text(found, content[end:])
    return found


def format_cq(segments: Sequence[Segment]) -> str:
    """A string with CQ codes."""
    return "".join(_code(each) for each in segments)


def _code(segment: Segment) -> str:
    if segment.type == "text":
        return escape(segment.get("text"))
    values = "".join(f",{name}={escape_value(_word(value))}" for name, value in (segment.data or {}).items())
    return f"[CQ:{segment.type}{values}]"


def _word(value: object) -> str:
    """A value as a CQ code can hold it: the words of version 11 for true and false, JSON for what has parts."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case str() | int() | float():
            return str(value)
        case _:
            return msgspec.json.encode(value).decode()


def _add_text(found: list[Segment], content: str) -> None:
    if content:
        found.append(text(unescape(content)))


def without_nulls(data: Mapping[str, Any]) -> Data:
    """An object without its empty keys: many peers trip over a null."""
    return {name: value for name, value in data.items() if value is not None}

"""The who-is-who file as text: every key explained once, every proposed entry with its evidence in a comment above it.

Law: `reading.read` of what is written here gives the same record, whatever stands in nicks and texts. What cannot be
seen (control characters, marks that turn the direction of writing) is written as an escape, so the file shows it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from relay.insight.who.file_words import HEAD, KEYS, TITLES, TOP
from relay.insight.who.proposal import Proposal
from relay.insight.who.records import Sentence, WhoIsWho
from relay.insight.who.wording import shown

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED: Final = re.compile('[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\\\\"]')
_LONGEST_COMMENT: Final = 400
_ALWAYS: Final = frozenset({"confirm_seats", "rest", "confirmed"})
"""Keys that are written although they have their default: these are what the owner is asked."""


def write(who: WhoIsWho, proposal: Proposal | None = None) -> str:
    """The file. With the proposal, each entry that it knows carries its sentence.

    Raises `ValueError` for a lone surrogate, which no text file can hold.
    """
    evidence = _Evidence(proposal)
    lines = [*HEAD, *_explained(TOP), "", *_comments(evidence.rest), *_keys(TOP, who)]
    lines += [
        *_explained("columns"),
        "",
        "[columns]",
        *(f"{_key(key)} = {_text(of)}" for key, of in who.columns.items()),
    ]
    lines += _explained("nick")
    for nick in who.nicks:
        lines += ["", *_comments(evidence.nicks.get(nick.nick)), "[[nick]]", *_keys("nick", nick)]
    lines += _explained("text")
    for text in who.texts:
        told = evidence.texts.get(text.key)
        lines += ["", *_comments(told), "[[text]]", *_keys("text", text)]
    written = "\n".join(lines) + "\n"
    written.encode("utf-8")
    return written


class _Evidence:
    """The sentences of a proposal by entry."""

    def __init__(self, proposal: Proposal | None) -> None:
        self.nicks: Mapping[str, Sentence] = {}
        self.texts: Mapping[tuple[str, str], Sentence] = {}
        self.rest: Sentence | None = None
        if proposal is not None:
            self.nicks = {one.nick: one.sentence for one in proposal.nicks}
            self.texts = {(one.match, one.text): _sampled(one.sentence, one.sample) for one in proposal.texts}
            self.rest = proposal.rest.sentence


def _sampled(sentence: Sentence, sample: str) -> Sentence:
    """With the wording as it was once written, which tells more than its compared form."""
    return sentence[0], f"{sentence[1]}: {shown(sample, 80)}"


def _explained(table: str) -> Iterator[str]:
    zh, en = TITLES[table]
    yield ""
    yield f"# ---- {zh} / {en}"
    for key, (key_zh, key_en) in KEYS[table].items():
        yield f"#   {key}: {key_zh} / {key_en}"


def _keys(table: str, record: msgspec.Struct) -> Iterator[str]:
    fields = {field.name: field for field in msgspec.structs.fields(record)}
    for key in KEYS[table]:
        value = getattr(record, key)
        if value is not None and (fields[key].required or key in _ALWAYS or value != fields[key].default):
            yield f"{key} = {_value(value)}"


def _value(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else _text(str(value))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    one = found[0]
    return f"\\{one}" if one in '\\"' else f"\\u{ord(one):04x}"


def _comments(sentence: Sentence | None) -> list[str]:
    return [] if sentence is None else [_comment(sentence)]


def _comment(sentence: Sentence) -> str:
    return f"# {shown(f'{sentence[0]} / {sentence[1]}', _LONGEST_COMMENT)}"

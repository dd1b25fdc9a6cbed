"""What an exported chat log tells, before anybody has decided who is who.

Exports carry a nick, a time and a text, rarely more. A reader turns a file into utterances and names every piece that
it could not read; deciding which nick is a seat and which text a canned one is `who`'s work and the owner's.
"""

from typing import Literal

import msgspec


class Utterance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing said, as the file has it.

    `where` is the line or row of the file, first is 1. `t` is ISO-8601, with an offset only where the file has one.
    `talk` names the conversation it lies in as far as the format keeps them apart; None: the whole file is one.
    The fields after `talk` are what few formats know; None is "the file does not say".
    """

    where: int
    t: str
    nick: str
    text: str
    talk: str | None = None
    buyer: str | None = None
    role: Literal["buyer", "merchant", "system"] | None = None
    kind: str | None = None
    bot: str | None = None
    sub_account: str | None = None
    shop: str | None = None
    id: str | None = None
    content: str | None = None


class Unread(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A piece of the file that was not understood: where, its beginning (at most 120 characters), and why."""

    where: int
    text: str
    zh: str
    en: str

"""The readings of a figure: every version of its rule, and every value of every option that leaves room for one.

An `Axis` is one question that the rule's text leaves open, with its answers as options. An answer that is the version's
own default has no options, so that a reading names what it departs by and nothing else. Under `bundle=strict` the
defaults are others; there every axis is spelled out, for it is only wanted for what no option says: that relay's own
machine texts are heard by nobody.

The providers of machine texts are asked about one by one where few are in the log, for the platforms' lists change.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Final, NamedTuple

from relay.rules.catalogue import Catalogue

Options = Mapping[str, str]
FAMILIES: Final[tuple[tuple[str, ...], ...]] = (
    ("taobao_ww3", "taobao_ww3_2023"),
    ("tmall_reply", "tmall_reply_account"),
    ("kuaishou_shop_3min", "kuaishou_2021_person", "kuaishou_2023_human"),
)
"""Rules that are versions of one published figure."""
_OFFICIAL: Final = "dianxiaomi"
_NAMED: Final = frozenset({_OFFICIAL, "leyan", "xiaowei", "xiaoduo"})
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)
_MOST_ALONE: Final = 3
"""So many providers are asked about each on its own."""


class Axis(NamedTuple):
    """One open question. `answers` are options, the usual reading first; `spelled` are the same under bundle=strict."""

    name: str
    answers: tuple[Options, ...]
    spelled: tuple[Options, ...]


class Reading(NamedTuple):
    """One version with the answers to its open questions. `places` says which answer each axis was given."""

    rule: str
    options: Options
    places: Mapping[str, int]

    @property
    def departures(self) -> int:
        """How many options it names: of two that fit alike, the plainer is likelier."""
        return len(self.options)

    def __str__(self) -> str:
        said = " ".join(f"{key}={value}" for key, value in sorted(self.options.items()))
        return f"{self.rule} {said}".rstrip()


def versions(figure: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The rules that may be behind a figure of this id, the named one first."""
    family = next((one for one in FAMILIES if figure in one), (figure,))
    return (figure, *(one for one in family if one != figure and one in catalogue.ids))


def axes(
    rule: str, catalogue: Catalogue, seen: Collection[str | None], more: Mapping[str, Sequence[str]]
) -> list[Axis]:
    """The open questions of a rule. `seen`: the providers whose machine texts are in the log; `more`: further values
    to try, by option. Raises `UnknownRuleError`."""
    known = catalogue.rule(rule).keys
    found = [_plain(key, values) for key, values in _WORDS.items() if key in known]
    if "robot_transparent" in known:
        found.append(_ROBOTS)
        found.append(_providers(seen))
    if "bundle" in known:
        found.append(Axis("bundle", ({}, {"bundle": "strict"}), ({}, {"bundle": "strict"})))
    for key, values in more.items():
        if key in known:
            found = [one for one in found if one.name != key]
            answers = ({}, *({key: value} for value in values))
            found.append(Axis(key, answers, answers))
    return found


_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "limit_inclusive": ("true", "false"),
    "window_on": ("opening", "first_in_window_message"),
    "cross_day": ("exclude", "miss"),
    "thread": ("buyer", "buyer_sub_account"),
    "unit": ("buyer", "buyer_account"),
    "last_word_required": ("true", "false"),
    "person_hit": ("all", "first", "any"),
    "clock": ("per_message", "run_first"),
    "queued": ("excluded", "from_entry"),
}
"""Each option that is one of a few words, its default first."""
OPTIONS: Final = frozenset({*_WORDS, "robot_only", "robot_turn", "robot_transparent", "assist_providers", "bundle"})
"""The options that a calibration settles."""
_ROBOTS: Final = Axis(
    "robots",
    ({}, {"robot_turn": "transparent"}),
    ({"robot_transparent": "relay"}, {"robot_turn": "transparent"}, {}),
)
"""`robot_only=miss` is the same reading as `robot_turn=transparent`; the third, all but the official robot, is the
strict bundle's own and has no other name."""


def _plain(key: str, values: tuple[str, ...]) -> Axis:
    usual, *others = values
    answers = ({}, *({key: value} for value in others))
    return Axis(key, answers, ({key: usual}, *({key: value} for value in others)))


def _providers(seen: Collection[str | None]) -> Axis:
    named = sorted(one for one in seen if one is not None and _NAME.fullmatch(one))
    if len(named) <= _MOST_ALONE:
        chosen = [frozenset(some) for size in range(len(named) + 1) for some in combinations(named, size)]
    else:
        chosen = [frozenset(), frozenset(named), frozenset({_OFFICIAL})]
    usual = _NAMED & set(named)
    others = [one for one in chosen if one & set(named) != usual]
    unseen = _NAMED - set(named)  # nothing here speaks against them
    answers = ({}, *({"assist_providers": ",".join(sorted(one | unseen))} for one in others))
    return Axis("assist_providers", answers, answers)


def readings(rule: str, open_axes: Sequence[Axis]) -> Iterator[Reading]:
    """Every combination of answers, the usual one first."""
    strict = [one for one in open_axes if one.name == "bundle"]
    rest = [one for one in open_axes if one.name != "bundle"]
    for bundle in range(len(strict[0].answers) if strict else 1):
        answers = [one.spelled if bundle else one.answers for one in rest]
        for places in product(*(range(len(one)) for one in answers)):
            options: dict[str, str] = dict(strict[0].answers[bundle]) if strict else {}
            for one, place in zip(answers, places, strict=True):
                options.update(one[place])
            given = {one.name: place for one, place in zip(rest, places, strict=True)}
            yield Reading(rule, options, given | ({"bundle": bundle} if strict else {}))

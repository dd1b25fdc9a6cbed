"""What may be wrong with a shop's ladder, with those that its groups have in its place, and with that of its debts."""

from collections.abc import Iterator
from typing import Final

from relay.domain.office.grouping import Fault, known_groups
from relay.domain.office.words import debt_step_word, step_word
from relay.domain.settings import DebtStep, LadderStep, Shop

LONGEST_S: Final = 86_400
HOLD_AT_LEAST_S: Final = 5
Said = tuple[str, str]
"""English and Chinese."""


def ladder_faults(shop: Shop, limit_s: int) -> Iterator[Fault]:
    """Of the shop's own ladder and of each group's. `limit_s`: the answer limit in seconds of the guiding rule."""
    for en, zh in _faults(shop.ladder, limit_s):
        yield Fault("ladder", en, zh)
    for group, ladder in shop.ladders.items():
        if group not in known_groups(shop):
            yield Fault("ladders", f'there is no group "{group}"', f'没有分组 "{group}"')
        for en, zh in _faults(ladder, limit_s):
            yield Fault("ladders", f"{group}: {en}", f"{group}：{zh}")
    for en, zh in _debt_faults(shop.debt_ladder):
        yield Fault("debt_ladder", en, zh)


def _debt_faults(ladder: tuple[DebtStep, ...]) -> Iterator[Said]:
    for step in ladder:
        if not 0 < step.after_s <= LONGEST_S:
            word = debt_step_word(step)
            yield f"{word}: must be 1 to {LONGEST_S} seconds", f"{word}：应为 1 到 {LONGEST_S} 秒"
    after = [step.after_s for step in ladder]
    if after != sorted(after):
        yield "the rungs must stand in the order of time", "阶梯须按时间先后排列"
    if len(set(ladder)) != len(ladder):
        yield "a rung stands twice", "阶梯重复"


def _faults(ladder: tuple[LadderStep, ...], limit_s: int) -> Iterator[Said]:
    for step in ladder:
        yield from _rung(step, limit_s)
    after = [step.after_s for step in ladder if step.after_s is not None]
    before = [step.before_s for step in ladder if step.before_s is not None]
    if after != sorted(after) or before != sorted(before, reverse=True):
        yield "the rungs must stand in the order of time", "阶梯须按时间先后排列"
    if len(set(ladder)) != len(ladder):
        yield "a rung stands twice", "阶梯重复"
    if sum(step.do == "hold" for step in ladder) > 1:
        yield "at most one hold: the machine speaks once a round", "最多一个 hold：每轮只自动回复一次"


def _rung(step: LadderStep, limit_s: int) -> Iterator[Said]:
    word = step_word(step)
    seconds = step.after_s if step.after_s is not None else step.before_s
    if (step.after_s is None) == (step.before_s is None) or seconds is None:
        yield f"{word}: name either a time after or a time before", f"{word}：只能写一个时间"
    elif not 0 < seconds <= LONGEST_S:
        yield f"{word}: must be 1 to {LONGEST_S} seconds", f"{word}：应为 1 到 {LONGEST_S} 秒"
    elif step.before_s is not None and step.before_s >= limit_s:
        yield f"{word}: the whole limit is {limit_s} s", f"{word}：规则时限只有 {limit_s} 秒，须小于它"
    elif step.do == "hold" and (step.before_s is None or step.before_s < HOLD_AT_LEAST_S):
        yield (
            f'{word}: a hold stands before the deadline by {HOLD_AT_LEAST_S} s or more, such as "-20s hold"',
            f'{word}：hold 须写在截止前至少 {HOLD_AT_LEAST_S} 秒，例如 "-20s hold"',
        )

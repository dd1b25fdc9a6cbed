"""What a shop's ladder does at which second of a question that nobody answers, before it ever happens.

Pure: the shop, its guiding rule, the instant of the question, the quick replies in force. The seconds come from the
desk's own `relay.domain.ladder`, so that a preview cannot promise what the desk would not do.

Laws:
* One question, and nothing else: nobody types, no debt is open, the channel works, the buyer writes once.
* Each line is what the desk decides at that second, or what it decides not to do with the reason.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from relay.domain.confirming import mode_of
from relay.domain.debts import first_due
from relay.domain.due import conversation_due
from relay.domain.facts import ClockName
from relay.domain.groups import PRESALE
from relay.domain.guiding import Author, GuidingRule, Kind
from relay.domain.ladder import Climb, climbs, ladder_of, serves, stands_at
from relay.domain.marks import debt_rung_name
from relay.domain.model import Conversation, Debt, DeskState, Round, ShopState
from relay.domain.names import BuyerRef, Millis
from relay.domain.rounds import service_clock
from relay.domain.settings import (
    Action,
    DebtAction,
    LadderStep,
    QuickReply,
    Shop,
)
from relay.domain.slots import is_sound, needed

What = Literal["asked", "opening", "first_reaction", "deadline"] | Action | DebtAction
Said = tuple[str, str]
"""English and Chinese."""

_DONE: Final[dict[Action, Said]] = {
    "badge": ("a badge for the seat", "客服角标提醒"),
    "sound": ("a sound for the seat", "客服声音提醒"),
    "alert": ("an alert to the supervisors", "提醒客服管理员"),
    "approve": ("seat and supervisor are asked for a one-key approval", "请客服和管理员一键确认"),
    "wall": ("shown on the wall", "看板突出显示"),
    "reroute": (
        "to another seat, unless somebody is answering or it is charged",
        "转给其他客服（无人在回且规则允许）",
    ),
}
_OWED: Final[dict[DebtAction, Said]] = {
    "remind": ("the seat is told that an answer is owed", "提醒客服仍欠答复"),
    "alert": ("the supervisors are told", "提醒客服管理员"),
    "reroute": (
        "to another seat, unless somebody is answering or the platform moves buyers",
        "转给其他客服（无人在回且由 relay 分配）；平台分配的店铺只建议",
    ),
}
_ORDER: Final[dict[What, int]] = {"asked": 0, "opening": 1, "first_reaction": 2, "deadline": 9}
_OF_A_QUEUE: Final = frozenset({"position", "minutes", "opening"})
"""Slots that nobody can fill for a buyer who has a seat, in a shop that is open."""
_RELAYS: Final = Author(Kind.assist, "relay", "assist", "machine")


class Happening(msgspec.Struct, frozen=True):
    """`second` counts from where the clock begins: a question at night is asked before it. `does`: relay does it."""

    second: int
    at: Millis
    what: What
    does: bool
    en: str
    zh: str


class Preview(msgspec.Struct, frozen=True):
    """One question of one group under the clock that the shop's rule, or its standard, gives it."""

    shop: str
    groups: tuple[str, ...]
    clock: ClockName
    asked_at: Millis
    from_at: Millis
    due_at: Millis
    happenings: tuple[Happening, ...]


def groups_of(shop: Shop) -> list[tuple[str, ...]]:
    """The shop's groups, those with the same ladder together, in the order in which the table names them."""
    names = list(dict.fromkeys((PRESALE, *(row.group for row in shop.groups))))
    ladders = dict.fromkeys(ladder_of(shop, name) for name in names)
    return [tuple(name for name in names if ladder_of(shop, name) == ladder) for ladder in ladders]


def preview_of_debt(shop: Shop) -> tuple[Happening, ...]:
    """What happens at which second after a hold that nobody follows with an answer; nothing else happens meanwhile."""
    state = DeskState(shop.desk, shops={shop.id: ShopState(shop, shop)})
    began = Millis(0)
    debt = Debt(began, first_due(shop, began), {})
    conv = Conversation(shop.id, BuyerRef("-"), since=began, last_at=began, debt=debt)
    found: list[Happening] = []
    while (due := conversation_due(state, conv)) is not None and due[2] >= 0:
        rung = shop.debt_ladder[due[2]]
        found.append(Happening(due[0] // 1000, due[0], rung.do, True, *_OWED[rung.do]))
        debt.done = (*debt.done, debt_rung_name(rung))
    last = found[-1].second if found else 0
    again = f"again after {shop.debt_after_s} s, then ever less often, at least hourly"
    found.append(
        Happening(
            last + shop.debt_after_s,
            Millis((last + shop.debt_after_s) * 1000),
            "remind",
            True,
            f"seat and supervisors are told {again}",
            f"每隔一段时间再提醒客服和管理员：先 {shop.debt_after_s} 秒，之后逐渐加长，最长一小时",
        )
    )
    return tuple(found)


def preview(
    shop: Shop, groups: tuple[str, ...], rule: GuidingRule, asked_at: Millis, replies: Sequence[QuickReply] = ()
) -> Preview:
    """What happens to a question of this instant, for groups that share a ladder."""
    due_at = rule.due_at(asked_at)
    service = service_clock(rule, asked_at, shop.service_s)
    round_ = Round([(asked_at, 1)], asked_at, due_at, service_from=service.from_at, service_due_at=service.due_at)
    [climb] = climbs(round_)
    found = [
        *_frame(shop, asked_at, climb),
        *(_rung(shop, groups, rung, climb, rule, replies) for rung in ladder_of(shop, groups[0])),
    ]
    found.sort(key=lambda one: (one.at, _ORDER.get(one.what, 5)))
    return Preview(shop.id, groups, climb.clock, asked_at, climb.from_at, climb.due_at, tuple(found))


def _frame(shop: Shop, asked_at: Millis, climb: Climb) -> Iterator[Happening]:
    """What happens whatever the ladder says: the question, the opening, the targets."""
    overnight = asked_at < climb.from_at
    if overnight:
        asked = "the buyer asks outside the assessed hours", "买家在非考核时段提问"
    elif climb.clock == "rule":
        asked = "the buyer asks, the rule's clock begins", "买家提问，规则开始计时"
    else:
        asked = "the buyer asks, the service clock begins", "买家提问，服务计时开始"
    yield _at(climb, asked_at, "asked", asked)
    if overnight:
        opening = (
            "the hours open: an overnight buyer, the service clock begins",
            "考核时段开始：列为隔夜买家，服务计时开始",
        )
        yield _at(climb, climb.from_at, "opening", opening)
    reacted_at = Millis(climb.from_at + shop.first_reaction_s * 1000)
    reaction = "first reaction wanted by now: counted, nothing is sent", "首次反应目标：只统计，不发送"
    yield _at(climb, reacted_at, "first_reaction", reaction, does=False)
    if climb.clock == "rule":
        deadline = "the rule's deadline: an answer after it is a miss", "规则截止时间：之后回复即为未达标"
    else:
        deadline = "the shop's own target; no figure depends on it", "店铺自己的服务目标，不影响考核数字"
    yield _at(climb, climb.due_at, "deadline", deadline, does=False)


def _rung(
    shop: Shop,
    groups: tuple[str, ...],
    rung: LadderStep,
    climb: Climb,
    rule: GuidingRule,
    replies: Sequence[QuickReply],
) -> Happening:
    at = stands_at(rung, climb.from_at, climb.due_at)
    if rung.do != "hold":
        return _at(climb, at, rung.do, _DONE[rung.do])
    does, said = _hold(shop, climb, rule, _holds(shop, groups, at, replies))
    return _at(climb, at, "hold", said, does=does)


def _hold(shop: Shop, climb: Climb, rule: GuidingRule, held: str) -> tuple[bool, Said]:
    """What becomes of the machine's reply, and whether anybody is sent or asked anything."""
    if not serves(LadderStep("hold"), climb.clock):
        return False, (
            "no machine reply: that is for the rule's deadline alone",
            "不自动发送：稍等话术只针对规则截止时间",
        )
    if shop.assist == "off" or shop.stopped:
        word = "stopped = true" if shop.stopped else "assist = off"
        return False, (f"no machine reply: {word}", f"不自动发送：{word}")
    if shop.holds_per_day == 0:
        return False, ("no machine reply: holds_per_day = 0", "不自动发送：holds_per_day = 0")
    if not held:
        return False, ("no machine reply: no hold is approved and in force", "不自动发送：没有生效的已审核稍等话术")
    if mode_of(shop) == "suggest":
        word = "suggest" if shop.assist == "suggest" else "assist, unconfirmed"
        return True, (
            f'the seat is asked to send "{held}" (assist = {word})',
            f"请客服按键发送“{held}”（{'只建议' if shop.assist == 'suggest' else '自动发送未确认，只建议'}）",
        )
    if shop.assist == "shadow":
        return False, (f'recorded that "{held}" would be sent (assist = shadow)', f"只记录本会发送“{held}”")
    if rule.answers(_RELAYS):
        return True, (f'the machine sends "{held}": it counts', f"自动发送已审核的“{held}”：算回复")
    return True, (
        f'the machine sends "{held}": no answer by the rule, so one is owed',
        f"自动发送已审核的“{held}”：规则不算回复，记一笔欠答",
    )


def _holds(shop: Shop, groups: tuple[str, ...], at: Millis, replies: Sequence[QuickReply]) -> str:
    """The approved hold that the desk would choose first, and where groups differ the one of each; "" for none."""
    usable = [one for one in replies if one.purpose == "hold" and one.usable(shop.id, at) and _may_be_said(one)]
    firsts = (
        min((one for one in usable if one.serves(group)), key=lambda one: (not one.groups, one.id), default=None)
        for group in groups
    )
    return " / ".join(dict.fromkeys(one.id for one in firsts if one is not None))


def _may_be_said(reply: QuickReply) -> bool:
    """To one of whom nothing is known but that a seat has them: so no topic, no goods, no place in the queue."""
    return reply.is_about(None, None) and is_sound(reply.text) and not _OF_A_QUEUE.intersection(needed(reply.text))


def _at(climb: Climb, at: Millis, what: What, said: Said, *, does: bool = True) -> Happening:
    return Happening((at - climb.from_at) // 1000, at, what, does, *said)

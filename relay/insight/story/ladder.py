"""What the ladder did in a round and what it did not do, rung by rung, each with the reason.

Laws: every rung of the ladder in force when the round opened is there for each clock that ran; a rung that was not
told has a reason: the round was over before, the rung is another clock's, or the machine's own word why it was silent.
"""

from typing import Literal

import msgspec

from relay.domain import facts as f
from relay.domain.apply import apply
from relay.domain.facts import ClockName
from relay.domain.ladder import climbs, ladder_of, serves, stands_at
from relay.domain.marks import rung_name
from relay.domain.model import DeskState, Round, ShopState
from relay.domain.names import DeskId, Millis
from relay.domain.settings import Action
from relay.insight.story.timeline import Facts, Thread
from relay.insight.story.words import Said, reason

Became = Literal["told", "told_with_a_later_one", "not_reached", "not_told", "not_this_clock"]


class RungStory(msgspec.Struct, frozen=True):
    """One rung of one clock: at which instant it stands, and what came of it.

    `told_at` and `seq` are of the fact that told it. `zh` and `en` say what came of it, or why nothing did.
    """

    clock: ClockName
    do: Action
    rung: str
    stands_at: Millis
    became: Became
    told_at: Millis | None
    seq: int | None
    zh: str
    en: str


def ladder_story(desk: DeskId, facts: Facts, thread: Thread) -> list[RungStory]:
    """The rungs of the first round that the desk opened within the thread's facts; none if it opened none."""
    opened = next((seq for seq, fact in _mine(facts, thread) if isinstance(fact, f.RoundOpened)), None)
    if opened is None:
        return []
    state = DeskState(desk)
    for seq in range(1, opened + 1):
        apply(state, facts[seq])
    conv = state.conversations[thread.shop, thread.buyer]
    assert conv.round is not None
    ladder = ladder_of(state.shops[thread.shop].setting, conv.group)
    round_ = _as_it_came(conv.round, facts, thread, opened)
    over = next(
        (
            fact
            for seq, fact in _mine(facts, thread)
            if seq > opened and isinstance(fact, f.RoundAnswered | f.RoundDropped)
        ),
        None,
    )
    told: dict[tuple[ClockName, str], list[tuple[int, f.LadderStepped]]] = {}
    for seq, fact in _mine(facts, thread):
        if isinstance(fact, f.LadderStepped) and seq > opened:
            for taken in (*fact.passed, fact.rung):
                told.setdefault((fact.clock, taken), []).append((seq, fact))
    story = []
    for climb in climbs(round_):
        for rung in ladder:
            name = rung_name(rung)
            at = stands_at(rung, climb.from_at, climb.due_at)
            found = told.get((climb.clock, name), [])
            for seq, stepped in found:
                said = _came_of(facts, seq, thread) if rung.do in ("hold", "reroute") else ("已提醒", "told")
                became: Became = "told" if stepped.rung == name else "told_with_a_later_one"
                story.append(RungStory(climb.clock, rung.do, name, at, became, stepped.at, seq, *said))
            if found:
                continue
            quiet = _quiet(state.shops[thread.shop]) if rung.do == "hold" else None
            became, said = ("not_told", quiet) if quiet else _not_told(over, serves(rung, climb.clock))
            story.append(RungStory(climb.clock, rung.do, name, at, became, None, None, *said))
    return sorted(story, key=lambda one: (one.clock, one.stands_at, one.rung))


def _mine(facts: Facts, thread: Thread) -> list[tuple[int, f.DeskFact]]:
    return [
        (seq, fact)
        for seq, fact in facts.items()
        if thread.first <= seq <= thread.last
        and getattr(fact, "buyer", None) == thread.buyer
        and getattr(fact, "shop", None) == thread.shop
    ]


def _as_it_came(round_: Round, facts: Facts, thread: Thread, opened: int) -> Round:
    """The clocks as they last stood: a moved clock has moved its rungs."""
    came = Round(
        [],
        round_.opened_at,
        round_.due_at,
        due_from=round_.due_from,
        service_from=round_.service_from,
        service_due_at=round_.service_due_at,
    )
    for seq, fact in _mine(facts, thread):
        if seq > opened and isinstance(fact, f.RoundMoved):
            came.opened_at, came.due_at, came.due_from = fact.opened_at, fact.due_at, fact.due_from
            came.service_from, came.service_due_at = fact.service_from, fact.service_due_at
        elif seq > opened and isinstance(fact, f.RoundAnswered | f.RoundDropped):
            break
    return came


def _quiet(shop: ShopState) -> Said | None:
    """Why the rung of the machine's hold does not stand in this shop at all."""
    if shop.setting.assist == "off":
        return "自动回复关闭（assist = off）", "the machine is off (assist = off)"
    return ("仅旁观（observe）", "relay only watches this shop (observe)") if shop.placement == "observe" else None


def _not_told(over: f.RoundAnswered | f.RoundDropped | None, serves_it: bool) -> tuple[Became, Said]:
    if not serves_it:
        return "not_this_clock", ("服务计时不用稍等话术", "the service clock has no machine's hold")
    if isinstance(over, f.RoundAnswered):
        return "not_reached", ("此前已回复", "answered before")
    if isinstance(over, f.RoundDropped):
        word = ("此前会话已结束", "closed before") if over.why == "closed" else ("此前提问已撤回", "recalled before")
        return "not_reached", word
    return "not_told", ("台账到此尚未触发", "not come yet, as far as the ledger goes")


def _came_of(facts: Facts, seq: int, thread: Thread) -> Said:
    """What the machine decided, or where the buyer went, at the rung that the fact `seq` tells."""
    cause = facts[seq].cause or seq
    for later in range(seq + 1, min(thread.last, max(facts)) + 1):
        fact = facts[later]
        if fact.cause != cause:
            break
        if getattr(fact, "buyer", None) != thread.buyer:
            continue
        match fact:
            case f.HoldWithheld():
                zh, en = reason(fact.why)
                return f"未发送：{zh}（{fact.why}）", f"withheld: {en} ({fact.why})"
            case f.HoldIntended():
                shadow = ("，只记录", ", recorded only") if fact.shadow else ("", "")
                return (
                    f"决定发送 {fact.reply} 第 {fact.version} 版{shadow[0]}",
                    f"decided to send {fact.reply} version {fact.version}{shadow[1]}",
                )
            case f.MoveWithheld():
                zh, en = reason(fact.why)
                return f"未改派：{zh}（{fact.why}）", f"not moved: {en} ({fact.why})"
            case f.MoveAdvised():
                return f"建议转给 {fact.to}", f"advised to move to {fact.to}"
            case f.TransferRequested():
                return f"请平台转给 {fact.to}", f"asked the platform to move to {fact.to}"
            case f.Assigned():
                return f"改派给 {fact.seat}", f"moved to {fact.seat}"
            case _:
                pass
    return "已触发，无后续", "reached, and nothing came of it"

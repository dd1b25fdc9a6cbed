"""`relay explain DESK WHAT`: what happened to a buyer, or how one decision was taken, read off the ledger.

WHAT is a buyer's reference or platform id, a message, send or alert (`m12`, `s30`, `a31`), or a seq. Of a seat decision
the whole list of seats is rebuilt by replaying the ledger up to it: who was eligible, who was not, and why. An event
that was on meanwhile is told where it began and ended, and so are the notices that told people of this buyer's alerts.
In a shop in shadow each missed round of the buyer says what relay would have done.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from relay.cli.place import config_option, data_option, open_data
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.domain.facts import DeskFact
    from relay.domain.names import DeskId
    from relay.store.reader import Reader


@click.command()
@click.argument("desk_name", metavar="DESK")
@click.argument("what")
@config_option
@data_option
def explain(desk_name: str, what: str, config_path: Path, data_path: Path | None) -> None:
    """Say what happened to a buyer, or why a decision was taken. 解释经过与原因。"""
    from relay.cli.shadowing import say_of_buyer
    from relay.domain import facts as f
    from relay.domain.names import DeskId

    desk = DeskId(desk_name)
    with open_data(config_path, data_path) as ledger:
        if desk not in ledger.desks():
            stop(f"没有客服台 {desk_name!r} / no desk {desk_name!r}; 有 / there are: {', '.join(ledger.desks())}")
        facts = _facts(ledger, desk)
        number = int(what[1:]) if what[:1] in "msa" and what[1:].isdigit() else int(what) if what.isdigit() else None
        if number is not None and number in facts:
            chosen = facts[number]
            _print(number, chosen)
            if isinstance(chosen, f.Assigned | f.Queued | f.TransferRequested | f.MoveAdvised):
                _candidates(desk, facts, number)
            if isinstance(chosen, f.Queued):
                _place(desk, facts, number)
            buyer = getattr(chosen, "buyer", None)
        else:
            buyer = _buyer(ledger, what)
        shown = [seq for seq, fact in facts.items() if buyer is not None and getattr(fact, "buyer", None) == buyer]
        if not shown and number not in facts:
            stop(f"找不到 {what!r} / nothing is known of {what!r}")
        for seq in sorted({*_with_events(facts, shown), *_notices(facts, shown)}):
            _print(seq, facts[seq])
        if buyer is not None:
            _owed(desk, facts, buyer)
            if any(_was_only_recorded(facts[seq]) for seq in shown):
                say_of_buyer(ledger, desk, buyer)


def _was_only_recorded(fact: "DeskFact") -> bool:
    """Whether the machine came to its rung here without a word that left or a key to be pressed."""
    from relay.domain import facts as f

    if isinstance(fact, f.HoldWithheld):
        return fact.why != "suggest"
    return isinstance(fact, f.HoldIntended) and fact.shadow


def _owed(desk: "DeskId", facts: "dict[int, DeskFact]", buyer: str) -> None:
    """What is still owed to this buyer, and was promised to them."""
    from relay.cli.owing import say_of_buyer
    from relay.insight.owed import Owed

    owed = Owed(desk)
    for seq, fact in facts.items():
        owed.take(seq, fact)
    say_of_buyer(owed, buyer)


def _facts(ledger: "Reader", desk: "DeskId") -> "dict[int, DeskFact]":
    from relay.domain.codec import decode

    return {row.seq: decode(row.body) for row in ledger.read(desk)}  # type: ignore[misc]


def _with_events(facts: "dict[int, DeskFact]", shown: list[int]) -> list[int]:
    """With the turns of events in these shops: the last one before, if an event was on then, and all meanwhile."""
    from relay.domain import facts as f

    if not shown:
        return shown
    turns = {seq: fact for seq, fact in facts.items() if isinstance(fact, f.EventTurned) and seq < shown[-1]}
    told = set(shown)
    for shop in {getattr(facts[seq], "shop", None) for seq in shown}:
        mine = {seq: fact for seq, fact in turns.items() if fact.shop == shop}
        before = max((seq for seq in mine if seq < shown[0]), default=None)
        told |= {seq for seq in mine if seq > shown[0]}
        if before is not None and mine[before].event is not None:
            told.add(before)
    return sorted(told)


def _notices(facts: "dict[int, DeskFact]", shown: list[int]) -> list[int]:
    """The messages to notifiers that told of these facts' alerts."""
    from relay.domain import facts as f
    from relay.domain.marks import alert_id

    mine = {alert_id(seq) for seq in shown}
    return [seq for seq, fact in facts.items() if isinstance(fact, f.AlertsTold) and not mine.isdisjoint(fact.alerts)]


def _buyer(ledger: "Reader", what: str) -> str | None:
    return next((row.ref for row in ledger.every_buyer() if what in (row.ref, row.platform_id, row.name)), None)


def _print(seq: int, fact: "DeskFact") -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from relay.domain.codec import encode

    told = json.loads(encode(fact))
    name, at = told.pop("type").partition("@")[0], told.pop("at")
    told.pop("buyer", None)
    when = datetime.fromtimestamp(at / 1000, ZoneInfo("Asia/Shanghai")).strftime("%m-%d %H:%M:%S.%f")[:-3]
    rest = " ".join(f"{key}={value}" for key, value in told.items() if key != "digest")
    click.echo(f"{seq:>7} {when} {name:<18} {rest}")


def _candidates(desk: "DeskId", facts: "dict[int, DeskFact]", seq: int) -> None:
    """Everybody who could have been chosen, as they stood just before the decision."""
    from relay.domain import facts as f
    from relay.domain.desk import Desk
    from relay.domain.ranking import Ranking, agent_load, entry_of, obstacle
    from relay.domain.routing import order_for, standing_of
    from relay.rules.guiding import guiding

    decision = facts[seq]
    assert isinstance(decision, f.Assigned | f.Queued | f.TransferRequested | f.MoveAdvised)
    chosen = decision.seat if isinstance(decision, f.Assigned) else getattr(decision, "to", None)
    rebuilt = Desk(desk, guiding)
    for earlier in range(1, seq):
        rebuilt.replay(facts[earlier])
    state = rebuilt.state
    conv, ranking = state.conversations[decision.shop, decision.buyer], Ranking()
    ranking.rebuild(state)
    order = order_for(ranking, state.shops[decision.shop], conv)
    fit = {entry[3] for entry in (*order.agents, *order.admins)}
    click.echo(f"      分组 / group {conv.group}，放宽级别 / opened to level {conv.relaxed}")
    if state.shops[decision.shop].event is not None:
        click.echo(f"      活动中 / during the event {state.shops[decision.shop].event}")
    for seat_id in state.shops[decision.shop].seats:
        seat = state.seats[seat_id]
        waiting, opened = agent_load(state, seat)
        stood = standing_of(entry_of(seat, waiting, opened))
        mark = "→" if seat_id == chosen else " "
        why = obstacle(state, seat, opened) or ("可接待 / eligible" if seat_id in fit else "other_group")
        click.echo(
            f"      {mark} {seat_id:<16} {why:<20} 待回复 / waiting {stood.waiting} 接待 / open {stood.open}"
            f" 上次分配 / last {stood.last_assigned_at}"
        )


def _place(desk: "DeskId", facts: "dict[int, DeskFact]", seq: int) -> None:
    """Where the buyer stood in the queue just after this, and in about how many minutes they would be taken."""
    from relay.domain import facts as f
    from relay.domain.desk import Desk
    from relay.domain.estimate import estimate
    from relay.domain.lanes import Lanes
    from relay.rules.guiding import guiding

    queued = facts[seq]
    assert isinstance(queued, f.Queued)
    rebuilt, lanes = Desk(desk, guiding), Lanes()
    for earlier in range(1, seq + 1):
        rebuilt.replay(facts[earlier])
    lanes.rebuild(rebuilt.state)
    found = estimate(rebuilt.state, lanes, rebuilt.state.conversations[queued.shop, queued.buyer], queued.at)
    if found is None:
        click.echo(f"      只等原客服，不占排队名次 / waits for seat {queued.waits_for} alone, has no place")
    elif found.minutes is None:
        click.echo(f"      排第 {found.place} 位，尚无法估计 / place {found.place}, no pace is known yet")
    else:
        click.echo(
            f"      排第 {found.place} 位，约 {found.minutes} 分钟 / place {found.place}, about {found.minutes} min"
        )

"""`relay explain` of a round, a buyer and a message: all that happened is there; what is unknown is said plainly."""

import json
from pathlib import Path
from typing import Any

import pytest

from relay.cli.explain import explain
from relay.cli.report import report
from relay.domain import facts as f
from relay.insight.story import FACTS
from relay.insight.story.words import RUNGS
from relay.store import open_ledger
from tests.cli.ledgers import call, ledger_of
from tests.domain import world as w
from tests.domain.one_run import one_run
from tests.domain.world import World, small
from tests.proof.plan import draw
from tests.proof.world import World as Simulation
from tests.proof.world import desk_facts


def told(path: Path, *words: str) -> dict[str, Any]:
    result = call(explain, path, *words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def held() -> World:
    """One round in a shop whose machine may speak: drafted, held at 2:40, owed, answered too late."""
    world = small(seats=2)
    world.say(name="first")
    world.draft()
    world.advance(170)
    world.advance(30)
    world.answer()
    return world


async def test_a_round_has_everything(tmp_path: Path) -> None:
    world = held()
    path = await ledger_of(tmp_path, desk=world)
    name = "r" + world.messages["first"][1:]
    [thread] = told(path, name)["threads"]
    [one] = thread["told"]
    assert (one["id"], one["verdict"], one["clause"]) == (name, "miss", "A.def")
    assert one["cause"]["cause"] == "seat_slow"
    assert one["do_zh"]
    assert one["do_en"]
    assert one["others"][0]["option"] == "bundle=strict"
    [decision] = one["decisions"]
    assert {seat["seat"] for seat in decision["candidates"]} == {"s1", "s2"}
    assert [seat["why"] for seat in decision["candidates"]] == ["eligible", "eligible"]
    assert [rung["became"] for rung in one["ladder"]] == ["told"] * 5
    assert "decided to send wait version 1" in one["ladder"][-1]["en"]
    assert [send["kind"] for send in one["sends"]] == ["hold", "reply"]
    assert [send["outcome"] for send in one["sends"]] == ["confirmed", "confirmed"]
    assert [moment["type"] for moment in one["debts"]] == ["DebtOpened", "DebtClosed"]
    assert [draft["became"] for draft in one["drafts"]] == ["void"]
    assert [moment["after_ms"] for moment in one["timeline"]][-1] == 200_000
    result = call(explain, path, name)
    for words in ("催办 the ladder", "发送 sends", "其他口径 other readings", "经过 timeline", "归属 whose s"):
        assert words in result.output


async def test_a_reading_under_which_the_verdict_is_another_is_named(tmp_path: Path) -> None:
    """The machine's hold counts where the owner says that relay is one of the assistants."""
    world = held()
    path = await ledger_of(tmp_path, desk=world)
    [one] = told(path, "r" + world.messages["first"][1:])["threads"][0]["told"]
    by_option = {other["option"]: other["verdict"] for other in one["others"]}
    assert by_option == {"bundle=strict": "miss", "assist_providers=dianxiaomi,leyan,relay,xiaoduo,xiaowei": "hit"}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"stopped": True}, "stopped"),
        ({"assist": "suggest"}, "suggest"),
        ({}, "complaint"),
    ],
)
async def test_a_hold_that_was_withheld_names_its_guard(tmp_path: Path, more: dict[str, Any], why: str) -> None:
    world = small(**more)
    world.say(tag="complaint" if why == "complaint" else None)
    world.advance(400)
    path = await ledger_of(tmp_path, desk=world)
    [one] = told(path, "b1")["threads"][0]["told"]
    [hold] = [rung for rung in one["ladder"] if rung["do"] == "hold"]
    assert hold["became"] == "told"
    assert f"({why})" in hold["en"]
    assert f"（{why}）" in hold["zh"]


@pytest.mark.parametrize(("more", "why"), [({"assist": "off"}, "assist = off"), ({"placement": "observe"}, "observe")])
async def test_a_shop_without_a_machine_has_no_hold(tmp_path: Path, more: dict[str, Any], why: str) -> None:
    world = small(**more)
    world.say()
    world.advance(400)
    path = await ledger_of(tmp_path, desk=world)
    [one] = told(path, "b1")["threads"][0]["told"]
    [hold] = [rung for rung in one["ladder"] if rung["do"] == "hold"]
    assert (hold["became"], hold["told_at"]) == ("not_told", None)
    assert why in hold["en"]


async def test_rungs_that_were_not_reached_say_why(tmp_path: Path) -> None:
    world = small()
    world.say()
    world.advance(70)
    world.answer()
    path = await ledger_of(tmp_path, desk=world)
    [one] = told(path, "b1")["threads"][0]["told"]
    assert [(rung["do"], rung["became"]) for rung in one["ladder"]] == [
        ("badge", "told"),
        ("sound", "not_reached"),
        ("alert", "not_reached"),
        ("wall", "not_reached"),
        ("hold", "not_reached"),
    ]
    assert {rung["en"] for rung in one["ladder"][1:]} == {"answered before"}


async def test_rungs_that_come_together_are_told_by_the_highest(tmp_path: Path) -> None:
    world = small(assist="off")
    world.say()
    world.sleep(130)
    world.advance(0)
    path = await ledger_of(tmp_path, desk=world)
    [one] = told(path, "b1")["threads"][0]["told"]
    became = {rung["do"]: rung["became"] for rung in one["ladder"]}
    assert became["badge"] == became["sound"] == "told_with_a_later_one"
    assert became["alert"] == "told"
    assert became["wall"] == "not_told"


async def test_a_send_that_failed_says_how(tmp_path: Path) -> None:
    world = small()
    world.say()
    world.advance(20)
    world.outcome = w.refused
    world.answer()
    world.advance(400)
    path = await ledger_of(tmp_path, desk=world)
    [one] = told(path, "b1")["threads"][0]["told"]
    reply = one["sends"][0]
    assert (reply["kind"], reply["outcome"], reply["why"]) == ("reply", "refused", "blocked")
    assert one["cause"]["cause"] == "send_failed"


async def test_a_buyer_by_platform_id_and_a_message_by_its_id(tmp_path: Path) -> None:
    world = held()
    world.advance(5)
    world.say()
    world.advance(5)
    world.answer()
    path = await ledger_of(tmp_path, desk=world)
    message = world.messages["first"]
    assert len(told(path, "b1")["threads"][0]["rounds"]) == 2
    by_message = told(path, message)
    assert by_message["fact"]["type"] == "BuyerWrote"
    assert [one["id"] for one in by_message["threads"][0]["told"]] == ["r" + message[1:]]
    at = told(path, "b1")["threads"][0]["rounds"][0]["opened"]
    assert [one["id"] for one in told(path, f"b1@{at}")["threads"][0]["told"]] == ["r" + message[1:]]
    assert told(path, "desk", "b1") == told(path, "b1")
    assert call(explain, path, "desk/" + "r" + message[1:]).output == call(explain, path, "r" + message[1:]).output


async def test_what_is_unknown_is_said_plainly(tmp_path: Path) -> None:
    world = held()
    path = await ledger_of(tmp_path, one=world, two=world)
    question = world.messages["first"][1:]
    for words, says in (
        (("nobody",), "no such buyer, round or message"),
        (("r9999",), "the ledgers end at one"),
        (("one", "r1"), "no desk has a buyer's question there"),
        (("m1",), "no desk has a message there"),
        (("three", "b1"), "no desk 'three'; 有 / there are: one, two"),
        ((f"r{question}",), f"name one: one/r{question}, two/r{question}"),
        (("b1",), "name one: one b1, two b1"),
        (("one", "b1@2026-03-02T12:00:00"), "the nearest do at 2026-03-02T10:00:00"),
        (("one", "b1", "b2"), "at most a desk and what to explain"),
        (("one", "b1", "--rule", "taobao"), "unknown rule 'taobao'"),
        (("one", "b1", "--set", "robot_turn=x"), "robot_turn='x' must be"),
    ):
        result = call(explain, path, *words)
        assert result.exit_code == 2, (words, result.output)
        assert says in result.output, (words, result.output)
    assert call(explain, path, f"two/r{question}").exit_code == 0


async def test_a_question_that_opens_no_round_leads_to_the_round_that_it_belongs_to(tmp_path: Path) -> None:
    world = small(assist="off")
    world.say(name="first")
    world.advance(10)
    world.say(name="again")
    world.advance(10)
    world.answer()
    path = await ledger_of(tmp_path, desk=world)
    [one] = told(path, "r" + world.messages["again"][1:])["threads"][0]["told"]
    assert one["id"] == "r" + world.messages["first"][1:]


def of_thread(facts: list[f.DeskFact], shop: str, buyer: str, first: int, last: int) -> set[int]:
    return {
        seq
        for seq, fact in enumerate(facts, 1)
        if first <= seq <= last and (getattr(fact, "shop", None), getattr(fact, "buyer", None)) == (shop, buyer)
    }


def check_rounds(path: Path, facts: list[f.DeskFact]) -> int:
    """Every round that the report lists is told, with every fact of it."""
    seen = 0
    buyers = {(fact.shop, fact.buyer) for fact in facts if isinstance(fact, f.BuyerWrote)}
    for _, buyer in sorted(buyers):
        for thread in told(path, buyer)["threads"]:
            whole = {moment["seq"] for moment in thread["timeline"]}
            assert of_thread(facts, thread["shop"], buyer, 1, len(facts)) <= whole
            for brief in thread["rounds"]:
                if brief["id"] is None:
                    continue
                seen += 1
                [mine] = [one for one in told(path, brief["id"])["threads"] if one["shop"] == thread["shop"]]
                for one in mine["told"]:
                    own = of_thread(facts, one["shop"], buyer, one["first"], one["last"])
                    assert own <= {moment["seq"] for moment in one["timeline"]}
                    assert int(brief["id"][1:]) in own
                    sends = {seq for seq in own if isinstance(facts[seq - 1], f.ReplyIntended | f.HoldIntended)}
                    assert {f"s{seq}" for seq in sends} <= {send["send"] for send in one["sends"]}
                    assert (one["cause"] is not None) == (one["verdict"] == "miss")
    return seen


@pytest.mark.parametrize("seed", [3, 8, 11])
async def test_every_round_of_a_random_run_has_all_of_its_facts(tmp_path: Path, seed: int) -> None:
    world = one_run(seed, 100)
    path = await ledger_of(tmp_path, desk=world)
    assert check_rounds(path, world.facts) > 2


def test_each_kind_of_fact_of_a_simulation_is_told(tmp_path: Path) -> None:
    """One fact of each kind that the ledger has, and every round that is missed, on every desk."""
    simulation = Simulation(draw(5, 30, 3), tmp_path)
    simulation.run()
    path = simulation.disk.path
    kinds = 0
    for desk, facts in desk_facts(path).items():
        first = {type(fact): seq for seq, fact in reversed(list(enumerate(facts, 1)))}
        kinds += len(first)
        for kind, seq in first.items():
            result = call(explain, path, desk, str(seq))
            assert result.exit_code == 0, (kind, result.output)
            assert "/ ".join(("", FACTS[kind.__name__][1])) in result.output
    assert kinds > 15
    shown = json.loads(call(report, path, "--why", "--json").output)
    missed = shown["why"]["misses"]
    assert len(missed) == sum(one["verdict"] == "miss" for one in shown["rounds"])
    for one in missed[:10]:
        assert call(explain, path, one["id"]).exit_code == 0


def test_every_kind_of_fact_and_every_rung_has_words_in_both_languages() -> None:
    assert {kind.__name__ for kind in f.DeskFact.__args__} <= set(FACTS)
    for zh, en in (*FACTS.values(), *RUNGS.values()):
        assert any("\u4e00" <= sign <= "\u9fff" for sign in zh)
        assert en.isascii()


async def test_nothing_here_shows_a_text(tmp_path: Path) -> None:
    """Facts bind texts by a digest; explain reads no content, so that no reading of it has to be recorded."""
    world = held()
    path = await ledger_of(tmp_path, desk=world)
    with open_ledger(path) as ledger:
        assert not list(ledger.contents(next(iter(ledger.desks()))))
    assert "digest=" not in call(explain, path, "b1").output

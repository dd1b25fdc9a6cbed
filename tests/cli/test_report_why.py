"""`relay report --why` and `--diff` as people call them, on ledgers of worlds."""

import json
from pathlib import Path

import pytest

from relay.cli.report import report
from relay.domain.inputs import StartDesk
from relay.insight.missed import MissCause
from tests.cli.ledgers import call, ledger_of
from tests.domain.one_run import one_run
from tests.domain.world import World, small


def two_misses(shop: str = "shop") -> World:
    """b1 is answered late by s1 at its only place; b2 waits for that place all the time."""
    world = World(check=False)
    world.do(StartDesk(epoch=0))
    world.shop(shop, assist="off")
    world.seat("s1", shop=shop, cap=1)
    world.say("b1", shop=shop)
    world.advance(1)
    world.say("b2", shop=shop)
    world.advance(200)
    world.answer(buyer="b1", shop=shop)
    return world


async def test_causes_totals_and_what_to_do(tmp_path: Path) -> None:
    path = await ledger_of(tmp_path, desk=two_misses())
    result = call(report, path, "--why")
    assert result.exit_code == 0, result.output
    for words in ("客服在线但慢 seat online but slow", "全部满载 all full", "2026-03-02", "无 nobody", "→ "):
        assert words in result.output
    told = json.loads(call(report, path, "--why", "--json").output)["why"]
    assert told["by_cause"] == {"all_full": 1, "seat_slow": 1}
    assert told["by_day"] == {"2026-03-02": {"all_full": 1, "seat_slow": 1}}
    assert told["by_hour"] == {"10": {"all_full": 1, "seat_slow": 1}}
    assert told["by_seat"] == [
        {"shop": "shop", "seat": "s1", "causes": {"seat_slow": 1}},
        {"shop": "shop", "seat": None, "causes": {"all_full": 1}},
    ]
    assert [one["cause"] for one in told["misses"]] == ["seat_slow", "all_full"]
    assert all(one["id"] in result.output for one in told["misses"])
    assert set(told["causes"]["all_full"]) == {"zh", "en", "do_zh", "do_en"}


async def test_without_a_miss_there_is_no_cause(tmp_path: Path) -> None:
    path = await ledger_of(tmp_path, desk=small(check=False))
    assert "no round was missed" in call(report, path, "--why").output
    assert json.loads(call(report, path, "--why", "--json").output)["why"]["misses"] == []


async def test_the_object_is_the_audits_to_the_byte_without_the_key(tmp_path: Path) -> None:
    path = await ledger_of(tmp_path, desk=two_misses())
    bare = call(report, path, "--json").output.rstrip("\n")
    whole = call(report, path, "--json", "--why").output
    assert whole.startswith(bare.removesuffix("}") + ',"why":')


async def test_names_of_rounds_are_stable_and_say_their_desk_where_there_are_several(tmp_path: Path) -> None:
    path = await ledger_of(tmp_path, one=two_misses("a"), two=two_misses("b"))
    for options in ((), ("--set", "bundle=strict"), ("--rule", "tejia_3min")):
        told = json.loads(call(report, path, "--why", "--json", *options).output)["why"]["misses"]
        assert {one["id"].partition("/")[0] for one in told} == {"one", "two"}, options


async def test_misses_by_the_ledger_are_the_reports_on_a_random_run(tmp_path: Path) -> None:
    path = await ledger_of(tmp_path, desk=one_run(11, 150))
    told = json.loads(call(report, path, "--why", "--json", "--set", "cross_day=miss").output)
    missed = [one for one in told["rounds"] if one["verdict"] == "miss"]
    assert len(told["why"]["misses"]) == len(missed) > 0
    assert sum(row["misses"] for row in told["why"]["rows"]) == len(missed)
    assert {one["cause"] for one in told["why"]["misses"]} <= set(MissCause)


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ("taobao_ww3", "taobao_ww3", "no round differs"),
        ("limit_s=180", "limit_s=300", "miss → hit: 1"),
        ("taobao_ww3", "taobao_ww3_2023 limit_s=300", "miss → hit: 1"),
        ("seq:3", "seq:1000", "only in B: 2"),
        ("limit_s=300 seq:1000", "seq:1000 limit_s=180", "hit → miss: 1"),
    ],
)
async def test_two_readings(tmp_path: Path, a: str, b: str, says: str) -> None:
    path = await ledger_of(tmp_path, desk=two_misses())
    result = call(report, path, "--diff", a, b)
    assert result.exit_code == 0, result.output
    assert says in result.output
    told = json.loads(call(report, path, "--diff", a, b, "--json").output)
    assert told["net_numerator"] == told["b"]["numerator"] - told["a"]["numerator"]
    assert all(one["id"].startswith("r") for one in told["rounds"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--diff", "taobao", "taobao_ww3"), "'taobao'"),
        (("--diff", "seq:soon", "seq:1"), "seq: takes a number"),
        (("--diff", "robot_turn=x", "robot_turn=closes"), "robot_turn='x' must be closes | transparent"),
        (("--diff", "nothing=1", "limit_s=1"), "unknown option 'nothing'"),
        (("--diff", "seq:1", "seq:2", "--why"), "--diff goes without"),
    ],
)
async def test_what_cannot_be_read_says_so(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    path = await ledger_of(tmp_path, desk=small(check=False))
    result = call(report, path, *words)
    assert result.exit_code == 2
    assert says in result.output

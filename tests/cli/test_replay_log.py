"""`relay replay LOG`: stopped and gone on with, at any speed, in its own folder, and no other sort of replay."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.cli import _relay
from relay.cli.replaying.names import LONGEST, Names, for_shops, for_wire, reverse
from relay.cli.replaying.pace import Pace, StoppedError
from relay.cli.replaying.settings import DESK, made
from relay.domain import facts as f
from relay.domain.names import ID_PATTERN, Millis
from relay.domain.replay import rerun
from relay.errors import BadInputError
from relay.runtime.driven import DrivenClock
from relay.testing.virtual import VirtualClock, run_virtual
from tests.cli.replaying import RULE, Replayed, line, quiet

LINES = [
    line("10:00:00", "buyer", id="1", sub_account="小美", text="在吗"),
    line("10:00:20", "buyer", "ann", sub_account="小美", text="什么时候发货"),
    line("10:02:59", "merchant", id="2", sub_account="小美", text="今天发出"),
    line("10:04:00", "merchant", "ann", sub_account="阿云", text="明天"),
    line("10:05:00", "buyer", "bob", sub_account="小美", text="有人吗"),
]
Call = Callable[..., Result]


@pytest.fixture
def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command in an empty folder that has the log `chats.jsonl`."""
    monkeypatch.chdir(tmp_path)
    Path("chats.jsonl").write_bytes(b"\n".join(LINES))

    def call(*arguments: str) -> Result:
        with quiet():
            return CliRunner().invoke(_relay, list(arguments))

    return call


# --- as people type it


def test_a_log_is_replayed_and_every_command_reads_what_it_left(relay: Call) -> None:
    done = relay("replay", "chats.jsonl", "--json")
    assert done.exit_code == 0, done.output
    assert "逐字节一致" in done.stderr
    assert "byte for byte" in done.stderr
    of_file = relay("audit", "chats.jsonl", "--rule", RULE, "--json").stdout
    assert done.stdout == of_file
    where = ("--config", "chats.jsonl.replay/config.toml")
    assert relay("report", *where, "--names", "--json").stdout == of_file
    assert relay("verify", *where).exit_code == 0
    told = relay("explain", "main", "ann", *where)
    assert "BuyerWrote" in told.stdout
    assert "阿云" in told.stdout
    again = relay("replay", "chats.jsonl.replay/relay.sqlite")
    assert (again.exit_code, "一致" in again.stdout) == (0, True), "the other meaning: the ledger's own inputs again"
    exported = relay("export", "--messages", "--names", *where).stdout
    Path("exported.jsonl").write_text(exported, encoding="utf-8")
    assert relay("audit", "exported.jsonl", "--rule", RULE, "--json").stdout == of_file
    finished = relay("replay", "chats.jsonl", "--json")
    assert finished.stdout == of_file, "a second time tells nothing twice"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("chats.jsonl", "--data", "x.sqlite"), "--into"),
        (("chats.jsonl", "--speed", "0"), "--speed"),
        (("chats.jsonl", "--speed", "fast"), "--speed"),
        (("chats.jsonl", "--rule", "nonsense"), "nonsense"),
        (("chats.jsonl", "--into", "."), "--into"),
        (("chats.jsonl", "--settings", "nowhere.toml"), "nowhere.toml"),
        (("nowhere.jsonl",), "nowhere.jsonl"),
        ((), "config.toml"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(relay: Call, arguments: tuple[str, ...], said: str) -> None:
    done = relay("replay", *arguments)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert not Path("chats.jsonl.replay").exists()


def test_assist_is_off_or_shadow_and_nothing_else(relay: Call) -> None:
    assert relay("replay", "chats.jsonl", "--assist", "assist").exit_code == 2
    assert relay("replay", "chats.jsonl", "--assist", "shadow").exit_code == 0
    assert 'assist = "shadow"' in Path("chats.jsonl.replay/settings.toml").read_text("utf-8")


def test_an_export_is_replayed_with_who_is_who(relay: Call) -> None:
    rows = [
        "时间,发送人,买家,内容,角色",
        "2022-03-08 10:00:00,mia,mia,在吗,买家",
        "2022-03-08 10:01:00,小美,mia,在的,客服",
    ]
    Path("chats.csv").write_text("\n".join(rows), encoding="utf-8")
    given = ("chats.csv", "--timezone", "Asia/Shanghai", "--rule", "kuaishou_agent_3min")
    done = relay("replay", *given, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rounds"]


# --- stopping and going on


@pytest.mark.parametrize("after", range(1, len(LINES) + 1))
async def test_a_stop_loses_no_line_and_going_on_doubles_none(after: int, tmp_path: Path) -> None:
    whole = Replayed(_folder(tmp_path, "whole"), LINES)
    await whole.run()
    parted = Replayed(_folder(tmp_path, "parted"), LINES)
    first = await parted.run(stop_after=after)
    assert first.stopped
    second = await parted.run()
    assert (second.stopped, second.progress.told, second.progress.done) == (False, True, len(LINES))
    assert parted.verdicts()[0] == whole.verdicts()[0] == whole.verdicts()[1]
    assert not [fact for fact in parted.facts() if isinstance(fact, f.ChannelGap)], "nothing was missed meanwhile"
    assert len([fact for fact in parted.facts() if isinstance(fact, f.BuyerWrote)]) == 3


async def test_after_a_kill_what_was_told_again_is_taken_once(tmp_path: Path) -> None:
    replayed = Replayed(tmp_path, LINES)
    await replayed.run(stop_after=4)
    kept = replayed.house.begin(replayed.script, "12", "off", None)  # type: ignore[arg-type]
    replayed.house.keep(type(kept)(**{**{key: getattr(kept, key) for key in kept.__struct_fields__}, "done": 1}))
    await replayed.run()
    ledger, of_file = replayed.verdicts()
    assert ledger == of_file
    assert len([fact for fact in replayed.facts() if isinstance(fact, f.BuyerWrote | f.ShopWrote)]) == len(LINES)


async def test_a_folder_belongs_to_one_log(tmp_path: Path) -> None:
    replayed = Replayed(tmp_path, LINES)
    await replayed.run()
    other = Replayed(tmp_path, LINES[:3])
    with pytest.raises(BadInputError, match="--into"):
        await other.run()


# --- time


async def test_every_fact_bears_the_instant_of_the_log_and_what_was_due_between_its_own(tmp_path: Path) -> None:
    replayed = Replayed(tmp_path, LINES)
    await replayed.run()
    facts = replayed.facts()
    for fact in facts:
        if isinstance(fact, f.BuyerWrote | f.ShopWrote):
            assert fact.at == fact.sent_at
    rungs = [fact for fact in facts if isinstance(fact, f.LadderStepped)]
    assert {fact.do for fact in rungs} >= {"badge", "sound", "alert", "wall"}
    opened = {fact.opened_at for fact in facts if isinstance(fact, f.RoundOpened)}
    assert {(fact.at - fact.round_at) // 1000 for fact in rungs} >= {60, 90, 120, 150}, "to the second"
    assert {fact.round_at for fact in rungs} <= opened
    assert not [fact for fact in facts if isinstance(fact, f.ClockStepped | f.SendStarted | f.ReplyIntended)]


async def test_the_ledger_of_a_replay_leads_to_itself(tmp_path: Path) -> None:
    from relay.domain.codec import encode
    from relay.domain.desk import Desk
    from relay.rules.guiding import guiding

    replayed = Replayed(tmp_path, LINES, "11")
    await replayed.run()
    facts = replayed.facts()
    assert [encode(one) for one in rerun(Desk(DESK, guiding), facts)] == [encode(one) for one in facts]


class Dues:
    """A service with one desk that has these instants due; `done` are the instants at which it did them."""

    def __init__(self, clock: DrivenClock, dues: list[int]) -> None:
        self.clock, self.dues, self.done = clock, sorted(dues), list[tuple[int, int]]()
        self.desks, self.runner = {"main": self}, self

    def next_due(self) -> Millis | None:
        return Millis(self.dues[0]) if self.dues else None

    def rearm(self) -> None:
        while self.dues and self.dues[0] <= self.clock.now():
            self.done.append((self.dues.pop(0), self.clock.now()))

    async def look(self, _at: Any) -> None:
        return None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 100_000), max_size=20), st.integers(0, 100_000), st.sampled_from([None, 1.0, 7.5, 60.0]))
def test_what_is_due_is_done_at_its_own_instant_at_any_speed(dues: list[int], to: int, speed: float | None) -> None:
    async def story(virtual: VirtualClock) -> None:
        clock, began = DrivenClock(Millis(0)), virtual.monotonic()
        service = Dues(clock, dues)
        await Pace(service, clock, speed, asyncio.Event()).until(Millis(to))  # type: ignore[arg-type]
        assert service.done == [(due, due) for due in sorted(dues) if due <= to]
        assert clock.now() == to
        took = virtual.monotonic() - began
        assert took == (0 if speed is None else pytest.approx(to / 1000 / speed, abs=1e-3))

    run_virtual(story)


def test_a_stop_is_heeded_while_time_passes() -> None:
    async def story(virtual: VirtualClock) -> None:
        clock, ending = DrivenClock(Millis(0)), asyncio.Event()
        pace = Pace(Dues(clock, []), clock, 1.0, ending)  # type: ignore[arg-type]
        asyncio.get_running_loop().call_later(5, ending.set)
        with pytest.raises(StoppedError):
            await pace.until(Millis(3_600_000))
        assert virtual.monotonic() <= 6

    run_virtual(story)


def test_a_driven_clock_never_goes_back() -> None:
    clock = DrivenClock(Millis(5))
    clock.set(Millis(5))
    with pytest.raises(ValueError, match="back"):
        clock.set(Millis(4))


# --- names

TEXTS = st.text(max_size=12) | st.just("x" * (LONGEST + 1)) | st.just("shop") | st.just("(none)")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXTS | st.none()))
def test_two_names_never_become_one(own: list[str | None]) -> None:
    import re

    for table in (for_shops(own), for_wire(own, "(none)")):
        assert set(table) == set(own)
        assert len(set(table.values())) == len(table)
        assert all(there and len(there) <= LONGEST + 8 for there in table.values())
        back = reverse(table)
        assert {there: back.get(there, there) for there in table.values()} == {v: k for k, v in table.items()}
    assert all(re.fullmatch(ID_PATTERN, there) for there in for_shops(own).values())


def test_settings_made_from_a_log_are_sound(tmp_path: Path) -> None:
    from relay.runtime.settings_file import load_settings
    from relay.runtime.settings_rules import limit_s, outside_problems
    from relay.runtime.settings_text import dump_settings

    raw = [
        line("10:00:00", "buyer", shop="旗舰店"),
        line("10:01:00", "merchant", shop="旗舰店", sub_account='"小美"\n'),
    ]
    script = Replayed(tmp_path, raw).script
    for rule, options in ((RULE, {}), ("kuaishou_shop_3min", {"limit_s": "20"}), ("tmall_reply", {})):
        given = made(script, rule, options, "shadow")
        text = dump_settings(given).encode()
        assert load_settings(text, None, limit_s, lambda read: outside_problems(read, ["replay"])) == given  # type: ignore[list-item]
    assert script.names == Names(shops={"shop": "旗舰店"}, accounts={"(none)": None})


def test_the_owners_settings_are_used_as_they_are_but_for_channel_and_machine(relay: Call) -> None:
    from relay.cli.starter import SETTINGS
    from relay.runtime.settings_file import load_settings
    from relay.runtime.settings_text import dump_settings

    Path("mine.toml").write_text(dump_settings(SETTINGS), encoding="utf-8")
    done = relay("replay", "chats.jsonl", "--settings", "mine.toml", "--assist", "shadow")
    assert done.exit_code == 0, done.output
    [shop] = load_settings(Path("chats.jsonl.replay/settings.toml")).shops
    [mine] = SETTINGS.shops
    assert (shop.id, shop.channel, shop.assist, shop.ladder) == (mine.id, "replay", "shadow", mine.ladder)


def _folder(root: Path, name: str) -> Path:
    (root / name).mkdir()
    return root / name

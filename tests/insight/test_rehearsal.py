"""The dry run of an event: what changes, what returns, what to look at; as a value and as the command prints it."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from relay.cli.event import event as command
from relay.domain.names import EventId, Millis, ReplyId, ShopId
from relay.domain.office import Settings, check_settings
from relay.domain.office.event_words import read_cap, read_extra
from relay.domain.settings import (
    CapChange,
    Desk,
    Event,
    ExtraHours,
    Grant,
    LadderStep,
    Person,
    QuickReply,
    Seat,
    Shift,
    Shop,
)
from relay.insight.rehearsal import Changed, ShopRehearsal, Stretch, rehearse
from relay.runtime.settings_file import dump_settings
from tests.domain.test_events import at
from tests.domain.world import agreed

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STARTS, ENDS = "2026-11-11 18:00", "2026-11-12 00:00"


def caps(*words: str) -> tuple[CapChange, ...]:
    return tuple(map(read_cap, words))


def extra(*words: str) -> tuple[ExtraHours, ...]:
    return tuple(map(read_extra, words))


def whole(events: tuple[Event, ...], ann_cap: int | None = None, **shop: Any) -> Settings:
    """Ann on `early` 08-20, Bob on `late` 16-24, and Cid, the CS admin."""
    roles = {"boss": "owner", "ann": "agent", "bob": "agent", "cid": "cs_admin"}
    return Settings(
        desks=(Desk("d"),),  # type: ignore[arg-type]
        persons=tuple(
            Person(name, roles=(Grant("s", role),), cap=ann_cap if name == "ann" else None)  # type: ignore[arg-type]
            for name, role in roles.items()
        ),
        shops=(agreed(Shop(id="s", desk="d", name="旗舰店", **{"assist": "assist", **shop})),),
        seats=(
            Seat(id="early", shop="s", agent="ann", shifts=(Shift(EVERY_DAY, "08:00", "20:00"),)),  # type: ignore[arg-type]
            Seat(id="late", shop="s", agent="bob", shifts=(Shift(EVERY_DAY, "16:00", "00:00"),)),  # type: ignore[arg-type]
            Seat(id="admin", shop="s", agent="cid", role="cs_admin"),  # type: ignore[arg-type]
        ),
        replies=(
            QuickReply(ReplyId("wait"), 1, "稍等", status="approved", approved_by="boss"),  # type: ignore[arg-type]
            QuickReply(
                ReplyId("short"),
                1,
                "请稍等",
                status="approved",
                approved_by="boss",  # type: ignore[arg-type]
                valid_to=at("2026-11-11 20:00"),
            ),
            QuickReply(ReplyId("draft"), 1, "稍等片刻"),
        ),
        events=events,
    )


def sale(**more: Any) -> Event:
    times = {"starts": STARTS, "ends": ENDS, **more}
    return Event(EventId("sale"), (ShopId("s"),), **times)


def shown(event: Event, now: str = "2026-11-01 00:00", **more: Any) -> ShopRehearsal:
    settings = whole((event,), **more)
    assert check_settings(settings) == []
    [shop] = rehearse(settings, event, at(now))
    return shop


def test_places_and_hours_at_its_start() -> None:
    found = shown(sale(caps=caps("* +3", "seat late 10"), shifts=extra("seat early 2026-11-11 20:00-23:00")))
    assert (found.stage, found.starts, found.ends, found.hours_long) == (
        "ahead",
        "2026-11-11T18:00:00+08:00",
        "2026-11-12T00:00:00+08:00",
        6,
    )
    assert (found.places, found.places_during) == (10, 18)
    assert found.seats == [Changed("early", "5", "8"), Changed("late", "5", "10"), Changed("admin", "5", "8")]
    assert found.hours == [
        Stretch("2026-11-11T18:00:00+08:00", "2026-11-11T20:00:00+08:00", 2, 2, 10, 18),
        Stretch("2026-11-11T20:00:00+08:00", "2026-11-11T23:00:00+08:00", 1, 2, 5, 18),
        Stretch("2026-11-11T23:00:00+08:00", "2026-11-12T00:00:00+08:00", 1, 1, 5, 10),
    ]
    assert found.cautions == []


def test_an_agents_own_cap_bounds_their_places_and_is_said() -> None:
    found = shown(sale(caps=caps("* +3")), ann_cap=6)
    assert (found.places, found.places_during) == (10, 14)
    [caution] = found.cautions
    assert 'agent "ann" may have 6 in all' in caution.en
    helped = shown(sale(caps=caps("* +3", "agent ann +2")), ann_cap=6)
    assert helped.agents == [Changed("ann", "6", "8")]
    assert (helped.places_during, helped.cautions) == (16, [])


def test_the_keys_that_stand_in_for_the_shops() -> None:
    ladder = (LadderStep("badge", after_s=30), LadderStep("hold", before_s=20))
    found = shown(sale(ladder=ladder, idle_release_s=300, sticky_s=24 * 3600))
    assert found.keys == [
        Changed("ladder", "[60s badge; 90s sound; 120s alert; 150s wall; -20s hold]", "[30s badge; -20s hold]"),
        Changed("idle_release_s", "600", "300"),
    ]


@pytest.mark.parametrize(
    ("now", "stage"),
    [("2026-11-11 17:59:59", "ahead"), ("2026-11-11 18:00", "on"), ("2026-11-11 23:59:59", "on"), (ENDS, "over")],
)
def test_whether_it_has_yet_to_come(now: str, stage: str) -> None:
    assert shown(sale(), now).stage == stage


def test_which_event_follows_without_a_gap() -> None:
    later = msgspec.structs.replace(sale(starts=ENDS, ends="2026-11-13 00:00"), id=EventId("after"))
    [found] = rehearse(whole((sale(), later)), sale(), Millis(0))
    assert found.then == "after"
    assert shown(sale()).then is None


CAUTIONS: list[tuple[str, Event, dict[str, Any], str]] = [
    ("nothing", sale(), {}, "nothing changes"),
    ("the same caps again", sale(caps=caps("* 5")), {}, "nothing changes"),
    ("nobody", sale(ends="2026-11-12 02:00", caps=caps("* +1")), {}, "nobody is on shift: 11-12 00:00 – 11-12 02:00"),
    ("fewer", sale(caps=caps("* -1")), {}, "fewer places than usual: 11-11 18:00 – 11-11 20:00; 11-11 20:00 – 11-12"),
    ("worked anyway", sale(shifts=extra("seat late 2026-11-11 18:00-20:00")), {}, "adds nothing"),
    ("a draft", sale(replies=("draft", "wait")), {}, '"draft" is not approved'),
    ("a short one", sale(replies=("short", "wait")), {}, '"short" expires before'),
    ("no hold", sale(replies=()), {}, "no hold may be sent"),
    ("no hold on the ladder", sale(ladder=(LadderStep("badge", after_s=9),)), {}, "the ladder has no hold"),
    ("no assist", sale(replies=("wait",)), {"assist": "suggest"}, "assist = suggest"),
]


@pytest.mark.parametrize(("event", "shop", "says"), [pytest.param(*case[1:], id=case[0]) for case in CAUTIONS])
def test_what_to_look_at(event: Event, shop: dict[str, Any], says: str) -> None:
    found = shown(event, **shop)
    [said] = [caution for caution in found.cautions if says in caution.en]
    assert re.search("[\u4e00-\u9fff]", said.zh)


def test_the_holds_that_the_machine_may_use() -> None:
    found = shown(sale(replies=("wait", "draft")))
    assert (found.holds, found.holds_during) == (["wait", "short"], ["wait"])


# --- the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text('[relay]\ndata_dir = "data"\n', "utf-8")
    event = sale(
        name="双十一",
        caps=caps("* +3"),
        shifts=extra("seat early 2026-11-11 20:00-23:00"),
        replies=("wait",),
        idle_release_s=300,
    )
    (tmp_path / "settings.toml").write_text(dump_settings(whole((event,))), "utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    where = ["--file", str(folder / "settings.toml"), "--config", str(folder / "config.toml")]
    return CliRunner().invoke(command, [words[0], *where, *words[1:]])


def test_the_command_says_what_changes_and_what_returns(folder: Path) -> None:
    result = run(folder, "show", "sale")
    assert result.exit_code == 0
    lines = [line.strip() for line in result.output.splitlines()]
    begin, back = (next(n for n, line in enumerate(lines) if word in line) for word in ("from then", "returns"))
    assert lines[0] == "活动 / event sale 双十一"
    assert lines[begin + 1 : back] == [
        "接待位合计 / places in all: 10 → 16",
        "接待上限 / cap early: 5 → 8",
        "接待上限 / cap late: 5 → 8",
        "接待上限 / cap admin: 5 → 8",
        "在班 / on shift 11-11 18:00 – 11-11 20:00: 子账号 / seats 2 → 2，接待位 / places 10 → 16",
        "在班 / on shift 11-11 20:00 – 11-11 23:00: 子账号 / seats 1 → 2，接待位 / places 5 → 16",
        "在班 / on shift 11-11 23:00 – 11-12 00:00: 子账号 / seats 1 → 1，接待位 / places 5 → 8",
        "idle_release_s: 600 → 300",
        "稍等话术 / holds: [wait, short] → [wait]",
    ]
    assert "接待上限 / cap early: 8 → 5" in lines[back:]
    assert "idle_release_s: 300 → 600" in lines[back:]
    assert "稍等话术 / holds: [wait] → [wait, short]" in lines[back:]


def test_the_command_has_it_all_as_json(folder: Path) -> None:
    told = json.loads(run(folder, "show", "sale", "--json").output)
    assert (told["event"], told["name"]) == ("sale", "双十一")
    [shop] = told["shops"]
    assert set(shop) == set(ShopRehearsal.__struct_fields__)


def test_the_list(folder: Path) -> None:
    result = run(folder, "list")
    assert result.exit_code == 0
    assert result.output.split()[:7] == ["2026-11-11", "18:00", "–", "2026-11-12", "00:00", "s", "sale"]
    (folder / "settings.toml").write_text(dump_settings(whole(())), "utf-8")
    assert "no events" in run(folder, "list").output


def test_what_is_not_there_ends_with_one_line(folder: Path) -> None:
    result = run(folder, "show", "eleven")
    assert result.exit_code == 2
    assert "there are: sale" in result.stderr
    (folder / "settings.toml").write_text("[[event]]\n", "utf-8")
    assert run(folder, "show", "sale").exit_code == 2


def test_without_a_file_the_live_settings_are_read(folder: Path) -> None:
    config = ["--config", str(folder / "config.toml")]
    live = CliRunner().invoke(command, ["list", *config])
    assert (live.exit_code, "no events" in live.output) == (0, True)

"""Events in the settings file: what is written reads the same, every slip is told with its line."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.names import EventId, ReplyId, ShopId
from relay.domain.office import Settings, check_settings
from relay.domain.office.event_words import cap_word, extra_word, read_cap, read_extra
from relay.domain.settings import (
    CapChange,
    Desk,
    Event,
    ExtraHours,
    Grant,
    GroupRule,
    HeadStart,
    Hours,
    LadderStep,
    Person,
    QuickReply,
    Relaxation,
    Seat,
    Shop,
)
from relay.errors import ConfigError
from relay.runtime.settings_file import dump_settings, load_settings


def whole(*events: Event) -> Settings:
    person = Person("ann", roles=(Grant("s", "agent"), Grant("s", "owner")))  # type: ignore[arg-type]
    replies = tuple(QuickReply(ReplyId(name), 1, "稍等") for name in ("wait", "other"))
    shop = Shop(id="s", desk="d", groups=(GroupRule("care", follow_up=True),))  # type: ignore[arg-type]
    seat = Seat(id="a", shop="s", agent="ann")  # type: ignore[arg-type]
    return Settings((Desk("d"),), (person,), (shop,), (seat,), replies, events)  # type: ignore[arg-type]


def event(**more: Any) -> Event:
    times = {"starts": "2026-11-11 00:00", "ends": "2026-11-18 00:00", **more}
    return Event(EventId("sale"), (ShopId("s"),), **times)


caps = st.lists(
    st.one_of(
        st.builds(CapChange, st.just("*"), add=st.integers(1, 9)),
        st.builds(lambda percent: CapChange("group", "care", percent=percent), st.integers(1, 1_000)),
        st.builds(lambda to: CapChange("seat", "a", to=to), st.integers(1, 500)),
        st.builds(lambda add: CapChange("agent", "*", add=add), st.integers(-9, -1)),
    ),
    max_size=3,
    unique_by=lambda one: one.of,
).map(tuple)
extras = st.lists(
    st.one_of(
        st.builds(
            lambda day: ExtraHours("seat", (Hours("18:00", "02:00"),), "a", date=day),
            st.sampled_from(["2026-11-11", "2026-11-13"]),
        ),
        st.just(ExtraHours("*", (Hours("01:00", "02:00"), Hours("20:00", "23:30")), days=("mon", "tue", "wed", "sun"))),
    ),
    max_size=2,
).map(tuple)  # fmt: skip
GROUPS = (GroupRule("care", entries=("x", "y"), head_start_s=3), GroupRule("vip", keywords=("贵宾",)))
seconds = st.none() | st.integers(61, 900)
events = st.builds(
    event,
    name=st.text(max_size=8),
    caps=caps,
    shifts=extras,
    replies=st.sampled_from([None, (), ("wait",), ("other", "wait")]),
    ladder=st.sampled_from([None, (), (LadderStep("badge", after_s=30), LadderStep("hold", before_s=20))]),
    groups=st.sampled_from([None, GROUPS]),
    relaxations=st.sampled_from([None, (), (Relaxation(20, ("presale",)), Relaxation(40))]),
    head_starts=st.sampled_from([None, (), (HeadStart("vip", 60),)]),
    service_s=seconds,
    debt_after_s=seconds,
    idle_release_s=seconds,
    sticky_s=seconds,
    grace_s=seconds,
    holds_per_day=st.none() | st.integers(0, 9),
    debt_seat_s=st.none() | st.integers(0, 60),
    drain_s=st.none() | st.integers(0, 900),
)  # fmt: skip


@given(events)
def test_what_is_written_reads_the_same(one: Event) -> None:
    settings = whole(one)
    assert check_settings(settings) == []
    assert load_settings(dump_settings(settings).encode()) == settings


def test_the_file_shows_them_in_their_short_forms() -> None:
    one = event(
        caps=(read_cap("* +3"), read_cap("seat a 8")),
        shifts=(read_extra("seat a 2026-11-11 18:00-00:00"),),
        replies=("wait",),
        ladder=(),
        relaxations=(Relaxation(20),),
        drain_s=0,
    )
    lines = dump_settings(whole(one)).partition("[[event]]")[2].splitlines()[1:]
    assert lines == [
        'id = "sale"',
        'shops = ["s"]',
        'starts = "2026-11-11 00:00"',
        'ends = "2026-11-18 00:00"',
        'name = ""',
        'caps = ["* +3", "seat a 8"]',
        'shifts = ["seat a 2026-11-11 18:00-00:00"]',
        'replies = ["wait"]',
        "ladder = []",
        'relaxations = [{ after_s = 20, to = ["*"] }]',
        "drain_s = 0",
    ]


WRITTEN = dump_settings(whole(event()))


@pytest.mark.parametrize("time", ['"2026-11-11 00:00"', "2026-11-11T00:00:00", "2026-11-11 00:00:00"])
def test_people_may_write_times_bare_or_as_text(time: str) -> None:
    assert load_settings(WRITTEN.replace('"2026-11-11 00:00"\nends', f"{time}\nends").encode()) == whole(event())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('starts = "2026-11-11 00:00"', "starts = 2026-11-11", "starts"),
        ('starts = "2026-11-11 00:00"', "starts = 2026-11-11T00:00:00+08:00", "starts"),
        ('starts = "2026-11-11 00:00"', "starts = 2026-11-11T00:00:30", "starts"),
        ('starts = "2026-11-11 00:00"', "", "缺少此项"),
        ('shops = ["s"]', 'shops = "s"', "shops"),
        ('name = ""', 'caps = ["s +3"]', '"seat s1 8"'),
        ('name = ""', 'shifts = ["a heute"]', "加班应写成"),
        ('name = ""', 'ladder = ["soon badge"]', "阶梯应写成"),
        ('name = ""', 'assist = "assist"', '没有 "assist" 这一项'),
        ('name = ""', 'replies = ["nobody"]', '没有短语 "nobody"'),
        ('name = ""', "idle_release_s = 5", "60 到 604800"),
    ],
)
def test_every_slip_is_told_with_its_line(old: str, new: str, says: str) -> None:
    before, head, written = WRITTEN.partition("[[event]]")
    assert old in written
    with pytest.raises(ConfigError) as told:
        load_settings((before + head + written.replace(old, new, 1)).encode())
    [finding] = told.value.findings
    assert says in str(finding)
    assert "[[event]] #1" in finding.where
    assert "line" in finding.where


# --- the pages

DOCS = Path(__file__).parents[2] / "docs"


def example(page: str, holds: str) -> str:
    """The TOML block of the page that holds this."""
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    [found] = [block for block in blocks if holds in block]
    return str(found)


def shop_of(text: str) -> str:
    """`text` under the settings of a shop `shop1` with two seats, whose agents are ann and boss."""
    roles = (Grant("shop1", "agent"), Grant("shop1", "owner"))  # type: ignore[arg-type]
    settings = Settings(
        (Desk("d"),),  # type: ignore[arg-type]
        (Person("ann", roles=roles, cap=8), Person("boss", roles=roles)),  # type: ignore[arg-type]
        (Shop(id="shop1", desk="d"),),  # type: ignore[arg-type]
        tuple(Seat(id=f"shop1-{n}", shop="shop1", agent=who) for n, who in ((1, "ann"), (2, "boss"))),  # type: ignore[arg-type]
        (QuickReply(ReplyId("wait"), 1, "稍等"),),
    )
    return dump_settings(settings) + text


def test_the_pages_example_is_an_event() -> None:
    [read] = load_settings(shop_of(example("events.md", "[[event]]")).encode()).events
    assert (read.id, read.starts, len(read.caps), len(read.shifts)) == ("double-11", "2026-11-10 20:00", 4, 2)


def test_the_short_forms_of_the_pages_can_be_read() -> None:
    block = tomllib.loads(example("configuration.md", "agent ann"))
    assert [cap_word(read_cap(word)) for word in block["caps"]] == block["caps"]
    assert [extra_word(read_extra(word)) for word in block["shifts"]] == block["shifts"]

"""`settings.toml`: short forms in, the same settings out, and every error at once."""

import tomllib
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.cli.starter import SETTINGS
from relay.domain.confirming import terms_of
from relay.domain.names import Millis
from relay.domain.office import OfficeState, Settings, apply, check_settings, diff
from relay.domain.office.words import WEEK
from relay.domain.settings import (
    DEFAULT_LADDER,
    Action,
    Assist,
    Desk,
    Grant,
    Guard,
    GuardName,
    LadderStep,
    Person,
    Phrases,
    QuickReply,
    ReplyStatus,
    Role,
    Seat,
    Shift,
    Shop,
)
from relay.errors import BadInputError, ConfigError
from relay.runtime.settings_file import dump_settings, load_settings

# --- settings that pass the checks, as many different ones as can be

letters = st.characters(exclude_categories=("Cs",))
texts = st.text(letters, max_size=12)
said = st.text(letters, min_size=1, max_size=40).filter(lambda text: text.strip() and not set(text) & set("{}"))
phrases = st.builds(Phrases, hold=st.lists(texts, max_size=2).map(tuple), thanks=st.lists(texts, max_size=2).map(tuple))
shifts = st.builds(
    Shift,
    st.lists(st.sampled_from(WEEK), min_size=1, unique=True).map(tuple),
    st.sampled_from(["00:00", "08:30", "23:59"]),
    st.sampled_from(["00:00", "16:00", "23:59"]),
)
ladders = st.one_of(
    st.just(DEFAULT_LADDER),
    st.lists(st.integers(1, 999), unique=True).map(
        lambda times: tuple(LadderStep("wall", after_s=time) for time in sorted(times))
    ),
    st.builds(lambda seconds: (LadderStep("hold", before_s=seconds),), st.integers(5, 179)),
)
guards = st.builds(
    Guard,
    add=st.lists(texts, max_size=2).map(tuple),
    without=st.lists(texts, max_size=2).map(tuple),
    only=st.none() | st.lists(texts, max_size=2).map(tuple),
    innocent=st.lists(texts, max_size=2).map(tuple),
)
shops = st.builds(
    Shop,
    st.just("s1"),
    st.just("d"),
    name=texts,
    platform=texts,
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York"]),
    rule_options=st.dictionaries(texts, texts, max_size=3),
    rule_confirmed_by=st.just("boss"),
    rule_confirmed_on=st.dates().map(str),
    assist=st.sampled_from(get_args(Assist)),
    assist_confirmed_by=st.just("boss"),
    assist_confirmed_on=st.dates().map(str),
    ladder=ladders,
    phrases=st.just(Phrases()) | phrases,
    service_s=st.integers(1, 86_400),
    holds_per_day=st.integers(1, 9),
    stopped=st.booleans(),
    rule_confirmed_link=st.none() | texts,
    guards=st.dictionaries(st.sampled_from(get_args(GuardName)), guards, max_size=3),
).map(
    lambda shop: msgspec.structs.replace(
        shop, assist_confirmed_statement=f"{terms_of(shop)}-0" if shop.assist == "assist" else None
    )
)
boss = st.builds(
    Person,
    st.just("boss"),
    texts,
    roles=st.lists(st.sampled_from(get_args(Role)), unique=True).map(
        lambda roles: tuple(Grant("s1", role) for role in dict.fromkeys(["owner", "agent", *roles]))
    ),
    cap=st.none() | st.integers(1, 500),
    disabled=st.booleans(),
)
seats = st.builds(
    Seat,
    st.just("a"),
    st.just("s1"),
    st.just("boss"),
    account=texts,
    cap=st.integers(1, 500),
    weight=st.integers(1, 1_000_000),
    shifts=st.lists(shifts, max_size=3).map(tuple),
)
replies = st.builds(
    QuickReply,
    st.just("r"),
    st.integers(1, 99),
    said,
    status=st.sampled_from(get_args(ReplyStatus)),
    shops=st.sampled_from([(), ("s1",)]),
    author=st.sampled_from([None, "boss"]),
    approved_by=st.just("boss"),
    valid_from=st.none() | st.integers(0, 10**12),
    valid_to=st.none() | st.integers(10**12 + 1, 2 * 10**12),
)
whole = st.builds(
    lambda name, *one: Settings((Desk("d", name),), *((item,) for item in one)), texts, boss, shops, seats, replies
)


@given(whole)
def test_what_was_written_reads_back(settings: Settings) -> None:
    assert check_settings(settings) == []
    text = dump_settings(settings)
    assert load_settings(text.encode()) == settings
    assert load_settings(text.replace("\n", "\r\n").encode("utf-8-sig")) == settings, "as Notepad saves it"
    assert dump_settings(load_settings(text.encode())) == text


def test_nothing_reads_back() -> None:
    assert load_settings(dump_settings(Settings()).encode()) == Settings()
    assert load_settings(b"") == Settings()


def test_a_text_of_several_lines_stays_readable() -> None:
    reply = QuickReply("r", 1, '您好：\n  稍等 "一下"\n')
    text = dump_settings(Settings(replies=(reply,)))
    assert 'text = """\n您好：\n  稍等 \\"一下\\"\n"""' in text
    assert load_settings(text.encode()).replies == (reply,)


FRIENDLY = """
[[desk]]
id = "main"

[[person]]
id = "boss"
name = "店主"
roles = ["owner@s1", "agent@s1"]

[[shop]]
id = "s1"
desk = "main"
zone = "Asia/Tokyo"
ladder = ["60s badge", "90s sound", "120s alert", "150s wall", "-20s hold"]
rule_options = { limit_s = 180, last_word_required = true }
rule_confirmed_by = "boss"
rule_confirmed_on = 2026-11-22
[shop.phrases]
hold = ["等一下"]

[[seat]]
id = "a"
shop = "s1"
agent = "boss"
shifts = ["mon-fri 08:00-16:00", "sat,sun 10:00-18:00", "mon-sun 20:00-02:00"]

[[reply]]
id = "r"
version = 1
text = "请稍等"
status = "approved"
shops = ["s1"]
approved_by = "boss"
valid_from = 1970-01-02
valid_to = 1970-01-02T00:00:00.001+00:00

[[reply]]
id = "q"
version = 1
text = "请稍等"
valid_from = 1970-01-02
"""


def test_the_friendly_forms() -> None:
    settings = load_settings(FRIENDLY.encode())
    assert settings.persons[0].roles == (Grant("s1", "owner"), Grant("s1", "agent"))
    shop = settings.shops[0]
    assert shop.ladder == DEFAULT_LADDER
    assert shop.rule_options == {"limit_s": "180", "last_word_required": "true"}
    assert shop.rule_confirmed_on == "2026-11-22"
    assert shop.phrases == Phrases(hold=("等一下",))
    assert [shift.days[0] + shift.end for shift in settings.seats[0].shifts] == ["mon16:00", "sat18:00", "mon02:00"]
    day = 86_400_000
    assert settings.replies[0].valid_from == Millis(day - 9 * 3_600_000), "midnight in the shop's zone"
    assert settings.replies[0].valid_to == Millis(day + 1)
    assert settings.replies[1].valid_from == Millis(day - 8 * 3_600_000), "midnight in Beijing"


BROKEN = """\
[[desk]]
id = "Main"
[[shop]]
id = "s1"
dsk = "main"
ladder = ["60s bage"]
zone = "Mars"
phrases = { hald = [] }
rule_options = 5
[[person]]
id = "boss"
roles = ["agent-s1"]
cap = 0
[[seat]]
id = "q"
shop = "s2"
agent = "x"
cap = "five"
shifts = ["mon-fry 08:00-16:00"]
[[seat]]
agent = "x"
[[reply]]
id = "r"
version = 1
text = ""
shops = "s1"
valid_from = "2026-11-22"
valid_to = 2026-11-22T00:00:00
[[repyl]]
"""


def test_every_error_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(BROKEN.encode(), name="设置.toml")
    told = [str(finding) for finding in caught.value.findings]
    expected = [
        ("设置.toml 第 2 行 / line 2 [[desk]] #1 id", "Main"),
        ("line 3 [[shop]] #1 desk", "missing"),
        ("line 5 [[shop]] #1 dsk", 'did you mean "desk"?'),
        ("line 6 [[shop]] #1 ladder", "60s bage"),
        ("line 7 [[shop]] #1 zone", "Mars"),
        ("line 8 [[shop]] #1 phrases.hald", '"hold"'),
        ("line 9 [[shop]] #1 rule_options", "table"),
        ("line 12 [[person]] #1 roles", "agent-s1"),
        ("line 13 [[person]] #1 cap", "500"),
        ("line 18 [[seat]] #1 cap", '应为整数，而不是 "five"'),
        ("line 19 [[seat]] #1 shifts", "mon-fry"),
        ("line 20 [[seat]] #2 id", "missing"),
        ("line 20 [[seat]] #2 shop", "missing"),
        ("line 25 [[reply]] #1 text", "500"),
        ("line 26 [[reply]] #1 shops", ""),
        ("line 27 [[reply]] #1 valid_from", "2026-11-30"),
        ("line 28 [[reply]] #1 valid_to", "+08:00"),
        ("repyl", 'did you mean "reply"?'),
    ]
    assert len(told) == len(expected)
    for line, (where, what) in zip(told, expected, strict=True):
        assert where in line
        assert what in line


def test_names_of_others_are_judged_once_all_can_be_read() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(b'[[shop]]\nid = "s1"\ndesk = "nope"\n[[seat]]\nid = "a"\nshop = "s2"\nagent = "x"\n')
    assert [finding.where for finding in caught.value.findings] == [
        "settings.toml 第 3 行 / line 3 [[shop]] #1 desk",
        "settings.toml 第 6 行 / line 6 [[seat]] #1 shop",
        "settings.toml 第 7 行 / line 7 [[seat]] #1 agent",
    ]


def test_what_must_hold_for_ever_is_checked_against_the_office() -> None:
    state = OfficeState()
    for change in diff(state, SETTINGS):
        apply(state, change.fact(Millis(0), SETTINGS.persons[0].id))
    text = dump_settings(SETTINGS).replace("正在为您查询", "正在帮您查询")
    with pytest.raises(ConfigError, match="higher version"):
        load_settings(text.encode(), state)
    assert load_settings(text.encode()).replies[0].version == 1


@pytest.mark.parametrize("raw", ["[[desk]]\nid = 'd'\nname = '客服'".encode("gbk"), b"[[desk]\n"])
def test_a_file_that_is_no_toml(raw: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(raw)
    assert len(caught.value.findings) == 1


def test_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "设 置.toml"
    path.write_bytes(dump_settings(SETTINGS).encode())
    assert load_settings(path) == SETTINGS
    with pytest.raises(BadInputError, match="no such file"):
        load_settings(tmp_path / "x.toml")


def test_the_starter_is_fine_and_explains_itself() -> None:
    text = dump_settings(SETTINGS)
    assert check_settings(SETTINGS) == []
    assert tomllib.loads(text)["shop"][0]["assist"] == "suggest"
    assert all(f"#   {key}: " in text for sort in (Desk, Person, Shop, Seat, QuickReply) for key in keys_of(sort))


def keys_of(cls: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(cls)]


def test_every_action_can_be_written() -> None:
    ladder = tuple(LadderStep(action, after_s=1) for action in get_args(Action))
    text = dump_settings(Settings(shops=(Shop("s", "d", ladder=ladder),)))
    assert tomllib.loads(text)["shop"][0]["ladder"] == [f"1s {action}" for action in get_args(Action)]

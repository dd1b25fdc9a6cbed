"""Laws over logs of a few nicks: nothing is lost, order of conversations is nothing, reading twice is reading once."""

from collections import Counter
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from relay.insight.utterances import Unread, Utterance
from relay.insight.who import Ignored, NickEntry, WhoIsWho, merged, messages, propose, read, understood, write
from relay.rules.messages import Message

from .test_who_proposals import clock

CHINA = ZoneInfo("Asia/Shanghai")
NICKS = st.sampled_from(["tb1", "tb2", "tb3", "店:小美", "店:小丽", "店", "系统消息", "别家:客服", "Lily", "lily"])
WORDS = st.sampled_from(
    ["在吗", "您好，欢迎光临", "有的", "您好，您正在咨询的是A", "您好，您正在咨询的是B", ""]
) | st.text(max_size=5)
LINES = st.builds(
    Utterance,
    where=st.just(1),
    t=st.integers(0, 600).map(clock),
    nick=NICKS,
    text=WORDS,
    talk=st.none() | st.sampled_from("abcd"),
    buyer=st.none() | st.none() | st.none() | st.sampled_from(["tb1", "tb2"]),
    role=st.none() | st.none() | st.sampled_from(["buyer", "merchant", "system"]),
    kind=st.none() | st.none() | st.sampled_from(["human", "auto", "unknown", "recall", "transfer", "?"]),
    shop=st.none() | st.none() | st.just("s1"),
)
LOGS = st.lists(LINES, max_size=25).map(lambda lines: [replace(one, where=n) for n, one in enumerate(lines, 1)])
OWNERS = st.builds(
    WhoIsWho,
    confirm_seats=st.booleans(),
    rest=st.sampled_from(["human", "unknown"]),
    nicks=st.lists(
        st.builds(NickEntry, nick=NICKS, role=st.sampled_from(["buyer", "seat", "shop", "system", "ignore"]),
                  confirmed=st.booleans()),
        max_size=4,
        unique_by=lambda one: one.nick,
    ).map(tuple),
)  # fmt: skip


def talks(lines: list[Utterance]) -> dict[tuple[object, ...], list[Utterance]]:
    found: dict[tuple[object, ...], list[Utterance]] = {}
    for one in lines:
        found.setdefault((one.shop, one.talk, one.buyer if one.talk is None else None), []).append(one)
    return found


@given(LOGS, OWNERS)
def test_every_line_comes_out_once(lines: list[Utterance], who: WhoIsWho) -> None:
    out = list(messages(lines, who, CHINA))
    ignored = sum(isinstance(one, Ignored) for one in out)
    gaps = sum(isinstance(one, Message) and one.kind == "gap" for one in out)
    assert len(out) - gaps == len(lines)
    summary = understood(lines, who, CHINA)
    assert summary.pieces == len(lines)
    assert ignored == sum(
        one.nick in {n.nick for n in who.nicks if n.role == "ignore" and n.confirmed} for one in lines
    )


@given(LOGS, OWNERS)
def test_an_unconfirmed_seat_is_never_a_person(lines: list[Utterance], who: WhoIsWho) -> None:
    record = merged(replace(who, confirm_seats=False, nicks=()), propose(lines))
    declared = {
        id for one, id in zip(lines, map(str, range(len(lines))), strict=True) if one.kind not in (None, "unknown", "?")
    }
    numbered = [replace(one, id=str(n)) for n, one in enumerate(lines)]
    for one in messages(numbered, record, CHINA):
        if isinstance(one, Message) and one.role == "merchant" and one.id not in declared:
            assert one.kind == "unknown"


@given(LOGS, st.randoms(use_true_random=False))
def test_the_order_of_conversations_changes_nothing(lines: list[Utterance], chance: object) -> None:
    blocks = list(talks(lines).values())
    chance.shuffle(blocks)  # type: ignore[attr-defined]
    mixed = [one for block in blocks for one in block]
    first, second = propose(lines), propose(mixed)
    assert first == second
    told = [Counter(map(repr, messages(one, first.who(), CHINA))) for one in (lines, mixed)]
    assert told[0] == told[1]


def test_lines_that_name_their_buyer_and_lines_that_do_not_keep_their_order() -> None:
    """Two conversations of one buyer, of which the file names one: their order is theirs, not the file's."""
    plain = Utterance(where=1, t=clock(0), nick="tb1", text="在吗")
    named = replace(plain, buyer="tb1")
    orders = ([plain, plain, named], [named, plain, plain])
    assert {tuple(one.lines for one in propose(lines).talks) for lines in orders} == {(2, 1)}


@given(LOGS, OWNERS)
def test_reading_twice_is_reading_once(lines: list[Utterance], who: WhoIsWho) -> None:
    assert propose(lines) == propose(iter(lines))
    record = merged(who, propose(lines))
    assert list(messages(lines, record, CHINA)) == list(messages(iter(lines), record, CHINA))
    ids = [one.id for one in messages(lines, record, CHINA) if isinstance(one, Message) and one.kind != "gap"]
    assert len(set(ids)) == len(ids)


@given(LOGS)
def test_what_is_proposed_can_be_written_and_read_and_merged(lines: list[Utterance]) -> None:
    proposal = propose(lines)
    who = proposal.who()
    assert read(write(who, proposal)) == who
    assert merged(who, proposal) == who
    assert all(
        0 <= one.confidence <= 1000 for one in (*proposal.nicks, *proposal.texts, *proposal.talks, proposal.rest)
    )


@given(LOGS, OWNERS)
def test_a_dry_run_always_has_something_to_say(lines: list[Utterance], who: WhoIsWho) -> None:
    unread = Unread(where=99, text="\x1b[31m", zh="坏", en="bad")
    told = understood([*lines, unread], who).lines()
    assert all("\n" not in line and "\x1b" not in line for line in told)

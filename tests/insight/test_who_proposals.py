"""What is proposed of an export, scenario by scenario. A log is written `talk nick second text`."""

import pytest

from relay.insight.utterances import Utterance
from relay.insight.who import Again, Proposal, propose
from relay.insight.who.proposal import Why

SEAT, OTHER, WELCOME = "旗舰店:小美", "旗舰店:小丽", "您好，欢迎光临"


def log(*lines: tuple[str | None, str, int, str], **more: str) -> list[Utterance]:
    """Seconds count from 10:00:00."""
    return [
        Utterance(where=n, t=clock(second), nick=nick, text=text, talk=talk, **more)
        for n, (talk, nick, second, text) in enumerate(lines, 1)
    ]


def clock(second: int) -> str:
    return f"2022-03-08T{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def shop(buyers: int, welcome_after: int = 1, seat: str = SEAT, text: str = WELCOME) -> list[Utterance]:
    """Each buyer asks, is welcomed and answered by a person, each in a conversation of their own."""
    lines: list[tuple[str | None, str, int, str]] = []
    for n in range(buyers):
        start = n * 100
        lines += [
            (f"{n}", f"tb{n}", start, "在吗"),
            (f"{n}", seat, start + welcome_after, text.format(n)),
            (f"{n}", seat, start + 40, f"有货的{n}"),
        ]
    return log(*lines)


def roles(proposal: Proposal) -> dict[str, str]:
    return {one.nick: one.role for one in proposal.nicks}


NOBODY = ("a", "tb1", 0, "在吗")
ROLES = {
    "the form shop:seat": (log(NOBODY, ("a", SEAT, 9, "在的")), {"tb1": "buyer", SEAT: "seat"}),
    "a full-width colon": (log(NOBODY, ("a", "店：小美", 9, "在的")), {"tb1": "buyer", "店：小美": "seat"}),
    "the shop's main account": (
        log(NOBODY, ("a", "旗舰店", 1, "您好"), ("a", SEAT, 9, "在的")),
        {"tb1": "buyer", "旗舰店": "shop", SEAT: "seat"},
    ),
    "several seats answer one buyer": (
        log(NOBODY, ("a", SEAT, 9, "转给同事"), ("a", OTHER, 20, "您好")),
        {"tb1": "buyer", SEAT: "seat", OTHER: "seat"},
    ),
    "a seat of another shop asks": (
        log(*[(f"{n}", SEAT, n, "您好") for n in range(4)], ("9", "别家:客服", 50, "合作吗"), ("9", SEAT, 60, "不了")),
        {SEAT: "seat", "别家:客服": "buyer"},
    ),
    "who talks with many is the seat": (
        log(*[(f"{n}", nick, n * 60 + s, "x") for n in range(4) for nick, s in ((f"b{n}", 0), ("小美", 9))]),
        {"小美": "seat", **{f"b{n}": "buyer" for n in range(4)}},
    ),
    "two people and nothing else: who opens is the buyer": (
        log(("a", "张三", 0, "在吗"), ("a", "李四", 9, "在的")),
        {"张三": "buyer", "李四": "seat"},
    ),
    "only one speaker": (log(NOBODY, ("a", "tb1", 60, "人呢")), {"tb1": "buyer"}),
    "a buyer named like a seat in another case": (
        log(
            *[(f"{n}", "Lily", n * 60 + 9, "hi") for n in range(4)],
            *[(f"{n}", f"b{n}", n * 60, "x") for n in range(3)],
            ("3", "lily", 180, "在吗"),
        ),
        {"Lily": "seat", "lily": "buyer", "b0": "buyer", "b1": "buyer", "b2": "buyer"},
    ),
    "the platform speaks": (
        log(NOBODY, ("a", "系统消息", 1, "会话开始"), ("a", SEAT, 9, "在的")),
        {"tb1": "buyer", "系统消息": "system", SEAT: "seat"},
    ),
    "the conversation bears the buyer's name": (
        log(("tb9", "小美", 0, "您的订单已发货"), ("tb9", "tb9", 30, "好")),
        {"小美": "seat", "tb9": "buyer"},
    ),
    "the file says who the buyer is": (
        log(("a", "小美", 0, "您好"), ("a", "tb1", 5, "在吗"), buyer="tb1"),
        {"小美": "seat", "tb1": "buyer"},
    ),
    "everything in one, one account by far with most peers": (
        log(*[(None, nick, n * 60 + s, "x") for n in range(6) for nick, s in ((f"b{n}", 0), ("店主", 9))]),
        {"店主": "seat", **{f"b{n}": "buyer" for n in range(6)}},
    ),
}


@pytest.mark.parametrize(("lines", "expected"), ROLES.values(), ids=ROLES)
def test_roles(lines: list[Utterance], expected: dict[str, str]) -> None:
    proposal = propose(lines)
    assert roles(proposal) == expected
    for one in proposal.nicks:
        assert 0 < one.confidence <= 1000
        zh, en = one.sentence
        assert str(one.evidence.lines) in zh
        assert str(one.evidence.lines) in en


def test_the_files_own_role_is_believed_before_any_name() -> None:
    lines = [
        Utterance(where=1, t=clock(0), nick="甲:乙", text="在吗", talk="a", role="buyer"),
        Utterance(where=2, t=clock(9), nick="系统", text="在的", talk="a", role="merchant"),
    ]
    assert roles(propose(lines)) == {"甲:乙": "buyer", "系统": "seat"}
    assert {one.why for one in propose(lines).nicks} == {Why.told}


def test_a_nick_to_which_the_file_gives_two_roles_is_not_sure() -> None:
    lines = [
        Utterance(where=n, t=clock(n), nick="客服", text="x", talk="a", role="buyer" if n % 2 else "merchant")
        for n in range(6)
    ]
    (one,) = propose(lines).nicks
    assert one.why is Why.mixed
    assert one.confidence < 500
    assert "请核对" in one.sentence[0]


def test_evidence_is_counted() -> None:
    seat = next(one for one in propose(shop(5)).nicks if one.nick == SEAT)
    assert (seat.evidence.talks, seat.evidence.peers, seat.evidence.opens, seat.evidence.lines) == (5, 5, 0, 10)
    assert seat.sub_account == SEAT


def test_each_conversation_has_its_buyer() -> None:
    lines = log(NOBODY, ("a", SEAT, 9, "在的"), ("b", "tb2", 0, "x"), ("b", "tb3", 5, "y"), ("b", SEAT, 9, "z"),
                ("c", SEAT, 9, "活动开始了"))  # fmt: skip
    talks = {one.talk: one for one in propose(lines).talks}
    assert (talks["a"].buyer, talks["a"].shop_side) == ("tb1", 1)
    assert (talks["b"].buyer, talks["b"].buyers) == (None, ("tb2", "tb3"))
    assert (talks["c"].buyer, talks["c"].buyers) == (None, ())


TEXTS = {
    "a welcome at one second": (shop(8), [("您好,欢迎光临", "exact", "auto")]),
    "at two seconds, the last that is quick": (shop(8, 2), [("您好,欢迎光临", "exact", "auto")]),
    "at three seconds nothing says that it is a machine": (shop(8, 3), []),
    "slow and frequent is a person's phrase": (shop(12, 25), [("您好,欢迎光临", "exact", "human")]),
    "twice is a habit": (shop(2), []),
    "a welcome with the goods' name": (
        shop(8, text="您好，您正在咨询的是商品{}号，请问有什么可以帮您"),
        [("您好,您正在咨询", "prefix", "auto")],
    ),
    "a robot by its nick": (shop(8, seat="旗舰店:店小蜜"), [("您好,欢迎光临", "exact", "bot")]),
    "a robot by its words": (
        shop(8, text="我是智能客服，请描述问题"),
        [("我是智能客服,请描述问题", "exact", "bot")],
    ),
}


@pytest.mark.parametrize(("lines", "expected"), TEXTS.values(), ids=TEXTS)
def test_texts(lines: list[Utterance], expected: list[tuple[str, str, str]]) -> None:
    assert [(one.text, one.match, one.kind) for one in propose(lines).texts] == expected


def test_the_evidence_of_a_canned_text() -> None:
    (one,) = propose(shop(8)).texts
    assert (one.count, one.waits, one.quick, one.median_wait_ms, one.share) == (8, 8, 8, 1000, 500)
    assert (one.openings, one.median_opening_ms, one.nicks) == (8, 1000, 1)
    assert "8 次" in one.sentence[0]
    assert "1 s after the buyer" in one.sentence[1]


def test_more_repeats_are_surer_and_nothing_is_certain() -> None:
    few, many = (propose(shop(n)).texts[0].confidence for n in (3, 30))
    assert few < many < 1000


def test_a_welcome_that_is_also_sent_later_is_found_where_it_opens() -> None:
    lines = shop(4) + log(*[("9", SEAT, 1000 + n * 60, WELCOME) for n in range(9)], ("9", "tb9", 999, "在吗"))
    (one,) = [one for one in propose(lines).texts if one.text == "您好,欢迎光临"]
    assert one.median_wait_ms is not None
    assert one.median_wait_ms > 2000
    assert (one.kind, one.median_opening_ms) == ("auto", 1000)


def test_a_robot_with_a_provider_names_it() -> None:
    (one,) = propose(shop(8, seat="旗舰店:店小蜜")).texts
    assert one.bot == "dianxiaomi"


def test_the_rest_is_human_only_as_far_as_its_waits_say_so() -> None:
    assert propose(shop(8)).rest.kind == "human"
    assert propose(shop(8)).rest.median_wait_ms == 40_000
    unlike = [*shop(8), *log(*[(f"{n}", SEAT, n * 100 + 41 + k, f"{k}{n}") for n in range(8) for k in (0,)])]
    quick = log(*[(f"{n}", nick, n * 60 + s, f"{nick}{n}") for n in range(8) for nick, s in (("b", 0), (SEAT, 1))])
    assert propose(unlike).rest.kind == "human"
    assert propose(quick).rest.kind == "unknown"
    assert "先看" in propose(quick).rest.sentence[0]


def test_a_file_without_seconds_has_no_waits() -> None:
    lines = log(
        *[(f"{n}", nick, n * 60, text) for n in range(8) for nick, text in ((f"b{n}", "在吗"), (SEAT, WELCOME))]
    )
    proposal = propose(lines)
    assert proposal.whole_minutes
    assert proposal.texts == ()
    assert proposal.rest.kind == "unknown"


def test_among_several_buyers_nothing_is_measured() -> None:
    lines = log(
        *[(None, nick, n * 3 + s, WELCOME if s else "在吗") for n in range(9) for nick, s in ((f"b{n}", 0), (SEAT, 1))]
    )
    assert propose(lines).texts == ()


def test_newest_first_is_read_from_its_end() -> None:
    forward, backward = propose(shop(8)), propose(shop(8)[::-1])
    assert backward.out_of_order > 0
    assert (forward.nicks, forward.talks, forward.texts) == (backward.nicks, backward.talks, backward.texts)


def test_texts_that_the_file_declares_are_not_proposed() -> None:
    lines = [Utterance(where=n, t=one.t, nick=one.nick, text=one.text, talk=one.talk,
                       kind="auto" if one.text == WELCOME else None) for n, one in enumerate(shop(8), 1)]  # fmt: skip
    assert propose(lines).texts == ()


def test_an_iterator_an_empty_file_and_a_source_that_opens_anew() -> None:
    assert propose(iter(shop(4))) == propose(shop(4)) == propose(Again(lambda: iter(shop(4))))
    empty = propose([])
    assert (empty.nicks, empty.talks, empty.texts, empty.first) == ((), (), (), None)
    assert not empty.whole_minutes


def test_the_record_of_a_proposal_confirms_nothing_and_names_few_buyers() -> None:
    who = propose(shop(40)).who()
    assert [one.nick for one in who.nicks] == [SEAT]
    assert not who.confirm_seats
    assert not any(one.confirmed for one in (*who.nicks, *who.texts))
    assert who.rest == "unknown"

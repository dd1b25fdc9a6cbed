"""Utterances into messages: whose line it is, who wrote it, to whom; and what the real rule then says."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from relay.insight.utterances import Unread, Utterance
from relay.insight.who import Addresses, Ignored, NickEntry, TextEntry, WhoIsWho, merged, messages, propose
from relay.rules.catalogue import rule
from relay.rules.messages import LogError, Message
from relay.rules.report import Report, Verdict

from .test_who_proposals import OTHER, SEAT, WELCOME, clock, log, shop

CHINA = ZoneInfo("Asia/Shanghai")
CONFIRMED = WhoIsWho(
    confirm_seats=True,
    rest="human",
    nicks=(NickEntry(nick=SEAT, role="seat"),),
    texts=(TextEntry(text=WELCOME, kind="auto", confirmed=True),),
)


def taken(lines: Iterable[Utterance | Unread], who: WhoIsWho) -> list[Message]:
    return [one for one in messages(lines, who, CHINA) if isinstance(one, Message)]


def figure(told: Iterable[Message], id: str = "taobao_ww3", **options: str) -> Report:
    ledger = rule(id, options, CHINA)
    for one in told:
        ledger.take(one)
    return ledger.report()


def one_line(who: WhoIsWho, **fields: object) -> Message:
    """What becomes of a shop line in a conversation with tb1."""
    line = {"where": 2, "t": clock(9), "nick": SEAT, "text": "在的", "talk": "a", **fields}
    asked = Utterance(where=1, t=clock(0), nick="tb1", text="在吗", talk="a", shop=line.get("shop"))  # type: ignore[arg-type]
    return taken([asked, Utterance(**line)], who)[1]  # type: ignore[arg-type]


def late_shop() -> list[Utterance]:
    """Eight buyers, each welcomed after a second and answered by a person after five minutes."""
    lines = [
        (f"{n}", nick, n * 600 + second, text)
        for n in range(8)
        for nick, second, text in ((f"tb{n}", 0, "在吗"), (SEAT, 1, WELCOME), (SEAT, 300, f"有的{n}"))
    ]
    return log(*lines)


def test_an_unconfirmed_welcome_opens_a_range_and_a_confirmed_one_closes_it() -> None:
    lines = late_shop()
    proposal = propose(lines)
    unconfirmed = figure(taken(lines, proposal.who()))
    assert (unconfirmed.rate, unconfirmed.rate_low, unconfirmed.rate_high) == (None, 0.0, 1.0)

    confirmed = figure(taken(lines, merged(CONFIRMED, proposal)))
    assert (confirmed.numerator, confirmed.denominator, confirmed.rate) == (0, 8, 0.0)
    assert confirmed.rate_low == confirmed.rate_high == 0.0


def test_the_owners_word_on_the_rest_does_not_let_a_proposed_machine_through() -> None:
    lines = late_shop()
    who = merged(WhoIsWho(confirm_seats=True, rest="human"), propose(lines))
    said = [one for one in taken(lines, who) if one.role == "merchant"]
    assert {one.kind for one in said if one.text == WELCOME} == {"unknown"}
    assert {one.kind for one in said if one.text != WELCOME} == {"human"}
    report = figure(taken(lines, who))
    assert (report.rate_low, report.rate_high) == (0.0, 1.0)


def test_a_phrase_proposed_as_a_persons_needs_no_word_beside_that_on_the_rest() -> None:
    lines = shop(12, 25)
    who = merged(WhoIsWho(confirm_seats=True, rest="human"), propose(lines))
    assert [one.kind for one in who.texts] == ["human"]
    assert {one.kind for one in taken(lines, who) if one.role == "merchant"} == {"human"}


AUTHORS: dict[str, tuple[WhoIsWho, dict[str, object], tuple[str, str | None]]] = {
    "nothing confirmed": (WhoIsWho(nicks=(NickEntry(nick=SEAT, role="seat"),)), {}, ("unknown", None)),
    "a seat confirmed, the rest not": (
        WhoIsWho(nicks=(NickEntry(nick=SEAT, role="seat", confirmed=True),)), {}, ("unknown", None),
    ),
    "the rest is human": (CONFIRMED, {}, ("human", None)),
    "a confirmed text": (CONFIRMED, {"text": "  您好,欢迎光临 "}, ("auto", None)),
    "a confirmed text of a seat that is not": (
        replace(CONFIRMED, confirm_seats=False), {"text": WELCOME}, ("unknown", None),
    ),
    "the file says the kind": (WhoIsWho(nicks=(NickEntry(nick=SEAT, role="seat"),)), {"kind": "auto"}, ("auto", None)),
    "the file says the kind and the robot": (CONFIRMED, {"kind": "bot", "bot": "leyan"}, ("bot", "leyan")),
    "the file names a robot and not its kind": (CONFIRMED, {"kind": "unknown", "bot": "leyan"}, ("unknown", "leyan")),
    "the file says that it does not know": (CONFIRMED, {"kind": "unknown"}, ("human", None)),
    "a nick that is a robot": (
        WhoIsWho(confirm_seats=True, rest="human", nicks=(NickEntry(nick=SEAT, role="seat", kind="bot", bot="leyan"),)),
        {},
        ("bot", "leyan"),
    ),
    "a beginning": (
        replace(CONFIRMED, texts=(TextEntry(text="您好", kind="bot", match="prefix", confirmed=True, bot="other"),)),
        {"text": "您好，这里是客服"},
        ("bot", "other"),
    ),
    "a confirmed beginning before a proposed text": (
        replace(CONFIRMED, texts=(TextEntry(text="您好在的", kind="unknown"),
                                  TextEntry(text="您好", kind="auto", match="prefix", confirmed=True))),
        {"text": "您好在的"},
        ("auto", None),
    ),
    "the longer beginning": (
        replace(CONFIRMED, texts=(TextEntry(text="您", kind="auto", match="prefix", confirmed=True),
                                  TextEntry(text="您好", kind="helper", match="prefix", confirmed=True))),
        {"text": "您好，这里是客服"},
        ("helper", None),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("who", "fields", "expected"), AUTHORS.values(), ids=AUTHORS)
def test_who_wrote_it(who: WhoIsWho, fields: dict[str, object], expected: tuple[str, str | None]) -> None:
    told = one_line(who, **fields)
    assert (told.kind, told.bot) == expected
    assert (told.role, told.buyer, told.sub_account) == ("merchant", "tb1", SEAT)


def test_a_file_that_names_roles_and_seats_needs_no_record() -> None:
    told = one_line(WhoIsWho(), nick="客服", role="merchant", sub_account="小美", kind="human", shop="s1", id="m7")
    assert (told.role, told.kind, told.sub_account, told.shop, told.id) == ("merchant", "human", "小美", "s1", "m7")
    assert one_line(WhoIsWho(), nick="客服", role="merchant").kind == "unknown"


def test_the_owners_confirmed_word_wins_over_the_file() -> None:
    who = WhoIsWho(shop="s1", nicks=(NickEntry(nick=SEAT, role="seat", confirmed=True, sub_account="小美"),))
    told = one_line(who, role="buyer")
    assert (told.role, told.sub_account, told.shop) == ("merchant", "小美", "s1")
    unsure = replace(who, nicks=(replace(who.nicks[0], confirmed=False),))
    assert one_line(unsure, role="system").role == "system"


def test_the_shops_main_account_is_no_seat() -> None:
    who = WhoIsWho(confirm_seats=True, rest="human", nicks=(NickEntry(nick="旗舰店", role="shop", kind="auto"),))
    told = one_line(who, nick="旗舰店")
    assert (told.role, told.kind, told.sub_account) == ("merchant", "auto", None)


def test_several_seats_answer_one_buyer() -> None:
    lines = log(("a", "tb1", 0, "在吗"), ("a", SEAT, 9, "转给同事"), ("a", OTHER, 100, "您好"))
    told = taken(lines, propose(lines).who())
    assert [(one.buyer, one.sub_account) for one in told] == [("tb1", None), ("tb1", SEAT), ("tb1", OTHER)]


def test_a_buyer_like_a_seat_in_another_case_stays_a_buyer() -> None:
    who = WhoIsWho(confirm_seats=True, rest="human", nicks=(NickEntry(nick="Lily", role="seat"),))
    told = taken(log(("a", "lily", 0, "在吗"), ("a", "Lily", 9, "在的")), who)
    assert [(one.role, one.buyer) for one in told] == [("buyer", "lily"), ("merchant", "lily")]


def test_a_buyer_of_another_class_counts_as_one_only_when_confirmed() -> None:
    lines = log(("a", "别家:客服", 0, "合作吗"), ("a", SEAT, 9, "不了"))
    entry = NickEntry(nick="别家:客服", role="buyer", buyer_class="shop_sub_account")
    who = replace(CONFIRMED, nicks=(*CONFIRMED.nicks, entry))
    assert taken(lines, who)[0].buyer_class is None
    sure = replace(CONFIRMED, nicks=(*CONFIRMED.nicks, replace(entry, confirmed=True)))
    assert taken(lines, sure)[0].buyer_class == "shop_sub_account"
    assert figure(taken(lines, sure)).rounds[0].clause == "A.excl.c"


def test_the_platform_belongs_to_the_conversation_and_answers_nothing() -> None:
    who = replace(CONFIRMED, nicks=(*CONFIRMED.nicks, NickEntry(nick="系统消息", role="system")))
    told = taken(log(("a", "tb1", 0, "在吗"), ("a", "系统消息", 1, "转接中"), ("a", SEAT, 999, "在的")), who)
    assert [(one.role, one.kind, one.buyer) for one in told][1] == ("system", "system", "tb1")
    assert figure(told).rate == 0.0


def test_a_transfer_of_the_file_moves_the_conversation() -> None:
    told = one_line(CONFIRMED, nick="系统", role="system", kind="transfer", sub_account=OTHER)
    assert (told.role, told.kind, told.buyer, told.sub_account) == ("system", "transfer", "tb1", OTHER)


def test_one_conversation_with_two_buyers_is_not_guessed_at() -> None:
    lines = log(("a", "tb1", 0, "在吗"), ("a", "tb2", 5, "有人吗"), ("a", SEAT, 30, "在的"), ("a", SEAT, 60, "嗯"))
    out = list(messages(lines, CONFIRMED, CHINA))
    unread = [one for one in out if isinstance(one, Unread)]
    assert [one.where for one in unread] == [3, 4]
    assert "多个买家" in unread[0].zh
    gaps = [one for one in out if isinstance(one, Message) and one.kind == "gap"]
    assert [(one.buyer, (one.to or 0) - one.at) for one in gaps] == [("tb1", 30_001), ("tb2", 30_001)]
    report = figure(one for one in out if isinstance(one, Message))
    assert [one.verdict for one in report.rounds] == [Verdict.undetermined, Verdict.undetermined]
    assert (report.rate_low, report.rate_high) == (0.0, 1.0)


def test_a_gap_among_many_buyers_is_the_whole_shops() -> None:
    lines = log(*[(None, f"tb{n}", n, "在吗") for n in range(40)], (None, SEAT, 60, "在的"))
    gaps = [one for one in taken(lines, replace(CONFIRMED, shop="s1")) if one.kind == "gap"]
    assert [(one.buyer, one.shop) for one in gaps] == [(None, "s1")]


def test_a_buyer_named_on_the_line_is_decided_whatever_else_is_said() -> None:
    lines = [
        Utterance(where=n, t=clock(n), nick=nick, text="x", talk="a", buyer=buyer)
        for n, (nick, buyer) in enumerate([("tb1", "tb1"), ("tb2", "tb2"), (SEAT, "tb2")], 1)
    ]
    assert [one.buyer for one in taken(lines, CONFIRMED)] == ["tb1", "tb2", "tb2"]


UNREAD = {
    "nobody to speak to": (("a", SEAT, 9, "活动开始了"), {}, "没有买家"),
    "no time": (("a", "tb1", 0, "在吗"), {"t": "yesterday"}, "时间"),
    "a recall of nobody knows what": (("a", "tb1", 0, "在吗"), {"kind": "recall"}, "撤回"),
}


@pytest.mark.parametrize(("line", "fields", "word"), UNREAD.values(), ids=UNREAD)
def test_what_is_not_understood_says_why(line: tuple[str, str, int, str], fields: dict[str, str], word: str) -> None:
    (one,) = messages([replace(log(line)[0], **fields)], CONFIRMED, CHINA)
    assert isinstance(one, Unread)
    assert word in one.zh
    assert one.en.isascii()


def test_ignored_lines_are_told_and_counted() -> None:
    who = replace(CONFIRMED, nicks=(*CONFIRMED.nicks, NickEntry(nick="广告", role="ignore", confirmed=True)))
    out = list(messages(log(("a", "tb1", 0, "在吗"), ("a", "广告", 5, "加微信")), who, CHINA))
    assert [type(one) for one in out] == [Message, Ignored]
    unsure = replace(CONFIRMED, nicks=(NickEntry(nick="广告", role="ignore"),))
    assert all(isinstance(one, Message) for one in messages(log(("a", "广告", 5, "加微信")), unsure, CHINA))


def test_what_the_reader_could_not_read_passes_through() -> None:
    unread = Unread(where=1, text="?", zh="看不懂", en="no")
    assert list(messages([unread], CONFIRMED, CHINA)) == [unread]


def test_a_time_without_offset_needs_a_zone() -> None:
    lines = log(("a", "tb1", 0, "在吗"))
    with pytest.raises(LogError, match=r"line 1: .*timezone.*第 1 行"):
        list(messages(lines, WhoIsWho()))
    (named,) = messages(lines, WhoIsWho(timezone="UTC"))
    (given,) = messages(lines, WhoIsWho(timezone="UTC"), CHINA)
    assert isinstance(named, Message)
    assert isinstance(given, Message)
    assert named.at - given.at == 8 * 3_600_000
    offset = [replace(lines[0], t="2022-03-08T10:00:00.250+08:00")]
    assert [one.at - given.at for one in messages(offset, WhoIsWho()) if isinstance(one, Message)] == [250]


def test_ids_tell_equal_lines_of_one_second_apart_and_nothing_else_matters() -> None:
    lines = log(*[("a", "tb1", 0, "在吗")] * 3, ("a", "tb1", 1, "在吗"), ("a", "tb1", 0, "在"))
    ids = [one.id for one in taken(lines, CONFIRMED)]
    assert len(set(ids)) == 5
    renamed = [replace(one, talk="another", where=one.where + 100) for one in lines]
    assert [one.id for one in taken(renamed, CONFIRMED)] == ids
    assert taken([replace(lines[0], shop="s1")], CONFIRMED)[0].id != ids[0]
    assert all(id is not None and len(id) == 25 for id in ids)


def test_two_exports_that_overlap_are_one_chat() -> None:
    lines = shop(6)
    early, late = lines[:11], [replace(one, where=n, talk=f"x{one.talk}") for n, one in enumerate(lines[6:], 1)]
    both = [*taken(early, CONFIRMED), *taken(late, CONFIRMED)]
    report = figure(both)
    assert report.to_json() == figure(taken(lines, CONFIRMED)).to_json()
    assert len({one.id for one in both}) == len(lines)


def test_without_an_entry_for_the_welcome_the_figure_would_be_false() -> None:
    """What all this is for: the same log, its welcome lines read as a person's."""
    assert figure(taken(late_shop(), replace(CONFIRMED, texts=()))).rate == 1.0


def test_a_rule_by_seats_needs_to_know_to_whom_a_question_went() -> None:
    lines = log(("a", "tb1", 0, "在吗"), ("a", SEAT, 30, "在的"), ("a", "tb1", 60, "有货吗"), ("a", SEAT, 70, "有"),
                ("b", "tb2", 0, "在吗"))  # fmt: skip
    told = taken(lines, CONFIRMED)
    assert figure(told, "tejia_3min").numerator == 0
    addresses = Addresses(told)
    placed = [addresses.addressed(one) for one in told]
    assert [one.sub_account for one in placed] == [SEAT, SEAT, SEAT, SEAT, None]
    report = figure(placed, "tejia_3min")
    assert (report.numerator, report.denominator) == (1, 2)
    assert figure(placed).to_json() == figure(told).to_json()


def test_among_several_seats_a_question_went_to_the_last_that_spoke() -> None:
    lines = log(("a", "tb1", 0, "一"), ("a", SEAT, 10, "x"), ("a", "tb1", 20, "二"), ("a", OTHER, 30, "y"),
                ("a", "tb1", 40, "三"))  # fmt: skip
    addresses = Addresses(told := taken(lines, propose(lines).who()))
    assert [addresses.addressed(one).sub_account for one in told] == [SEAT, SEAT, SEAT, OTHER, OTHER]
    tomorrow = [replace(one, at=one.at + 86_400_000) for one in told]
    assert addresses.addressed(tomorrow[0]).sub_account is None

"""The live picture: cells, columns, and one screen as it must look."""

import string
from pathlib import Path
from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain.names import BuyerRef, Millis, PersonId, SeatId, SendId, ShopId
from relay.domain.settings import Person, Seat, Shop
from relay_demo.cells import clip, columns_of, fold, pad, width
from relay_demo.guide import Guide
from relay_demo.screen import CLEAR, HOME, Screen
from relay_demo.shops import settings
from relay_demo.table import Count, Picture, SeatNow, ShopNow, Status, Today, channel_line, draw, summary
from relay_demo.words import _SAID, Event, Lang, Teller

AT = Millis(1_795_320_000_000)
SHOP, SEAT, BUYER = ShopId("mianli"), SeatId("mianli-linxiao"), BuyerRef("ref")
WHERE: dict[str, Any] = {"at": AT, "shop": SHOP, "buyer": BUYER, "seat": SEAT}


@pytest.mark.parametrize(
    ("text", "cells"), [("", 0), ("abc", 3), ("稍等", 4), ("ａ，", 4), ("é", 1), ("a\u200b\x1b", 1), ("한", 2)]
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(("cells", "left"), [(0, ""), (1, ""), (2, "欠"), (3, "欠"), (4, "欠答"), (9, "欠答a")])
def test_clip_never_shows_half_a_character(cells: int, left: str) -> None:
    assert clip("欠答a", cells) == left


@pytest.mark.parametrize("cells", [8, 11, 30])
def test_fold_loses_nothing(cells: int) -> None:
    text = "问题三分钟内要答；没空位就排队 relay demo ends with Ctrl-C，欠买家一个真答复"
    lines = fold(text, cells)
    assert all(width(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_columns_stand_one_under_the_other() -> None:
    lines = columns_of([("店铺", "n", "x"), ("a", "12", "x"), ("山岚数码", "3", "x")], 80)
    assert {width(line) for line in lines} == {width(lines[0])}
    assert lines[1] == "a         12  x"
    assert columns_of([("a", "12", "x")], 6) == ["a 12 x"]
    assert pad("欠", 4) == "欠  "


@pytest.mark.parametrize(
    ("count", "shown"),
    [(Count(0, 0), "0/0 –"), (Count(8999, 10000), "8999/10000 89.9%"), (Count(2, 3), "2/3 66.6%")],
)
def test_a_rate_is_never_rounded_up(count: Count, shown: str) -> None:
    assert str(count) == shown


def picture(events: int = 30) -> Picture:
    seats = (SeatNow("mianli-linxiao", "linxiao", "online", 2, 1, 3), SeatNow("mianli-you", "you", "offline", 0, 0, 2))
    shop = ShopNow("mianli", "棉里家居", True, 1, 7, 2, 1, 0, seats, Today(34, 37, Count(31, 37)))
    other = ShopNow("shanlan", "山岚数码", False, 0, 0, 0, 0, 1, (seats[0],))
    return Picture(
        Status(AT, (shop, other)),
        {"mianli": 42, "shanlan": None},
        {"boss": ("店主", None), "linxiao": ("林晓", 4), "you": ("您自己", 2)},
        {"taken": 12, "cut_after": 1, "cut_before": 2, "well": 3, "slow": 1},
        [Event(AT, SHOP, f"quiet {number}", False) for number in range(events)],
        [Event(AT, SHOP, f"notable {number}", True) for number in range(events)],
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("columns", "rows"), [(79, 23), (120, 50), (40, 30)])
def test_the_screen_fits_the_terminal(lang: Lang, columns: int, rows: int) -> None:
    guide = Guide(lang, "relay", "http://127.0.0.1:8765", Path("var/demo"), 9.5)
    lines = draw(picture(), (guide.head(), guide.short()), lang, columns, rows)
    assert len(lines) == rows
    assert all(width(line) <= columns for line in lines)
    assert any("notable 29" in line for line in lines)
    assert lines[-1].endswith("quiet 29")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_words_above_fit_a_narrow_terminal(lang: Lang) -> None:
    guide = Guide(lang, "relay", "http://127.0.0.1:65535", Path("var/demo"), 10.5)
    assert all(width(line) < 80 for line in [*guide.head()[:-3], *guide.short()])
    assert "{" not in "".join([*guide.head(), *guide.farewell(AT)])


def test_the_newest_events_are_in_sight() -> None:
    lines = draw(picture(), (["head"], []), "zh", 100, 40)
    assert len(lines) == 40
    assert "notable 29" in "".join(lines)
    assert lines[-1].endswith("quiet 29")
    few = draw(picture(events=2), (["head"], []), "zh", 100, 40)
    assert sum("quiet" in line for line in few) == 2


def test_the_table_says_what_the_status_says() -> None:
    lines = draw(picture(), ([], []), "zh", 100, 40)
    assert "棉里家居  通  7     42秒  2     1     1     0     34/37 91.8%  31/37 83.7%" in lines
    assert any(line.startswith("山岚数码  断  0     –") and "0/0 –" in line for line in lines)
    assert any(line.split() == ["林晓", "在线", "2", "4/4", "2/3", "2/3"] for line in lines)
    assert any(line.split() == ["您自己", "离线", "0", "0/2", "0/2"] for line in lines)
    assert "断线 3" in channel_line(picture(), "zh")
    assert "送达 4" in channel_line(picture(), "zh")
    assert "34/37 91.8% (31/37 83.7%)" in summary(picture(), "en")


def test_a_terminal_is_drawn_over_and_a_pipe_gets_a_line_now_and_then() -> None:
    said: list[str] = []
    live = Screen(said.append, "zh", (["head"], []), live=True)
    live.begin()
    live.show(picture())
    assert said[0] == CLEAR
    assert said[1].startswith(HOME)
    said.clear()
    plain = Screen(said.append, "zh", (["head"], []), live=False)
    plain.begin()
    for _ in range(11):
        plain.show(picture())
    plain.show(picture(), last=True)
    assert len(said) == 4
    assert "\x1b" not in "".join(said)


# --- sentences


def teller(lang: Lang) -> Teller:
    made = settings("2026-11-22")
    shops: dict[ShopId, Shop] = {shop.id: shop for shop in made.shops}
    seats: dict[SeatId, Seat] = {seat.id: seat for seat in made.seats}
    persons: dict[PersonId, Person] = {person.id: person for person in made.persons}
    return Teller(lang, shops, seats, persons, lambda _: "橘猫")


def answered(after_ms: int) -> f.RoundAnswered:
    return f.RoundAnswered(**WHERE, opened_at=Millis(0), answered_at=Millis(after_ms))


def send(**more: Any) -> f.SendEnded:
    return f.SendEnded(**WHERE, send=SendId("s1"), **more)


@pytest.mark.parametrize(
    ("fact", "zh", "notable"),
    [
        (answered(38_400), "林晓 回复了「橘猫」，等了 38 秒", False),
        (answered(190_000), "林晓 回复了「橘猫」，已超时 10 秒", True),
        (f.DebtClosed(**WHERE, why="answered"), "欠「橘猫」的答复已还清", True),
        (f.HoldWithheld(**WHERE, why="thanks"), "机器没有向「橘猫」发话：买家只是道谢", True),
        (send(outcome="unknown", why="timeout"), "发给「橘猫」的话结果未知（超时无回应），等回显或人工查看", True),
        (send(outcome="confirmed", why="echo"), "平台回显证实「橘猫」收到了", True),
        (send(outcome="not_sent", why="person", by="wujing"), "吴静 查看后确认「橘猫」没收到，重发", True),
        (send(outcome="refused", why="http_422"), "平台拒收发给「橘猫」的话（http_422）", True),
        (f.PresenceSet(at=AT, shop=SHOP, seat=SEAT, presence="away"), "林晓 挂起，暂不接新买家", False),
    ],
)  # fmt: skip
def test_sentences(fact: f.DeskFact, zh: str, notable: bool) -> None:
    event = teller("zh").tell(fact)
    assert event == Event(AT, SHOP, zh, notable)
    english = teller("en").tell(fact)
    assert english is not None
    assert english.sentence.replace("橘猫", "").replace("林晓", "").replace("吴静", "").isascii()


def test_many_facts_say_nothing_and_one_seat_speaks_for_a_person() -> None:
    for fact in (
        send(outcome="confirmed"),
        f.ChannelConnected(at=AT, shop=SHOP),
        f.PresenceSet(at=AT, shop=ShopId("shanlan"), seat=SeatId("shanlan-linxiao"), presence="away"),
    ):
        assert teller("zh").tell(fact) is None


def test_a_buyers_text_cannot_draw_on_the_screen() -> None:
    event = teller("zh").tell(f.BuyerWrote(**WHERE, sent_at=AT, digest=""), "\x1b[2J" + "长" * 100)
    assert event is not None
    assert "\x1b" not in event.sentence
    assert width(event.sentence) < 70


def test_both_languages_have_the_same_places() -> None:
    for sentences in _SAID.values():
        zh, en = ({name for _, name, _, _ in string.Formatter().parse(one) if name} for one in sentences)
        assert zh == en

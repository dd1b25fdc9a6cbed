"""§7, §6 on the agents' screens: the overnight list, the service clock, and a place in the queue."""

import msgspec

from relay.cli.terminal.view import View
from relay.cli.terminal.words import Words
from relay.domain.names import Millis, SeatId
from relay.domain.settings import Seat
from relay.web import frames as w
from tests.web.floor import ALPHA, BETA, TEN, Client, Floor
from tests.web.test_terminal import conversation, shown

HOUR = 3_600_000
THREE = TEN + 17 * HOUR
EIGHT = TEN + 22 * HOUR
FRAMES: msgspec.json.Decoder[w.AnyFrame] = msgspec.json.Decoder(w.AnyFrame)


def night(floor: Floor) -> None:
    """Three in the morning, with everybody of the shop there."""
    floor.clock.advance(17 * HOUR)
    floor.port.tick()
    floor.online("a1", "a2")


def morning(floor: Floor, seconds: int = 0) -> None:
    floor.clock.advance(EIGHT + seconds * 1000 - floor.clock.now())
    floor.port.tick()


async def told(client: Client, kind: str) -> list[dict[str, object]]:
    return [event for event in await client.told() if event["type"] == kind]


async def test_agent_and_supervisor_have_the_overnight_buyers_as_a_list_of_their_own() -> None:
    async with Floor() as floor:
        night(floor)
        floor.ask("x-1")
        floor.clock.advance(60_000)
        floor.ask("x-2")
        floor.online("b1")
        floor.ask("y-1", shop=BETA)
        ann, sue, bea = await floor.come("ann"), await floor.come("sue"), await floor.come("bea")
        first = {
            "shop": ALPHA,
            "buyer": "x-1",
            "seat": floor.seat_of("x-1"),
            "opened_at": THREE,
            "service_from": EIGHT,
            "service_due_at": EIGHT + 180_000,
        }
        assert [one["buyer"] for one in sue.list["overnight"]] == ["x-1", "x-2"]
        assert sue.list["overnight"][0] == first
        mine = [buyer for buyer in ("x-1", "x-2") if floor.seat_of(buyer) == "a1"]
        assert [one["buyer"] for one in ann.list["overnight"]] == mine
        assert [one["buyer"] for one in bea.list["overnight"]] == ["y-1"]
        shown_to_sue = {one["buyer"]: one for one in sue.list["conversations"]}
        assert shown_to_sue["x-1"]["due_at"] is None
        assert shown_to_sue["x-1"]["service_due_at"] == EIGHT + 180_000


async def test_the_opening_is_told_to_seat_and_supervisor_and_to_nobody_else() -> None:
    async with Floor() as floor:
        night(floor)
        floor.ask("x-1")
        seat = floor.seat_of("x-1")
        clients = {"a1": await floor.come("ann"), "a2": await floor.come("ben")}
        sue, bea = await floor.come("sue"), await floor.come("bea")
        morning(floor)
        [event] = await told(sue, "overnight")
        assert (event["buyer"], event["opened_at"], event["service_from"]) == ("x-1", THREE, EIGHT)
        assert (event["service_due_at"], event["queued"], event["at"]) == (EIGHT + 180_000, False, EIGHT)
        for name, client in clients.items():
            assert len(await told(client, "overnight")) == (name == seat)
        assert await told(bea, "overnight") == []


async def test_the_ladder_of_the_service_clock_says_so() -> None:
    async with Floor() as floor:
        night(floor)
        floor.ask("x-1")
        sue = await floor.come("sue")
        morning(floor, 95)
        [rung] = await told(sue, "ladder")
        assert (rung["do"], rung["clock"], rung["due_at"]) == ("sound", "service", EIGHT + 180_000)
        assert rung["passed"] == ["badge+60"]
        floor.ask("x-1")
        [moved] = await told(sue, "round_moved")
        assert (moved["due_at"], moved["service_due_at"]) == (EIGHT + 95_000 + 180_000, EIGHT + 180_000)


async def test_a_queued_buyer_has_a_place_and_minutes_once_the_pace_is_known() -> None:
    async with Floor() as floor:
        for seat, agent in (("a1", "ann"), ("a2", "ben")):
            floor.set(Seat(SeatId(seat), ALPHA, agent, account=f"alpha:{seat}", cap=1))  # type: ignore[arg-type]
        floor.set(Seat(SeatId("c1"), ALPHA, "cleo", account="alpha:c1", cap=1))  # type: ignore[arg-type]
        floor.online("a1", "a2")
        for number in range(7):
            floor.ask(f"x-{number}")
        sue = await floor.come("sue")
        queue = [one for one in sue.list["conversations"] if one["queued"]]
        assert [(one["place"], one["minutes"]) for one in queue] == [(place, None) for place in range(1, 6)]
        assert all(one["place"] is None for one in sue.list["conversations"] if not one["queued"])
        for number in range(2):
            floor.clock.advance(60_000)
            ann = await floor.come("ann")
            await ann.do("close", shop=ALPHA, buyer=f"x-{[0, 2][number]}", reason="done")
        floor.ask("x-9")
        [queued] = [one for one in await told(sue, "queued") if one["buyer"] == "x-9"]
        assert (queued["conversation"]["place"], queued["conversation"]["minutes"]) == (4, 4)  # type: ignore[index]


def test_the_terminal_shows_overnight_buyers_below_the_others() -> None:
    at = 8 * HOUR
    view = shown(
        conversation("夜", opened_at=at - 5 * HOUR, due_at=None, service_from=at, service_due_at=at + 180_000),
        conversation("昼", opened_at=at, due_at=at + 180_000),
        server_now=at + 30_000,
    )
    rows = view.lines(100.0)
    assert "昼" in rows[1]
    assert rows[2] == "—— 隔夜买家 1 ——"
    assert "夜" in rows[3]
    assert "服务目标剩 150 秒" in rows[3]
    assert "已超服务目标 20 秒" in view.lines(270.0)[3]
    view.take(
        w.Answered(seq=2, at=0, shop="alpha", buyer="夜", seat="a1", opened_at=0, answered_at=0),  # type: ignore[arg-type]
        100.0,
    )
    assert not any("隔夜" in row for row in view.lines(100.0))


def test_the_terminal_counts_the_minutes_to_the_opening_and_says_when_it_comes() -> None:
    at = 8 * HOUR
    view = shown(
        conversation("夜", opened_at=at - HOUR, due_at=None, service_from=at, service_due_at=at + 180_000),
        server_now=at - 90_000,
    )
    assert "非考核时段，2 分钟后开始计时" in "".join(view.lines(100.0))
    opening = w.Overnight(
        seq=2, at=at, shop="alpha", buyer="夜", seat="a1", opened_at=at - HOUR, service_from=at,  # type: ignore[arg-type]
        service_due_at=Millis(at + 180_000), queued=False,
    )  # fmt: skip
    assert view.take(opening, 100.0) == ["[1] 夜 隔夜未回，现在开始计时"]


def test_the_terminal_shows_place_and_minutes() -> None:
    view = shown(
        conversation("甲", queued=True, seat=None, place=3, minutes=4),
        conversation("乙", queued=True, seat=None, place=1),
    )
    rows = "".join(view.lines(100.0))
    assert "排第 3 位，约 4 分钟" in rows
    assert "排第 1 位" in rows
    assert rows.count("分钟") == 1
    english = View(Words("en"))
    assert english.words("place_minutes", 3, 4) == "place 3, about 4 min"


def test_an_older_frame_without_the_new_fields_is_read() -> None:
    raw = b'{"type":"round_opened","v":1,"seq":1,"at":1,"shop":"s","buyer":"b","seat":null,"opened_at":1,"due_at":null,'
    frame = FRAMES.decode(raw + b'"questions":1}')
    assert isinstance(frame, w.RoundOpened)
    assert frame.service_from is None

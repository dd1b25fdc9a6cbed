"""Who is there, who is silent, and what was missed meanwhile: in virtual time, with a bridge of a few lines."""

import asyncio
from typing import Any

import pytest

from relay.domain.names import Millis
from relay.errors import InboxFullError
from relay.testing.contracts_channel import OTHER_SHOP, SHOP, FakeIntake, outgoing
from relay.testing.virtual import VirtualClock, run_virtual
from relay_onebot.channel import OneBotChannel
from relay_onebot.link import STRIKES
from relay_onebot.message_ids import WINDOW_MS
from relay_onebot.options import Version
from relay_onebot.tests.bridge import Script, make_channel
from relay_onebot.tests.fake_socket import Line, at_now, turns

LOST, CONNECTED = ("lost", SHOP), ("connected", SHOP)


class Shop:
    """A started channel; sockets come and go as the test says. `deaf` bridges answer nothing, not even a probe."""

    def __init__(self, clock: VirtualClock, version: Version = "12", **options: object) -> None:
        self.clock, self.script, self.intake = clock, Script(version), FakeIntake()
        self.channel: OneBotChannel = make_channel(clock, version=version, **options)
        self.lines: list[Line] = []

    async def __aenter__(self) -> "Shop":
        await self.channel.start(self.intake, [SHOP, OTHER_SHOP])
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.channel.stop()
        await asyncio.gather(*(line.task for line in self.lines))

    async def come(self, self_id: str = "1001", deaf: bool = False, **more: Any) -> Line:
        line = Line(self.channel, self.script, self_id, **more)
        if deaf:
            line.socket.on_send = lambda action: None
        self.lines.append(line)
        await turns()
        return line

    def message(self, id: str, **more: Any) -> dict[str, Any]:
        return self.script.message(id, f"第{id}句", at=at_now(self.clock), **more)

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(state, shop) for state, shop in self.intake.states]

    def gaps(self) -> list[tuple[int, int, bool]]:
        return [(since, until, recovered) for _, since, until, recovered in self.intake.gaps]


def test_an_open_socket_that_says_nothing_is_lost_and_connected_when_it_speaks() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock) as shop:
            line = await shop.come(deaf=True)
            assert shop.states == [CONNECTED]
            heard = clock.now()
            await clock.sleep(89)
            assert shop.states == [CONNECTED]
            await clock.sleep(3)
            assert shop.states == [CONNECTED, LOST]
            assert line.socket.actions("relay.ack") == ["get_status"] * 2, "it was asked for a sign of life"
            line.socket.push(shop.message("1"))
            await turns()
            assert shop.states == [CONNECTED, LOST, CONNECTED]
            assert shop.gaps() == [(heard, clock.now(), False)]
            assert len(shop.intake.taken) == 1

    run_virtual(main)


def test_a_bridge_that_answers_or_beats_is_not_silent() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock) as shop:
            await shop.come()
            await clock.sleep(3600)
            assert shop.states == [CONNECTED], "it answers the probes"
        async with Shop(clock, "11") as shop:
            await shop.come(deaf=True, part="events")
            await clock.sleep(3600)
            assert shop.states == [CONNECTED], "nothing can be asked of it, and it has promised nothing"
            shop.lines[0].socket.push(shop.script.heartbeat(60_000))
            await clock.sleep(178)
            assert shop.states == [CONNECTED], "three heartbeats may fail to come"
            await clock.sleep(4)
            assert shop.states == [CONNECTED, LOST]

    run_virtual(main)


def test_a_bridge_that_beats_and_brings_no_message_can_be_found_too() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, quiet_s=600) as shop:
            line = await shop.come()
            await clock.sleep(23 * 60)
            assert shop.states == [CONNECTED, LOST], "socket open, heartbeats fine, no message in 23 minutes"
            line.socket.push(shop.message("1"))
            await clock.sleep(2)
            assert shop.states == [CONNECTED, LOST, CONNECTED]

    run_virtual(main)


def test_silence_can_be_left_unchecked() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, silence_s=0) as shop:
            await shop.come(deaf=True)
            await clock.sleep(7200)
            assert shop.states == [CONNECTED]

    run_virtual(main)


def test_a_socket_that_ends_is_lost_at_once_and_leaves_a_gap() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock) as shop:
            line = await shop.come()
            last = clock.now()
            await clock.sleep(10)
            line.socket.end()
            await turns()
            assert shop.states == [CONNECTED, LOST]
            await clock.sleep(5)
            await shop.come()
            assert shop.states == [CONNECTED, LOST, CONNECTED]
            assert shop.gaps() == [(last, clock.now(), False)]

    run_virtual(main)


def test_what_an_account_missed_before_relay_was_started_is_a_gap_as_well() -> None:
    async def main(clock: VirtualClock) -> None:
        shop = Shop(clock)
        shop.intake.known[SHOP] = Millis(clock.now() - 60_000)
        async with shop:
            await clock.sleep(5)
            assert shop.states == [], "the desk takes it for lost already"
            await shop.come()
            assert shop.gaps() == [(clock.now() - 65_000, clock.now(), False)]
            assert shop.states == [CONNECTED]

    run_virtual(main)


def test_the_desk_hears_of_a_loss_that_fell_into_a_restart_of_the_channel() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock) as shop:
            await shop.come()
            await shop.channel.stop()
            await shop.channel.start(shop.intake, [SHOP, OTHER_SHOP])
            await turns()
            assert shop.states == [CONNECTED, LOST]
            await clock.sleep(2)
            await shop.come()
            assert shop.states == [CONNECTED, LOST, CONNECTED]
            assert len(shop.gaps()) == 1

    run_virtual(main)


def test_a_second_socket_of_an_account_replaces_the_first_and_leaves_a_gap() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, "11") as shop:
            first = await shop.come()
            await clock.sleep(7)
            second = await shop.come()
            assert (first.socket.code, second.socket.code) == (4001, None)
            assert [since for since, _, _ in shop.gaps()] == [clock.now() - 7000]
            for line in (first, second):
                line.socket.push(shop.message("1"))
            await turns()
            assert [one.id for one in shop.intake.taken] == [f"1@{clock.now() // 1000}"]
            assert (await shop.channel.send(outgoing("k1"))).outcome == "confirmed"
            assert [each["echo"] for each in second.socket.said if each["action"] == "send_private_msg"] == ["k1"]

    run_virtual(main)


def test_a_socket_of_several_accounts_is_closed_when_the_last_has_moved() -> None:
    async def main(clock: VirtualClock) -> None:
        table = {"1001": {"shop": SHOP}, "1002": {"shop": SHOP}}
        async with Shop(clock, accounts=table) as shop:
            first = await shop.come()
            first.socket.push(shop.script.status("1001", "1002"))
            await turns()
            await shop.come("1001")
            assert first.socket.code is None
            await shop.come("1002")
            assert first.socket.code == 4001

    run_virtual(main)


@pytest.mark.parametrize("version", ["11", "12"])
def test_an_account_that_is_logged_off_is_missed_by_nobody(version: Version) -> None:
    async def main(clock: VirtualClock) -> None:
        table = {"1001": {"shop": SHOP}, "1002": {"shop": SHOP}}
        async with Shop(clock, version, accounts=table) as shop:
            first, second = await shop.come("1001"), await shop.come("1002")
            off = shop.script.heartbeat(5000, "1002")
            if version == "11":
                off["status"]["online"] = False
            second.socket.push(off if version == "11" else shop.script.status("1002", offline=["1002"]))
            await turns()
            assert shop.states == [CONNECTED], "the other one is there"
            second.socket.end()
            await clock.sleep(2)
            assert shop.states == [CONNECTED]
            first.socket.end()
            await turns()
            assert shop.states == [CONNECTED, LOST]

    run_virtual(main)


def test_one_account_that_is_missing_makes_its_shop_lost() -> None:
    async def main(clock: VirtualClock) -> None:
        table = {"1001": {"shop": SHOP}, "1002": {"shop": SHOP}, "2001": {"shop": OTHER_SHOP}}
        async with Shop(clock, accounts=table) as shop:
            await shop.come("1001")
            second = await shop.come("1002")
            await shop.come("2001")
            second.socket.end()
            await turns()
            assert shop.states == [CONNECTED, ("connected", OTHER_SHOP), LOST]

    run_virtual(main)


@pytest.mark.parametrize(("missing_s", "forgiven"), [(900, True), (0, False)])
def test_an_account_that_is_gone_without_a_word_counts_as_logged_off_after_a_while(
    missing_s: float, forgiven: bool
) -> None:
    async def main(clock: VirtualClock) -> None:
        table = {"1001": {"shop": SHOP}, "1002": {"shop": SHOP}}
        async with Shop(clock, accounts=table, missing_s=missing_s) as shop:
            first, second = await shop.come("1001"), await shop.come("1002")
            last = clock.now()
            second.socket.end()
            await clock.sleep(895)
            assert shop.states == [CONNECTED, LOST]
            await clock.sleep(10)
            assert shop.states == [CONNECTED, LOST] + [CONNECTED] * forgiven
            await shop.come("1002")
            assert shop.gaps() == [(last, clock.now(), False)], "what it missed is told all the same"
            assert shop.states == [CONNECTED, LOST, CONNECTED]
            first.socket.end()
            await turns()
            assert shop.states[-1] == LOST

    run_virtual(main)


# --- closing gaps


def history(events: list[dict[str, Any]], **data: Any) -> Any:
    def answer(action: dict[str, Any]) -> dict[str, Any]:
        if action["action"] in ("relay.get_history", "get_latest_events"):
            return {"data": {"events": events, "complete": True} | data if data is not None else events}
        return {}

    return answer


@pytest.mark.parametrize("complete", [True, False])
def test_a_bridge_with_a_history_closes_the_gap_before_the_shop_counts_as_connected(complete: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, history="relay.get_history") as shop:
            first = await shop.come()
            first.socket.push(shop.message("1"))
            await turns()
            since = clock.now()
            first.socket.end()
            await clock.sleep(30)
            old = [shop.script.message(id, f"第{id}句", at=since / 1000) for id in ("1", "2")]
            shop.script.answer = history([*old, shop.script.notice("group_x")], complete=complete)
            shop.intake.gate.clear()
            await shop.come()
            assert shop.states[-1] == LOST, "not before all of it is durable"
            shop.intake.gate.set()
            await turns()
            assert [one.id for one in shop.intake.taken] == ["1", "2"], "what was known is known again"
            assert shop.gaps() == [(since, clock.now(), complete)]
            assert shop.states[-1] == CONNECTED
            [asked] = [each for each in shop.lines[1].socket.said if each["action"] == "relay.get_history"]
            assert asked["params"] == {"since": since - 60_000, "until": clock.now()}

    run_virtual(main)


UNREADABLE: list[dict[str, Any] | None] = [
    {"status": "failed", "retcode": 10002}, {"data": None}, {"data": [7]}, {"data": [{"type": "message"}]}, None,
]  # fmt: skip


@pytest.mark.parametrize("answer", UNREADABLE)
def test_a_history_that_cannot_be_read_leaves_the_gap_open(answer: dict[str, Any] | None) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, history="relay.get_history") as shop:
            (await shop.come()).socket.end()
            await clock.sleep(30)
            shop.script.answer = lambda action: answer
            await shop.come()
            await clock.sleep(26)
            assert [recovered for _, _, recovered in shop.gaps()] == [False]
            assert shop.states[-1] == CONNECTED

    run_virtual(main)


@pytest.mark.parametrize(("reaches_s", "recovered"), [(60, True), (10, False), (None, False)])
def test_the_latest_events_close_a_gap_only_if_they_reach_back_to_its_beginning(
    reaches_s: int | None, recovered: bool
) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, history="get_latest_events") as shop:
            (await shop.come()).socket.end()
            await clock.sleep(30)
            oldest = None if reaches_s is None else clock.now() / 1000 - reaches_s
            events = [] if oldest is None else [shop.script.message("1", "旧", at=oldest)]
            shop.script.answer = lambda action: {"data": events} if action["action"] == "get_latest_events" else {}
            await shop.come()
            assert [each for _, _, each in shop.gaps()] == [recovered]
            assert len(shop.intake.taken) == len(events)

    run_virtual(main)


def test_the_history_waits_for_the_socket_that_takes_actions() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, "11", history="relay.get_history") as shop:
            (await shop.come(part="events")).socket.end()
            await clock.sleep(30)
            shop.script.answer = history([])
            await shop.come(part="events")
            await clock.sleep(3)
            await shop.come(part="calls")
            await clock.sleep(2)
            assert [recovered for _, _, recovered in shop.gaps()] == [True]
            assert shop.states[-1] == CONNECTED

    run_virtual(main)


# --- holding back, and bad frames


def test_a_full_inbox_stops_the_reading_and_nothing_that_was_read_is_dropped() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock) as shop:
            line = await shop.come()
            shop.intake.fault = InboxFullError(1)
            for number in range(1000):
                line.socket.push(shop.message(str(number)))
            await clock.sleep(30)
            assert line.socket.unread > 1000 - 300, "relay reads on while its inbox is full"
            assert shop.intake.taken == []
            shop.intake.fault = None
            await clock.sleep(10)
            assert [one.id for one in shop.intake.taken] == [str(number) for number in range(1000)]
            assert line.socket.unread == 0
            assert len(shop.script.acked) == 1000

    run_virtual(main)


HOSTILE = [
    b"", b"[]", b"7", b"null", b"NaN", b'"x"', b"{", b"\xff\xfe", b'{"type":"message"}', b'{"retcode":0}',
    b'{"retcode":"0","status":"ok"}', b"[" * 200_000, b'{"a":' * 50_000, b'{"type":NaN}', b'{"id":"\\ud800"}',
    b'{"type":"message","time":1e999}', b"x" * 300_000, b'{"post_type":["message"]}',
]  # fmt: skip


@pytest.mark.parametrize("version", ["11", "12"])
def test_a_bad_frame_costs_itself_and_no_socket(version: Version) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, version) as shop:
            line = await shop.come()
            for number, frame in enumerate(HOSTILE):
                line.socket.raw(frame)
                line.socket.raw(frame, binary=True)
                line.socket.push(shop.message(str(number)))
            await turns(500)
            assert len(shop.intake.taken) == len(HOSTILE)
            assert line.socket.code is None
            kept = {raw for _, raw, _ in shop.intake.quarantined}
            assert set(HOSTILE) <= kept

    run_virtual(main)


def test_frames_that_are_all_bad_end_the_socket() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock) as shop:
            line = await shop.come()
            for number in range(STRIKES):
                assert line.socket.code is None
                line.socket.raw(b"bad %d" % number)
                await turns(10)
            assert line.socket.code == 1008
            await turns()
            assert shop.states[-1] == LOST

    run_virtual(main)


def test_an_account_that_nobody_configured_costs_no_socket() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock) as shop:
            line = await shop.come()
            for number in range(2 * STRIKES):
                line.socket.push(shop.message(str(number)) | {"self": {"platform": "taobao", "user_id": "9999"}})
            await turns(500)
            assert line.socket.code is None
            assert len(shop.intake.quarantined) == 2 * STRIKES

    run_virtual(main)


def test_messagepack_in_a_binary_frame_is_read_as_well() -> None:
    import msgspec

    async def main(clock: VirtualClock) -> None:
        async with Shop(clock) as shop:
            line = await shop.come()
            line.socket.raw(msgspec.msgpack.encode(shop.message("1")), binary=True)
            await turns()
            assert [one.text for one in shop.intake.taken] == ["第1句"]

    run_virtual(main)


# --- ids that are used again


@pytest.mark.parametrize(
    ("after_s", "same"), [(0, True), (5, True), (WINDOW_MS // 1000, True), (WINDOW_MS // 1000 + 1, False)]
)
def test_l2_an_id_of_version_11_is_the_same_message_for_a_while_only(after_s: int, same: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, "11") as shop:
            first = await shop.come()
            first.socket.push(shop.script.message("1", "在吗", at=at_now(clock)))
            await turns()
            first.socket.end()
            await clock.sleep(after_s)
            again = await shop.come()
            again.socket.push(shop.script.message("1", "在吗", at=at_now(clock)))
            await turns()
            assert {one.id for one in shop.intake.taken} == (
                {shop.intake.taken[0].id} if same else {one.id for one in shop.intake.taken}
            )
            assert len({one.id for one in shop.intake.taken}) == (1 if same else 2)

    run_virtual(main)


def test_l2_ids_that_are_never_used_again_are_taken_as_they_are() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, "11", recycled_ids=False) as shop:
            line = await shop.come()
            line.socket.push(shop.script.message("1", "在吗", at=at_now(clock)))
            await clock.sleep(86_400)
            line.socket.push(shop.script.message("1", "在吗", at=at_now(clock) - 86_400))
            await turns()
            assert {one.id for one in shop.intake.taken} == {"1"}

    run_virtual(main)


def test_a_recall_is_matched_to_the_message_it_takes_back() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Shop(clock, "11") as shop:
            line = await shop.come()
            line.socket.push(shop.message("5"))
            await turns()
            line.socket.push(shop.script.notice("friend_recall", message_id=5) | {"time": clock.now() // 1000 + 60})
            await turns()
            assert shop.intake.taken[1].recalls == shop.intake.taken[0].id

    run_virtual(main)

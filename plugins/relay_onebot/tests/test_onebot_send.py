"""What becomes of a send: outcomes by what is proven (L9), and which own messages are relay's own coming back."""

import asyncio
from typing import Any

import pytest

from relay.contracts import SendResult, Transfer
from relay.domain.names import Millis, ShopId
from relay.testing.contracts_channel import OTHER_SHOP, SHOP, FakeIntake, outgoing
from relay.testing.virtual import VirtualClock, run_virtual
from relay_onebot.channel import OneBotChannel
from relay_onebot.options import Version
from relay_onebot.tests.bridge import Script, make_channel
from relay_onebot.tests.fake_socket import Line, at_now, turns


class Desk:
    """A started channel with one bridge on it."""

    def __init__(self, clock: VirtualClock, version: Version = "12", **options: object) -> None:
        self.clock, self.script, self.intake = clock, Script(version), FakeIntake()
        self.channel: OneBotChannel = make_channel(clock, version=version, **options)
        self.line: Line

    async def __aenter__(self) -> "Desk":
        await self.channel.start(self.intake, [SHOP, OTHER_SHOP])
        self.line = Line(self.channel, self.script)
        await turns()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.channel.stop()
        await self.line.task

    def push(self, event: dict[str, Any]) -> None:
        self.line.socket.push(event)

    def own(self, id: str, text: str, **more: Any) -> None:
        self.push(self.script.own(id, text, at=at_now(self.clock), **more))

    def lines(self) -> list[tuple[str, str, str | None, str | None]]:
        """Role, kind, path and echo of everything that the desk took."""
        return [(one.role, one.kind, one.path, one.echo_of) for one in self.intake.taken]


ECHO, PERSON, NOBODY = ("merchant", "human", None, "k1"), ("merchant", "human", "client", None), (
    "merchant", "unknown", None, None,
)  # fmt: skip

ANSWERS: list[tuple[dict[str, Any] | None, str, str, bool]] = [
    ({}, "confirmed", "", False),
    ({"data": None}, "confirmed", "", False),
    ({"data": {"message_id": {"x": 1}, "time": "soon"}}, "confirmed", "", False),
    ({"status": "async", "retcode": 1}, "unknown", "async", False),
    ({"status": "failed", "retcode": 10003}, "refused", "retcode_10003", False),
    ({"status": "failed", "retcode": 34001}, "refused", "retcode_34001", False),
    ({"status": "failed", "retcode": 36001}, "refused", "retcode_36001", True),
    ({"status": "failed", "retcode": 20002}, "unknown", "retcode_20002", False),
    ({"status": "failed", "retcode": 33001}, "unknown", "retcode_33001", False),
    ({"status": "failed", "retcode": 1200}, "unknown", "retcode_1200", False),
    ({"status": "failed", "retcode": 100}, "refused", "retcode_100", False),
    ({"status": "failed", "retcode": 60001}, "refused", "retcode_60001", False),
    ({"status": "odd", "retcode": 0}, "unknown", "retcode_0", False),
    (None, "unknown", "timeout", False),
]  # fmt: skip


@pytest.mark.parametrize("version", ["11", "12"])
@pytest.mark.parametrize(("answer", "outcome", "why", "retryable"), ANSWERS)
def test_l9_an_answer_is_an_outcome(
    version: Version, answer: dict[str, Any] | None, outcome: str, why: str, retryable: bool
) -> None:
    async def main(clock: VirtualClock) -> SendResult:
        async with Desk(clock, version, refused_codes=[60001]) as desk:
            desk.script.answer = lambda action: answer
            return await desk.channel.send(outgoing("k1"))

    result = run_virtual(main)
    assert (result.outcome, result.why, result.retryable) == (outcome, why, retryable)


@pytest.mark.parametrize("version", ["11", "12"])
def test_an_answer_gives_id_and_time(version: Version) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock, version) as desk:
            at = clock.now() + 250
            desk.script.answer = lambda action: {"data": {"message_id": "p9", "time": at / 1000}}
            result = await desk.channel.send(outgoing("k1"))
            assert (result.outcome, result.channel_id, result.sent_at) == ("confirmed", "p9", at)
            desk.script.answer = lambda action: {"data": {"message_id": 9, "relay.time": at + 1, "time": 1}}
            result = await desk.channel.send(outgoing("k2"))
            assert (result.channel_id, result.sent_at) == ("9", at + 1)

    run_virtual(main)


def test_the_action_is_that_of_the_version() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock, "12") as desk:
            await desk.channel.send(outgoing("k1", "您好"))
            [action] = desk.script.sent
            assert action == {
                "action": "send_message", "echo": "k1", "self": {"platform": "taobao", "user_id": "1001"},
                "params": {
                    "detail_type": "private", "user_id": "b1", "message": [{"type": "text", "data": {"text": "您好"}}],
                    "relay.key": "k1", "relay.account": "seat-1", "relay.machine": False,
                },
            }  # fmt: skip
        async with Desk(clock, "11", extended=False) as desk:
            desk.push(desk.script.message("1", "在吗", user_id=77, at=at_now(clock)))
            await desk.channel.send(outgoing("k1", "[CQ:at,qq=all]"))
            [action] = desk.script.sent
            segments = [{"type": "text", "data": {"text": "[CQ:at,qq=all]"}}]
            assert action == {
                "action": "send_private_msg", "echo": "k1", "params": {"user_id": "b1", "message": segments}
            }  # fmt: skip
        async with Desk(clock, "11", extended=False, strings=True) as desk:
            await desk.channel.send(outgoing("k1", "[CQ:at,qq=all]"))
            assert desk.script.sent[0]["params"] == {"user_id": "b1", "message": "[CQ:at,qq=all]", "auto_escape": True}

    run_virtual(main)


def test_l9_what_cannot_leave_is_proof_that_it_did_not() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock) as desk:
            bad = await desk.channel.send(outgoing("k1", "\ud800"))
            assert (bad.outcome, bad.why, bad.retryable) == ("not_sent", "unusable_text", False)
            desk.line.socket.end()
            await turns()
            gone = await desk.channel.send(outgoing("k2"))
            assert (gone.outcome, gone.why, gone.retryable) == ("not_sent", "account_not_connected", True)
            assert desk.script.sent == []

    run_virtual(main)


@pytest.mark.parametrize("idempotent", [False, True])
def test_l9_a_socket_that_ends_before_its_answer_leaves_an_unknown(idempotent: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock, idempotent=idempotent) as desk:
            desk.script.silent = True
            sending = asyncio.ensure_future(desk.channel.send(outgoing("k1")))
            await turns()
            desk.line.socket.end()
            assert await sending == SendResult(outcome="unknown", why="connection_lost", retryable=idempotent)
        async with Desk(clock, idempotent=idempotent) as desk:
            desk.line.socket.breaks = True
            assert (await desk.channel.send(outgoing("k1"))).outcome == "unknown", "its bytes had left"

    run_virtual(main)


def test_no_other_account_ever_speaks() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock, extended=False) as desk:
            elsewhere = outgoing("k1")
            for account in ("seat-2", "seat-3"):
                result = await desk.channel.send(type(elsewhere)(**{**as_dict(elsewhere), "account": account}))
                assert (result.outcome, result.why) == ("not_sent", "account_not_connected")
            from_queue = await desk.channel.send(type(elsewhere)(**{**as_dict(elsewhere), "account": ""}))
            assert from_queue.outcome == "confirmed", "the only account of the shop that is there"
            nobody = type(elsewhere)(**{**as_dict(elsewhere), "account": "", "shop": ShopId(OTHER_SHOP)})
            assert (await desk.channel.send(nobody)).outcome == "not_sent"

    run_virtual(main)


def as_dict(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__struct_fields__}


def test_a_buyer_in_the_queue_is_answered_where_they_wrote() -> None:
    async def main(clock: VirtualClock) -> None:
        table = {"1001": {"shop": SHOP}, "1002": {"shop": SHOP}}
        async with Desk(clock, accounts=table) as desk:
            desk.push(desk.script.status("1001", "1002"))
            desk.push(desk.script.message("1", "在吗", self_id="1002", at=at_now(clock)))
            await turns()
            message = type(outgoing("k1"))(**{**as_dict(outgoing("k1")), "account": ""})
            assert (await desk.channel.send(message)).outcome == "confirmed"
            assert desk.script.sent[0]["self"]["user_id"] == "1002"

    run_virtual(main)


# --- echoes


@pytest.mark.parametrize("version", ["11", "12"])
def test_an_echo_is_known_by_the_id_of_the_answer(version: Version) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock, version) as desk:
            desk.script.answer = lambda action: {"data": {"message_id": "77"}}
            await desk.channel.send(outgoing("k1", "您好"))
            desk.own("77", "您好")
            desk.own("78", "您好")
            await turns()
            assert desk.lines() == [ECHO, PERSON], "the same words, typed by a person, are another message"

    run_virtual(main)


@pytest.mark.parametrize("version", ["11", "12"])
def test_an_echo_that_is_quicker_than_the_answer_waits_for_it(version: Version) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock, version) as desk:
            desk.script.silent = True
            sending = asyncio.ensure_future(desk.channel.send(outgoing("k1", "您好")))
            await turns()
            desk.own("77", "您好")
            desk.own("78", "您好")
            desk.push(desk.script.message("5", "还在吗", at=at_now(clock)))
            await turns()
            assert [one.text for one in desk.intake.taken] == ["还在吗"], "nobody else waits for it"
            desk.line.socket.push({"status": "ok", "retcode": 0, "data": {"message_id": "77"}, "echo": "k1"})
            assert (await sending).outcome == "confirmed"
            await turns()
            assert desk.lines()[1:] == [ECHO, PERSON]

    run_virtual(main)


def test_while_a_send_is_in_doubt_nobody_is_taken_for_a_person() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock) as desk:
            desk.script.silent = True
            assert (await desk.channel.send(outgoing("k1", "您好"))).outcome == "unknown"
            desk.own("77", "您好")
            desk.push(desk.script.own("78", "您好", at=at_now(clock), relay__echo_of="k1"))
            await turns()
            desk.own("79", "您好")
            await turns()
            assert desk.lines() == [NOBODY, ECHO, PERSON], "the bridge's own word ends the doubt"
            assert (await desk.channel.send(outgoing("k2", "您好"))).outcome == "unknown"
            await clock.sleep(121)
            desk.own("80", "您好")
            await turns()
            assert desk.lines()[-1] == PERSON, "and so does time"

    run_virtual(main)


@pytest.mark.parametrize(("after_s", "whose"), [(-6, PERSON), (-5, NOBODY), (0, NOBODY), (30, NOBODY), (31, PERSON)])
def test_an_own_message_from_the_end_of_a_former_run_is_taken_for_nobodys(
    after_s: int, whose: tuple[str, str, str | None, str | None]
) -> None:
    async def main(clock: VirtualClock) -> None:
        desk = Desk(clock)
        ended = desk.intake.known[SHOP] = Millis(clock.now() - 60_000)
        async with desk:
            desk.push(desk.script.own("77", "您好", at=ended / 1000 + after_s))
            desk.push(desk.script.own("78", "您好", at=ended / 1000 + after_s, relay__echo_of="k1"))
            await turns()
            assert desk.lines() == [whose, ECHO]

    run_virtual(main)


def test_l9_a_late_answer_resolves_the_unknown_as_its_echo_would() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock) as desk:
            desk.script.silent = True
            began = clock.now()
            assert (await desk.channel.send(outgoing("k1", "您好"))).outcome == "unknown"
            late = {"status": "ok", "retcode": 0, "data": {"message_id": "77"}, "echo": "k1"}
            desk.line.socket.push({**late, "status": "failed", "retcode": 20002})
            await turns()
            assert desk.intake.taken == []
            desk.line.socket.push(late)
            desk.line.socket.push(late)
            await turns()
            [one] = desk.intake.taken
            assert (one.role, one.echo_of, one.id, one.text) == ("merchant", "k1", "77", "您好")
            assert (one.at, one.skew_ms) == (began, 10_000), "without a time of its own it is as vague as it is"
            desk.own("77", "您好")
            await turns()
            assert {one.id for one in desk.intake.taken} == {"77"}

    run_virtual(main)


def test_answers_are_matched_by_their_echo_alone() -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock) as desk:
            desk.script.silent = True
            first = asyncio.ensure_future(desk.channel.send(outgoing("k1")))
            second = asyncio.ensure_future(desk.channel.send(outgoing("k2")))
            await turns()
            for echo in ({"seq": 1}, 7, None, "k3"):
                desk.line.socket.push({"status": "ok", "retcode": 0, "data": {"message_id": "1"}, "echo": echo})
            desk.line.socket.push({"status": "failed", "retcode": 34001, "data": None, "echo": "k2"})
            desk.line.socket.push({"status": "ok", "retcode": 0, "data": {"message_id": "2"}, "echo": "k1"})
            assert ((await first).channel_id, (await second).outcome) == ("2", "refused")
            assert desk.intake.quarantined == []

    run_virtual(main)


# --- transfers


TRANSFERS: list[tuple[dict[str, Any] | None, str, bool]] = [
    ({}, "confirmed", False),
    ({"status": "failed", "retcode": 10002}, "refused", False),
    ({"status": "failed", "retcode": 36000}, "refused", True),
    ({"status": "failed", "retcode": 20002}, "unknown", True),
    (None, "unknown", True),
]


@pytest.mark.parametrize(("answer", "outcome", "retryable"), TRANSFERS)
def test_l3_a_transfer_has_the_outcome_that_is_proven(
    answer: dict[str, Any] | None, outcome: str, retryable: bool
) -> None:
    async def main(clock: VirtualClock) -> None:
        async with Desk(clock, placement="transfer", transfer_action="taobao.pass_on") as desk:
            desk.script.answer = lambda action: answer
            order = Transfer(key="t1", shop=SHOP, buyer="b1", account="seat-2", from_account="seat-1")
            result = await desk.channel.transfer(order)
            assert (result.outcome, result.retryable) == (outcome, retryable)
            [action] = [each for each in desk.line.socket.said if each["action"] == "taobao.pass_on"]
            assert action["params"] == {"user_id": "b1", "account": "seat-2", "from_account": "seat-1", "key": "t1"}

    run_virtual(main)

"""A wire that is no good: frames are lost, doubled, late and out of order, sockets are reset in the middle of a send.

The platform's own log (`relay.testing.wire.Platform`) is the judge: what it accepted was seen by a buyer. Laws, for
every seed: a send is confirmed only if the platform has it, refused or not sent only if it never will (L9); nothing is
accepted twice; every message of a bridge that repeats what is not acknowledged is taken, and none twice (L1, L2).
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from relay.contracts import Outgoing, SendResult
from relay.domain.names import Millis
from relay.testing.chance import Chance
from relay.testing.contracts_channel import SHOP, FakeIntake
from relay.testing.virtual import VirtualClock, run_virtual
from relay.testing.wire import LEAVES, Platform
from relay_onebot.options import Version
from relay_onebot.tests.bridge import Script, make_channel
from relay_onebot.tests.fake_socket import FakeSocket

SENDS, LINES = 80, 80
CODES: dict[str, dict[str, Any]] = {
    "refused": {"status": "failed", "retcode": 34001},
    "busy": {"status": "failed", "retcode": 36000},
    "not_sent": {"status": "failed", "retcode": 10003},
}
RESETS = frozenset({"doubtful", "lost", "raises", "reset"})


class BadBridge:
    """A bridge on a bad wire. It dials again whenever its socket ends, and repeats what was not acknowledged."""

    def __init__(self, seed: int, version: Version, clock: VirtualClock) -> None:
        self.chance, self.clock, self.script = Chance(seed, "bridge"), clock, Script(version)
        loop = asyncio.get_running_loop()

        def later(after_s: float, then: Callable[[], None]) -> None:
            loop.call_later(after_s, then)

        self.platform = Platform(self.chance, clock.now, later)
        self.channel, self.intake = make_channel(clock, version=version), FakeIntake()
        self.kept: dict[str, dict[str, Any]] = {}
        self.pushes = 0
        self.socket = FakeSocket()
        self.ending = False

    async def live(self) -> None:
        """Dial, and dial again."""
        named = "1001" if self.script.version == "11" else None
        while not self.ending:
            self.socket = FakeSocket()
            self.socket.on_send = self._asked
            serving = asyncio.ensure_future(self.channel._switchboard.serve(self.socket, "all", named))
            self.socket.push(self.script.connect())
            if self.script.version == "12":
                self.socket.push(self.script.status("1001"))
            for name in list(self.kept):
                self._push(name)
            await serving
            await self.clock.sleep(0.5)

    def write(self, number: int) -> None:
        """A buyer writes."""
        event = self.script.message(str(number), f"第{number}句", at=self.clock.now() / 1000)
        name = str(event["message_id"] if self.script.version == "11" else event["id"])
        self.kept[name] = event
        self._push(name)

    def _push(self, name: str) -> None:
        """Once, twice, late, or not at all this time; what is not acknowledged comes again."""
        self.pushes += 1
        fate = self.chance.pick(("good", "good", "twice", "late", "dropped", "cut"), "push", name, self.pushes)
        loop, socket, event = asyncio.get_running_loop(), self.socket, self.kept[name]
        if fate in ("good", "twice"):
            socket.push(event)
        if fate in ("twice", "late"):
            loop.call_later(self.chance.between(0.1, 5, "late", name, self.pushes), socket.push, event)
        if fate == "cut" and self.chance.roll("cut", name, self.pushes) < 0.2:
            socket.end()
        loop.call_later(8, self._again, name)

    def _again(self, name: str) -> None:
        if name in self.kept:
            self._push(name)

    def _asked(self, action: dict[str, Any]) -> None:
        if action["action"] == "relay.ack":
            self.kept.pop(action["params"]["id"], None)
        elif "relay.key" in (params := action.get("params") or {}):
            text = params["message"][0]["data"]["text"]
            message = Outgoing(key=params["relay.key"], shop=SHOP, buyer="b1", account="seat-1", text=text)
            self._deliver(message, action)

    def _deliver(self, message: Outgoing, action: dict[str, Any]) -> None:
        fate = self.platform.ask(message)
        if fate in LEAVES:
            self.platform.leave(message, idempotent=False, after_s=self.chance.between(0, 2, "way", message.key))
        if fate in ("raises", "reset"):
            self.socket.breaks = True
        elif fate in RESETS:
            self.socket.end()
        elif fate not in ("silent", "swallowed"):
            answer = CODES.get(fate, {"status": "ok", "retcode": 0, "data": {"message_id": f"p-{message.key}"}})
            after_s = 6.0 if fate == "slow" else self.chance.between(0, 3, "answer", message.key)
            socket = self.socket
            asyncio.get_running_loop().call_later(after_s, socket.push, answer | {"echo": action["echo"]})


async def storm(seed: int, version: Version, clock: VirtualClock) -> tuple[BadBridge, dict[str, SendResult]]:
    bridge = BadBridge(seed, version, clock)
    await bridge.channel.start(bridge.intake, [SHOP])
    living = asyncio.ensure_future(bridge.live())
    await clock.sleep(1)
    results: dict[str, SendResult] = {}

    async def send(number: int) -> None:
        await clock.sleep(bridge.chance.between(0, 120, "when", number))
        message = Outgoing(key=f"k{number}", shop=SHOP, buyer="b1", account="seat-1", text="同样的话")
        results[message.key] = await bridge.channel.send(message)

    async def write(number: int) -> None:
        await clock.sleep(bridge.chance.between(0, 120, "line", number))
        bridge.write(number)

    await asyncio.gather(*(send(number) for number in range(SENDS)), *(write(number) for number in range(LINES)))
    for _ in range(600):
        if not bridge.kept:
            break
        await clock.sleep(1)
    await clock.sleep(10)
    bridge.ending = True
    await bridge.channel.stop()
    await living
    return bridge, results


@pytest.mark.parametrize("version", ["11", "12"])
@pytest.mark.parametrize("seed", range(4))
def test_on_a_bad_wire_nothing_is_lost_doubled_or_claimed(seed: int, version: Version) -> None:
    bridge, results = run_virtual(lambda clock: storm(seed, version, clock))
    taken = [one.id for one in bridge.intake.taken if one.role == "buyer"]
    assert bridge.kept == {}
    assert len(taken) == len(set(taken)) == LINES
    assert len({one.text for one in bridge.intake.taken if one.role == "buyer"}) == LINES
    assert bridge.intake.quarantined == []
    accepted = bridge.platform.accepted
    assert all(len(copies) == 1 for copies in accepted.values())
    for key, result in results.items():
        if result.outcome == "confirmed":
            assert key in accepted, f"{key} was claimed and never arrived"
        elif result.outcome in ("refused", "not_sent"):
            assert key not in accepted, f"{key} arrived, and relay said it had not"
    assert {result.outcome for result in results.values()} == {"confirmed", "refused", "not_sent", "unknown"}
    proven = {one.echo_of for one in bridge.intake.taken if one.echo_of is not None}
    assert proven <= {key for key, result in results.items() if result.outcome == "unknown" and key in accepted}


def test_the_same_seed_is_the_same_storm() -> None:
    def told(clock: VirtualClock) -> Any:
        return storm(7, "12", clock)

    one, other = run_virtual(told), run_virtual(told)
    assert one[1] == other[1]
    assert one[0].intake.taken == other[0].intake.taken
    assert Millis(0) < one[0].intake.taken[0].at

"""Properties of what comes in: no frame, however odd, costs more than itself."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.testing.contracts_channel import SHOP, FakeIntake
from relay.testing.virtual import VirtualClock, run_virtual
from relay_onebot.options import Version
from relay_onebot.tests.bridge import AT, Script, make_channel
from relay_onebot.tests.fake_socket import Line, turns

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(["", "1001", AT]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
V11, V12 = Script("11"), Script("12")
EVENTS: list[tuple[Version, dict[str, Any]]] = [
    ("11", V11.message("5", "在吗", relay__shop=SHOP, relay__time=AT * 1000)),
    ("11", V11.own("5", "您好")),
    ("11", V11.notice("friend_recall", message_id=5)),
    ("11", V11.notice("relay.transfer", relay__account="seat-2")),
    ("11", V11.heartbeat()),
    ("12", V12.message("5", "在吗", taobao__shop=SHOP, taobao__owner="seat-1")),
    ("12", V12.own("5", "您好", relay__kind="bot")),
    ("12", V12.notice("private_message_delete", message_id="5")),
    ("12", V12.notice("taobao.assign", taobao__account="seat-2")),
    ("12", V12.status("1001")),
    ("12", {"status": "ok", "retcode": 0, "data": None, "message": "", "echo": "k"}),
]


@pytest.mark.parametrize(("version", "event"), EVENTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_field_of_any_form_is_taken_ignored_or_quarantined(
    version: Version, event: dict[str, Any], data: st.DataObject
) -> None:
    changed = dict(event)
    for name in data.draw(st.lists(st.sampled_from(sorted(event)), min_size=1, max_size=3, unique=True)):
        changed[name] = data.draw(JSON)

    async def main(clock: VirtualClock) -> None:
        channel, intake = make_channel(clock, version=version), FakeIntake()
        await channel.start(intake, [SHOP])
        line = Line(channel, Script(version))
        line.socket.push(changed)
        line.socket.push(Script(version).message("6", "后面的", at=clock.now() / 1000))
        await turns(100)
        assert line.socket.code is None
        assert "后面的" in [one.text for one in intake.taken]
        assert len(intake.taken) + len(intake.quarantined) <= 2
        assert all(one.shop == SHOP for one in intake.taken), "nothing reaches another shop"
        await channel.stop()
        await line.task

    run_virtual(main)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()), st.booleans())
def test_any_bytes_cost_no_socket(frame: bytes, binary: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        channel, intake = make_channel(clock, version="12"), FakeIntake()
        await channel.start(intake, [SHOP])
        line = Line(channel, Script("12"))
        line.socket.raw(frame, binary)
        line.socket.push(V12.message("6", "后面的", at=clock.now() / 1000))
        await turns(100)
        assert [one.text for one in intake.taken] == ["后面的"]
        assert [raw for _, raw, _ in intake.quarantined] in ([frame], [])
        await channel.stop()
        await line.task

    run_virtual(main)

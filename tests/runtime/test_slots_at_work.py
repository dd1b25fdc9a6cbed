"""Slots at work in the running service: what is personal comes from the store, and the text that went out is proven."""

import asyncio
from typing import Any

import msgspec
import pytest

from relay.contracts import RefRow
from relay.domain import facts as f
from relay.domain.names import BuyerRef, ReplyId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import QuickReply
from relay.runtime.filling import personal
from relay.store.verify import Walk
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import DESK, SHOP
from tests.runtime.test_service import BOSS, House, settings


def library(*texts: str, **shop: Any) -> Settings:
    """Holds with these texts, in this order of choice, or (`purpose:text`) notices."""
    replies = []
    for number, text in enumerate(texts):
        purpose, _, words = text.rpartition(":")
        made = QuickReply(ReplyId(f"r{number}"), 1, words, purpose or "hold", status="approved", author=BOSS)  # type: ignore[arg-type]
        replies.append(msgspec.structs.replace(made, approved_by=BOSS, approval="owner_self"))
    return msgspec.structs.replace(settings(**shop), replies=tuple(replies))


def told(*texts: str, asks: tuple[dict[str, Any], ...] = ({},), **shop: Any) -> tuple[list[str], House]:
    """What reached the buyer until after the deadline."""
    kept: list[House] = []

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=library(*texts, **shop))
        kept.append(house)
        await house.online()
        for number, more in enumerate(asks):
            await house.channel.arrive(house.line(f"m{number}", **more))
        await clock.sleep(200)
        await house.service.stop()

    run_virtual(main)
    [house] = kept
    return [one.text for one in house.channel.sent], house


def proven(house: House) -> list[str]:
    """The texts of machine sends that the ledger binds; the walk of `relay verify` finds nothing amiss."""
    rows = list(house.store.read(DESK))
    content = house.store.content(DESK, range(len(rows) + 1))
    assert Walk(DESK).over(rows, [content[seq] for seq in sorted(content)]) == []
    started = [seq for seq, fact in enumerate(house.durable(), 1) if isinstance(fact, f.SendStarted) and fact.digest]
    return [content[seq].body.decode() for seq in started]


NAMED = ({"buyer_name": "橘猫"},)


@pytest.mark.parametrize(
    ("texts", "asks", "sent", "bound"),
    [
        (("{buyer_name}，请稍等",), NAMED, ["橘猫，请稍等"], True),
        (("{buyer_name}，请稍等", "请稍等"), ({},), ["请稍等"], False),
        (("{buyer_name|亲}，请稍等",), ({},), ["亲，请稍等"], True),
        (("{buyer_name}，请稍等", "请稍等"), ({"buyer_name": "加微信 abc"},), ["请稍等"], False),
        (("{buyer_name|亲}，请稍等",), ({"buyer_name": "电话13800138000"},), ["亲，请稍等"], True),
        (("订单{order_no}在查",), ({"order_no": "10017"},), ["订单10017在查"], True),
        (("订单{order_no}在查",), ({"order_no": "1"}, {"order_no": "2"}, {}), ["订单2在查"], True),
        (("{buyer_name}的{order_no}",), ({"buyer_name": "橘猫"}, {"order_no": "7"}), ["橘猫的7"], True),
        (("请{{稍}}等",), ({},), ["请{稍}等"], False),
        (("greeting:{buyer_name}您好",), NAMED, ["橘猫您好"], True),
        (("greeting:{buyer_name}您好",), ({},), [], False),
    ],
)
def test_what_reaches_the_buyer_and_what_the_ledger_proves(
    texts: tuple[str, ...], asks: tuple[dict[str, Any], ...], sent: list[str], bound: bool
) -> None:
    reached, house = told(*texts, asks=asks, greeting="on")
    assert reached == sent
    assert proven(house) == (sent if bound else [])
    assert all("橘猫" not in str(fact) for fact in house.durable())


def test_a_filled_text_is_what_the_readers_of_the_ledger_get() -> None:
    _, house = told("{buyer_name}，请稍等", asks=NAMED)
    [text] = [one.text for one in house.runner().read(1) if isinstance(one.fact, f.SendStarted)]
    assert text == "橘猫，请稍等"


def test_a_prepared_text_whose_send_was_ended_is_kept_nowhere() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=library("{buyer_name}，请稍等"))
        await house.online()
        await house.channel.arrive(house.line("1", buyer_name="橘猫"))
        await clock.sleep(159.5)
        house.store.gate.clear()  # the intent's commit waits, and with it the question whether it may go
        await clock.sleep(1)
        asked = asyncio.create_task(house.channel.arrive(house.line("2", text="还在吗")))
        await house.rest()
        house.store.gate.set()
        await asked
        await house.rest()
        ended = [one for one in house.durable() if isinstance(one, f.SendEnded) and one.checked]
        assert [one.why for one in ended] == ["buyer_wrote"]
        assert proven(house) == ["橘猫，请稍等"], "the one that was decided anew"
        await house.service.stop()

    run_virtual(main)


@pytest.mark.parametrize(
    ("name", "order_no", "values"),
    [
        ("", "", {}),
        ("橘猫", "", {"buyer_name": "橘猫"}),
        ("\u200b", "12", {"order_no": "12"}),
        ("", "1" * 41, {}),
        ("www.abc.com", "1234567890123456789", {"order_no": "1234567890123456789"}),
    ],
)
def test_what_may_be_said_of_a_buyer(name: str, order_no: str, values: dict[str, str]) -> None:
    assert personal(RefRow(b"", BuyerRef("r"), ShopId(SHOP), "tb", name, order_no)) == values
    assert personal(None) == {}

"""What a channel may say of a line beyond who wrote it: that nobody knows whether it was sent, that the platform wrote
it, that the buyer stands in its queue. Each is on the ledger, in its log form, and leads to itself again.
"""

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import encode
from relay.domain.guiding import Author, Kind
from relay.domain.names import BuyerRef, ShopId
from relay.domain.replay import input_of
from relay.insight.log import LogLines
from relay.rules.messages import Message
from tests.domain.world import TEN, World, small


def lines(world: World) -> list[Message]:
    told = LogLines(world.desk.state.desk)
    return [line for seq, fact in enumerate(world.facts, 1) for line in told.of(seq, fact)]


@pytest.mark.parametrize("tone", ["answer", "hold"])
def test_a_text_of_which_nobody_knows_answers_nothing_and_owes_nothing(tone: str) -> None:
    world = small()
    world.say()
    world.advance(30)
    world.seen(tone=tone, unsure=True)
    assert world.conv().round is not None
    assert world.conv().debt is None
    [wrote] = world.all(f.ShopWrote)
    assert (wrote.unsure, wrote.answers) == (True, False)
    assert [line.outcome for line in lines(world) if line.role == "merchant"] == ["unknown"]


def test_the_platforms_own_line_is_no_line_of_the_shop() -> None:
    world = small()
    world.say()
    world.seen(author=Author(Kind.system), by_platform=True)
    assert [(line.role, line.kind) for line in lines(world)[-1:]] == [("system", "system")]
    assert world.conv().round is not None


@pytest.mark.parametrize("queued", [False, True])
def test_the_platforms_queue_is_kept_and_leads_to_itself(queued: bool) -> None:
    given = i.TakeBuyerMessage(shop=ShopId("shop"), buyer=BuyerRef("b"), sent_at=TEN, digest="", queued=queued)
    world = small()
    [fact, *_] = world.desk.step(given, TEN)
    assert isinstance(fact, f.BuyerWrote)
    assert fact.queued is queued
    again = small()
    assert encode(again.desk.step(input_of(fact), TEN)[0]) == encode(fact)

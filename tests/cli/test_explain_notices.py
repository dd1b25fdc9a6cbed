"""`relay explain` says who was told of a buyer's alerts, and who has seen them."""

from pathlib import Path

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import AlertId, BuyerRef, PersonId, ShopId
from tests.cli.test_explain_event import explained
from tests.domain.world import small


async def test_a_buyers_story_has_its_notices_and_not_those_of_others(tmp_path: Path) -> None:
    world = small(assist="suggest")
    world.say("b1")
    world.advance(5)
    world.say("b2")
    world.advance(150)
    mine, others = world.desk.state.alerts.open
    world.do(i.NoteAlertsTold(notifier="group", outcome="confirmed", alerts=(mine,)))
    world.do(i.NoteAlertsTold(notifier="owner", outcome="confirmed", alerts=(AlertId(others),)))
    boss, shop = PersonId("boss"), ShopId("shop")
    world.do(i.AcknowledgeAlerts(shop=shop, buyer=BuyerRef("b1"), by=boss, alerts=(mine,)))
    lines = await explained(world, world.last(f.LadderStepped, buyer="b1", do="alert"), tmp_path)
    [told] = [line for line in lines if "AlertsTold" in line]
    assert "notifier=group" in told
    [seen] = [line for line in lines if "AlertAcknowledged" in line]
    assert "by=boss" in seen

"""Some weeks of two shops: busy and bad days, days on which nobody writes, names that look like formulas and tags."""

import random
from collections.abc import Sequence
from typing import Any, Final

from relay.domain.inputs import ConnectChannel, StartDesk
from relay.domain.names import ShopId
from relay.domain.refusal import Refusal
from relay.domain.settings import Shop
from tests.domain.world import DESK, World

DAY_S: Final = 86_400
FORMULA: Final = "=cmd|' /C calc'!A0"
TAG: Final = "</script><b onmouseover=alert(1)>棉里"


def month(days: int = 12, most: int = 12, quiet: Sequence[int] = (4, 5), seed: int = 1) -> World:
    """`most` rounds a day and shop, none on the days `quiet`. The first shop is Taobao's, the other Tejia's."""
    chance = random.Random(seed)
    world = World(check=False)
    world.do(StartDesk(epoch=0))
    shops: dict[str, dict[str, Any]] = {
        "shop1": {"name": TAG},
        "tejia": {"name": "特价店", "platform": "tejia", "rule": "tejia_3min"},
    }
    for shop, more in shops.items():
        world.set(Shop(ShopId(shop), DESK, assist="off", **more))
        world.do(ConnectChannel(shop=ShopId(shop), placement="relay" if shop == "shop1" else "platform"))
        for seat in range(4):
            name = f"{FORMULA}{shop}" if seat == 0 else f"{shop}-{seat}"
            world.seat(name, shop=shop, cap=90, online=seat < 3, account=name)
    world.at("00:00:00")
    midnight = world.now
    told: list[tuple[float, str, str, str]] = []
    for day in set(range(days)) - set(quiet):
        bad = chance.random() < 0.3
        for shop in ("shop1", "tejia"):
            for number in range(chance.randint(most // 2, most)):
                buyer, at = f"b{day:02}{number:02}{shop}", day + min(max(chance.gauss(15, 4), 8.1), 22.8) / 24
                told.append((at, "say", buyer, shop))
                if chance.random() >= (0.35 if bad else 0.05):
                    waits = chance.lognormvariate(5.1 if bad else 4.1, 0.8)
                    told.append((at + waits / DAY_S, "answer", buyer, shop))
    for at, what, buyer, shop in sorted(told):
        world.advance(max(at * DAY_S - (world.now - midnight) / 1000, 0))
        try:
            if what == "say":
                world.say(buyer, shop=shop, account=None if shop == "shop1" else f"tejia-{chance.randint(1, 2)}")
            else:
                world.answer(buyer=buyer, shop=shop)
        except Refusal:
            continue
    world.advance(max(days * DAY_S - (world.now - midnight) / 1000, 0))
    return world

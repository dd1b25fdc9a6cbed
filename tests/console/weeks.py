"""Some weeks of a shop on a live relay: buyers by the hours of a day, answers soon and late, and a day without any."""

import random
from typing import Final

from tests.console.rig import House

DAY_S: Final = 86_400
QUIET: Final = 6
"""On this day of the weeks nobody asks."""
ASKED: Final = ("在吗", "什么时候发货", "能开发票吗", "尺寸怎么选", "可以退换吗", "有优惠券吗")


async def some_weeks(house: House, days: int, most: int = 10, seed: int = 1) -> None:
    """So many days pass, and are settled; the clock stands in the next day's afternoon, and nobody waits any more."""
    chance = random.Random(seed)
    told: list[tuple[float, str, str]] = []
    for day in set(range(days + 1)) - {QUIET}:
        bad = day % 5 == 3
        for number in range(chance.randint(most // 2, most)):
            name, at = f"买家{day}-{number}", day * DAY_S + min(max(chance.gauss(3, 3.2), -3.5), 10.5) * 3600
            answered = at + min(chance.lognormvariate(4.9 if bad else 3.6, 0.8), 2400)
            if answered < days * DAY_S:
                told += [(at, name, chance.choice(ASKED)), (answered, name, "")]
    passed = 0.0
    for at, name, text in sorted(told):
        await house.leap(max(at - passed, 0))
        passed = max(at, passed)
        if text:
            await house.buyer(name, text)
        else:
            who = {"role": "merchant", "sub_account": f"棉里:{chance.choice(['ann', 'ann', 'bob'])}"}
            await house.buyer(name, "亲，在的，马上为您看", **who)
    await house.leap(days * DAY_S - passed)
    await house.app.settling.settle()
    await house.leap(4000)  # what was settled is read again after an hour

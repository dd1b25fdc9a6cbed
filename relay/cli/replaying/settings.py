"""The shops that a log is replayed to: the owner's own settings, or just enough of them made from the log.

Laws: every shop is on the replay's channel, and its machine is `off` or in `shadow`; nothing else of the owner's
settings is changed.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from msgspec.structs import replace

from relay.cli.replaying.script import Script
from relay.domain.names import ChannelName, DeskId, PersonId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.office.laddering import ladder_faults
from relay.domain.settings import DEFAULT_DEBT_LADDER, Desk, Grant, Person, Seat, Shop
from relay.errors import BadInputError
from relay.runtime.settings_rules import limit_s

CHANNEL: Final = ChannelName("replay")
DESK: Final = DeskId("main")
OWNER: Final = PersonId("owner")
CAP: Final = 100
Assist = Literal["off", "shadow"]


def made(script: Script, rule_id: str, options: dict[str, str], assist: Assist) -> Settings:
    """One desk, the log's shops under this rule, and a seat for every account that wrote or was given a buyer."""
    shops = tuple(
        Shop(ShopId(there), DESK, name=own or "", channel=CHANNEL, rule=rule_id, rule_options=options, assist=assist,
             debt_ladder=DEFAULT_DEBT_LADDER, holds_per_day=2)
        for own, there in script.shops.items()
    )  # fmt: skip
    shops = tuple(replace(one, ladder=()) if _is_short(one) else one for one in shops)
    people, seats = [], []
    for number, (shop, account) in enumerate(sorted(script.merchants), 1):
        agent = PersonId(f"agent{number}")
        people.append(Person(agent, name=account, roles=(Grant(ShopId(shop), "agent"),)))
        seats.append(Seat(SeatId(f"seat{number}"), ShopId(shop), agent, account=account, cap=CAP))
    owner = Person(OWNER, roles=tuple(Grant(shop.id, "owner") for shop in shops))
    return Settings(desks=(Desk(DESK),), persons=(owner, *people), shops=shops, seats=tuple(seats))


def _is_short(shop: Shop) -> bool:
    """Whether the rule's limit has no room for the usual ladder."""
    return any(True for _ in ladder_faults(shop, limit_s(shop)))


def owners(path: Path, assist: Assist) -> Settings:
    """The settings of this file, for a replay. Raises BadInputError."""
    from relay.runtime.settings_file import load_settings

    settings = load_settings(path)
    if not settings.shops:
        raise BadInputError(f"{path}: 没有店铺 / there is no shop in it")
    return replace(settings, shops=tuple(replace(one, channel=CHANNEL, assist=assist) for one in settings.shops))


def matched(path: Path, shops: Sequence[Shop], given: Sequence[str | None]) -> dict[str | None, str]:
    """Which of these shops each shop of the log is: by id, by name, or the only one. Raises BadInputError."""
    return dict(_matched(path, shops, given))


def _matched(path: Path, shops: Sequence[Shop], given: Sequence[str | None]) -> Iterator[tuple[str | None, str]]:
    by_name = {shop.name: shop.id for shop in shops} | {shop.id: shop.id for shop in shops}
    for own in given:
        if own is not None and own in by_name:
            yield own, by_name[ShopId(own)]
        elif len(given) == len(shops) == 1:
            yield own, shops[0].id
        else:
            raise BadInputError(
                f"{path}: 日志中的店铺 {own!r} 不在其中 / the log's shop {own!r} is not in it; 有 there are: "
                f"{', '.join(shop.id for shop in shops)}"
            )

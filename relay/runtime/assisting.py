"""Whether a machine may send in a shop, as people decide it: the statement, an owner's confirmation, the mode (§7).

A confirmation names the statement that its owner has read; if that is not the one relay writes now, it is refused,
since nobody can confirm what they have not seen. Everything is checked and written like any other setting.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from relay.contracts import Clock
from relay.domain.confirming import mode_of
from relay.domain.names import Millis, ShopId
from relay.domain.office import OfficeState, check_settings, grants, settings_of
from relay.domain.office.checks import not_confirmed
from relay.domain.office.state import Settings
from relay.domain.settings import Assist, Person, Shop
from relay.errors import BadInputError, ConfigError, Finding, ForbiddenError
from relay.insight.statement import confirmed, is_void, statement, warnings
from relay.runtime.office import Office

BEIJING: Final = timedelta(hours=8)


class AssistAct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """`confirm` with the number of the statement that was read, or `mode` with the mode that is wanted."""

    do: Literal["confirm", "mode"]
    statement: str = ""
    mode: Assist | None = None


class Assisting:
    """The machine's leave to send, of one office."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office, self._clock = office, clock

    def told(self, name: str, person: Person) -> dict[str, Any]:
        """The statement on this shop and how it stands. Raises BadInputError, ForbiddenError."""
        shop = self._shop(self._office.state, name, person)
        try:
            made = statement(shop)
        except ValueError as error:
            raise BadInputError(str(error)) from None
        return told_of(shop, made.digest, self._today()) | {
            "rules": [msgspec.to_builtins(one) for one in made.rules],
            "lines": [{"en": one.en, "zh": one.zh} for one in made.lines],
        }

    async def act(self, name: str, act: AssistAct, person: Person) -> list[str]:
        """Confirm, or set the mode; the lines of the difference. Raises BadInputError, ConfigError, ForbiddenError."""

        def wanted(state: OfficeState) -> Settings:
            shop = self._shop(state, name, person)
            return _with(state, self._confirmed(shop, act, person) if act.do == "confirm" else _in_mode(shop, act))

        changes = await self._office.change_settings(wanted, person)
        return [line for change in changes for line in change.lines]

    def _confirmed(self, shop: Shop, act: AssistAct, person: Person) -> Shop:
        if "owner" not in grants(person).get(shop.id, ()):
            raise ForbiddenError
        new = confirmed(shop, person.id, self._today().isoformat())
        if act.statement != new.assist_confirmed_statement:
            raise BadInputError(
                f"the statement on {shop.id} is not {act.statement or '(none)'}; read it again / "
                f"{shop.id} 的说明不是 {act.statement or '（未写）'}，请重新阅读"
            )
        return new

    def _shop(self, state: OfficeState, name: str, person: Person) -> Shop:
        shop = state.shops.get(ShopId(name))
        if shop is None:
            raise BadInputError(f'there is no shop "{name}" / 没有店铺 "{name}"')
        if shop.id not in grants(person):
            raise ForbiddenError
        return shop

    def _today(self) -> date:
        return day_of(self._clock.now())


def day_of(now: Millis) -> date:
    """The date in Beijing."""
    return (datetime.fromtimestamp(now / 1000, UTC) + BEIJING).date()


def told_of(shop: Shop, digest: str, today: date) -> dict[str, Any]:
    """How the machine's leave stands in this shop."""
    holds = shop.assist_confirmed_statement == digest and shop.assist_confirmed_by is not None
    return {
        "shop": shop.id,
        "statement": digest,
        "assist": shop.assist,
        "acts_as": "suggest" if is_void(shop) else mode_of(shop),
        "confirmed": holds,
        "confirmed_by": shop.assist_confirmed_by if holds else None,
        "confirmed_on": shop.assist_confirmed_on if holds else None,
        "warnings": [{"en": one.en, "zh": one.zh} for one in warnings(shop, today)],
    }


def _in_mode(shop: Shop, act: AssistAct) -> Shop:
    if act.mode is None:
        raise BadInputError("names no mode / 没有写明模式")
    new = msgspec.structs.replace(shop, assist=act.mode)
    if is_void(new):
        raise ConfigError([Finding(f"{shop.id} assist", *not_confirmed(new))])
    return new


def _with(state: OfficeState, shop: Shop) -> Settings:
    """The live settings with this shop in its place. Raises ConfigError for what is wrong with it."""
    now = settings_of(state)
    wanted = msgspec.structs.replace(now, shops=tuple(shop if one.id == shop.id else one for one in now.shops))
    before = set(check_settings(now, state))
    new = [one for one in check_settings(wanted, state) if one not in before]
    if new:
        raise ConfigError([Finding(f"{one.id} {one.key}", one.en, one.zh) for one in new])
    return wanted

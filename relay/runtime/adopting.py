"""A reading of a shop's rule that a calibration found, taken over by a person: the shop's rule and options, and beside
them the fact that says from which figures.

Laws: whoever adopts may change the shop's settings; the rule stays within the versions of the figure it guides by; of
the shop's options only those give way that were tried. An owner's confirmation of what machines count for is of the
rule and options it was given for (§7): where they change, a shop in `assist` falls back to `suggest`, and that is told.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from relay.domain.confirming import is_confirmed
from relay.domain.facts import FigureFact, ReadingAdopted
from relay.domain.names import Millis, ShopId
from relay.domain.office import OfficeState, Settings, check_settings, may, settings_of
from relay.domain.settings import Person, Shop
from relay.errors import BadInputError, ConfigError, Finding, ForbiddenError
from relay.insight.calibration.adoptions import moved
from relay.insight.calibration.space import FAMILIES, OPTIONS
from relay.runtime.office import Office
from relay.runtime.settings_rules import both, rule_of

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
MOST_FIGURES: Final = 5_000


class AdoptedReading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A reading that a calibration found, as a person takes it over: see `facts.ReadingAdopted`.

    `settles` are the options that were tried; of the shop's own options only these give way.
    """

    shop: str
    rule: str
    options: dict[str, Annotated[str, Meta(max_length=500)]]
    settles: tuple[str, ...]
    calibration: Sha256
    figures: Annotated[tuple[int, ...], Meta(max_length=MOST_FIGURES)] = ()
    matched: int = 0
    log: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    reverts: int | None = None


async def adopt(office: Office, reading: AdoptedReading, person: Person) -> list[str]:
    """Write it; the lines of the difference. Raises BadInputError, ConfigError, ForbiddenError."""
    lines: list[str] = []

    def wanted(state: OfficeState) -> Settings:
        shop = state.shops.get(ShopId(reading.shop))
        if shop is None or not may(person, shop.id, "settings"):
            raise ForbiddenError
        new = _under(shop, reading)
        if shop.assist == "assist" and new.assist != "assist":
            lines.append(
                f"{shop.id}: 规则口径已变，原确认失效，自动话术改为 suggest；重新阅读说明并确认后可再打开"
                f" / the reading has changed and voids the confirmation: assist falls back to suggest until an owner "
                f"reads and confirms the statement again"
            )
        return _with(state, new)

    def before(state: OfficeState, now: Millis) -> list[FigureFact]:
        fact = ReadingAdopted(
            at=now,
            by=person.id,
            shop=ShopId(reading.shop),
            rule=reading.rule,
            options=dict(sorted(reading.options.items())),
            calibration=reading.calibration,
            figures=reading.figures,
            matched=reading.matched,
            log=reading.log,
            settles=tuple(sorted({*reading.settles} - OPTIONS)),
            reverts=reading.reverts,
        )
        last = state.published.adopted.get(fact.shop)
        known = last is not None and msgspec.structs.replace(last, at=now, by=person.id) == fact
        if not known:
            back = "" if fact.reverts is None else f" （撤回采用 {fact.reverts} / takes back adoption {fact.reverts}）"
            lines.insert(0, f"+ {fact.shop} {fact.rule} {_said(fact.options)} [{fact.calibration[:12]}]{back}")
        return [] if known else [fact]

    changes = await office.change_settings(wanted, person, before)
    return [*lines, *(line for change in changes for line in change.lines)]


async def revert(office: Office, record: int, person: Person) -> list[str]:
    """Take back the adoption of this office seq: what stood before it stands again, and that is a fact as well.

    Raises BadInputError where there is none or nothing would change, ConfigError, ForbiddenError.
    """
    found = office.state.published.adoptions.get(record)
    if found is None:
        raise BadInputError(
            f"没有采用记录 {record}；relay calibrate 店铺 --adopted 可查看"
            f" / no reading was adopted under {record}; relay calibrate SHOP --adopted lists them"
        )
    if not may(person, found.fact.shop, "settings"):
        raise ForbiddenError
    settles = moved(found)
    reading = AdoptedReading(
        shop=found.fact.shop,
        rule=found.rule_before,
        options={key: value for key, value in found.options_before.items() if key in settles},
        settles=tuple(sorted(settles)),
        calibration=found.fact.calibration,
        reverts=record,
    )
    shop = office.state.shops.get(found.fact.shop)
    if shop is not None and _under(shop, reading) == shop:
        zh, en = f"口径已是采用 {record} 之前的样子", f"its reading is that of before adoption {record} already"
        raise BadInputError(f"{shop.id}: {zh} / {en}")
    return await adopt(office, reading, person)


def _under(shop: Shop, reading: AdoptedReading) -> Shop:
    family = next((one for one in FAMILIES if shop.rule in one), (shop.rule,))
    if reading.rule not in family:
        raise BadInputError(
            f"{shop.id} 的规则是 {shop.rule}，不能采用 {reading.rule} 的口径；看报表时用 --rule {reading.rule}"
            f" / {shop.id} is guided by {shop.rule} and cannot take over a reading of {reading.rule}; "
            f"name it to reports with --rule {reading.rule}"
        )
    kept = {key: value for key, value in shop.rule_options.items() if key not in reading.settles}
    new = msgspec.structs.replace(shop, rule=reading.rule, rule_options={**kept, **reading.options})
    try:
        rule_of(new)
    except ValueError as error:
        raise ConfigError([Finding(f"{shop.id} rule", *both(str(error)))]) from None
    if new.rule != shop.rule:
        new = msgspec.structs.replace(new, rule_confirmed_by=None, rule_confirmed_on=None, rule_confirmed_link=None)
    is_void = new.assist == "assist" and not is_confirmed(new)
    return msgspec.structs.replace(new, assist="suggest") if is_void else new


def _with(state: OfficeState, shop: Shop) -> Settings:
    """The live settings with this shop in its place. Raises ConfigError for what is newly wrong with it."""
    now = settings_of(state)
    wanted = msgspec.structs.replace(now, shops=tuple(shop if one.id == shop.id else one for one in now.shops))
    before = set(check_settings(now, state))
    new = [one for one in check_settings(wanted, state) if one not in before]
    if new:
        raise ConfigError([Finding(f"{one.id} {one.key}", one.en, one.zh) for one in new])
    return wanted


def _said(options: dict[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in options.items()) or "-"

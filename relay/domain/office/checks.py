"""What is wrong with a set of settings, all of it at once.

`check_settings` looks at the set alone, and, given the state it would replace, at what must hold for ever: a shop
stays on its desk, a seat in its shop, and a version of a quick reply never changes its text. It does not know
platforms or channels; the rooms above add what they know.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from relay.domain.confirming import is_confirmed
from relay.domain.events import CAP, seat_during, shop_during
from relay.domain.library import signed
from relay.domain.names import ID_PATTERN, DeskId, PersonId, ShopId
from relay.domain.office.event_checks import Around, event_faults, is_timed, overlaps
from relay.domain.office.grouping import known_groups, seat_faults, shop_faults
from relay.domain.office.laddering import ladder_faults
from relay.domain.office.rostering import calendar_faults, roster_faults
from relay.domain.office.state import SORTS, OfficeState, Settings
from relay.domain.office.versions import beside_faults, by_name, history_faults
from relay.domain.office.words import CLOCK_TIME
from relay.domain.settings import Event, Person, QuickReply, Role, Seat, Shop, Sort, Subject, sort_of
from relay.domain.slots import faults as slot_faults
from relay.domain.streams import is_desk, kind_of

TEXT_LIMIT: Final = 500
"""Characters of a quick reply, the least that the chat clients take."""
RULE_LIMIT_S: Final = 180
"""The answer limit where the caller knows no better: the three minutes."""
DAY_S: Final = 86_400

_RANGES: Final[dict[str, tuple[int, int]]] = {
    "service_s": (1, DAY_S),
    "first_reaction_s": (1, DAY_S),
    "debt_after_s": (10, DAY_S),
    "idle_release_s": (60, 7 * DAY_S),
    "aftersale_release_s": (60, 7 * DAY_S),
    "sticky_s": (0, 3 * DAY_S),
    "grace_s": (0, 3_600),
    "holds_per_day": (0, 100),
    "debt_seat_s": (0, 60),
    "follow_up_s": (60, 7 * DAY_S),
    "follow_up_alert_s": (60, 7 * DAY_S),
    "drain_s": (0, 3_600),
    "slow_reply_s": (1, 3_600),
    "long_reception_s": (60, DAY_S),
}
_GOAL: Final = (1, 99)
_ID: Final = re.compile(ID_PATTERN)


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with one key of one subject, in both languages."""

    sort: Sort
    id: str
    key: str
    en: str
    zh: str


class _Book:
    """The settings by id, with what the checks ask of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.desks = {desk.id for desk in settings.desks}
        self.shops = {shop.id: shop for shop in settings.shops}
        self.persons = {person.id: person for person in settings.persons}
        self.seats = {seat.id: seat for seat in settings.seats}
        self.around = Around(self.shops, self.seats, by_name(settings.replies))

    def has(self, person: PersonId, shop: ShopId, *roles: Role) -> bool:
        holder = self.persons.get(person)
        return holder is not None and any(grant.shop == shop and grant.role in roles for grant in holder.roles)

    def desk_of(self, shop: ShopId) -> DeskId | None:
        found = self.shops.get(shop)
        return found.desk if found else None


def check_settings(
    settings: Settings, state: OfficeState | None = None, limit_s: Callable[[Shop], int] | None = None
) -> list[Problem]:
    """Every problem, in the order of the file.

    `state`: what these settings would replace. `limit_s`: the answer limit in seconds of a shop's guiding rule.
    """
    book, limit = _Book(settings), limit_s or (lambda _shop: RULE_LIMIT_S)
    problems = list(_ids(settings))
    for desk in settings.desks:
        if not is_desk(desk.id):
            word = kind_of(desk.id)
            en, zh = f'no desk may be called "{word}" or "{word}.…"', f"客服台不能叫 {word} 或以 {word}. 开头"
            problems.append(Problem("desk", desk.id, "id", en, zh))
    for person in settings.persons:
        problems += _person(person, book)
    for shop in settings.shops:
        problems += _shop(shop, book)
        problems += _ladders(shop, limit(shop))
    problems += _seats(book)
    for reply in settings.replies:
        problems += _reply(reply, book)
    problems += _events(book, limit)
    if state is not None:
        problems += _for_ever(settings, state)
    return problems


def _at(subject: Subject, key: str, en: str, zh: str) -> Problem:
    return Problem(sort_of(subject), subject.id, key, en, zh)


def _ids(settings: Settings) -> Iterator[Problem]:
    for sort in SORTS:
        seen: set[str] = set()
        for subject in settings.of(sort):
            if not _ID.fullmatch(subject.id):
                yield _at(
                    subject,
                    "id",
                    f'"{subject.id}" is no id: 1 to 64 of a-z 0-9 _ . - and the first a letter or digit',
                    f'"{subject.id}" 不是有效的 id：只能用 1 到 64 个 a-z 0-9 _ . -，且以字母或数字开头',
                )
            if subject.id in seen and sort != "reply":
                yield _at(subject, "id", f'the id "{subject.id}" is used twice', f'id "{subject.id}" 重复')
            seen.add(subject.id)
    yield from (_at(reply, *fault) for reply, fault in beside_faults(settings.replies))


def _person(person: Person, book: _Book) -> Iterator[Problem]:
    for shop in sorted({grant.shop for grant in person.roles} - set(book.shops)):
        yield _at(person, "roles", f'there is no shop "{shop}"', f'没有店铺 "{shop}"')
    if len(set(person.roles)) != len(person.roles):
        yield _at(person, "roles", "a role is named twice", "角色重复")
    if person.cap is not None and not CAP[0] <= person.cap <= CAP[1]:
        yield _at(person, "cap", f"must be {CAP[0]} to {CAP[1]}", f"应为 {CAP[0]} 到 {CAP[1]}")


def _ladders(shop: Shop, limit_s: int) -> list[Problem]:
    return [_at(shop, *fault) for fault in ladder_faults(shop, limit_s)]


def _shop(shop: Shop, book: _Book) -> Iterator[Problem]:
    if shop.desk not in book.desks:
        yield _at(shop, "desk", f'there is no desk "{shop.desk}"', f'没有客服台 "{shop.desk}"')
    if not zone_exists(shop.zone):
        yield _at(shop, "zone", f'there is no time zone "{shop.zone}"', f'没有时区 "{shop.zone}"，例如 Asia/Shanghai')
    for key, (least, most) in _RANGES.items():
        if not least <= getattr(shop, key) <= most:
            yield _at(shop, key, f"must be {least} to {most}", f"应为 {least} 到 {most}")
    if shop.goal_percent is not None and not _GOAL[0] <= shop.goal_percent <= _GOAL[1]:
        yield _at(shop, "goal_percent", f"must be {_GOAL[0]} to {_GOAL[1]}", f"应为 {_GOAL[0]} 到 {_GOAL[1]}")
    if (shop.rule_confirmed_by is None) != (shop.rule_confirmed_on is None):
        yield _at(shop, "rule_confirmed_by", "needs person and date together", "确认人和确认日期须同时填写")
    if shop.rule_confirmed_by is not None and shop.rule_confirmed_by not in book.persons:
        yield _at(
            shop, "rule_confirmed_by", f'no person "{shop.rule_confirmed_by}"', f'没有 "{shop.rule_confirmed_by}"'
        )
    if shop.rule_confirmed_link is not None and shop.rule_confirmed_on is None:
        yield _at(shop, "rule_confirmed_link", "needs person and date too", "须同时填写确认人和日期")
    for key in ("rule_confirmed_on", "assist_confirmed_on"):
        if getattr(shop, key) is not None and not _is_date(getattr(shop, key)):
            yield _at(shop, key, "must be a date such as 2026-11-22", "应为日期，例如 2026-11-22")
    for fault in (*shop_faults(shop), *calendar_faults(shop)):
        yield _at(shop, *fault)
    if shop.assist == "assist":
        yield from _assist(shop, book)


def _assist(shop: Shop, book: _Book) -> Iterator[Problem]:
    if shop.assist_confirmed_by is None or shop.assist_confirmed_on is None:
        yield _at(
            shop,
            "assist",
            *not_confirmed(shop),
        )
    elif not book.has(shop.assist_confirmed_by, shop.id, "owner"):
        yield _at(
            shop,
            "assist_confirmed_by",
            f'"{shop.assist_confirmed_by}" is no owner of this shop',
            f'"{shop.assist_confirmed_by}" 不是本店管理员（owner）',
        )
    elif not is_confirmed(shop):
        yield _at(shop, "assist", *not_confirmed(shop))


def not_confirmed(shop: Shop) -> tuple[str, str]:
    """That a machine may not send here, and by which command an owner lets it, in English and Chinese."""
    return (
        f'"assist" needs an owner\'s confirmation of what counts here; read "relay assist statement {shop.id}", '
        f'then run "relay assist confirm {shop.id}"; until then set assist to "suggest"',
        f'"assist" 须由管理员确认算与不算的说明：先看 "relay assist statement {shop.id}"，'
        f'再 "relay assist confirm {shop.id}"；在此之前请设为 "suggest"',
    )


def _seats(book: _Book) -> Iterator[Problem]:
    desk_of_agent: dict[PersonId, DeskId] = {}
    accounts: set[tuple[ShopId, str]] = set()
    for seat in book.settings.seats:
        yield from _seat(seat, book)
        desk = book.desk_of(seat.shop)
        if desk is not None and desk_of_agent.setdefault(seat.agent, desk) != desk:
            yield _at(
                seat,
                "agent",
                f'"{seat.agent}" already has a seat on desk "{desk_of_agent[seat.agent]}"; one person serves one desk',
                f'"{seat.agent}" 已在客服台 "{desk_of_agent[seat.agent]}" 有子账号；一人只能在一个客服台',
            )
        if seat.account and (seat.shop, seat.account) in accounts:
            yield _at(seat, "account", f'"{seat.account}" is another seat\'s', f'子账号 "{seat.account}" 已被占用')
        accounts.add((seat.shop, seat.account))


def _seat(seat: Seat, book: _Book) -> Iterator[Problem]:
    if seat.shop not in book.shops:
        yield _at(seat, "shop", f'there is no shop "{seat.shop}"', f'没有店铺 "{seat.shop}"')
    else:
        shop = book.shops[seat.shop]
        for fault in (*seat_faults(seat, shop), *roster_faults(seat, shop, book.seats)):
            yield _at(seat, *fault)
    if seat.agent not in book.persons:
        yield _at(seat, "agent", f'there is no person "{seat.agent}"', f'没有人员 "{seat.agent}"')
    elif seat.shop in book.shops:
        needed: tuple[Role, ...] = ("cs_admin",) if seat.role == "cs_admin" else ("agent", "cs_admin")
        if not book.has(seat.agent, seat.shop, *needed):
            yield _at(
                seat,
                "agent",
                f'"{seat.agent}" needs the role {needed[0]}@{seat.shop}',
                f'"{seat.agent}" 需要角色 {needed[0]}@{seat.shop}',
            )
    if seat.vendor and not _ID.fullmatch(seat.vendor):
        yield _at(
            seat,
            "vendor",
            "must be small letters, digits, dot, dash or underscore, like an id",
            "应为编号：小写字母、数字、点、横线或下划线",
        )
    if not CAP[0] <= seat.cap <= CAP[1]:
        yield _at(seat, "cap", f"must be {CAP[0]} to {CAP[1]}", f"应为 {CAP[0]} 到 {CAP[1]}")
    if not 0 < seat.weight <= 1_000_000:
        yield _at(seat, "weight", "must be above 0 (1000 is normal)", "须大于 0（1000 为正常）")
    for shift in seat.shifts:
        if not shift.days or len(set(shift.days)) != len(shift.days):
            yield _at(seat, "shifts", "a shift names each of its days once", "班次中的每一天只能写一次")
        if not (CLOCK_TIME.fullmatch(shift.start) and CLOCK_TIME.fullmatch(shift.end)):
            yield _at(seat, "shifts", "start and end read HH:MM", "起止时间应写成 HH:MM")


def _reply(reply: QuickReply, book: _Book) -> Iterator[Problem]:
    if reply.version < 1:
        yield _at(reply, "version", "must be 1 or more", "版本应为 1 或更大")
    if not reply.text.strip() or len(reply.text) > TEXT_LIMIT:
        yield _at(reply, "text", f"must have 1 to {TEXT_LIMIT} characters", f"应有 1 到 {TEXT_LIMIT} 个字")
    for shop in sorted(set(reply.shops) - set(book.shops)):
        yield _at(reply, "shops", f'there is no shop "{shop}"', f'没有店铺 "{shop}"')
    if reply.status in ("pending", "approved"):  # a draft may still be anything
        yield from (_at(reply, "text", *fault) for fault in slot_faults(reply.text))
    if reply.author is not None and reply.author not in book.persons:
        yield _at(reply, "author", f'there is no person "{reply.author}"', f'没有人员 "{reply.author}"')
    if reply.valid_from is not None and reply.valid_to is not None and reply.valid_from >= reply.valid_to:
        yield _at(reply, "valid_to", "must be later than valid_from", "须晚于 valid_from")
    served = [book.shops[shop] for shop in reply.shops or book.shops if shop in book.shops]
    known = {name for shop in served for name in known_groups(shop)}
    known |= {row.group for event in book.settings.events for row in event.groups or ()}
    for group in sorted(set(reply.groups) - known):
        yield _at(reply, "groups", f'no shop of it has a group "{group}"', f'所用店铺都没有分组 "{group}"')
    if reply.refused_by is not None or reply.refused_why:
        yield from _refusal(reply, book)
    if reply.status == "approved":
        yield from _approval(reply, book)


def _refusal(reply: QuickReply, book: _Book) -> Iterator[Problem]:
    if reply.status != "retired":
        yield _at(reply, "refused_by", "a refused version is retired", "不批准的版本状态应为 retired")
    if reply.refused_by is None or reply.refused_by not in book.persons:
        yield _at(reply, "refused_by", "says who refused it, a person", "须写明由谁不批准（人员编号）")
    if not reply.refused_why.strip() or len(reply.refused_why) > TEXT_LIMIT:
        yield _at(reply, "refused_why", f"must have 1 to {TEXT_LIMIT} characters", f"应有 1 到 {TEXT_LIMIT} 个字")


def _approval(reply: QuickReply, book: _Book) -> Iterator[Problem]:
    by = reply.approved_by
    if by is None:
        yield _at(reply, "approved_by", "an approved reply names its approver", "已批准的短语须写明审核人 approved_by")
        return
    shops = [shop for shop in reply.shops or tuple(book.shops) if shop in book.shops]
    for shop in shops:
        if not book.has(by, shop, "approver", "owner"):
            yield _at(
                reply,
                "approved_by",
                f'"{by}" is neither approver nor owner of "{shop}"'
                + ("" if reply.shops else " (a reply that names no shop is for every shop)"),
                f'"{by}" 不是店铺 "{shop}" 的审核（approver）或管理员（owner）'
                + ("" if reply.shops else "（未写 shops 的短语用于所有店铺）"),
            )
    if not shops and by not in book.persons:
        yield _at(reply, "approved_by", f'there is no person "{by}"', f'没有人员 "{by}"')
    if reply.author in (None, by) and not all(book.has(by, shop, "owner") for shop in shops):
        yield _at(
            reply,
            "approved_by",
            "only an owner may approve a text of their own, or one that names no author",
            "只有管理员（owner）可以批准自己写的、或没有写明作者的短语",
        )
    kind = signed(msgspec.structs.replace(reply, approval=None)).approval
    if reply.approval not in (None, kind):
        yield _at(
            reply,
            "approval",
            f"author and approved_by make it {kind}; leave approval out and relay writes it",
            f"按 author 和 approved_by 应为 {kind}；不写即可，relay 会填上",
        )


def _events(book: _Book, limit: Callable[[Shop], int]) -> Iterator[Problem]:
    for event in book.settings.events:
        faults = list(event_faults(event, book.around))
        yield from (_at(event, *fault) for fault in faults)
        if is_timed(event):
            told = {fault.key for fault in faults}
            readable = msgspec.structs.replace(event, shifts=()) if "shifts" in told else event
            yield from (one for one in _while_on(readable, book, limit) if one.key not in told)
    zoned = {name: shop for name, shop in book.shops.items() if zone_exists(shop.zone)}
    around = msgspec.structs.replace(book.around, shops=zoned)
    yield from (_at(event, *fault) for event, fault in overlaps(book.settings.events, around))


def _while_on(event: Event, book: _Book, limit: Callable[[Shop], int]) -> Iterator[Problem]:
    """What is wrong with a shop and its seats as the event has them, and is not wrong without it."""
    for shop in (book.shops[name] for name in dict.fromkeys(event.shops) if name in book.shops):
        during = shop_during(shop, event)
        usual = {*_shop(shop, book), *_ladders(shop, limit(shop))}
        for one in (*_shop(during, book), *_ladders(during, limit(during))):
            if one not in usual:
                yield _at(event, one.key, f"shop {shop.id}: {one.en}", f"店铺 {shop.id}：{one.zh}")
        for seat in (seat for seat in book.seats.values() if seat.shop == shop.id):
            before = {*seat_faults(seat, shop), *roster_faults(seat, shop, book.seats)}
            laid = seat_during(during, seat, event)
            for fault in (*seat_faults(laid, during), *roster_faults(laid, during, book.seats)):
                if fault not in before:
                    key = "shifts" if fault.key == "exceptions" else fault.key
                    yield _at(event, key, f"seat {seat.id}: {fault.en}", f"子账号 {seat.id}：{fault.zh}")


def _for_ever(settings: Settings, state: OfficeState) -> Iterator[Problem]:
    for shop in settings.shops:
        desk = state.desk_of_shop.get(shop.id, shop.desk)
        if desk != shop.desk:
            yield _at(shop, "desk", f'a shop stays on its desk ("{desk}")', f'店铺不能换客服台（原为 "{desk}"）')
    for seat in settings.seats:
        home = state.shop_of_seat.get(seat.id, seat.shop)
        if home != seat.shop:
            yield _at(
                seat,
                "shop",
                f'a seat stays in its shop ("{home}"); give the new seat an id of its own',
                f'子账号不能换店铺（原为 "{home}"）；请为新子账号另起 id',
            )
    for reply in settings.replies:
        yield from (_at(reply, *fault) for fault in history_faults(reply, state))


def zone_exists(name: str) -> bool:
    """Whether this is a time zone of the database."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a path out of the database; a folder of it; not in it
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False

"""The live picture as plain lines: no colours, no library.

It is computed from what relay tells of itself (`Status`) and drawn into the space that there is; nothing here looks
at a clock or a terminal.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec

from relay.domain.model import DeskState
from relay.domain.names import Millis
from relay_demo.cells import clip, columns_of, fold
from relay_demo.words import Event, Lang


class Count(msgspec.Struct, frozen=True):
    numerator: int
    denominator: int

    def __str__(self) -> str:
        """Cut, never rounded up: 89.99 % is not 90 %."""
        if not self.denominator:
            return "0/0 –"
        tenths = self.numerator * 1000 // self.denominator
        return f"{self.numerator}/{self.denominator} {tenths // 10}.{tenths % 10}%"


class Today(msgspec.Struct, frozen=True):
    numerator: int
    denominator: int
    without_automation: Count

    @property
    def whole(self) -> Count:
        return Count(self.numerator, self.denominator)


class SeatNow(msgspec.Struct, frozen=True):
    seat: str
    agent: str
    presence: str
    open: int
    waiting: int
    cap: int


class ShopNow(msgspec.Struct, frozen=True):
    shop: str
    name: str
    connected: bool
    queue: int
    waiting: int
    late: int
    debts: int
    unknown: int
    seats: tuple[SeatNow, ...]
    today: Today | None = None


class Status(msgspec.Struct, frozen=True):
    """What `App.status()` gives, as far as it is shown."""

    at: Millis
    shops: tuple[ShopNow, ...]


class Picture(msgspec.Struct, frozen=True):
    """Everything that moves. `urgent`: by shop, seconds to the nearest deadline; `people`: names and caps;
    `channel`: what the bridge counted; `quiet` and `notable`: the last events, oldest first.
    """

    status: Status
    urgent: Mapping[str, int | None]
    people: Mapping[str, tuple[str, int | None]]
    channel: Mapping[str, int]
    quiet: Sequence[Event]
    notable: Sequence[Event]


class Words(msgspec.Struct, frozen=True):
    shops: tuple[str, ...]
    seats: tuple[str, ...]
    up: str
    down: str
    seconds: str
    presence: Mapping[str, str]
    notable: str
    quiet: str
    channel: str


WORDS: Final[dict[Lang, Words]] = {
    "zh": Words(
        shops=("店铺", "线", "待回", "最急", "超时", "排队", "欠答", "未知", "今日含自动", "不含自动"),
        seats=("客服", "状态", "待回", "接待"),
        up="通",
        down="断",
        seconds="{}秒",
        presence={"online": "在线", "away": "挂起", "offline": "离线"},
        notable="要紧的事",
        quiet="刚刚",
        channel="通道：收 {taken}（重复 {duplicate}，隔离 {unusable}）；送达 {well}，忙 {busy}，"
        "拒收 {refuses}，断线 {cut}（回显 {echoed}）",
    ),
    "en": Words(
        shops=("shop", "up", "wait", "due", "late", "queue", "owed", "lost?", "with machine", "without"),
        seats=("agent", "state", "wait", "open"),
        up="yes",
        down="no",
        seconds="{}s",
        presence={"online": "online", "away": "away", "offline": "offline"},
        notable="worth a look",
        quiet="just now",
        channel="channel: in {taken} (known {duplicate}, quarantined {unusable}); out {well}, busy {busy}, "
        "refused {refuses}, cut {cut} (echoed {echoed})",
    ),
}
_COUNTED: Final = (
    "taken",
    "duplicate",
    "unusable",
    "well",
    "slow",
    "busy",
    "refuses",
    "cut_after",
    "cut_before",
    "echoed",
)
BEIJING: Final = timezone(timedelta(hours=8))
FEWEST_EVENTS: Final = 10
Heads = tuple[Sequence[str], Sequence[str]]
"""What stands above the picture, long and short."""


def draw(picture: Picture, heads: Heads, lang: Lang, columns: int, rows: int) -> list[str]:
    """The whole screen, at most `rows` lines of at most `columns` cells: the long head if it leaves room for events."""
    head, short = ([part for line in each for part in fold(line, columns)] for each in heads)
    tables = [shop_lines(picture, lang, columns), seat_lines(picture, lang, columns)]
    tables.append(fold(channel_line(picture, lang), columns))
    lines = [*head, *(line for table in tables for line in ("", *table))]
    if len(lines) + FEWEST_EVENTS > rows:
        lines = [*short, *(line for table in tables for line in table)]
    room = max(rows - len(lines) - 2, 2)
    notable = picture.notable[-(room - room // 2) :]
    quiet = picture.quiet[-(room - len(notable)) :]
    for title, events in ((WORDS[lang].notable, notable), (WORDS[lang].quiet, quiet)):
        lines.append(f"── {title}")
        lines += [_event(picture, event) for event in events]
    return [clip(line, columns) for line in lines[:rows]]


def shop_lines(picture: Picture, lang: Lang, columns: int) -> list[str]:
    words = WORDS[lang]
    table: list[Sequence[str]] = [words.shops]
    for shop in picture.status.shops:
        left = picture.urgent.get(shop.shop)
        whole, without = (shop.today.whole, shop.today.without_automation) if shop.today else (Count(0, 0),) * 2
        table.append(
            (
                shop.name or shop.shop,
                words.up if shop.connected else words.down,
                str(shop.waiting),
                "–" if left is None else words.seconds.format(left),
                *(str(count) for count in (shop.late, shop.queue, shop.debts, shop.unknown)),
                str(whole),
                str(without),
            )
        )
    return columns_of(table, columns)


def seat_lines(picture: Picture, lang: Lang, columns: int) -> list[str]:
    """A line per person: their presence, how many wait for them, and the load of each of their seats."""
    words = WORDS[lang]
    shops = [shop.name or shop.shop for shop in picture.status.shops]
    table: list[Sequence[str]] = [(*words.seats, *shops)]
    serving = {seat.agent for shop in picture.status.shops for seat in shop.seats}
    for agent in [person for person in picture.people if person in serving]:
        own = [next((seat for seat in shop.seats if seat.agent == agent), None) for shop in picture.status.shops]
        seats = [seat for seat in own if seat is not None]
        name, cap = picture.people[agent]
        most = sum(seat.cap for seat in seats) if cap is None else min(cap, sum(seat.cap for seat in seats))
        table.append(
            (
                name,
                words.presence[seats[0].presence],
                str(sum(seat.waiting for seat in seats)),
                f"{sum(seat.open for seat in seats)}/{most}",
                *("" if seat is None else f"{seat.open}/{seat.cap}" for seat in own),
            )
        )
    return columns_of(table, columns)


def channel_line(picture: Picture, lang: Lang) -> str:
    counts = {name: picture.channel.get(name, 0) for name in _COUNTED}
    cut = counts["cut_after"] + counts["cut_before"]
    well = counts["well"] + counts["slow"]
    return WORDS[lang].channel.format(**{**counts, "cut": cut, "well": well})


def summary(picture: Picture, lang: Lang) -> str:
    """One line, for where nobody can draw."""
    waits, _, late, queue, owed, unknown = WORDS[lang].shops[2:8]
    parts = []
    for shop in picture.status.shops:
        today = shop.today
        rate = f"{today.whole} ({today.without_automation})" if today else "–"
        counts = f"{waits} {shop.waiting}, {late} {shop.late}, {queue} {shop.queue}, {owed} {shop.debts}"
        parts.append(f"{shop.name or shop.shop}: {counts}, {unknown} {shop.unknown}, {rate}")
    return f"{clock_time(picture.status.at)}  {' | '.join(parts)}"


def seconds_left(state: DeskState, now: Millis) -> dict[str, int | None]:
    """By shop, how long the most urgent question that is not lost yet has left."""
    left: dict[str, int | None] = dict.fromkeys(state.shops)
    for conv in state.conversations.values():
        if conv.round is not None and conv.round.due_at is not None and conv.round.due_at >= now:
            seconds, known = (conv.round.due_at - now) // 1000, left[conv.shop]
            left[conv.shop] = seconds if known is None else min(known, seconds)
    return left


def clock_time(at: Millis) -> str:
    """The time of day in Beijing."""
    return f"{datetime.fromtimestamp(at / 1000, BEIJING):%H:%M:%S}"


def _event(picture: Picture, event: Event) -> str:
    shop = next((one.name for one in picture.status.shops if one.shop == event.shop), event.shop)
    return f"{clock_time(event.at)} {shop}  {event.sentence}"

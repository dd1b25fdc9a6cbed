"""Alerts to a notice: what is the matter, how many, how long, the most urgent named first, in Chinese and English.

Laws:
* Nothing of a buyer is here to be said: an `Item` has a shop, a seat, and instants.
* A name that people chose for a shop or a seat is text and nothing else: `plain` takes from it whatever a robot could
  read as markup, a mention, a link or a line of its own.
* The first line says everything by count. However little room there is, no alert is missing from it.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

import msgspec

from relay.contracts import Notice
from relay.domain.names import Millis

NAMED: Final = 8
"""So many alerts have a line of their own; the rest is a number."""
NAME_LIMIT: Final = 24
FAR: Final = 1 << 62
ROOM: Final = 40
"""Bytes for a last line that says how many more there are."""
BRAND: Final = "relay"
"""Every title begins with it, so that a robot that asks for a keyword can ask for this one."""

WORDS: Final[dict[str, tuple[str, str]]] = {
    "unanswered": ("{0} 位买家在等", "{0} buyers wait"),
    "send_unknown": ("{0} 条消息不知是否送达，请确认", "{0} texts may or may not have arrived: look"),
    "nobody_online": ("{0} 个店铺无人在线", "nobody is online in {0} shops"),
    "complaint": ("{0} 位买家投诉", "{0} complaints"),
    "dispute": ("{0} 起纠纷", "{0} disputes"),
    "injury": ("{0} 位买家说受伤或不适", "{0} buyers speak of injury"),
    "threat": ("{0} 位买家有威胁言语", "{0} buyers threaten"),
    "wants_a_person": ("{0} 位买家要求人工", "{0} buyers ask for a person"),
    "channel_lost": ("{0} 个店铺的通道断开", "the channel of {0} shops is lost"),
    "channel_silent": ("{0} 个店铺的通道没有动静", "the channel of {0} shops is silent"),
    "follow_up_due": ("{0} 项承诺到点未跟进", "{0} promises are due"),
    "follow_up_ownerless": ("{0} 项承诺无人负责", "{0} promises are nobody's"),
    "debt": ("{0} 处欠答", "{0} answers are owed"),
    "send_refused": ("{0} 条消息被平台拒绝", "{0} texts were refused"),
    "transfer_refused": ("{0} 次转接被拒绝", "{0} transfers were refused"),
    "transfer_unknown": ("{0} 次转接结果不明", "{0} transfers have no outcome"),
    "move_advised": ("{0} 位买家建议转接", "{0} buyers should be moved"),
    "answer_first": ("{0} 位买家须由原客服先答", "{0} buyers must be answered where they are"),
    "being_answered": ("{0} 位买家正在回复中，未转接", "{0} buyers stay, they are being answered"),
    "bounced": ("{0} 位买家已多次转接", "{0} buyers were passed on too often"),
    "nobody": ("{0} 位买家无人可接", "nobody can take {0} buyers"),
    "figure_falling": ("{0} 个店铺的达标率预计跌破目标", "the rate of {0} shops is projected below its goal"),
}
"""What is the matter, by the alert's own word; in the order in which a title names them."""
OTHER: Final = ("{0} 件事待处理", "{0} other matters")
_ORDER: Final = {what: number for number, what in enumerate(WORDS)}


class Item(msgspec.Struct, frozen=True):
    """One alert as it may be told. `waits_from` is what its wait counts from."""

    what: str
    shop: str
    seat: str
    waits_from: Millis
    due_at: Millis | None = None


class Tally:
    """All alerts of one notice by count, and since when the oldest of each kind waits. Cheap to fill in a storm."""

    __slots__ = ("counts", "escalated", "oldest")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.oldest: dict[str, Millis] = {}
        self.escalated = 0

    def add(self, what: str, waits_from: Millis, escalated: bool) -> None:
        if what in self.counts:
            self.counts[what] += 1
            if waits_from < self.oldest[what]:
                self.oldest[what] = waits_from
        else:
            self.counts[what], self.oldest[what] = 1, waits_from
        self.escalated += escalated

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def compose(
    key: str,
    tally: Tally,
    named: Sequence[Item],
    resolved: int,
    at: Millis,
    link: str | None,
    budget: int,
    chinese_first: bool = True,
) -> Notice:
    """The notice of these alerts, `named` being the most urgent of them in order, of at most `budget` bytes if that can
    be. There is one alert at least, or something is `resolved`.
    """
    speak = _Speaker(chinese_first)
    headlines = [_count(what, tally.counts[what], at - tally.oldest[what]) for what in sorted(tally.counts, key=_rank)]
    over = [(f"{resolved} 件已解决", f"{resolved} resolved")] if resolved else []
    first, *others = [*headlines, *over]
    title = f"{BRAND} · {speak(first)}"
    lines = [speak(one) for one in others]
    if tally.escalated:
        n = tally.escalated
        lines.append(speak((f"其中 {n} 件至今无人确认", f"{n} of them nobody has acknowledged")))
    left = budget - sum(len(line.encode()) + 1 for line in (title, *lines, link or ""))
    told = 0
    for item in named:
        line = f"· {speak(_named(item, at))}"
        left -= len(line.encode()) + 1
        if left < ROOM:
            break
        lines.append(line)
        told += 1
    if (more := tally.total - told) and told:
        lines.append(speak((f"另有 {more} 件", f"and {more} more")))
    return Notice(key=key, title=title, lines=tuple(lines), link=link, at=at)


def urgency(what: str, due_at: Millis | None, waits_from: Millis) -> tuple[int, int, int]:
    """What has a deadline goes by it, and before anything that has none."""
    return due_at if due_at is not None else FAR, _rank(what)[0], waits_from


def of_test(key: str, at: Millis, link: str | None) -> Notice:
    """What `relay notify test` sends."""
    lines = ("收到此消息即表示设置正确 / if you can read this, the settings are right",)
    return Notice(key=key, title=f"{BRAND} · 测试通知 / a test notice", lines=lines, link=link, at=at)


def plain(name: str) -> str:
    """A chosen name in one short line, in which no robot finds anything to act on.

    ASCII punctuation but the hyphen becomes its full-width form, which every reader knows and no markup does.
    """
    kept = []
    for ch in unicodedata.normalize("NFC", name):
        if unicodedata.category(ch)[0] in "CM" or unicodedata.category(ch) in ("Zl", "Zp"):
            continue
        if ch.isascii() and not ch.isalnum() and ch not in " -":
            ch = chr(ord(ch) + 0xFEE0)
        kept.append(" " if ch.isspace() else ch)
    short = " ".join("".join(kept).split())
    return short if len(short) <= NAME_LIMIT else f"{short[: NAME_LIMIT - 1]}…"


def span(ms: int) -> tuple[str, str]:
    """So long, in Chinese and English; never less than nothing."""
    seconds = max(0, ms) // 1000
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = [(hours, "小时", "h"), (minutes, "分", "min"), (seconds, "秒", "s")]
    shown = [part for part in parts if part[0]] or parts[-1:]
    shown = shown[:2]
    return " ".join(f"{n} {zh}" for n, zh, _ in shown), " ".join(f"{n} {en}" for n, _, en in shown)


class _Speaker:
    def __init__(self, chinese_first: bool) -> None:
        self._chinese_first = chinese_first

    def __call__(self, said: tuple[str, str]) -> str:
        zh, en = said
        return f"{zh} / {en}" if self._chinese_first else f"{en} / {zh}"


def _rank(what: str) -> tuple[int, str]:
    return _ORDER.get(what, len(_ORDER)), what


def _count(what: str, count: int, waited: int) -> tuple[str, str]:
    zh, en = (words.format(count) for words in WORDS.get(what, OTHER))
    if count == 1:
        en = en.replace("buyers wait", "buyer waits").replace(" shops", " shop")
    if what != "unanswered":
        return zh, en
    longest = span(waited)
    return f"{zh}，最久 {longest[0]}", f"{en}, longest {longest[1]}"


def _named(item: Item, at: Millis) -> tuple[str, str]:
    who = f"{item.shop} {item.seat}".strip()
    zh_where, en_where = (who, who) if item.seat else (f"{who} 排队中", f"{who} in the queue")
    waited = span(at - item.waits_from)
    if item.what == "unanswered":
        zh, en = f"已等 {waited[0]}", f"waited {waited[1]}"
    elif item.what == "figure_falling":
        zh_where = en_where = item.shop
        zh, en = "达标率预计跌破目标", "the rate is projected below its goal"
    elif item.what == "nobody_online":
        zh_where = en_where = item.shop
        zh, en = f"无人在线 {waited[0]}", f"nobody online for {waited[1]}"
    else:
        zh, en = (words.format(1) for words in WORDS.get(item.what, OTHER))
        zh, en = f"{zh}，已 {waited[0]}", f"{en}, {waited[1]} ago"
    if item.due_at is not None:
        late = at > item.due_at
        left = span(abs(item.due_at - at))
        zh += f"，已超时 {left[0]}" if late else f"，剩 {left[0]}"
        en += f", {left[1]} late" if late else f", {left[1]} left"
    return f"{zh_where}：{zh}", f"{en_where}: {en}"

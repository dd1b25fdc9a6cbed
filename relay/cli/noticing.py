"""What `relay check` says of a shop's automatic notices: which are on, their texts, and what they do to the figure."""

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relay.domain.names import Millis
    from relay.domain.office import Settings
    from relay.domain.settings import NoticePurpose, QuickReply, Shop

Said = tuple[str, str]
NAMES: Final[dict["NoticePurpose", Said]] = {
    "greeting": ("greeting", "自动问候"),
    "queue_notice": ("queue notice", "自动排队提示"),
    "after_hours": ("text after hours", "自动下班提示"),
}
_STATES: Final = {
    "off": "关 / off",
    "platform": "由平台发 / the platform sends its own",
    "on": "开 / on",
}


class NoticeReport(msgspec.Struct, frozen=True):
    """One notice of a shop: its switch, and the approved texts that it may use."""

    purpose: str
    switch: str
    texts: list[str]
    counts: bool


def notices_of(shop: "Shop", settings: "Settings", now: "Millis", counts: bool) -> list[NoticeReport]:
    """`counts`: whether an automatic text makes a round a hit under the shop's rule and options."""
    from relay.domain.notices import switch_of

    return [
        NoticeReport(
            purpose, switch_of(shop, purpose), [one.id for one in _texts(shop, settings, purpose, now)], counts
        )
        for purpose in NAMES
    ]


def sentences(shop: "Shop", settings: "Settings", reports: list[NoticeReport]) -> "Iterator[Said]":
    """What should be looked at, in English and Chinese."""
    for one in reports:
        if one.switch != "on":
            continue
        en, zh = NAMES[one.purpose]  # type: ignore[index]
        if not one.texts:
            must = ("; it must say {opening}", "；文字须含 {opening}") if one.purpose == "after_hours" else ("", "")
            yield (
                f"{en} is on, but no text for it is approved and in force{must[0]}",
                f"已开{zh}，但没有生效的文字{must[1]}",
            )
        if one.purpose == "after_hours" and not _has_hours(shop, settings):
            yield (
                f"{en} is on, but a seat without shifts is never off, so it is never sent",
                f"已开{zh}，但有子账号没有班次（一直在班），所以不会发送",
            )
        if one.counts:
            yield f"{en}: automatic texts count in this shop's figure", f"{zh}：按本店规则选项会计入数字"


def lines(reports: list[NoticeReport]) -> list[str]:
    """For people, one line a notice, and what they do to the figure if any is on."""
    told = []
    for one in reports:
        en, zh = NAMES[one.purpose]  # type: ignore[index]
        texts = ", ".join(one.texts) or "没有可用文字 / no text"
        told.append(f"  {zh} / {en}: {_STATES[one.switch]}" + (f"：{texts}" if one.switch == "on" else ""))
    if any(one.switch == "on" and not one.counts for one in reports):
        told.append(
            "    自动提示不算回复，不影响考核数字 / automatic texts answer nothing and leave the figure as it is"
        )
    return told


def _texts(shop: "Shop", settings: "Settings", purpose: "NoticePurpose", now: "Millis") -> "list[QuickReply]":
    from relay.domain.slots import is_sound, needed

    return [
        one
        for one in settings.replies
        if one.purpose == purpose and one.usable(shop.id, now) and is_sound(one.text)
        if purpose != "after_hours" or "opening" in needed(one.text)
    ]


def _has_hours(shop: "Shop", settings: "Settings") -> bool:
    """Whether the calendar ever has nobody on shift: each seat that opens the shop must have shifts."""
    seats = [seat for seat in settings.seats if seat.shop == shop.id]
    opening = [seat for seat in seats if seat.role == "agent"] or seats
    return bool(opening) and all(seat.shifts or seat.exceptions or shop.holidays for seat in opening)

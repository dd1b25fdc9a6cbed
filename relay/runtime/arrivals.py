"""A channel's line as an input of the desk: who the buyer is, what the text does, whose text it is."""

from typing import Final, cast

import msgspec

from relay.contracts import Arrival
from relay.domain import inputs as i
from relay.domain.facts import Seen, Tone
from relay.domain.guiding import Author, Kind, is_persons
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, MessageId, SendId
from relay.domain.phrases import read_buyer_text, read_shop_text, topic_of
from relay.domain.promises import read_promise
from relay.domain.settings import Shop
from relay.errors import BadInputError
from relay.insight.guards import read_guard, reads_as_thanks


class Translated(msgspec.Struct, frozen=True):
    """The input, and whether its observation binds the text as content."""

    given: i.Input
    binds_text: bool


def translate(
    arrival: Arrival,
    buyer: BuyerRef,
    digest: str,
    seen: str,
    recalled: MessageId | None,
    echo_of: SendId | None,
    state: DeskState,
) -> Translated:
    """Raises BadInputError, with what to do, for a line that names what relay does not know."""
    shop = state.shops.get(arrival.shop)
    if shop is None:
        raise BadInputError(
            f"unknown shop {arrival.shop!r}; add it to the settings / 店铺 {arrival.shop!r} 未登记，请先在设置中添加"
        )
    _check_words(arrival)
    setting = shop.setting
    if arrival.kind == "recall":
        return Translated(_recall(arrival, buyer, recalled), binds_text=False)
    if arrival.kind in ("assign", "transfer"):
        return Translated(_placement(arrival, buyer), binds_text=False)
    if arrival.role == "buyer":
        return Translated(_question(arrival, buyer, digest, cast(Seen, seen), setting), binds_text=True)
    return Translated(_said(arrival, buyer, digest, cast(Seen, seen), echo_of, setting), binds_text=True)


def _recall(arrival: Arrival, buyer: BuyerRef, recalled: MessageId | None) -> i.Input:
    if recalled is None:
        raise BadInputError("it recalls a message that relay has never seen / 撤回的消息未曾收到")
    return i.TakeRecall(shop=arrival.shop, buyer=buyer, message=recalled, sent_at=arrival.at)


def _placement(arrival: Arrival, buyer: BuyerRef) -> i.Input:
    return i.TakePlacement(
        shop=arrival.shop,
        buyer=buyer,
        sent_at=arrival.at,
        account=arrival.account or "",
        from_account=arrival.from_account,
        transfer=arrival.kind == "transfer",
        skew_ms=arrival.skew_ms,
    )


def _question(arrival: Arrival, buyer: BuyerRef, digest: str, seen: Seen, shop: Shop) -> i.Input:
    return i.TakeBuyerMessage(
        shop=arrival.shop,
        buyer=buyer,
        sent_at=arrival.at,
        digest=digest,
        seen=seen,
        tone=_tone(arrival.text, shop),
        content=arrival.content,
        buyer_class=arrival.buyer_class,
        tag=arrival.tag,
        account=arrival.account,
        kind=arrival.kind,
        skew_ms=arrival.skew_ms,
        order_state=arrival.order_state,
        entry=arrival.entry,
        topic=topic_of(arrival.text, shop.groups),
        guard=read_guard(arrival.text, shop) if arrival.text else None,
        goods=arrival.goods,
        queued=arrival.queued,
    )


def _tone(text: str, shop: Shop) -> Tone:
    """What a buyer's text does: the shop's own phrases first, then the longer list of thanks."""
    tone = read_buyer_text(text, shop.phrases)
    return "thanks" if tone == "question" and reads_as_thanks(text, shop) else tone


def _said(arrival: Arrival, buyer: BuyerRef, digest: str, seen: Seen, echo_of: SendId | None, shop: Shop) -> i.Input:
    author, tone = _author(arrival), read_shop_text(arrival.text, shop.phrases)
    unsure = arrival.outcome == "unknown"
    promises = is_persons(author) and tone == "answer" and echo_of is None and not unsure
    return i.TakeShopMessage(
        shop=arrival.shop,
        buyer=buyer,
        sent_at=arrival.at,
        digest=digest,
        author=author,
        account=arrival.account,
        seen=seen,
        tone=tone,
        content=arrival.content,
        echo_of=echo_of,
        skew_ms=arrival.skew_ms,
        promise=read_promise(arrival.text, shop, arrival.at) if promises else None,
        by_platform=arrival.role == "system",
        unsure=unsure,
    )


BUYER_KINDS: Final = frozenset({"human", "auto", "system", "unknown", "recall", "assign", "transfer"})
_WORDS: Final = {
    "mode": ("assist", "auto", "unknown"),
    "trigger": ("person", "machine"),
    "outcome": ("unknown",),
    "buyer_class": ("consumer", "shop_sub_account", "merchant_account", "xiaoer"),
}


def _check_words(arrival: Arrival) -> None:
    """What goes onto the ledger must be readable in the log form of every rule (L13)."""
    for name, allowed in _WORDS.items():
        value = getattr(arrival, name)
        if value is not None and value not in allowed:
            raise BadInputError(f"unknown {name} {value!r}; one of {', '.join(allowed)} / 未知的 {name}：{value!r}")
    if arrival.role == "buyer" and arrival.kind not in BUYER_KINDS:
        raise BadInputError(f"a buyer's line cannot be of kind {arrival.kind!r} / 买家消息的类型有误：{arrival.kind!r}")


def _author(arrival: Arrival) -> Author:
    try:
        kind = Kind(arrival.kind) if arrival.role == "merchant" else Kind.system
    except ValueError:
        raise BadInputError(f"unknown kind {arrival.kind!r} / 未知的发送方类型 {arrival.kind!r}") from None
    return Author(
        kind,
        provider=arrival.provider,
        mode=arrival.mode,
        trigger=arrival.trigger,
        path=arrival.path,
        origin=arrival.origin,
    )

"""The bodies a bridge sends: JSON objects with a `type`, and `data` in the form of the message log.

Laws: types are strict (a number is no string); unknown keys are ignored, as in the log; a text is taken as it stands,
control characters included. A body that cannot be used at all raises `UnusableError`; in a batch each line stands for
itself, so that one bad line holds up none of the others. The shop must be one that this channel serves: a bridge's
secret opens its own shops only.
"""

from collections.abc import Collection, Sequence
from typing import Annotated, Final, Literal

import msgspec

from relay.contracts import Arrival, Role
from relay.domain.names import Millis, ShopId
from relay_webhook.instants import instant_of

MAX_BATCH: Final = 1000
NOTHING: Final = msgspec.Raw()
_MAX_WHY: Final = 500

Kind = Literal["human", "assist", "bot", "auto", "helper", "system", "unknown", "transfer", "assign", "recall", "gap"]
Provider = Literal["dianxiaomi", "leyan", "xiaowei", "xiaoduo", "relay", "other"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]

KINDS: Final[dict[Role, frozenset[str]]] = {
    "buyer": frozenset({"human", "auto", "system", "unknown", "recall"}),
    "merchant": frozenset({"human", "assist", "bot", "auto", "helper", "system", "unknown", "recall"}),
    "system": frozenset({"system", "transfer", "assign", "recall", "gap"}),
}
"""Which kinds of line each role may write."""


class UnusableError(ValueError):
    """This cannot be taken: it goes to quarantine. Both texts go back to the bridge."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en[:_MAX_WHY], zh[:_MAX_WHY]


# --- as on the wire


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the message log, with what a live channel knows beyond it."""

    t: msgspec.Raw
    role: Role
    kind: Kind
    buyer: Name | None = None
    shop: Name | None = None
    id: Name | None = None
    text: str | None = None
    buyer_name: str | None = None
    sub_account: Name | None = None
    from_sub: Name | None = None
    bot: Provider | None = None
    mode: Literal["assist", "auto", "unknown"] | None = None
    trigger: Literal["person", "machine"] | None = None
    path: Literal["vendor", "relay", "hand"] | None = None
    origin: Literal["draft"] | None = None
    content: Name | None = None
    buyer_class: Literal["consumer", "shop_sub_account", "merchant_account", "xiaoer"] | None = None
    tag: Name | None = None
    order_state: Name | None = None
    entry: Name | None = None
    goods: Name | None = None
    order_no: Name | None = None
    recalls: Name | None = None
    to: msgspec.Raw = NOTHING
    echo_of: Name | None = None
    self_id: str | None = None
    conversation: str | None = None
    skew_ms: Annotated[int, msgspec.Meta(ge=0, le=86_400_000)] | None = None
    outcome: Literal["unknown"] | None = None
    queued: bool | None = None
    replayed: bool | None = None


class GapLine(msgspec.Struct, frozen=True, kw_only=True):
    from_: msgspec.Raw = msgspec.field(name="from")
    to: msgspec.Raw
    shop: Name | None = None
    recovered: bool = False
    unrecoverable: bool = False


class StateLine(msgspec.Struct, frozen=True, kw_only=True):
    shop: Name | None = None
    why: Annotated[str, msgspec.Meta(max_length=200)] = ""


class OneMessage(msgspec.Struct, frozen=True, tag_field="type", tag="message"):
    data: msgspec.Raw


class ManyMessages(msgspec.Struct, frozen=True, tag_field="type", tag="messages"):
    data: list[msgspec.Raw]


class OneGap(msgspec.Struct, frozen=True, tag_field="type", tag="gap"):
    data: GapLine


class WentUp(msgspec.Struct, frozen=True, tag_field="type", tag="connected"):
    data: StateLine


class WentDown(msgspec.Struct, frozen=True, tag_field="type", tag="lost"):
    data: StateLine


class StillThere(msgspec.Struct, frozen=True, tag_field="type", tag="alive"):
    data: StateLine


_Envelope = OneMessage | ManyMessages | OneGap | WentUp | WentDown | StillThere
_envelope: Final[msgspec.json.Decoder[_Envelope]] = msgspec.json.Decoder(_Envelope)
_line: Final[msgspec.json.Decoder[Line]] = msgspec.json.Decoder(Line)


# --- as relay takes it


class Gap(msgspec.Struct, frozen=True):
    shop: ShopId
    from_at: Millis
    to_at: Millis
    recovered: bool
    unrecoverable: bool = False


class Alive(msgspec.Struct, frozen=True):
    shop: ShopId


class Connected(msgspec.Struct, frozen=True):
    shop: ShopId


class Lost(msgspec.Struct, frozen=True):
    shop: ShopId
    why: str


Item = Arrival | Gap | Alive | Connected | Lost


class Delivery(msgspec.Struct, frozen=True):
    """What one request brought. A batch is answered with a list, line by line, whatever its length."""

    items: Sequence[Item | UnusableError]
    batch: bool = False


def read_body(body: bytes, webhook_id: str, now: Millis, shops: Collection[ShopId]) -> Delivery:
    """Decode a body whose signature was checked. Raises `UnusableError`.

    A message without an id gets one from the webhook-id (and its place in a batch), which stays the same when the
    bridge repeats the request: so the repetition is known for what it is.
    """
    try:
        body.decode()
        envelope = _envelope.decode(body)
        match envelope:
            case OneMessage(data):
                return Delivery([_item(_line.decode(data), f"wh:{webhook_id}", now, shops)])
            case ManyMessages(data):
                return Delivery(_items(data, webhook_id, now, shops), batch=True)
            case OneGap(data):
                return Delivery([_told_gap(data, _shop(data.shop, shops), now)])
            case WentUp(data):
                return Delivery([Connected(_shop(data.shop, shops))])
            case WentDown(data):
                return Delivery([Lost(_shop(data.shop, shops), data.why)])
            case StillThere(data):
                return Delivery([Alive(_shop(data.shop, shops))])
    except (ValueError, RecursionError) as error:
        raise _unusable(error) from None


def _items(
    lines: Sequence[msgspec.Raw], webhook_id: str, now: Millis, shops: Collection[ShopId]
) -> list[Item | UnusableError]:
    if not 1 <= len(lines) <= MAX_BATCH:
        raise UnusableError(
            f"a batch has 1 to {MAX_BATCH} messages, this one {len(lines)}; split it",
            f"一批应有 1 至 {MAX_BATCH} 条消息，此批 {len(lines)} 条",
        )
    items: list[Item | UnusableError] = []
    for place, raw in enumerate(lines):
        try:
            items.append(_item(_line.decode(raw), f"wh:{webhook_id}:{place}", now, shops))
        except (ValueError, RecursionError) as error:
            items.append(_unusable(error))
    return items


def _item(line: Line, own_id: str, now: Millis, shops: Collection[ShopId]) -> Arrival | Gap:
    shop = _shop(line.shop, shops)
    _check(line)
    if line.kind == "gap":
        return _gap(shop, line.t, line.to, now)
    return Arrival(
        shop=shop,
        at=instant_of(line.t, now),
        role=line.role,
        kind=line.kind,
        buyer=line.buyer or "",
        id=line.id or own_id,
        text=line.text or "",
        buyer_name=line.buyer_name or "",
        account=line.sub_account,
        from_account=line.from_sub,
        provider=line.bot,
        mode=line.mode,
        trigger=line.trigger,
        path=line.path,
        origin=line.origin,
        content=line.content,
        buyer_class=line.buyer_class,
        tag=line.tag,
        order_state=line.order_state,
        entry=line.entry,
        goods=line.goods,
        order_no=line.order_no,
        recalls=line.recalls,
        echo_of=line.echo_of,
        self_id=line.self_id or "",
        conversation=line.conversation or "",
        skew_ms=line.skew_ms or 0,
        outcome=line.outcome,
        queued=bool(line.queued),
        replay=bool(line.replayed),
    )


def _check(line: Line) -> None:
    """What a line of this kind cannot do without."""
    if line.kind not in KINDS[line.role]:
        kinds = ", ".join(sorted(KINDS[line.role]))
        raise UnusableError(
            f"role {line.role} writes no line of kind {line.kind}; it may write {kinds}",
            f"role 为 {line.role} 时 kind 不能为 {line.kind}，可用：{kinds}",
        )
    if line.kind == "gap":
        missing = "to" if bytes(line.to) in {b"", b"null"} else None
    elif line.buyer is None:
        missing = "buyer"
    elif line.kind in {"assign", "transfer"} and line.sub_account is None:
        missing = "sub_account"
    elif line.kind == "recall" and line.recalls is None:
        missing = "recalls"
    else:
        missing = None
    if missing:
        raise UnusableError(f"a line of kind {line.kind} needs {missing}", f"kind 为 {line.kind} 时必须有 {missing}")


def _told_gap(line: GapLine, shop: ShopId, now: Millis) -> Gap:
    if line.recovered and line.unrecoverable:
        raise UnusableError(
            "a gap is recovered or unrecoverable, not both", "断档不能同时是 recovered 和 unrecoverable"
        )
    gap = _gap(shop, line.from_, line.to, now)
    return msgspec.structs.replace(gap, recovered=line.recovered, unrecoverable=line.unrecoverable)


def _gap(shop: ShopId, start: msgspec.Raw, end: msgspec.Raw, now: Millis) -> Gap:
    gap = Gap(shop, instant_of(start, now), instant_of(end, now), recovered=False)
    if gap.from_at >= gap.to_at:
        raise UnusableError("a gap ends after it begins", "断档的结束时间必须晚于开始时间")
    return gap


def _shop(named: str | None, shops: Collection[ShopId]) -> ShopId:
    if named is None:
        if len(shops) == 1:
            return next(iter(shops))
        raise UnusableError("shop is missing, and this channel serves more than one", "缺少 shop，此渠道有多个店铺")
    if named not in shops:
        raise UnusableError(
            f"this channel does not serve the shop {named!r}; name it in the configuration of the channel",
            f"此渠道未配置店铺 {named!r}",
        )
    return ShopId(named)


def _unusable(error: ValueError | RecursionError) -> UnusableError:
    match error:
        case UnusableError():
            return error
        case UnicodeError():
            return UnusableError("the body is not UTF-8", "请求体不是 UTF-8 编码")
        case RecursionError():
            return UnusableError("the body is nested too deeply", "请求体嵌套过深")
        case _:
            return UnusableError(str(error), f"内容不符合格式：{error}")

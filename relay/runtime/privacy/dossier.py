"""Everything that is kept of one buyer, for the buyer who asks (per-buyer export): JSON, and a text for reading.

It names people of the shop by their ids only. Facts stand as they are on the ledger, with the text that each binds.
"""

from datetime import datetime, timedelta, timezone
from typing import Any, Final

import msgspec

from relay.domain import facts as f
from relay.domain.names import Millis
from relay.runtime.privacy.belongings import Belongings

_CHINA: Final = timezone(timedelta(hours=8))
_WORDS: Final[dict[type[f.Fact], str]] = {
    f.BuyerWrote: "买家 / buyer",
    f.ShopWrote: "店铺 / shop",
    f.ReplyIntended: "回复 / reply",
    f.SendStarted: "自动话术 / machine",
    f.DraftOffered: "草稿 / draft",
    f.NoteWritten: "备注 / note",
    f.FollowUpMade: "跟进 / follow-up",
    f.FollowUpChanged: "跟进 / follow-up",
}


def dossier(kept: Belongings, at: Millis) -> dict[str, Any]:
    """One JSON object: who they are, every fact about them with its text, their orders, what no one could parse."""
    row = kept.row
    return {
        "at": _when(at),
        "shop": kept.shop,
        "buyer": kept.buyer,
        "platform_id": row.platform_id if row is not None else None,
        "name": row.name if row is not None else None,
        "order_no": row.order_no if row is not None else None,
        "facts": [
            {"seq": seq, "when": _when(fact.at)}
            | msgspec.to_builtins(fact)
            | ({"text": kept.texts[seq]} if seq in kept.texts else {})
            for seq, fact in kept.facts.items()
        ],
        "orders": [
            {"seq": seq, "when": _when(fact.at)} | msgspec.to_builtins(fact) for seq, fact in kept.orders.items()
        ],
        "unparsed": [
            {"when": _when(one.at), "channel": one.channel, "raw": one.raw.decode("utf-8", "backslashreplace")}
            for one in kept.unparsed
        ],
    }


def as_text(told: dict[str, Any]) -> str:
    """The same for reading: who they are, and every text in order."""
    lines = [
        f"店铺 / shop: {told['shop']}",
        f"买家 / buyer: {told['buyer']}",
        f"平台账号 / platform id: {told['platform_id'] or '–'}",
        f"昵称 / name: {told['name'] or '–'}",
        f"订单号 / order number: {told['order_no'] or '–'}",
        f"记录 / facts: {len(told['facts'])}",
        f"订单 / orders: {len(told['orders'])}",
        "",
    ]
    words = {str(kind.__struct_config__.tag): word for kind, word in _WORDS.items()}
    lines += [f"{one['when']}  {words[one['type']]}: {one['text']}" for one in told["facts"] if "text" in one]
    lines += [f"{one['when']}  无法解析 / unparsed ({one['channel']}): {one['raw']}" for one in told["unparsed"]]
    return "\n".join(lines) + "\n"


def _when(at: Millis) -> str:
    return datetime.fromtimestamp(at / 1000, _CHINA).isoformat(timespec="milliseconds")

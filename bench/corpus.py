"""The messages of one round: whole HTTP requests, signed and ready to be written to a socket.

The mix: every buyer writes five messages, so one message in five opens a conversation (and is routed) and four follow
it up; some two hundred buyers are writing at any time, in an order drawn from a seed. Each text ends in a mark by
which the client knows its frame again.
"""

import json
import random
import time
from typing import Final

from relay_webhook import sign

MESSAGES_PER_BUYER: Final = 5
WRITING_AT_ONCE: Final = 200
QUESTIONS: Final = (
    "在吗",
    "这件衣服什么时候能发货？",
    "我身高165体重110斤，穿M码还是L码合适呀",
    "有优惠券吗",
    "快递到哪里了，怎么三天都没有更新",
    "可以开发票吗？抬头写公司",
    "这个颜色和图片上一样吗，会不会有色差",
    "能不能改一下地址，我刚才下单的时候写错了，应该是浙江省杭州市余杭区",
    "支持七天无理由退换吗",
    "你好，请问还有货吗",
    "昨天拍的那个订单麻烦帮我备注一下，不要发圆通",
    "什么材质的",
)


def mark(number: int) -> str:
    """What a text ends in, and what `load.MARK` finds in a frame."""
    return f"#{number:07d}#"


def build(count: int, secret: str, path: str, shop: str, seed: int = 1, now: int | None = None) -> list[bytes]:
    """`count` requests stamped `now` (milliseconds); the same arguments give the same buyers, texts and order."""
    chance = random.Random(seed)
    now = time.time_ns() // 1_000_000 if now is None else now
    stamp = now // 1000
    writing: list[list[int]] = []
    buyers = 0
    requests = []
    for number in range(count):
        while len(writing) < WRITING_AT_ONCE:
            writing.append([buyers, 0])
            buyers += 1
        place = chance.randrange(len(writing))
        buyer = writing[place]
        buyer[1] += 1
        if buyer[1] == MESSAGES_PER_BUYER:
            writing[place] = writing[-1]
            writing.pop()
        body = _body(number, buyer[0], chance.choice(QUESTIONS), now, shop, seed)
        requests.append(_request(path, secret, f"msg_{seed}_{number}", stamp, body))
    return requests


def dialogue(count: int, buyers: int, secret: str, path: str, shop: str, seed: int, now: int) -> list[bytes]:
    """`count` requests: each buyer writes once, then one of them again or, every other time, the shop answers one.

    A line is a millisecond later than the one before. Rounds begin and end all the time: a list by urgency moves.
    """
    chance = random.Random(seed)
    waiting, stamp, requests = list(range(buyers)), now // 1000, []
    for number in range(count):
        answers = number >= buyers and waiting and chance.random() < 0.5
        if answers:
            place = chance.randrange(len(waiting))
            waiting[place], waiting[-1] = waiting[-1], waiting[place]
            buyer, text = waiting.pop(), "在的，今天就给您发货哦"
        else:
            buyer, text = number if number < buyers else chance.randrange(buyers), chance.choice(QUESTIONS)
            if number >= buyers and buyer not in waiting:
                waiting.append(buyer)
        body = _body(number, buyer, text, now + number, shop, seed, "店铺:客服1" if answers else None)
        requests.append(_request(path, secret, f"msg_{seed}_{number}", stamp, body))
    return requests


def _body(number: int, buyer: int, text: str, at: int, shop: str, seed: int, answered_by: str | None = None) -> bytes:
    data = {
        "shop": shop,
        "id": f"{seed}-{number}",
        "t": at,
        "role": "merchant" if answered_by else "buyer",
        "kind": "human",
        "buyer": f"tb{seed}_{buyer:06d}",
        "buyer_name": f"买家{buyer}",
        "text": f"{text} {mark(number)}",
    }
    if answered_by:
        data["sub_account"] = answered_by
    return json.dumps({"type": "message", "data": data}, ensure_ascii=False, separators=(",", ":")).encode()


def _request(path: str, secret: str, name: str, stamp: int, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"webhook-id: {name}\r\nwebhook-timestamp: {stamp}\r\n"
        f"webhook-signature: {sign(secret, name, stamp, body)}\r\n\r\n"
    )
    return head.encode() + body

"""DingTalk's custom robot (钉钉自定义机器人).

    POST /robot/send?access_token=T[&timestamp=MS&sign=S]
    S = base64(HMAC-SHA256(key = secret, message = "MS\\nsecret"))

At most 20 messages in a minute; then it takes nothing for ten. `at` names nobody, whatever stands in the text.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from yarl import URL

from relay.contracts import Notice, NoticeLimits
from relay.domain.names import Millis
from relay_robots.cutting import cut
from relay_robots.options import Options
from relay_robots.robot import with_keyword
from relay_robots.verdict import BUSY, LIMIT, SIGN, TOKEN, Meaning

MAX_BYTES: Final = 4096


def sign(secret: str, at: Millis) -> str:
    """The signature of this instant, before it is made part of an address."""
    return b64encode(hmac.digest(secret.encode(), f"{at}\n{secret}".encode(), hashlib.sha256)).decode("ascii")


class DingTalk:
    kind = "dingtalk"
    base_url = "https://oapi.dingtalk.com"
    signs = True
    meanings: Mapping[int, Meaning] = {
        310000: SIGN,
        130101: LIMIT,
        410100: LIMIT,
        -1: BUSY,
        **dict.fromkeys((300001, 300005, 40035, 400013, 400101, 400102, 400106), TOKEN),
    }

    def limits(self, options: Options) -> NoticeLimits:
        return NoticeLimits(per_minute=20, max_bytes=MAX_BYTES)

    def token_of(self, url: URL) -> str:
        return url.query.get("access_token", "")

    def address(self, base: URL, options: Options, at: Millis) -> URL:
        query = {"access_token": options.token}
        if options.secret is not None:
            query |= {"timestamp": str(at), "sign": sign(options.secret, at)}
        return base.with_path("/robot/send").with_query(query)

    def body(self, notice: Notice, options: Options, at: Millis) -> dict[str, Any]:
        title, link = with_keyword(notice.title, options.keyword), notice.link
        nobody = {"atMobiles": [], "isAtAll": False}
        if options.format == "text":
            text = "\n".join((title, *([link] if link else ()), *notice.lines))
            return {"msgtype": "text", "text": {"content": cut(text, MAX_BYTES)}, "at": nobody}
        where = [f"[打开 relay / open relay]({link})"] if link else []
        text = "\n\n".join((f"**{title}**", *where, *notice.lines))
        return {"msgtype": "markdown", "markdown": {"title": title, "text": cut(text, MAX_BYTES)}, "at": nobody}


DINGTALK: Final = DingTalk()

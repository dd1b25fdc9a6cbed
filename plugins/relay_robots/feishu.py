"""Feishu's custom bot (飞书自定义机器人); `base_url = "https://open.larksuite.com"` makes it Lark's.

    POST /open-apis/bot/v2/hook/T      body with "timestamp" (seconds) and "sign" where there is a secret
    sign = base64(HMAC-SHA256(key = "S\\nsecret", message = ""))

At most 100 messages in a minute and 5 in a second, of at most 20 KB. A `post` is sent: its texts are texts, in which a
mention or a link is not looked for.
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
from relay_robots.verdict import IP, KEYWORD, SIGN, SOON_S, TOKEN, Meaning

MAX_BYTES: Final = 8192
"""Of text: with the quotes and braces around each line it stays far below 20 KB."""
MOST_LINES: Final = 100


def sign(secret: str, seconds: int) -> str:
    """The signature of this second."""
    return b64encode(hmac.digest(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256)).decode("ascii")


class Feishu:
    kind = "feishu"
    base_url = "https://open.feishu.cn"
    signs = True
    meanings: Mapping[int, Meaning] = {
        19001: TOKEN,
        19021: SIGN,
        19022: IP,
        19024: KEYWORD,
        11232: Meaning("平台限流，稍后再试", "the platform limits, tried again later", "limit", SOON_S),
        9499: Meaning("平台未接受消息格式", "the platform did not take the message's form", "busy", SOON_S),
    }

    def limits(self, options: Options) -> NoticeLimits:
        return NoticeLimits(per_minute=100, per_second=5, max_bytes=MAX_BYTES)

    def token_of(self, url: URL) -> str:
        return url.parts[-1] if url.parts else ""

    def address(self, base: URL, options: Options, at: Millis) -> URL:
        return base.with_path(f"/open-apis/bot/v2/hook/{options.token}")

    def body(self, notice: Notice, options: Options, at: Millis) -> dict[str, Any]:
        title = cut(with_keyword(notice.title, options.keyword), MAX_BYTES // 2)
        lines = cut("\n".join(notice.lines), MAX_BYTES - len(title.encode())).split("\n")[:MOST_LINES]
        content = [[{"tag": "text", "text": line}] for line in lines if line]
        if notice.link:
            content.append([{"tag": "a", "text": "打开 relay / open relay", "href": notice.link}])
        content = content or [[{"tag": "text", "text": title}]]
        body: dict[str, Any] = {
            "msg_type": "post",
            "content": {"post": {"zh_cn": {"title": title, "content": content}}},
        }
        if options.secret is not None:
            seconds = at // 1000
            body |= {"timestamp": str(seconds), "sign": sign(options.secret, seconds)}
        return body


FEISHU: Final = Feishu()

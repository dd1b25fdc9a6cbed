"""WeCom's group robot (企业微信群机器人). Its key stands in the address and is all that it asks for.

    POST /cgi-bin/webhook/send?key=K

At most 20 messages in a minute; a text has at most 2048 bytes, markdown 4096.
"""

from collections.abc import Mapping
from typing import Any, Final

from yarl import URL

from relay.contracts import Notice, NoticeLimits
from relay.domain.names import Millis
from relay_robots.cutting import cut
from relay_robots.options import Options
from relay_robots.robot import with_keyword
from relay_robots.verdict import BUSY, LIMIT, TOKEN, Meaning

MAX_BYTES: Final[Mapping[str, int]] = {"text": 2048, "markdown": 4096}


class WeCom:
    kind = "wecom"
    base_url = "https://qyapi.weixin.qq.com"
    signs = False
    meanings: Mapping[int, Meaning] = {
        45009: LIMIT,
        45033: BUSY,
        -1: BUSY,
        **dict.fromkeys((93000, 93004, 93008, 40001, 40014), TOKEN),
    }

    def limits(self, options: Options) -> NoticeLimits:
        return NoticeLimits(per_minute=20, max_bytes=MAX_BYTES[options.format])

    def token_of(self, url: URL) -> str:
        return url.query.get("key", "")

    def address(self, base: URL, options: Options, at: Millis) -> URL:
        return base.with_path("/cgi-bin/webhook/send").with_query({"key": options.token})

    def body(self, notice: Notice, options: Options, at: Millis) -> dict[str, Any]:
        title, link, most = with_keyword(notice.title, options.keyword), notice.link, MAX_BYTES[options.format]
        if options.format == "text":
            text = "\n".join((title, *([link] if link else ()), *notice.lines))
            return {"msgtype": "text", "text": {"content": cut(text, most)}}
        where = [f"[打开 relay / open relay]({link})"] if link else []
        return {
            "msgtype": "markdown",
            "markdown": {"content": cut("\n".join((f"**{title}**", *where, *notice.lines)), most)},
        }


WECOM: Final = WeCom()

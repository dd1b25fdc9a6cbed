"""Group robots of DingTalk, Feishu and WeCom as notifiers.

    options    a robot's table of the configuration; a token may be pasted as the whole address
    cutting    a text to so many bytes, on a character
    dingtalk   its address, signature, message and answers; feishu and wecom likewise
    verdict    what an answer's body says, as an outcome with a remedy
    robot      one POST into one outcome

docs/notices.md tells a shop how to set each up.
"""

from relay.contracts import Registry
from relay_robots.dingtalk import DINGTALK
from relay_robots.feishu import FEISHU
from relay_robots.robot import builder
from relay_robots.wecom import WECOM

__all__ = ["register"]


def register(registry: Registry) -> None:
    """Offer the notifier kinds `dingtalk`, `feishu` and `wecom`."""
    for make in (DINGTALK, FEISHU, WECOM):
        registry.notifier(make.kind, builder(make))

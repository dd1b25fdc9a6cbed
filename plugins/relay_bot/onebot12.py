"""relay as a OneBot 12 implementation (botuniverse/onebot): events out, actions in, over WebSocket.

Laws: the first frame of a socket is `meta.connect`, the second says that the account is online; ids are strings; an
action for another account is refused (10102). What relay says of itself is true, and what it cannot do it has not.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from relay.contracts import Entropy
from relay_bot.bot import GROUP, Bot, NotTakenError, number_of
from relay_bot.dialect import (
    HEARTBEAT_S,
    IMPL,
    Action,
    FailedActionError,
    Params,
    Result,
    answer_frame,
    carry_out,
    relay_version,
)
from relay_bot.onebot11 import NICKNAME
from relay_bot.questions import Asked
from relay_onebot.actions import Request
from relay_onebot.events12 import BotStatus, ImplVersion, Message12, Meta12, Self, Status, encode
from relay_onebot.retcodes import BAD_PARAM, BAD_REQUEST, LOGIC, UNKNOWN_SELF, UNSUPPORTED_ACTION, UNSUPPORTED_PARAM
from relay_onebot.segments import text

PLATFORM: Final = "relay"
VERSION: Final = ImplVersion(IMPL, relay_version(), "12")


class OneBot12:
    """Implements `relay_bot.dialect.Dialect`."""

    def __init__(self, bot: Bot, entropy: Entropy) -> None:
        self._bot, self._entropy = bot, entropy
        self._self = Self(PLATFORM, str(bot.self_id))
        self.headers: Mapping[str, str] = {"X-OneBot-Version": "12", "X-Impl": IMPL}
        self.protocols: Sequence[str] = (f"12.{IMPL}",)
        self._actions: dict[str, Action] = {
            "send_message": self._send,
            "get_self_info": lambda params: _person(str(bot.self_id), IMPL),
            "get_user_info": self._user,
            "get_friend_list": lambda params: [_person(str(user)) for user in bot.questions.users()],
            "get_group_list": lambda params: [],
            "get_status": lambda params: self._status(),
            "get_version": lambda params: VERSION,
            "get_supported_actions": lambda params: sorted(self._actions),
        }

    # --- out

    def opening(self) -> Sequence[bytes]:
        return [self._meta("connect", version=VERSION), self._meta("status_update", status=self._status())]

    def heartbeat(self) -> bytes:
        return self._meta("heartbeat", interval=int(HEARTBEAT_S * 1000))

    def event(self, asked: Asked) -> bytes:
        words = asked.question.text
        return encode(
            Message12(
                id=self._entropy.ref(),
                time=self._bot.seconds(),
                own_=self._self,
                detail_type="private",
                sub_type="",
                message_id=str(asked.message),
                message=[text(words)],
                alt_message=words,
                user_id=str(asked.user),
            )
        )

    def _meta(self, kind: str, **rest: Any) -> bytes:
        event = Meta12(id=self._entropy.ref(), time=self._bot.seconds(), detail_type=kind, sub_type="", **rest)
        return encode(event)

    def _status(self) -> Status:
        return Status(good=True, bots=[BotStatus(self._self, online=True)])

    # --- in

    def answer(self, raw: bytes) -> bytes | None:
        return answer_frame(raw, self.act, BAD_REQUEST)

    def act(self, request: Request) -> Result:
        if request.own is not None and request.own != self._self:
            return Result("failed", UNKNOWN_SELF, None, "relay 没有此账号 / relay has no such account")
        return carry_out(self._actions, request, UNSUPPORTED_ACTION, BAD_PARAM, LOGIC, endings=False)

    def _send(self, params: Params) -> dict[str, Any]:
        if params.get("detail_type") != "private":
            raise FailedActionError(UNSUPPORTED_PARAM, GROUP)
        if isinstance(params.get("message"), str):
            raise NotTakenError("message 应为消息段列表 / message must be a list of segments", bad=True)
        number = self._bot.hear(params.get("user_id"), params.get("message"))
        return {"message_id": str(number), "time": self._bot.seconds()}

    def _user(self, params: Params) -> dict[str, Any]:
        user = number_of(params.get("user_id"))
        if user is None or not self._bot.questions.known(user):
            raise FailedActionError(LOGIC, "relay 不认识此用户 / relay does not know this user")
        return _person(str(user))


def _person(user: str, name: str = NICKNAME) -> dict[str, Any]:
    return {"user_id": user, "user_name": name, "user_displayname": "", "user_remark": ""}

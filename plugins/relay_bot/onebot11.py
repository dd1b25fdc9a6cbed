"""relay as a OneBot 11 implementation (botuniverse/onebot-11): events out, actions in.

Laws: what relay says of itself is true: it knows no friends but the users whose questions are open, no groups, sends no
pictures. Bots that send nothing but text need no more than is here; whatever else they ask is told that relay has no
such action (1404), never given something made up.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from relay_bot.bot import GROUP, Bot, NotTakenError, number_of, truth_of
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
from relay_bot.questions import Asked
from relay_onebot.actions import Request
from relay_onebot.events11 import Message11, Meta11
from relay_onebot.events12 import encode
from relay_onebot.retcodes import BAD_REQUEST_11, UNSUPPORTED_ACTION_11
from relay_onebot.segments import escape, text

BAD_PARAM: Final = 100
NOT_POSSIBLE: Final = 103
NICKNAME: Final = "买家"
"""What a bot may call anybody: names stay with relay."""
STATUS: Final = {"online": True, "good": True}


class OneBot11:
    """Implements `relay_bot.dialect.Dialect`. `form`: how a message is written, as segments or with CQ codes."""

    protocols: Sequence[str] = ()

    def __init__(self, bot: Bot, form: Literal["array", "string"] = "array") -> None:
        self._bot, self._form = bot, form
        self.headers: Mapping[str, str] = {"X-Self-ID": str(bot.self_id), "X-Client-Role": "Universal"}
        self._actions: dict[str, Action] = {
            "send_msg": self._send,
            "send_private_msg": self._send,
            "send_group_msg": self._send_group,
            ".handle_quick_operation": self._quick,
            "get_login_info": lambda params: {"user_id": bot.self_id, "nickname": IMPL},
            "get_status": lambda params: STATUS,
            "get_version_info": lambda params: {
                "app_name": IMPL,
                "app_version": relay_version(),
                "protocol_version": "v11",
            },
            "get_friend_list": lambda params: [_person(user) | {"remark": ""} for user in bot.questions.users()],
            "get_stranger_info": self._stranger,
            "get_group_list": lambda params: [],
            "can_send_image": lambda params: {"yes": False},
            "can_send_record": lambda params: {"yes": False},
        }

    # --- out

    def opening(self) -> Sequence[bytes]:
        return [self._meta("lifecycle", sub_type="connect")]

    def enabled(self) -> bytes:
        """The first event over HTTP POST, which knows no connection."""
        return self._meta("lifecycle", sub_type="enable")

    def heartbeat(self) -> bytes:
        return self._meta("heartbeat", status=dict(STATUS), interval=int(HEARTBEAT_S * 1000))

    def event(self, asked: Asked) -> bytes:
        words = asked.question.text
        return encode(
            Message11(
                time=int(self._bot.seconds()),
                self_id=self._bot.self_id,
                message_type="private",
                sub_type="friend",
                message_id=asked.message,
                user_id=asked.user,
                message=escape(words) if self._form == "string" else [text(words)],
                raw_message=escape(words),
                font=0,
                sender=_person(asked.user) | {"sex": "unknown", "age": 0},
            )
        )

    def _meta(self, kind: str, **rest: Any) -> bytes:
        return encode(Meta11(time=int(self._bot.seconds()), self_id=self._bot.self_id, meta_event_type=kind, **rest))

    # --- in

    def answer(self, raw: bytes) -> bytes | None:
        return answer_frame(raw, self.act, BAD_REQUEST_11)

    def act(self, request: Request) -> Result:
        return carry_out(self._actions, request, UNSUPPORTED_ACTION_11, BAD_PARAM, NOT_POSSIBLE, endings=True)

    def knows(self, request: Request) -> bool:
        """Whether there is such an action: over HTTP another one is a 404."""
        return request.name in self._actions

    def quick(self, asked: Asked, reply: object, auto_escape: object) -> None:
        """What a bot answers to the very event of this question; None is no answer. Raises `NotTakenError`."""
        if reply is not None:
            self._bot.hear(asked.user, reply, truth_of(auto_escape), asked.message)

    def _send(self, params: Params) -> dict[str, int]:
        kind = params.get("message_type")
        if kind not in (None, "", "private") or (kind != "private" and params.get("group_id")):
            raise NotTakenError(GROUP)
        escaped = truth_of(params.get("auto_escape"))
        return {"message_id": self._bot.hear(params.get("user_id"), params.get("message"), escaped)}

    def _send_group(self, params: Params) -> None:
        raise NotTakenError(GROUP)

    def _quick(self, params: Params) -> None:
        context, operation = params.get("context"), params.get("operation")
        if not isinstance(context, Mapping) or not isinstance(operation, Mapping):
            raise NotTakenError("应有 context 与 operation / context and operation are needed", bad=True)
        if context.get("message_type", "private") != "private":
            raise NotTakenError(GROUP)
        if operation.get("reply") is not None:
            escaped = truth_of(operation.get("auto_escape"))
            about = number_of(context.get("message_id"))
            self._bot.hear(context.get("user_id"), operation["reply"], escaped, about)

    def _stranger(self, params: Params) -> dict[str, Any]:
        user = number_of(params.get("user_id"))
        if user is None or not self._bot.questions.known(user):
            raise FailedActionError(BAD_PARAM, "relay 不认识此用户 / relay does not know this user")
        return _person(user) | {"sex": "unknown", "age": 0}


def _person(user: int) -> dict[str, Any]:
    return {"user_id": user, "nickname": NICKNAME}

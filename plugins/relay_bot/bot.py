"""One bot as relay sees it: who it is, what it was asked, and what becomes of what it says.

Laws: whatever a bot says becomes a draft of the question that is open for that user, or a refusal in words that its
log can show; never a message to anybody. An answer is given for every action, so that a bot goes on.
"""

from typing import Final, Literal

from relay.contracts import Clock, DraftText
from relay_bot.questions import Questions, Verdict
from relay_bot.replies import ReplyError, read_reply

GROUP: Final = "relay 没有群聊 / there are no groups here"
_WHY: Final[dict[Verdict, str]] = {
    "enough": "这个问题的草稿已够 / this question has all the drafts it may have",
    "void": "问题已失效：买家又发了消息、已有人回复或已超时 / "
    "the question is void: the buyer wrote again, was answered, or time is up",
    "foreign": "relay 现在没有就此用户提问，机器人不能主动发消息 / "
    "relay is not asking about this user, and a bot may not write unasked",
}


class NotTakenError(Exception):
    """Not taken. `bad`: the message cannot be used at all; else it came at the wrong time or to the wrong user."""

    def __init__(self, why: str, bad: bool = False) -> None:
        super().__init__(why)
        self.bad = bad


class Bot:
    """What both versions of the protocol share. `self_id`: the account that the bot believes to speak for."""

    def __init__(
        self,
        self_id: int,
        provider: str,
        mode: Literal["assist", "auto", "unknown"],
        questions: Questions,
        clock: Clock,
    ) -> None:
        self.self_id, self.questions, self._clock = self_id, questions, clock
        self._provider, self._mode = provider, mode

    def seconds(self) -> float:
        """Now, in seconds since 1970."""
        return self._clock.now() / 1000

    def hear(self, user: object, message: object, auto_escape: bool = False, about: int | None = None) -> int:
        """A message from the bot to this user; the number under which it may remember it. Raises `NotTakenError`.

        `about`: the message that it answers, where that is certain; else a quote in the message may tell.
        """
        number = number_of(user)
        if number is None:
            raise NotTakenError("user_id 应为整数 / user_id must be an integer", bad=True)
        try:
            reply = read_reply(message, auto_escape)
        except ReplyError as error:
            raise NotTakenError(str(error), bad=True) from None
        if about is None and reply.about is not None and self.questions.asked_in(reply.about):
            about = reply.about
        draft = DraftText(text=reply.text, provider=self._provider, mode=self._mode, reason=reply.left_out)
        verdict = self.questions.offer(number, draft, about)
        if verdict in _WHY:
            raise NotTakenError(_WHY[verdict])
        return self.questions.numbers.next()


def number_of(given: object) -> int | None:
    """A number as bots write them: an integer, or its digits as text."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if isinstance(given, str) and len(given) <= 19 and given.isascii() and given.isdigit():
        return int(given)
    return None


def truth_of(given: object) -> bool:
    """A switch as bots write it: true, 1, or words to that effect."""
    return given is True or given == 1 or (isinstance(given, str) and given.strip().lower() in {"1", "true", "yes"})

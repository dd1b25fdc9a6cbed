"""The questions that are open with a bot, and what it says to them. A question lives from its asking to its closing.

    offer(user, ..., about)      taken      a draft of this user's open question
                                 same       the bot has said just that already: once is enough
                                 enough     the question has all the drafts it may have
                                 void       the buyer wrote again, was answered, or time is up
                                 foreign    nobody asked the bot about this user, or not lately

Laws: what is said after a question's end is never a draft (L7), and what names another message than the open question's
is not either. A plain message names none; so one that comes soon after an unanswered question of the same buyer says of
itself that it may be meant for that one. Everything is bounded: open questions, drafts of each, and the memory of
closed ones. A later question of the same buyer ends the earlier one. Nothing here waits for a bot: it costs a question
nothing but its drafts.
"""

import asyncio
from collections import OrderedDict, deque
from typing import Final, Literal, TypeVar

import msgspec

from relay.contracts import Clock, DraftText, Entropy, Question
from relay_bot.numbers import MessageNumbers, user_of

MOST_OPEN: Final = 1000
MOST_KNOWN: Final = 4096
DOUBT_S: Final = 60.0
"""So long after a question that got no word, a plain message of the bot may still be meant for that one."""
DOUBT: Final = "可能是对上一条消息的回答 / may answer the message before"
Ending = Literal["enough", "void"]
Verdict = Literal["taken", "same", "enough", "void", "foreign"]
K = TypeVar("K")
V = TypeVar("V")


class TooManyQuestionsError(RuntimeError):
    """Too many questions are open with this bot at once; this one gets no draft of it / 此机器人的提问过多."""


class Asked:
    """One open question: the numbers under which the bot knows it, and the drafts that it has offered."""

    __slots__ = ("_drafts", "_error", "_most", "_said", "_woken", "doubtful", "ended", "message", "question", "user")

    def __init__(self, question: Question, user: int, message: int, most: int, doubtful: bool) -> None:
        self.question, self.user, self.message, self.doubtful = question, user, message, doubtful
        self.ended: Literal["", "enough", "void"] = ""
        self._most = most
        self._said: set[str] = set()
        self._drafts: deque[DraftText] = deque()
        self._error: BaseException | None = None
        self._woken = asyncio.Event()

    def offer(self, draft: DraftText) -> Verdict:
        """One more draft, if there is room."""
        if self.ended:
            return self.ended
        if draft.text in self._said:
            return "same"
        self._said.add(draft.text)
        self._drafts.append(draft)
        if len(self._said) >= self._most:
            self.end("enough")
        self._woken.set()
        return "taken"

    @property
    def silent(self) -> bool:
        """Whether the bot has said nothing to it."""
        return not self._said

    def end(self, why: Ending, error: BaseException | None = None) -> None:
        """Take nothing more; `error` is raised to who waits, after what has been offered."""
        if not self.ended:
            self.ended, self._error = why, error
        self._woken.set()

    async def next(self) -> DraftText | None:
        """The next draft as it comes; None when there will be none. Raises what ended the question."""
        while not self._drafts:
            if self._error is not None:
                raise self._error
            if self.ended:
                return None
            self._woken.clear()
            await self._woken.wait()
        return self._drafts.popleft()


class Closed(msgspec.Struct, frozen=True):
    """What is remembered of a question that has ended. `at` is in seconds of the monotonic clock."""

    why: Ending
    silent: bool
    at: float


class Questions:
    """All that is open with one bot."""

    def __init__(self, bot: str, most_drafts: int, clock: Clock, entropy: Entropy) -> None:
        self._bot, self._most, self._clock = bot, most_drafts, clock
        self._open: dict[int, Asked] = {}
        self._closed: OrderedDict[int, Closed] = OrderedDict()
        self._messages: OrderedDict[int, int] = OrderedDict()
        self.numbers = MessageNumbers(entropy)

    def ask(self, question: Question) -> Asked:
        """Open a question. Raises `TooManyQuestionsError`."""
        user = user_of(self._bot, question)
        if earlier := self._open.get(user):
            self.close(earlier)
        if len(self._open) >= MOST_OPEN:
            raise TooManyQuestionsError(TooManyQuestionsError.__doc__)
        before = self._closed.pop(user, None)
        doubtful = before is not None and before.silent and self._clock.monotonic() - before.at <= DOUBT_S
        asked = Asked(question, user, self.numbers.next(), self._most, doubtful)
        self._open[user] = asked
        _remember(self._messages, asked.message, user)
        return asked

    def close(self, asked: Asked) -> None:
        """Its end, whatever it has got by now."""
        asked.end("void")
        if self._open.get(asked.user) is asked:
            del self._open[asked.user]
            closed = Closed(asked.ended or "void", asked.silent, self._clock.monotonic())
            _remember(self._closed, asked.user, closed)

    def close_all(self) -> None:
        for asked in list(self._open.values()):
            self.close(asked)

    def offer(self, user: int, draft: DraftText, about: int | None = None) -> Verdict:
        """What the bot says to this user. `about`: the number of the message that it says it to, where it tells."""
        asked, closed = self._open.get(user), self._closed.get(user)
        if about is not None and self._messages.get(about, user) != user:
            return "foreign"
        if about is not None and asked is not None and about != asked.message:
            return "void"
        if about is None and asked is not None and asked.doubtful:
            draft = msgspec.structs.replace(draft, reason="; ".join(filter(None, (draft.reason, DOUBT))))
        if asked is not None:
            return asked.offer(draft)
        return closed.why if closed is not None else "foreign"

    def asked_in(self, message: int) -> bool:
        """Whether this is the number of a message in which a question went to the bot, now or lately."""
        return message in self._messages

    def known(self, user: int) -> bool:
        """Whether the bot was asked about this user, now or lately."""
        return user in self._open or user in self._closed

    def users(self) -> list[int]:
        """The users of open questions."""
        return list(self._open)


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > MOST_KNOWN:
        memory.popitem(last=False)

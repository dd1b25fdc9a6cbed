"""Facts as sentences, in Chinese or English, for the last lines of the live picture.

Most facts say nothing here. What a visitor came to see (a hold, a debt, a text of unknown outcome, the queue) is marked
`notable` and stays in sight longer than a question and its answer.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

from relay.domain import facts as f
from relay.domain.names import BuyerRef, Millis, PersonId, SeatId, ShopId
from relay.domain.rounds import CALLS_SUPERVISOR, SILENT_TAGS, silent_tag
from relay.domain.settings import Person, Seat, Shop

Lang = Literal["zh", "en"]
TEXT_SHOWN: Final = 24

_SAID: Final[dict[str, tuple[str, str]]] = {
    "asks": ("「{buyer}」问：{text}", "{buyer} asks: {text}"),
    "guarded": ("「{buyer}」{why}：{text}；机器不应，主管已知", "{buyer}, {why}: {text}; no machine, supervisor told"),
    "queued": ("「{buyer}」排队，客服都满了", "{buyer} waits in the queue, every seat is full"),
    "queued_again": ("「{buyer}」重新排队：{why}", "{buyer} is queued again: {why}"),
    "from_queue": ("排到了：「{buyer}」由 {agent} 接待", "out of the queue: {buyer} goes to {agent}"),
    "back": ("回头客「{buyer}」还由 {agent} 接待", "{buyer} is back with {agent}"),
    "moved": ("「{buyer}」从 {before} 转给 {agent}", "{buyer} goes from {before} to {agent}"),
    "answered": ("{agent} 回复了「{buyer}」，等了 {seconds} 秒", "{agent} answered {buyer} after {seconds} s"),
    "too_late": ("{agent} 回复了「{buyer}」，已超时 {over} 秒", "{agent} answered {buyer}, {over} s too late"),
    "alert": ("「{buyer}」已等 {seconds} 秒，通知主管", "{buyer} has waited {seconds} s, the supervisor is told"),
    "hold": (
        "离截止 {left} 秒无人回复，机器向「{buyer}」发已审核的稍等话术",
        "{left} s before the deadline the machine sends {buyer} an approved hold",
    ),
    "withheld": ("机器没有向「{buyer}」发话：{why}", "the machine stays silent to {buyer}: {why}"),
    "owed": ("说了稍等，欠「{buyer}」一个真正的答复", "after a hold, {buyer} is owed a real answer"),
    "still_owed": ("仍欠「{buyer}」答复，再提醒 {agent}", "{buyer} is still owed an answer, {agent} is told again"),
    "paid": ("欠「{buyer}」的答复已还清", "{buyer} has the answer that was owed"),
    "written_off": ("欠「{buyer}」的答复已了结：{why}", "what {buyer} was owed has ended: {why}"),
    "unknown": (
        "发给「{buyer}」的话结果未知（{why}），等回显或人工查看",
        "nobody knows whether {buyer} got it ({why}): echo or a look decides",
    ),
    "proven": ("平台回显证实「{buyer}」收到了", "the platform's echo proves that {buyer} got it"),
    "looked_there": ("{person} 查看后确认「{buyer}」收到了", "{person} looked: {buyer} got it"),
    "looked_not": ("{person} 查看后确认「{buyer}」没收到，重发", "{person} looked: {buyer} did not get it"),
    "refused": ("平台拒收发给「{buyer}」的话（{why}）", "the platform refuses what went to {buyer} ({why})"),
    "again": ("平台忙，发给「{buyer}」的话稍后重发", "the platform is busy, {buyer}'s text goes again"),
    "superseded": ("发给「{buyer}」的话没有发出：{why}", "what was meant for {buyer} was not sent: {why}"),
    "recalled": ("「{buyer}」撤回了一条消息", "{buyer} took a message back"),
    "online": ("{agent} 上线", "{agent} is online"),
    "away": ("{agent} 挂起，暂不接新买家", "{agent} is away and gets no new buyers"),
    "offline": ("{agent} 离线", "{agent} is offline"),
    "grace": (
        "{agent} 掉线超过宽限时间，没回复的买家重新分配",
        "{agent} stayed away too long: unanswered buyers are placed again",
    ),
    "lost": ("通道断开，机器不再发话", "the channel is lost, no machine speaks"),
}
_WHYS: Final[dict[str, tuple[str, str]]] = {
    "used": ("这一轮已发过", "one was sent in this round"),
    "debt_open": ("已经说过稍等", "a hold was said already"),
    "thanks": ("买家只是道谢", "the buyer only said thanks"),
    "daily_limit": ("今天次数已满", "the day's limit"),
    "deadline_passed": ("已过截止时间", "the deadline has passed"),
    "answer_on_its_way": ("客服正在发送", "an answer is on its way"),
    "channel_lost": ("通道断开", "the channel is lost"),
    "answered": ("已有回复", "it was answered"),
    "advertisement": ("是广告", "an advertisement"),
    "complaint": ("投诉", "a complaint"),
    "dispute": ("纠纷", "a dispute"),
    "wants_a_person": ("要求人工", "asks for a person"),
    "injury": ("说受了伤", "speaks of an injury"),
    "threat": ("有威胁", "a threat"),
    "gap": ("有漏收未补", "a gap is not read yet"),
    "channel_silent": ("通道没有声音", "the channel is silent"),
    "too_late_to_arrive": ("来不及送达", "it would not arrive in time"),
    "no_approved_reply": ("没有还能用的稍等话术", "no approved hold is left"),
    "suggest": ("只建议，等人按键", "it only proposes"),
    "buyer_wrote": ("买家又说话了", "the buyer wrote again"),
    "seat_gone": ("客服掉线", "the agent is gone"),
    "connection_lost": ("连接中断", "connection lost"),
    "timeout": ("超时无回应", "no answer in time"),
    "restart": ("重启前正在发送", "relay was stopped meanwhile"),
    "closed": ("会话已结束", "the conversation was closed"),
    "settled": ("已另行答复", "answered by other means"),
    "hold_not_sent": ("稍等没有发出", "the hold was not sent"),
}
_QUIET: Final = frozenset({"asks", "answered", "online", "away", "offline", "queued", "from_queue", "back"})


class Event(msgspec.Struct, frozen=True):
    at: Millis
    shop: ShopId
    sentence: str
    notable: bool


class Teller:
    """Makes sentences. The mappings are the office's own, so that names are those of the settings as they are now."""

    def __init__(
        self,
        lang: Lang,
        shops: Mapping[ShopId, Shop],
        seats: Mapping[SeatId, Seat],
        persons: Mapping[PersonId, Person],
        name_of: Callable[[BuyerRef], str],
    ) -> None:
        self._tongue = ("zh", "en").index(lang)
        self._shops, self._seats, self._persons, self._name_of = shops, seats, persons, name_of

    def tell(self, fact: f.DeskFact, text: str | None = None) -> Event | None:
        """The sentence of one fact, or None. `text` is what the fact binds."""
        key, words = self._words(fact, text)
        if key is None:
            return None
        shop: ShopId = fact.shop  # type: ignore[union-attr]  # every fact with words is about a shop
        return Event(fact.at, shop, self.say(key, **words), key not in _QUIET)

    def say(self, key: str, **words: object) -> str:
        return _SAID[key][self._tongue].format(**words)

    def _words(self, fact: f.DeskFact, text: str | None) -> tuple[str | None, dict[str, object]]:
        words: dict[str, object] = {}
        buyer: BuyerRef | None = getattr(fact, "buyer", None)
        if buyer is not None:
            words["buyer"] = self._name_of(buyer)
        words["agent"] = self._agent(getattr(fact, "seat", None))
        words["why"] = self._why(str(getattr(fact, "why", "")))
        match fact:
            case f.BuyerWrote():
                words["text"] = _short(text or "")
                why = SILENT_TAGS.get(silent_tag(fact.tag, fact.guard) or "")
                return ("guarded", words | {"why": self._why(why)}) if why in CALLS_SUPERVISOR else ("asks", words)
            case f.Queued(previous=None):
                return "queued", words
            case f.Queued():
                return "queued_again", words
            case f.Assigned(from_queue=True):
                return "from_queue", words
            case f.Assigned(previous=before) if before is not None:
                return "moved", words | {"before": self._agent(before)}
            case f.Assigned(reason="sticky"):
                return "back", words
            case f.RoundAnswered():
                seconds = (fact.answered_at - fact.opened_at) // 1000
                late = seconds > 180
                return "too_late" if late else "answered", words | {"seconds": seconds, "over": seconds - 180}
            case f.LadderStepped() if "alert" in fact.told:
                return "alert", words | {"seconds": (fact.at - fact.round_at) // 1000}
            case f.HoldIntended(shadow=False):
                return "hold", words | {"left": round((fact.due_at - fact.at) / 1000)}
            case f.HoldWithheld():
                return "withheld", words
            case f.DebtOpened():
                return "owed", words
            case f.DebtReminded():
                return "still_owed", words
            case f.DebtClosed(why="answered"):
                return "paid", words
            case f.DebtClosed():
                return "written_off", words
            case f.SendEnded():
                return self._ended(fact), words | {"person": self._person(fact.by)}
            case f.MessageRecalled():
                return "recalled", words
            case f.PresenceSet() if self._is_first_seat(fact.seat):
                return fact.presence, words
            case f.GraceEnded() if self._is_first_seat(fact.seat):
                return "grace", words
            case f.ChannelLost():
                return "lost", words
            case _:
                return None, words

    def _ended(self, fact: f.SendEnded) -> str | None:
        match fact.outcome:
            case "confirmed":
                return {"echo": "proven", "person": "looked_there"}.get(fact.why)
            case "unknown":
                return "unknown"
            case _ if fact.retry_at is not None:
                return "again"
            case "refused":
                return "refused"
            case _:
                return "looked_not" if fact.why == "person" else "superseded"

    def _why(self, why: str) -> str:
        return _WHYS[why][self._tongue] if why in _WHYS else why

    def _agent(self, seat: SeatId | None) -> str:
        known = self._seats.get(seat) if seat is not None else None
        return self._person(known.agent) if known is not None else "–"

    def _person(self, person: PersonId | None) -> str:
        known = self._persons.get(person) if person is not None else None
        return known.name or known.id if known is not None else "–"

    def _is_first_seat(self, seat: SeatId) -> bool:
        """Of a person with several seats the first one speaks for all."""
        known = self._seats.get(seat)
        first = next((one.id for one in self._seats.values() if known and one.agent == known.agent), None)
        return first == seat


def _short(text: str) -> str:
    clean = "".join(char if char.isprintable() else " " for char in text)
    return clean if len(clean) <= TEXT_SHOWN else f"{clean[: TEXT_SHOWN - 1]}…"

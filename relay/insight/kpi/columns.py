"""The KPIs by name: what each is called, how it is computed from the sums, and in which words that is explained.

A rate or a mean is made of its sums here and nowhere else, for whatever time they were added up: a month's mean
response is the ratio of the month's sums, never a mean of means. Of nothing there is no rate. The names are the trade's
(`docs/kpi.md` has the same list, and a test holds the two together).
"""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from relay.insight.kpi.intervals import Interval, of_mean, of_rate
from relay.insight.kpi.roster import BYS, By
from relay.insight.kpi.sums import Sums

Kind = Literal["count", "rate", "ratio", "mean", "span"]


class Figure(msgspec.Struct, frozen=True):
    """A value (seconds for means and spans) and, for a rate or a mean, of how many and its 95 % interval."""

    value: float | int | None
    of: int | None = None
    low: float | None = None
    high: float | None = None


class Column(msgspec.Struct, frozen=True):
    """`formula` and `formula_zh` say what is counted; `by`: for whom it is told."""

    name: str
    zh: str
    en: str
    kind: Kind
    figure: Callable[[Sums], Figure]
    formula: str
    formula_zh: str
    by: tuple[By, ...] = BYS


def _count(name: str) -> Callable[[Sums], Figure]:
    return lambda sums: Figure(getattr(sums, name))


def _span(name: str) -> Callable[[Sums], Figure]:
    return lambda sums: Figure(getattr(sums, name) / 1000)


def _rate(part: Callable[[Sums], int], whole: str) -> Callable[[Sums], Figure]:
    def figure(sums: Sums) -> Figure:
        of = getattr(sums, whole)
        return _ranged(part(sums) / of if of else None, of, of_rate(part(sums), of))

    return figure


def _mean(total: str, whole: str, squares: str) -> Callable[[Sums], Figure]:
    def figure(sums: Sums) -> Figure:
        of, seconds = getattr(sums, whole), getattr(sums, total) / 1000
        return _ranged(seconds / of if of else None, of, of_mean(seconds, getattr(sums, squares) / 100, of))

    return figure


def _plain_mean(total: str, whole: str) -> Callable[[Sums], Figure]:
    """Without an interval, for its squares are not kept."""

    def figure(sums: Sums) -> Figure:
        of = getattr(sums, whole)
        return Figure(getattr(sums, total) / 1000 / of if of else None, of)

    return figure


def _ratio(part: str, whole: str) -> Callable[[Sums], Figure]:
    def figure(sums: Sums) -> Figure:
        of = getattr(sums, whole)
        return Figure(getattr(sums, part) / of if of else None, of)

    return figure


def _ranged(value: float | None, of: int, interval: Interval | None) -> Figure:
    return Figure(value, of, *(interval if interval is not None else (None, None)))


_TIMES: Final[tuple[By, ...]] = ("seat", "agent", "vendor", "shop", "hour", "day")
COLUMNS: Final = (
    Column("consulted", "咨询人数", "consultations", "count", _count("consulted"),
           "Buyers and days with any chat: a question on the list, or a message sent.",
           "有过聊天的买家数（按买家·日）：问题进入其接待列表，或由其发过消息。"),
    Column("received", "接待人数", "receptions", "count", _count("received"),
           "Consultations without advertisers, own accounts and one-way chats, and without buyers who were passed on "
           "and never written to.",
           "咨询人数减去广告、自家账号、单向聊天，以及未写一字便转走的买家。"),
    Column("direct", "直接接待", "direct", "count", lambda sums: Figure(sums.received - sums.transferred_in),
           "Receptions that did not come by transfer.", "接待人数减转入。"),
    Column("transferred_in", "转入", "transferred in", "count", _count("transferred_in"),
           "Receptions whose buyer was first got that day from another, also by way of the queue.",
           "当日首次到达时是从别人那里转来的接待（经排队池也算）。"),
    Column("transferred_out", "转出", "transferred out", "count", _count("transferred_out"),
           "Buyers and days that left the list for another or for the queue.",
           "被转给别人或退回排队池的买家数（按买家·日）。"),
    Column("first_response", "首次响应(秒)", "first response (s)", "mean",
           _mean("first_ms", "first_replies", "first_squares"),
           "Per buyer and day the wait of the first answered round, summed, over how many there were. "
           "Texts of machines and canned texts are no response.",
           "每买家每日首个已答轮次的等待之和 ÷ 个数；机器与自动话术不算响应。"),
    Column("mean_response", "平均响应(秒)", "mean response (s)", "mean", _mean("reply_ms", "replies", "reply_squares"),
           "The waits of all answered rounds, summed, over their number: a ratio of sums.",
           "全部已答轮次等待之和 ÷ 已答轮次数（和之比，不是均值的均值）。"),
    Column("unanswered", "未回复人数", "unanswered", "count", _count("unanswered"),
           "Receptions with a question and no text of a person from it on, on the same day.",
           "接待中有提问、当日其后无人工消息的买家数。"),
    Column("answered_rate", "回复率", "reply rate", "rate",
           _rate(lambda sums: sums.received - sums.unanswered, "received"),
           "(Receptions − unanswered) ÷ receptions.", "（接待人数 − 未回复人数）÷ 接待人数。"),
    Column("unanswered_rate", "未回复率", "unanswered rate", "rate", _rate(lambda sums: sums.unanswered, "received"),
           "Unanswered ÷ receptions.", "未回复人数 ÷ 接待人数。"),
    Column("machine_only", "仅机器回复", "machine only", "count", _count("machine_only"),
           "Of the unanswered: those to whom a machine wrote after their question.",
           "未回复中，提问后只有机器回复的人数。"),
    Column("question_answer", "答问比", "answers per question", "ratio", _ratio("agent_messages", "buyer_messages"),
           "Messages by persons ÷ questions by buyers, in receptions.", "接待中客服人工消息数 ÷ 买家消息数。"),
    Column("slow", "慢响应人数", "slow", "count", _count("slow"),
           "Receptions whose mean wait is above the shop's `slow_reply_s` of that day.",
           "平均等待超过店铺 slow_reply_s 的接待人数。"),
    Column("long", "长接待人数", "long", "count", _count("long"),
           "Receptions longer than the shop's `long_reception_s` of that day.",
           "时长超过店铺 long_reception_s 的接待人数。"),
    Column("within_30s", "30秒应答率", "answers within 30 s", "rate", _rate(lambda sums: sums.within_30s, "rounds"),
           "Rounds answered within 30 s, inclusive, ÷ rounds, unanswered ones among them.",
           "30 秒内（含）应答的轮次 ÷ 全部轮次（含未答）。"),
    Column("reception_time", "接待时长(秒)", "reception time (s)", "mean",
           _mean("reception_ms", "received", "reception_squares"),
           "Per reception the time from first to last message of buyer and persons, summed, over receptions.",
           "每接待首末消息间隔之和 ÷ 接待人数。"),
    Column("peak", "最大同时接待", "most at once", "count", _count("peak"),
           "The most conversations that stood on the lists at once, on any day of the time.",
           "同一时刻接待列表中会话的最大数（取各日最大）。"),
    Column("transfers", "转出次数", "transfers", "count", _count("transfers"),
           "How often a buyer left the list for another or for the queue.", "买家被转走或退回排队池的次数。"),
    Column("transfers_unanswered", "未回复转出", "transfers without an answer", "count", _count("transfers_unanswered"),
           "Of these: with a question open and no text of that seat in that stay.",
           "其中：有未答问题、且该子账号在这段接待中未写一字。"),
    Column("holds", "稍等次数", "holds", "count", _count("holds"),
           "Hold replies that persons sent.", "人工发出的稍等话术。"),
    Column("machine_holds", "机器稍等", "holds by machine", "count", _count("machine_holds"),
           "Hold replies that a machine sent. They answer nothing and belong to nobody.",
           "机器发出的稍等话术；不算应答，也不归任何人。", ("group", "shop", "hour", "day")),
    Column("debts", "欠答", "answers owed", "count", _count("debts"),
           "Answer debts that a hold opened, counted where they began.", "稍等后产生的欠答，计在产生时。"),
    Column("debts_never", "稍等后未答", "held, never answered", "count",
           lambda sums: Figure(sums.debts_given_up + sums.debts_open),
           "Of these: settled with a reason, closed over, or still open. The goal is 0.",
           "其中：注明原因结清、随会话关闭、或仍未结的；目标 0。"),
    Column("debt_time", "欠答时长(秒)", "debt answered after (s)", "mean", _plain_mean("debt_ms", "debts_answered"),
           "From hold to real answer, summed, over the debts answered.", "稍等到真正答复的时间之和 ÷ 已答复的欠答数。"),
    Column("debts_open", "未结欠答", "debts open", "count", _count("debts_open"),
           "Debts open as of the ledger's last fact.", "截至台账最后一条事实仍未结的欠答。"),
    Column("debt_oldest", "最久欠答(秒)", "oldest debt (s)", "span", _span("debt_oldest_ms"),
           "The age of the oldest open debt.", "未结欠答中最久一笔的时长。"),
    Column("follow_ups", "跟进", "follow-ups", "count", _count("follow_ups"),
           "Follow-ups that were made, counted where they began.", "登记的跟进，计在登记时。"),
    Column("follow_ups_in_time", "跟进按时率", "follow-ups in time", "rate",
           _rate(lambda sums: sums.follow_ups_in_time, "follow_ups"),
           "Follow-ups kept by their time ÷ follow-ups.", "按时完成的跟进 ÷ 跟进。"),
    Column("follow_ups_overdue", "跟进超时未完成", "follow-ups overdue", "count", _count("follow_ups_overdue"),
           "Open ones whose time has passed, as of the last fact.", "截至台账最后一条事实已到点未完成的跟进。"),
    Column("follow_up_age", "未完成跟进时长(秒)", "age of open follow-ups (s)", "mean",
           _plain_mean("follow_up_open_ms", "follow_ups_open"),
           "The ages of the open ones, summed, over their number.", "未完成跟进的时长之和 ÷ 个数。"),
    Column("drafts_approved", "草稿采用", "drafts approved", "count", _count("drafts_approved"),
           "Drafts that a person sent as they were.", "未经修改即发出的草稿。"),
    Column("drafts_edited", "草稿改后发", "drafts edited", "count", _count("drafts_edited"),
           "Drafts that a person changed and sent.", "修改后发出的草稿。"),
    Column("drafts_rejected", "草稿拒绝", "drafts rejected", "count", _count("drafts_rejected"),
           "Drafts that a person refused.", "被拒绝的草稿。"),
    Column("ads", "广告人数", "advertisers", "count", _count("ads"),
           "Consultations all of whose questions are advertisements; no receptions.",
           "提问全为广告的咨询；不计接待。"),
    Column("own_accounts", "自家账号", "own accounts", "count", _count("own_accounts"),
           "Consultations with no consumer: sub-accounts, merchants, the platform's staff; no receptions.",
           "非消费者（子账号、商家、小二）的咨询；不计接待。"),
    Column("one_way", "单向聊天", "one-way", "count", _count("one_way"),
           "Consultations in which the buyer asked nothing that day, and no question of an earlier day was answered; "
           "no receptions.",
           "买家当日未提问、也未答复其前一日遗留问题的咨询；不计接待。"),
    Column("unknown_messages", "作者不明", "author unknown", "count", _count("unknown_messages"),
           "Merchant-side texts of which nobody knows whether a person wrote them. They answer nothing here.",
           "无法确定是否人工的商家消息；此处不算应答。", ("group", "shop", "hour", "day")),
    Column("online", "在线(秒)", "online (s)", "span", _span("online_ms"),
           "Time online. A person is online if any of their seats is; seats of a shop or a vendor add up.",
           "在线时间；一人多号取并集，店铺与外包按子账号相加。", _TIMES),
    Column("away", "挂起(秒)", "away (s)", "span", _span("away_ms"),
           "Time away and not online.", "挂起时间。", _TIMES),
    Column("aways", "挂起次数", "times away", "count", _count("aways"),
           "How often that began.", "挂起次数。", _TIMES),
    Column("breaks", "离岗次数", "breaks", "count", _count("breaks"),
           "Times not online between two stays online of one day.", "当日两段在线之间的间断次数。", _TIMES),
    Column("break_time", "离岗(秒)", "breaks (s)", "span", _span("break_ms"),
           "Their time.", "上述间断的时长。", _TIMES),
)  # fmt: skip
BY_NAME: Final = {column.name: column for column in COLUMNS}


def columns_of(by: By) -> tuple[Column, ...]:
    """The columns that are told for this kind of subject."""
    return tuple(column for column in COLUMNS if by in column.by)

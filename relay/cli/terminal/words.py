"""What the terminal says, in both languages, and how a foreign text is made safe to print.

A meaning never hangs on a colour or a sign: "剩 95 秒", "已超时 20 秒", "欠答" are words.
"""

import re
import unicodedata
from typing import Final, Literal

Lang = Literal["zh", "en"]

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "left": ("剩 {0} 秒", "{0} s left"),
    "late": ("已超时 {0} 秒", "{0} s late"),
    "no_limit": ("未计时", "no limit now"),
    "service_waits": ("非考核时段，{0} 分钟后开始计时", "outside the hours, the clock begins in {0} min"),
    "service_left": ("服务目标剩 {0} 秒", "{0} s left of the shop's own target"),
    "service_late": ("已超服务目标 {0} 秒", "{0} s over the shop's own target"),
    "overnight": ("—— 隔夜买家 {0} ——", "-- overnight buyers: {0} --"),
    "overnight_now": ("[{0}] {1} 隔夜未回，现在开始计时", "[{0}] {1} has waited over night, the clock runs now"),
    "place": ("排第 {0} 位", "place {0}"),
    "place_minutes": ("排第 {0} 位，约 {1} 分钟", "place {0}, about {1} min"),
    "answered": ("已回复", "answered"),
    "owed": ("欠答 {0} 秒", "answer owed for {0} s"),
    "questions": ("{0} 条未回", "{0} unanswered"),
    "queued": ("排队中", "in the queue"),
    "other_seat": ("在 {0}", "on {0}"),
    "unknown": ("待确认 {0}：/resolve {0} yes 或 no", "outcome unknown {0}: /resolve {0} yes or no"),
    "head": ("{0}（{1}）会话 {2}，待回 {3}，欠答 {4}", "{0} ({1}) conversations {2}, waiting {3}, owed {4}"),
    "nobody": ("（没有会话）", "(no conversations)"),
    "opened": ("—— {0} ——（直接输入文字后回车即回复）", "-- {0} -- (type and press Enter to answer)"),
    "more": ("（更早的消息未显示）", "(older messages are not shown)"),
    "no_text": ("（内容不可用）", "(text not available)"),
    "buyer": ("买家", "buyer"),
    "human": ("客服", "agent"),
    "assist": ("机器（辅助）", "machine (assist)"),
    "bot": ("机器人", "bot"),
    "auto": ("自动回复", "auto"),
    "helper": ("助手", "helper"),
    "system": ("系统", "system"),
    "unknown_author": ("未知", "unknown"),
    "intended": ("待发送", "to be sent"),
    "sending": ("发送中", "sending"),
    "waiting": ("等待重试", "waiting to retry"),
    "confirmed": ("已送达", "delivered"),
    "refused": ("被拒绝", "refused"),
    "not_sent": ("未发送", "not sent"),
    "unknown_state": ("不确定是否送达", "outcome unknown"),
    "recalled": ("已撤回", "recalled"),
    "new_message": ("[{0}] {1}：{2}", "[{0}] {1}: {2}"),
    "assigned": ("[{0}] 新会话：{1}", "[{0}] new conversation: {1}"),
    "moving": ("[{0}] {1} 正在转接到 {2}", "[{0}] {1} is being moved to {2}"),
    "not_moved": ("[{0}] {1} 未能转接到 {2}，仍在您这里", "[{0}] {1} was not moved to {2} and is still yours"),
    "move_advised": ("[{0}] {1} 建议转接到 {2}", "[{0}] {1}: relay would move them to {2}"),
    "answer_this": (
        "[{0}] {1} 请先回复：未回复转走会计入您的未回复",
        "[{0}] {1}: answer first, an unanswered buyer is not moved from here",
    ),
    "gone": ("{0} 已离开您的列表", "{0} has left your list"),
    "closed": ("{0} 会话已结束", "{0} was closed"),
    "ladder": ("[{0}] {1} 等待回复，{2}", "[{0}] {1} is waiting, {2}"),
    "owed_again": ("[{0}] {1} 仍欠答", "[{0}] {1} is still owed an answer"),
    "offered": (
        "[{0}] {1} 您答应稍后答复（{2}，{3}）：/later 记为跟进，/later no 不需要",
        "[{0}] {1}: you promised an answer ({2}, {3}): /later follows it up, /later no does not",
    ),
    "follow_up": ("跟进 {0}：{1} {2} {3}，{4}，{5} {6}", "follow-up {0}: {1} {2}, {3}, {4}, {5} {6}"),
    "follow_up_due": ("到点 {0}", "due: {0}"),
    "follow_up_done": ("跟进 {0} 已完成", "follow-up {0} is kept"),
    "follow_up_dropped": ("跟进 {0} 已放弃", "follow-up {0} is given up"),
    "follow_ups": ("—— 待跟进 {0} ——", "-- follow-ups: {0} --"),
    "no_follow_ups": ("（没有待跟进）", "(no follow-ups)"),
    "ownerless": ("无人负责", "nobody's"),
    "due_in": ("{0} 分钟后到点", "due in {0} min"),
    "due_ago": ("已过 {0} 分钟", "{0} min overdue"),
    "refund": ("退款", "refund"),
    "exchange": ("换货", "exchange"),
    "invoice": ("发票", "invoice"),
    "lost_parcel": ("丢件", "lost parcel"),
    "compensation": ("补偿", "compensation"),
    "call_back": ("回电", "call back"),
    "other": ("其他", "other"),
    "say_later": (
        "用法：/later 时间 [#类别] [备注]，如 /later 明天下午 开发票",
        "say /later WHEN [#CATEGORY] [NOTE], such as /later 30min invoice",
    ),
    "say_follow_up": ("用法：{0} 跟进编号 内容，如 {0} f12 …", "say {0} FOLLOW-UP TEXT, such as {0} f12 …"),
    "no_follow_up": ("没有跟进 {0}", "there is no follow-up {0}"),
    "ended": ("[{0}] 消息{1}", "[{0}] message {1}"),
    "draft_new": ("[{0}] {1} 有草稿", "[{0}] {1}: drafts"),
    "library": ("话术库", "library"),
    "hold_key": ("/0 发送稍等话术：{0}", "/0 sends the hold: {0}"),
    "no_draft": ("没有草稿 {0}", "there is no draft {0}"),
    "no_hold": ("当前没有可一键发送的稍等话术", "no hold is offered for one key now"),
    "say_edit": ("用法：/e 编号 修改后的文字。草稿原文：{0}", "say /e NUMBER and the text you want. The draft: {0}"),
    "goes_out": ("[{0}] 发给 {1}：{2}", "[{0}] to {1}: {2}"),
    "hold_goes_out": (
        "[{0}] {1} 由机器发送稍等，仍欠答复：{2}",
        "[{0}] {1}: the machine sends a hold, an answer is owed: {2}",
    ),
    "hold_asked": ("[{0}] {1} 即将超时，请回复或发送稍等话术", "[{0}] {1} is nearly late: answer, or send a hold"),
    "channel_lost": ("店铺 {0} 的通道断开", "the channel of shop {0} is lost"),
    "channel_connected": ("店铺 {0} 的通道已连接", "the channel of shop {0} is connected"),
    "channel_silent": ("店铺 {0} 的通道连着却没有声音", "the channel of shop {0} is connected and says nothing"),
    "channel_heard": ("店铺 {0} 的通道又有声音", "the channel of shop {0} is heard again"),
    "channel_gap": ("店铺 {0} 可能有漏收的消息", "messages of shop {0} may be missing"),
    "grace_ended": ("{0} 离线过久，会话已转走", "{0} was away too long; its buyers were given to others"),
    "refresh": ("设置已变化，列表已更新", "settings changed; the list is fresh"),
    "online": ("在线", "online"),
    "away": ("挂起", "away"),
    "offline": ("离线", "offline"),
    "seats": ("子账号：{0}", "seats: {0}"),
    "come_online": ("输入 /on 上线后才会分到买家", "buyers come to you once you type /on"),
    "connecting": ("正在连接 {0} …", "connecting to {0} …"),
    "lost": (
        "连接中断（{0}），{1} 秒后重连；未发出的回复已保留",
        "disconnected ({0}), again in {1} s; replies are kept",
    ),
    "unsent": ("未发出：{0}", "not sent: {0}"),
    "resent": ("重新发送 {0} 条未确认的回复", "sending {0} unconfirmed replies again"),
    "open_first": ("请先输入编号打开会话", "open a conversation first: type its number"),
    "no_number": ("没有编号 {0}", "there is no number {0}"),
    "no_command": ("没有命令 {0}；/help 查看", "there is no command {0}; see /help"),
    "say_ack": ("请先打开会话，或写明店铺：/ack 店铺", "open a conversation first, or name a shop: /ack SHOP"),
    "acknowledged": ("{0} 的提醒已由 {1} 确认", "{1} has acknowledged the alerts of {0}"),
    "taken_back": ("{0} 撤销了操作：{1}", "{0} took something back: {1}"),
    "deed_moved": ("转接", "passing a buyer on"),
    "deed_closed": ("关闭会话", "closing a conversation"),
    "deed_settled": ("结清欠答", "settling an owed answer"),
    "deed_rejected": ("不用草稿", "rejecting a draft"),
    "deed_acknowledged": ("确认提醒", "acknowledging alerts"),
    "say_resolve": ("用法：/resolve 编号 yes|no", "say /resolve NUMBER yes|no"),
    "say_move": ("用法：/move 子账号|@分组|? [原因]", "say /move SEAT|@GROUP|? [REASON]"),
    "say_reason": ("请写明原因：/settle 原因", "say why: /settle REASON"),
    "nothing_again": ("没有可重发的内容", "there is nothing to send again"),
    "no_seat": ("您没有子账号", "you have no seat"),
    "say_fill": ("用法：/fill 短语 [变量=内容]", "say /fill NAME [SLOT=VALUE]"),
    "gaps": ("    待填写：{0}；/r 短语 变量=内容", "    to be filled in: {0}; /r NAME SLOT=VALUE"),
    "no_replies": ("（没有可用的快捷短语）", "(no quick replies)"),
    "plain": ("警告：令牌将以明文传输，请改用 wss://", "warning: the token travels unencrypted; use wss://"),
    "bye": ("再见", "bye"),
    "note": ("    备注 {0}（{1}）：{2}", "    note {0} ({1}): {2}"),
    "noted": ("[{0}] {1} 备注（{2}）：{3}", "[{0}] {1}: noted by {2}: {3}"),
    "unnoted": ("[{0}] {1} 备注 {2} 已删除", "[{0}] {1}: note {2} was taken away"),
    "no_notes": ("（没有备注）", "(no notes)"),
    "no_note": ("没有备注 {0}", "there is no note {0}"),
    "say_unnote": ("用法：/unnote 备注编号", "say /unnote NOTE"),
    "no_alerts": ("（没有提醒）", "(no alerts)"),
    "alert": ("提醒 {0} {1}：{2}，{3} 秒，{4}", "alert {0} {1}: {2}, {3} s, {4}"),
    "alert_raised": ("提醒：{0}", "alert: {0}"),
    "the_shop": ("店铺", "the shop"),
    "seen_by": ("{0} 已确认", "seen by {0}"),
    "unseen": ("未确认", "unseen"),
    "seat": ("  {0}（{1}）{2} 接待 {3}/{4} 待回 {5}", "  {0} ({1}) {2} {3} of {4}, {5} unanswered"),
    "agent_load": ("（本人共 {0}/{1}）", " (in all {0} of {1})"),
    "no_targets": ("（没有其他子账号）", "(there is no other seat)"),
    "no_more": ("（没有更早的消息）", "(nothing older is at hand)"),
    "queue_head": ("—— {0} 排队 {1} ——", "-- {0}: {1} in the queue --"),
    "queue_why": ("暂不接待的子账号：{0}", "seats that take nobody: {0}"),
    "for_seat": ("等待 {0}", "waits for {0}"),
    "about": ("约 {0} 分钟", "about {0} min"),
    "waits": ("已等 {0} 秒", "waits for {0} s"),
    "why_full": ("已满", "full"),
    "why_agent_full": ("本人已满", "its agent is full"),
    "why_offline": ("离线", "offline"),
    "why_away": ("挂起", "away"),
    "why_off_shift": ("不在班", "off shift"),
    "why_draining": ("即将下班", "its shift ends"),
    "why_flapping": ("连接不稳", "its connection comes and goes"),
    "why_no_agent": ("无人", "no agent"),
    "say_cap": ("用法：/cap 子账号 数", "say /cap SEAT NUMBER"),
    "say_event": (
        "用法：/event start 活动 [分钟] 或 /event end 活动。活动：{0}",
        "say /event start EVENT [MINUTES] or /event end EVENT. Events: {0}",
    ),
    "say_seat": ("用法：/seat 子账号 on|away|off", "say /seat SEAT on|away|off"),
    "say_queue": ("请写明店铺：/queue 店铺", "name a shop: /queue SHOP"),
    "say_hold": ("用法：/0 短语 [变量=内容]。稍等话术：{0}", "say /0 NAME [SLOT=VALUE]. Holds: {0}"),
}
_ESCAPES: Final = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?"  # device strings
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # colours, cursor
    r"|\x1b[ -/]*[0-~]?"
)
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


class Words:
    """The words of one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self._index = 0 if lang == "zh" else 1

    def __call__(self, word: str, *filled: object) -> str:
        return _WORDS[word][self._index].format(*filled)

    def of(self, word: str) -> str:
        """The word for a state or an author; an unknown one stands for itself."""
        return self(word) if word in _WORDS else clean(word)


def clean(text: str) -> str:
    """A foreign text in one line, without anything that moves a cursor, colours, hides or turns letters round."""
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    text = text.replace("\n", " ⏎ ").replace("\t", " ")
    return "".join(ch for ch in text if ch not in _BIDI and unicodedata.category(ch) not in _UNPRINTABLE)


_UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})

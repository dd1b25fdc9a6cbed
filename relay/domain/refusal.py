"""Commands that are understood and refused: nothing changes, and the person is told in their own language."""

from typing import Final

SENTENCES: Final = {
    "unknown_shop": ("this desk has no such shop", "没有这个店铺"),
    "unknown_seat": ("this desk has no such seat", "没有这个子账号"),
    "unknown_conversation": ("there is no open conversation with this buyer", "没有与该买家的进行中会话"),
    "unknown_send": ("there is no such message waiting for an outcome", "没有这条待确认的消息"),
    "not_yours": ("this conversation is on another seat", "该会话在其他客服名下"),
    "observe": ("relay only watches this shop; answer in the shop's own client", "该店铺仅旁观，请在平台客户端回复"),
    "duplicate": ("this was already taken", "该操作已处理"),
    "drafts_off": ("this shop takes no drafts", "该店铺未启用草稿"),
    "draft_stale": ("the buyer has written again or was answered", "买家已有新消息或已回复，草稿过期"),
    "draft_void": (
        "this draft is void: the question has changed or the draft was used; send the text as your own",
        "该草稿已失效（问题已变化或草稿已使用），可将文字作为自己的回复发送",
    ),
    "draft_known": ("this text is offered already", "相同的草稿已在列表中"),
    "draft_limit": ("better drafts fill the list", "草稿列表已满"),
    "platform_places": (
        "the platform places buyers in this shop; move them in its own client",
        "该店铺由平台分配，请在平台客户端转接",
    ),
    "moving": ("this buyer is being moved already", "该买家正在转接中"),
    "same_seat": ("this seat has the buyer already", "该买家已在此子账号名下"),
    "seat_not_there": ("nobody can be reached at this seat now", "该子账号当前无人在线"),
    "seat_full": (
        "this seat has no room or takes nobody now; a supervisor may push",
        "该子账号已满或暂不接待；主管可强制分配",
    ),
    "nobody_else": ("nobody else can take this buyer now", "当前没有其他客服可接待"),
    "unknown_group": ("this shop has no such group", "该店铺没有这个分组"),
    "bounced": (
        "this buyer was passed on too often without an answer; answer, or ask a supervisor",
        "该买家已多次转接未回复，请先回复或请主管处理",
    ),
    "answer_first": (
        "passed on unanswered, this question is charged to you; answer first, or give a reason",
        "未回复直接转接会计入您的未回复，请先回复，或填写原因",
    ),
    "unknown_transfer": ("there is no such transfer waiting for an outcome", "没有这个待确认的转接"),
    "needs_reason": (
        "a question or an answer is still owed; give a reason to close",
        "仍有未回复或欠答，请填写关闭原因",
    ),
    "no_debt": ("nothing is owed here", "该会话没有欠答"),
    "unknown_alert": ("this alert is over, or somebody has acknowledged it", "该提醒已结束，或已有人确认"),
    "unknown_follow_up": ("there is no such open follow-up", "没有这条待跟进事项"),
    "no_offer": ("nothing was offered to follow up here", "该会话没有建议的跟进"),
    "follow_up_due": (
        "a follow-up is due later than now and within 60 days",
        "跟进时间应在现在之后、60 天之内",
    ),
    "follow_up_owner": (
        "a follow-up's owner must have a seat in this shop",
        "跟进负责人须在本店铺有子账号",
    ),
    "follow_ups_many": ("this buyer has 20 open follow-ups already", "该买家已有 20 条待跟进事项"),
    "too_late": (
        "this cannot be taken back any more: a minute has passed, or something has happened since",
        "已无法撤销：超过一分钟，或之后又有变化",
    ),
    "being_answered": (
        "whoever has the buyer now is answering: it cannot be taken back",
        "对方正在回复该买家，无法撤销",
    ),
    "follow_up_reason": ("say how it was kept, or why it is given up", "请写明如何完成或为何放弃"),
    "question_changed": (
        "the buyer has written again, or was answered: look before you send the hold",
        "买家已有新消息或已得到答复，请先查看再发送稍等话术",
    ),
    "reply_withdrawn": (
        "this version of the quick reply is not approved for this shop now",
        "该快捷短语的这个版本当前不可用",
    ),
    "no_hold": ("this quick reply is no hold", "该快捷短语不是稍等话术"),
    "unknown_note": ("there is no such note", "没有这条备注"),
    "note_not_yours": (
        "only its writer or a supervisor changes this note; write your own",
        "只有备注人或主管可以修改这条备注，请另写一条",
    ),
    "notes_many": (
        "this buyer has 20 notes already; replace or remove one",
        "该买家已有 20 条备注，请修改或删除旧备注",
    ),
    "erase_reception": (
        "this buyer's reception is open: close it, then erase",
        "该买家仍在接待中，请先结束接待再删除",
    ),
    "erase_question": (
        "this buyer waits for an answer: answer or close first, then erase",
        "该买家仍在等待回复，请先回复或结束会话再删除",
    ),
    "erase_debt": (
        "this buyer is owed an answer: settle it first, then erase",
        "该买家仍有欠答，请先了结再删除",
    ),
    "erase_send": (
        "a text to this buyer is on its way or its outcome is unknown: resolve it first, then erase",
        "给该买家的消息仍在发送或结果未知，请先处理再删除",
    ),
    "erase_follow_up": (
        "a follow-up of this buyer is open: finish or drop it first, then erase",
        "该买家仍有待跟进事项，请先完成或放弃再删除",
    ),
    "office_order": ("office changes must be taken in order", "设置变更次序错误"),
}


class Refusal(Exception):
    """Why a command was refused: a stable code with an English and a Chinese sentence."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.en, self.zh = SENTENCES[code]
        super().__init__(f"{code}: {self.en}")

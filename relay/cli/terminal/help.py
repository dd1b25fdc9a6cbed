"""What may be typed, in both languages: each person is shown what they may do, and nothing else."""

from collections.abc import Collection
from typing import Final

from relay.cli.terminal.words import Lang

_HELP: Final[tuple[tuple[str | None, str, str], ...]] = (
    (
        None,
        "编号 打开会话；空行 刷新列表；/list 列表  /more 更早的消息  /alerts 提醒  /seats 子账号  /help  /quit",
        "NUMBER opens a conversation; an empty line shows the list; /list  /more older lines  /alerts  /seats  /help"
        "  /quit",
    ),
    (
        "answer",
        "输入文字回车即回复（以空格开头可发送数字或以 / 开头的文字）  /again 重发被拒的内容",
        "text and Enter answers (begin with a blank to send a number or a /)  /again the text that was refused",
    ),
    ("presence", "/on 在线  /away 挂起  /off 离线", "/on  /away  /off"),
    (
        "answer",
        "/r [短语 [变量=内容]] 快捷短语  /fill 短语 [变量=内容] 先看填好的内容",
        "/r [NAME [SLOT=VALUE]] a quick reply  /fill NAME [SLOT=VALUE] what it would say",
    ),
    (
        "answer",
        "/1 到 /9 采用草稿  /e 编号 文字 修改后发送  /x 编号 [原因] 不采用草稿",
        "/1 to /9 approve a draft  /e NUMBER TEXT edits it  /x NUMBER [REASON] rejects it",
    ),
    (
        "answer",
        "/0 [短语 [变量=内容]] 一键发送稍等话术（之后仍欠答复）",
        "/0 [NAME [SLOT=VALUE]] sends a hold, and the answer is owed",
    ),
    ("close", "/close [原因] 结束会话", "/close [REASON]"),
    ("settle", "/settle 原因 欠答已另行答复", "/settle REASON an owed answer was given elsewhere"),
    ("resolve", "/resolve 编号 yes|no 确认是否送达", "/resolve N yes|no says whether a text is there"),
    (
        "answer",
        "/move 子账号|@分组|? [原因] 转接（? 为任意其他客服）  /who 谁可以接",
        "/move SEAT|@GROUP|? [REASON] gives the buyer to somebody else (? is anybody)  /who could take them",
    ),
    (
        "answer",
        "/note [编号] 文字 写备注（带编号为修改）  /note 查看备注  /unnote 编号 删除备注",
        "/note [NOTE] TEXT notes something (with NOTE words it anew)  /note shows them  /unnote NOTE takes it away",
    ),
    (
        "answer",
        "/later 时间 [#类别] [备注] 稍后跟进（/later 接受建议，/later no 不需要）  /promised 待跟进列表",
        "/later WHEN [#CATEGORY] [NOTE] promises (/later takes what is offered, /later no does not)  /promised lists",
    ),
    (
        "answer",
        "/keep 跟进编号 内容 回复买家并完成  /done 跟进编号 方式 已另行完成",
        "/keep F TEXT answers and keeps it  /done F HOW it was kept",
    ),
    (
        "answer",
        "/drop 跟进编号 原因 放弃  /due 跟进编号 时间 改期",
        "/drop F REASON gives it up  /due F WHEN moves it",
    ),
    ("acknowledge", "/ack [店铺] 确认提醒", "/ack [SHOP] its alerts were seen"),
    ("see_all", "/queue [店铺] 排队与原因", "/queue [SHOP] who waits, and why"),
    (
        "presence_others",
        "/seat 子账号 on|away|off 设置他人状态，如叫回挂起的客服",
        "/seat SEAT on|away|off, such as to call somebody back",
    ),
    (
        "staff",
        "/cap 子账号 数 接待上限  /event start 活动 [分钟]  /event end 活动 开始或结束活动",
        "/cap SEAT N  /event start EVENT [MINUTES]  /event end EVENT",
    ),
)


def help_lines(lang: Lang, may: Collection[str]) -> list[str]:
    """The lines for somebody who may do this."""
    return [zh if lang == "zh" else en for deed, zh, en in _HELP if deed is None or deed in may]

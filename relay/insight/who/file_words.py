"""The words of the who-is-who file: its tables, their keys in the order in which they are written, and what each means.

One table serves the comments in the file, the errors about it, and the guide.
"""

from typing import Final

from relay.insight.who.records import Sentence

TOP: Final = "top"
KEYS: Final[dict[str, dict[str, Sentence]]] = {
    TOP: {
        "shop": ("店铺编号，默认不写", "the shop's id; default none"),
        "timezone": ("时区，如 Asia/Shanghai；文件中的时间没有时区时必须写", "time zone of times without an offset"),
        "reader": ("用哪种格式读取，默认自动识别", "the reader of the export; default: detected"),
        "confirm_seats": (
            "true = 以下所有 seat 与 shop 的角色都已核对，默认 false",
            "true confirms every seat and shop below; default false",
        ),
        "rest": (
            "没有列出的客服文字是谁发的：human、assist、bot、auto、helper、system、unknown（默认）",
            "who wrote the shop texts not listed: one of these kinds, default unknown",
        ),
    },
    "columns": {},
    "nick": {
        "nick": ("昵称，与文件中完全一致", "the nick, exactly as in the export"),
        "role": (
            "buyer 买家、seat 子账号、shop 店铺主账号、system 平台、ignore 忽略（须确认）",
            "one of these; ignore must be confirmed",
        ),
        "sub_account": ("子账号名，默认就是昵称", "name of the seat, default the nick"),
        "kind": (
            "此昵称的文字都是：human、assist、bot、auto、helper、system、unknown；默认按文字判断",
            "the kind of all it says, one of these; default by text",
        ),
        "bot": (
            "机器人：dianxiaomi、leyan、xiaowei、xiaoduo、relay、other",
            "the robot: one of these or another name",
        ),
        "buyer_class": (
            "不是普通买家时：shop_sub_account 他店子账号、merchant_account 商家账号、xiaoer 小二、consumer",
            "for buyers who are no consumers: one of these",
        ),
        "confirmed": ("true = 已核对，默认 false", "true: the owner has checked it; default false"),
    },
    "text": {
        "text": ("文字（不计大小写、全半角与空白）", "the wording, without regard to case, width and white space"),
        "match": ("exact 全文相同（默认）、prefix 以此开头", "exact (default), or prefix: begins with it"),
        "kind": ("human、assist、bot、auto、helper、system、unknown", "one of these"),
        "bot": ("机器人，见上", "the robot, as above"),
        "confirmed": ("true = 已核对，默认 false", "true: the owner has checked it; default false"),
    },
}
TITLES: Final[dict[str, Sentence]] = {
    TOP: ("整个文件", "the whole file"),
    "columns": ("表格的列：字段 = 表头", "columns of a table: field = heading"),
    "nick": ("昵称：没有列出的都是买家", "nicks: whoever is not listed is a buyer"),
    "text": ("客服一方反复出现的文字", "texts that the shop's side repeats"),
}
HEAD: Final = (
    "# 谁是谁：导出的聊天记录里只有昵称，请核对下面每一项，正确的改成 confirmed = true。",
    "# Who is who: an exported chat log has only nicks. Check each entry and set confirmed = true where it is right.",
    "# 未确认的项不会当作事实：这些文字记为 unknown，比率显示为一个区间。",
    "# What is not confirmed is no fact: such texts are unknown, and the rate is shown as a range.",
    "# 请保存为 UTF-8 / save as UTF-8",
)

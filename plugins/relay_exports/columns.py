"""Which column of a table is what: by the owner's mapping, else by the headings it has.

`Mapping[field, heading or 1-based number]`. A mapping that is given is complete: beside it nothing is guessed. A guess
takes exact headings only (without regard to case, spaces, underscores and a remark in brackets), the first of a field's
list that is there; what is not in the lists is for the owner to say, in a dry run that shows the first rows.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from relay_exports.problems import ExportError

GUESSES: Final[dict[str, str]] = {
    "time": "时间 发送时间 消息时间 聊天时间 日期时间 发送日期时间 创建时间 回复时间 "
    "time datetime timestamp sendtime senttime sentat createdat messagetime t",
    "date": "日期 发送日期 聊天日期 消息日期 date senddate",
    "who": "发送人 发送者 发送方 发信人 发言人 发言者 说话人 发送人昵称 发送者昵称 发送方昵称 发送账号 昵称 旺旺昵称 "
    "旺旺 sender sendername from speaker author nick nickname who username",
    "text": "内容 消息内容 聊天内容 发送内容 会话内容 文本内容 消息文本 聊天记录 消息 文本 正文 "
    "text message messagetext messagecontent msg body",
    "role": "角色 发送方角色 发送人角色 身份 发送方身份 发送人类型 发送者类型 发送方类型 用户类型 "
    "role senderrole sendertype",
    "buyer": "买家 买家昵称 买家旺旺 买家账号 买家id 顾客 顾客昵称 客户 客户昵称 客户名称 访客 会员名 "
    "buyer buyernick buyerid customer customername client",
    "seat": "客服 客服昵称 客服账号 客服名称 接待客服 子账号 子账号昵称 坐席 座席 subaccount seat agent agentname",
    "kind": "发送类型 发送方式 回复类型 回复方式 kind sendkind replytype",
    "bot": "机器人 机器人名称 bot robot",
    "shop": "店铺 店铺名称 店铺名 shop shopname store",
    "id": "消息id 消息编号 msgid messageid id",
    "talk": "会话id 会话编号 会话 session sessionid conversation conversationid talk chatid",
    "content": "消息类型 内容类型 content contenttype messagetype msgtype",
}
FIELDS: Final = tuple(GUESSES)
NEEDED: Final = ("time", "who", "text")
"""`role` stands in for `who`, `date` beside `time`."""
SESSIONS: Final = frozenset(
    {
        "咨询时间", "咨询类型", "转接后客服", "技能组", "商品编号", "首次响应时间", "新平均响应时间", "会话时长",
        "客户消息数", "客服消息数", "满意度", "是否解决", "cid",
    }
)  # fmt: skip
"""Headings of JD's 咨询会话 table, which has a row for each session and no messages."""
_MOST_SHOWN = 30
_LONGEST_HEADING = 100


class ColumnGuess(msgspec.Struct, frozen=True, kw_only=True):
    """What a dry run shows: the headings and their row, the mapping they suggest, what is missing, the first rows."""

    row: int
    headings: tuple[str, ...]
    columns: Mapping[str, str]
    missing: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Field to column (from 0), by the headings alone."""
    found: dict[str, int] = {}
    plain = [_plain(heading) for heading in headings]
    for field, words in GUESSES.items():
        hits = (plain.index(word) for word in words.split() if word in plain)
        taken = next((hit for hit in hits if hit not in found.values()), None)
        if taken is not None:
            found[field] = taken
    if "time" not in found and "date" in found:
        found["time"] = found.pop("date")
    if "text" not in found and "content" in found and plain[found["content"]] == "content":
        found["text"] = found.pop("content")
    return found


def mapped(columns: Mapping[str, str], headings: Sequence[str]) -> dict[str, int] | None:
    """Field to column as the owner says; None if a named heading is not in this row. Raises ExportError."""
    found: dict[str, int] = {}
    for field, wanted in columns.items():
        if field not in GUESSES:
            known = ", ".join(FIELDS)
            raise ExportError(f"没有名为 {field!r} 的字段，可用：{known}", f"no field {field!r}; there are {known}")
        at = _column(wanted.strip(), headings)
        if at is None:
            return None
        found[field] = at
    return found


def by_number_only(columns: Mapping[str, str]) -> bool:
    """Whether the mapping names no heading, so that the table may have none."""
    return bool(columns) and all(wanted.strip().isdecimal() for wanted in columns.values())


def missing(found: Iterable[str]) -> tuple[str, ...]:
    """The needed fields that are not there."""
    have = set(found)
    return tuple(field for field in NEEDED if field not in have and not (field == "who" and "role" in have))


def is_sessions(headings: Iterable[str]) -> bool:
    """Whether this is JD's table of sessions."""
    return len({_plain(heading) for heading in headings} & SESSIONS) >= 5


def names(found: Mapping[str, int], headings: Sequence[str]) -> dict[str, str]:
    """A guess as a mapping that a person can read: headings, or a number where a heading is empty or doubled."""
    return {
        field: headings[at] if headings[at].strip() and headings.index(headings[at]) == at else str(at + 1)
        for field, at in found.items()
    }


def not_found(columns: Mapping[str, str], headings: Sequence[str]) -> ExportError:
    """Says which columns are needed and which headings there are."""
    shown = " | ".join(heading.strip() or "–" for heading in headings[:_MOST_SHOWN]) or "–"
    if columns:
        absent = [f"{field}={wanted}" for field, wanted in columns.items() if _column(wanted, headings) is None]
        lacking = ", ".join(absent or missing(columns))
    else:
        lacking = ", ".join(missing(guess(headings)))
    return ExportError(
        f"找不到需要的列：{lacking}。表头为：{shown}。请指明对应的列，例如 time=发送时间 who=发送人 text=内容",
        f"columns not found: {lacking}; the headings are: {shown}; "
        "say which column is what, such as time=发送时间 who=发送人 text=内容",
    )


def _column(wanted: str, headings: Sequence[str]) -> int | None:
    plain = [heading.strip() for heading in headings]
    if wanted in plain:
        return plain.index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(headings):
        return int(wanted) - 1
    return None


def _plain(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading[:_LONGEST_HEADING]).lower()
    return re.sub(r"[\s_\-]", "", re.sub(r"\([^)]*\)\s*$", "", text))

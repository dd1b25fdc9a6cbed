"""Small exports of every format, all invented: nicks with colons and brackets, texts with dates, quotes and breaks."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from relay.contracts import Unread, Utterance

BUYER, SEAT = "tb_小鱼(2022)88", "安心旗舰店:小美"
BANNER = "/*****************以下为一通会话************************************/"
SAID = (
    ("2022-01-07T09:05:03", BUYER, "在吗：这件(红色)有货吗？😀"),
    ("2022-01-07T09:05:41", SEAT, "您好: 有的。\n2022-01-08 前发货\n\n[链接] (a: b)"),
    ("2022-01-08T10:00:00", BUYER, "好"),
)
"""Time, nick and text of the same three messages in every format."""


def jd(said: Iterable[tuple[str, str, str]] = SAID) -> str:
    said = list(said)
    body = "".join(f"{nick} {t.replace('T', ' ')}\t\t\n{text}\n" for t, nick, text in said)
    return f"{BANNER}\n{body}会话结束_时间: {said[-1][0].replace('T', ' ')}\n\n"


def wangwang_im(said: Iterable[tuple[str, str, str]] = SAID) -> str:
    told, last = "", ""
    for t, nick, text in said:
        if t[:10] != last:
            told += f"{t[:10]}\n"
        last = t[:10]
        told += f"{t.replace('T', ' ')} {nick}: {text}\n"
    return told


def wangwang_chat(said: Iterable[tuple[str, str, str]] = SAID) -> str:
    return "".join(f"{nick}({t.replace('T', ' ')}): {text}\n" for t, nick, text in said) + "-----\n"


def pane(said: Iterable[tuple[str, str, str]] = SAID) -> str:
    def unpadded(t: str) -> str:
        year, month, day = t[:10].split("-")
        return f"{year}-{int(month)}-{int(day)} {t[11:]}"

    return "".join(f"{nick}{unpadded(t)}\n{text}\n已读\n" for t, nick, text in said)


def page(said: Iterable[tuple[str, str, str]] = SAID, user: str = BUYER, **more: object) -> str:
    chats = [{"date": t[:10], "time": t[11:], "sender": nick, "text": text, "imgUrl": ""} for t, nick, text in said]
    whole = {"user": user, "exportTime": "2022/1/9 08:00:00", "count": len(chats), "chats": chats}
    return json.dumps({**whole, **more}, ensure_ascii=False, indent=2)


def csv(said: Iterable[tuple[str, str, str]] = SAID, heading: str = "发送时间,发送人,消息内容") -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    return heading + "\r\n" + "".join(f"{quoted(t)},{quoted(nick)},{quoted(text)}\r\n" for t, nick, text in said)


def xlsx(path: Path, *sheets: Sequence[Any]) -> Path:
    """A workbook; a date is shown without a time of day, a datetime with one."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        shown = {date: "yyyy/m/d", datetime: "yyyy/m/d h:mm:ss", time: "h:mm:ss"}
        formats = {kind: book.add_format({"num_format": form}) for kind, form in shown.items()}
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    sheet.write(number, column, value, formats.get(type(value)))
    return path


def zipped(members: Mapping[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return kept.getvalue()


def told(items: Iterable[Utterance | Unread]) -> list[tuple[str, str, str]]:
    """Time, nick and text of what was said; fails on anything unread."""
    read = []
    for item in items:
        assert isinstance(item, Utterance), item
        read.append((item.t, item.nick, item.text))
    return read

"""Chats of a shop as each client exports them, and a who-is-who file as its owner confirms it.

Ten buyers ask; a welcome line comes after one second, a person after `WAITS` seconds, and a word of thanks.
"""

import re
from collections.abc import Callable
from pathlib import Path

import click.testing

from relay.cli.audit import audit
from relay_exports.tests import samples

SEAT, WELCOME = "安心旗舰店:小美", "您好，欢迎光临安心旗舰店"
WAITS = (240, 60, 60, 60, 60, 240, 60, 60, 60, 60)
"""Seconds; two of ten are too long."""
Said = list[tuple[str, str, str]]


def clock(second: int) -> str:
    """Seconds from 10:00 on 8 March 2022."""
    return f"2022-03-08T{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def talk(number: int) -> Said:
    start, buyer = number * 600, f"tb_小鱼{number}"
    return [
        (clock(start), buyer, "在吗"),
        (clock(start + 1), SEAT, WELCOME),
        (clock(start + WAITS[number]), SEAT, f"有的，{number}号还有货"),
    ]


TALKS = [talk(number) for number in range(len(WAITS))]


def jd(folder: Path) -> Path:
    return written(folder / "chats.txt", "".join(map(samples.jd, TALKS)))


def wangwang_im(folder: Path) -> Path:
    """A conversation a file."""
    inside = folder / "im"
    inside.mkdir()
    for number, said in enumerate(TALKS):
        written(inside / f"{number}.txt", samples.wangwang_im(said))
    return inside


def wangwang_chat(folder: Path) -> Path:
    return written(folder / "chat.txt", "".join(map(samples.wangwang_chat, TALKS)))


def pane(folder: Path) -> Path:
    inside = folder / "pane"
    inside.mkdir()
    for number, said in enumerate(TALKS):
        written(inside / f"{number}.txt", samples.pane(said))
    return inside


def pages(folder: Path) -> Path:
    path = folder / "qianniu.zip"
    path.write_bytes(samples.zipped({f"{said[0][1]}.json": samples.page(said, said[0][1]).encode() for said in TALKS}))
    return path


def csv(folder: Path) -> Path:
    return written(folder / "chats.csv", table(","), "gb18030")


def tsv(folder: Path) -> Path:
    return written(folder / "chats.tsv", table("\t"), "utf-8-sig")


def xlsx(folder: Path) -> Path:
    rows = [row.split(",") for row in table(",").splitlines()]
    return samples.xlsx(folder / "chats.xlsx", rows)


def table(sign: str) -> str:
    rows = [("发送时间", "发送人", "消息内容", "买家昵称")]
    rows += [(t.replace("T", " "), nick, text, said[0][1]) for said in TALKS for t, nick, text in said]
    return "".join(f"{sign.join(row)}\n" for row in rows)


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding)
    return path


FORMATS: dict[str, Callable[[Path], Path]] = {
    "jd-txt": jd,
    "wangwang-im": wangwang_im,
    "wangwang-chat": wangwang_chat,
    "qianniu-pane": pane,
    "qianniu-json": pages,
    "table csv": csv,
    "table tsv": tsv,
    "table xlsx": xlsx,
}


def run(*arguments: object) -> click.testing.Result:
    return click.testing.CliRunner().invoke(audit, [str(one) for one in arguments])


def confirm(who: Path) -> None:
    """What an owner does in a text editor, when everything proposed is right."""
    text = who.read_text("utf-8")
    text = text.replace("confirm_seats = false", "confirm_seats = true").replace('rest = "unknown"', 'rest = "human"')
    who.write_text(text.replace("confirmed = false", "confirmed = true"), "utf-8")


def command(output: str) -> list[str]:
    """The last command that was shown, as its words without `relay audit`."""
    found = re.findall(r"^ +relay audit (.*)$", output, re.MULTILINE)
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', found[-1])]

"""`jd-txt`: the TXT or LOG export of JD's Dongdong, also zipped.

    /*****************以下为一通会话************************************/
    j****db 2022-01-07 09:05:03
    在吗
    会话结束_时间: 2022-01-07 09:20:00

Known dirt and what becomes of it: a missing end (the next banner ends the conversation too); an end without a time;
tabs at the ends of lines (dropped); lines without a header after a banner or an end (unread); an end before the last
message (the end line is unread, the messages stand as they are).
"""

import re

from relay_exports.stamps import FULL, stamp
from relay_exports.talks import Format, Mark, TalkReader

_BANNER = re.compile(r"/\*+ *以下为一通会话 *\*+/")
_END = re.compile(rf"[/*]* *会话结束(?:[_ ]?时间)? *[:：]? *({FULL})? *[/*]*", re.ASCII)
_HEADER = re.compile(rf"([^\t]*[^\t ]) +({FULL})", re.ASCII)


def mark(line: str) -> Mark | None:
    """What this line is."""
    line = line.strip()
    if line.endswith("/") and _BANNER.fullmatch(line):
        return Mark("over")
    if "会话结束" in line and (end := _END.fullmatch(line)):
        return Mark("over", stamp(end[1]) if end[1] else None)
    if line[-3:-2] == ":" and (header := _HEADER.fullmatch(line)):
        return Mark("message", stamp(header[2]), header[1])
    return None


READER = TalkReader(
    Format(
        name="jd-txt",
        title=("京东咚咚聊天记录（TXT/LOG）", "JD Dongdong chat log (TXT/LOG)"),
        header="昵称 2022-01-07 09:05:03",
        mark=mark,
        talks=True,
        trim="\t",
    )
)

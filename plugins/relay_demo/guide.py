"""What stands around the live picture: what one sees, where it lies, and how to look at it afterwards."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from relay.domain.names import Millis
from relay_demo.shops import COUNTS, DESK, HOME, NAMES, OWNER, WORKSHOP
from relay_demo.table import BEIJING
from relay_demo.words import Lang


class Guide(msgspec.Struct, frozen=True):
    """`program`: how relay was called, so that every command can be copied. `put_on_h`: hours the clock is put on.

    `password`: with which the owner comes in at the console, in this run.
    """

    lang: Lang
    program: str
    url: str
    folder: Path
    put_on_h: float = 0.0
    password: str = ""

    @property
    def ledger(self) -> Path:
        return self.folder / "relay.sqlite"

    def head(self) -> list[str]:
        """Above the picture, where there is room."""
        words = _HEAD[self.lang]
        lines = [line.format(home=NAMES[HOME], other=NAMES[WORKSHOP]) for line in words["what"]]
        lines += [line.format(hours=f"{self.put_on_h:.1f}") for line in words["clock"] if self.put_on_h]
        return [*lines, self._where(), *(f"{what} {command}" for what, command in self._beside())]

    def short(self) -> list[str]:
        """The same in two lines."""
        return [_HEAD[self.lang]["what"][0], self._where()]

    def farewell(self, until: Millis) -> list[str]:
        """After the end. `until` is the instant of the last picture: as of then the figures are those of the table."""
        words = _FAREWELL[self.lang]
        lines = [words[0].format(ledger=self.ledger)]
        for what, command in self._after(until):
            lines += [what, f"  {command}"]
        return lines

    def _where(self) -> str:
        return _HEAD[self.lang]["where"][0].format(url=self.url, ledger=self.ledger)

    def _beside(self) -> Iterator[tuple[str, str]]:
        what = _COMMANDS[self.lang]
        if self.password:
            yield what["console"].format(owner=OWNER, password=self.password), f"{self.url}/console/"
        address = self.url.replace("http", "ws", 1)
        yield what["join"], f"{self.program} agent --url {address}/agent --token-file {self.folder / 'you.token'}"
        yield what["verify"], f"{self.program} verify --data {self.ledger}"
        yield what["explain"], f"{self.program} explain {DESK} {what['buyer']} --data {self.ledger}"

    def _after(self, until: Millis) -> Iterator[tuple[str, str]]:
        what = _COMMANDS[self.lang]
        log = self.folder / f"{HOME}.jsonl"
        options = COUNTS | {"as_of": datetime.fromtimestamp(until / 1000, BEIJING).isoformat(timespec="milliseconds")}
        counts = "".join(f" --set {key}={value}" for key, value in options.items())
        yield what["verify"], f"{self.program} verify --data {self.ledger}"
        yield what["report"], f"{self.program} report --shop {HOME}{counts} --data {self.ledger}"
        yield what["export"], f"{self.program} export --messages --shop {HOME} --data {self.ledger} --out {log}"
        yield what["audit"], f"{self.program} audit {log} --rule taobao_ww3{counts}"
        yield what["explain"], f"{self.program} explain {DESK} {what['buyer']} --data {self.ledger}"
        yield what["again"], f"{self.program} demo --data-dir {self.folder}"


def program_of(called: str) -> str:
    """How relay was called, so that the commands that are shown can be copied."""
    path, found = Path(called).resolve(), shutil.which("relay")
    if found is not None and Path(found).resolve() == path:
        return "relay"
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


_HEAD: Final[dict[Lang, dict[str, tuple[str, ...]]]] = {
    "zh": {
        "what": (
            "relay 演示：店铺、买家、客服是模拟的，时间和网络是真的。按 Ctrl-C 结束。",
            "问题三分钟内要答，坐席满了就排队。离截止 20 秒还没人答，机器先发一句审核过",
            "的稍等，从此欠买家一个真答复。“含自动”只有{home}会更高：店主选了把 relay",
            "的话算作回答；{other}没有选，两栏永远相同。投诉的买家机器不应，主管马上知道。",
        ),
        "clock": ("此刻不在考核时段（北京时间 8–24 点），演示的时钟拨快了 {hours} 小时，快慢不变。",),
        "where": ("服务 {url}  台账 {ledger}  北京时间",),
    },
    "en": {
        "what": (
            "relay demo: shops, buyers and agents are simulated, time and network are real.",
            "A question is due in three minutes; with every seat full it queues; 20 s before",
            "the deadline the machine sends an approved hold, and the buyer is owed a real",
            'answer. "With machine" is higher only in {home}: its owner chose that this',
            "counts; in {other} not. A complaint gets no machine. Ctrl-C ends the demo.",
        ),
        "clock": ("Only 8:00-24:00 in Beijing is assessed, so the demo's clock is {hours} h ahead.",),
        "where": ("service {url}  ledger {ledger}  Beijing time",),
    },
}
_COMMANDS: Final[dict[Lang, dict[str, str]]] = {
    "zh": {
        "console": "网页（用户名 {owner}，密码 {password}）：",
        "join": "自己坐上去试试：",
        "verify": "校验台账：",
        "explain": "一位买家的经过：",
        "buyer": "买家名",
        "report": "按台账核算（截至最后一屏的时刻）：",
        "export": "导出消息：",
        "audit": "核算导出的消息：",
        "again": "接着演示：",
    },
    "en": {
        "console": "in the browser (name {owner}, password {password}):",
        "join": "take a seat yourself:",
        "verify": "verify the ledger:",
        "explain": "what happened to a buyer:",
        "buyer": "BUYER",
        "report": "the figure from the ledger, as of the last picture:",
        "export": "export the messages:",
        "audit": "audit what was exported:",
        "again": "go on:",
    },
}
_FAREWELL: Final[dict[Lang, tuple[str, ...]]] = {
    "zh": ("已停止，一条不少地记在 {ledger}。下一步：",),
    "en": ("Stopped; everything stands in {ledger}. Next:",),
}

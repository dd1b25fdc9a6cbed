"""What a bridge was seen to do in a trial, and the written verdict on it, in Chinese and English.

Pure: `Seen` in, findings out. A `fail` is something by which relay would lose, double or misjudge messages; a `warn`
costs precision or comfort. What could not be tried has no finding but `skipped`.
"""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from relay.domain.names import Millis
from relay_onebot.actions import Response
from relay_onebot.options import Version
from relay_onebot.retcodes import UNSUPPORTED, proof_of
from relay_onebot.told import Said

Level = Literal["ok", "warn", "fail", "skipped"]
LATE_MS: Final = 60_000
"""A message that arrives so long after its own time has hardly the platform's time, or a very slow bridge."""


class Finding(msgspec.Struct, frozen=True):
    """One line of the verdict. `name` is stable."""

    name: str
    level: Level
    zh: str
    en: str


class Seen(msgspec.Struct, kw_only=True):
    """What happened. None: it was not tried, or nothing came."""

    version: Version
    came: bool = False
    wrong_token: int | None = None
    """The status with which a wrong token was answered; 101 let it in."""
    first: str = ""
    """The first frame's own word for itself, such as `meta.connect`."""
    self_ids: list[str] = []
    status: Response | None = None
    echo_kept: bool | None = None
    unknown_action: Response | None = None
    line: Said | None = None
    line_late_ms: int = 0
    sent: Response | None = None
    sent_tried: bool = False
    sent_id: str | None = None
    sent_at: Millis | None = None
    own_ids: list[str] = []
    """The ids of the account's own messages that were pushed after the send."""
    own_keys: list[str] = []
    came_back: bool | None = None
    interval_ms: int | None = None
    history: Response | None = None
    transfer: Response | None = None
    transfer_tried: bool = False
    placed: bool = False
    bad: list[str] = []


def judge(seen: Seen) -> list[Finding]:
    """The verdict, in the order of the trial."""
    if not seen.came:
        return [_fail("connect", "没有连上桥接程序", "the bridge could not be reached, or never came")]
    return [
        Finding("connect", "ok", "已连接", "connected"),
        *_admission(seen),
        *_introduction(seen),
        *_actions(seen),
        *_message(seen),
        *_sending(seen),
        *_lasting(seen),
        *_more(seen),
    ]


def _admission(seen: Seen) -> Iterator[Finding]:
    if seen.wrong_token is None:
        return
    if seen.wrong_token == 101:
        yield _fail(
            "token", "错误的令牌也能连接：任何人都能冒充 relay", "a wrong token is let in: anybody can act as relay"
        )
    else:
        yield _ok("token", f"错误的令牌被拒绝（{seen.wrong_token}）", f"a wrong token is refused ({seen.wrong_token})")


def _introduction(seen: Seen) -> Iterator[Finding]:
    wanted = "meta.connect" if seen.version == "12" else "lifecycle.connect"
    if seen.first == wanted:
        yield _ok("first_frame", f"首帧是 {wanted}", f"the first frame is {wanted}")
    else:
        level: Level = "fail" if seen.version == "12" else "warn"
        zh, en = (
            f"首帧应为 {wanted}，而不是 {seen.first or '空'}",
            f"the first frame must be {wanted}, not {seen.first!r}",
        )
        yield Finding("first_frame", level, zh, en)
    if seen.self_ids:
        names = ", ".join(seen.self_ids)
        yield _ok("account", f"账号：{names}", f"accounts: {names}")
    else:
        yield _fail("account", "没有说明是哪个账号（self）", "it never said whose account it is (self)")


def _actions(seen: Seen) -> Iterator[Finding]:
    match seen.echo_kept:
        case True:
            yield _ok("echo", "动作的 echo 原样返回", "an action's echo comes back as it was")
        case False:
            yield _fail("echo", "echo 没有原样返回，回应无法对应", "the echo is not kept: no answer can be matched")
        case None:
            yield _fail("echo", "动作没有回应", "an action got no answer")
    answer = seen.unknown_action
    if answer is not None and answer.status == "failed" and answer.retcode in UNSUPPORTED:
        yield _ok("retcode", "不支持的动作有明确的返回码", "an action it does not have is refused with its code")
    else:
        zh = "不支持的动作应返回 10002（OneBot 11 为 1404），否则 relay 只能当作结果不明"
        yield _warn(
            "retcode", zh, "an unknown action should be refused with 10002 (11: 1404), else it counts as unknown"
        )


def _message(seen: Seen) -> Iterator[Finding]:
    line = seen.line
    if line is None:
        yield _fail("message", "没有收到买家消息", "no message of a buyer came")
        return
    yield _ok("message", f"收到买家 {line.buyer} 的消息", f"a message of the buyer {line.buyer} came")
    if line.message_id is None:
        yield _fail("id", "消息没有编号，重复无法识别", "the message has no id: a repetition cannot be known")
    else:
        yield _ok("id", f"消息编号 {line.message_id}", f"the message's id is {line.message_id}")
    if abs(seen.line_late_ms) > LATE_MS:
        zh = f"消息时间与本机相差 {seen.line_late_ms / 1000:.0f} 秒，请核对是否为平台时间"
        yield _fail("time", zh, f"the message's time is {seen.line_late_ms / 1000:.0f} s off: is it the platform's?")
    elif line.skew_ms:
        zh, en = (
            "时间只有整秒，期限前后一秒内无法判定；可加 relay.time",
            "whole seconds only; add relay.time for milliseconds",
        )
        yield _warn("time", zh, en)
    else:
        yield _ok("time", "消息带有精确时间", "the message has a precise time")


def _sending(seen: Seen) -> Iterator[Finding]:
    if not seen.sent_tried:
        yield Finding("send", "skipped", "未试发送", "sending was not tried")
        return
    if seen.sent is None or proof_of(seen.sent) != "done":
        code = "没有回应 / no answer" if seen.sent is None else f"{seen.sent.status} {seen.sent.retcode}"
        yield _fail("send", f"发送未得到确认（{code}）", f"a send was not confirmed ({code})")
        return
    yield _ok("send", "发送得到确认", "a send was confirmed")
    if seen.sent_id is None:
        zh, en = "回应没有 message_id，自己的消息无法认出", "the answer has no message_id: the echo cannot be known"
        yield _fail("send_id", zh, en)
    if seen.sent_at is None:
        yield _warn(
            "send_time", "回应没有时间，relay 只能用自己的时钟", "the answer has no time: relay uses its own clock"
        )
    if seen.sent_id in seen.own_ids or seen.own_keys:
        yield _ok("own_echo", "发出的消息按编号回显", "what was sent comes back under its id")
    elif seen.own_ids:
        zh = "回显的编号与回应不符，relay 会误当作人工回复"
        yield _fail("own_echo", zh, "it comes back under another id: relay would take it for a person's answer")
    else:
        zh = "没有回显，在客户端里人工回复也看不到"
        yield _fail("own_echo", zh, "nothing comes back: answers typed in the client would not be seen either")


def _lasting(seen: Seen) -> Iterator[Finding]:
    match seen.came_back:
        case True:
            yield _ok("reconnect", "断开后能重新连接", "it is there again after its socket was closed")
        case False:
            yield _fail("reconnect", "断开后没有重新连接", "it did not come back after its socket was closed")
        case None:
            yield Finding("reconnect", "skipped", "未试重连", "reconnecting was not tried")
    if seen.interval_ms is not None:
        yield _ok("silence", f"有心跳，每 {seen.interval_ms} 毫秒", f"it beats every {seen.interval_ms} ms")
    elif seen.status is not None:
        yield _ok("silence", "没有心跳，但会回应 get_status", "no heartbeat, but it answers get_status")
    else:
        yield _fail(
            "silence", "没有心跳也不回应，静默无法发现", "neither heartbeat nor answer: silence cannot be found"
        )


def _more(seen: Seen) -> Iterator[Finding]:
    if seen.history is not None and proof_of(seen.history) == "done":
        yield _ok("history", "能补读断开期间的消息", "what was missed can be read")
    else:
        yield _warn("history", "不能补读，断开期间的核算是一个范围", "no history: figures that touch a gap are a range")
    if seen.placed:
        yield _ok("placement", "说明买家在哪个子账号", "it says on which sub-account a buyer is")
    else:
        zh, en = "没有说明买家在哪个子账号（owner、assign）", "it does not say where a buyer is (owner, assign)"
        yield _warn("placement", zh, en)
    if not seen.transfer_tried:
        yield Finding("transfer", "skipped", "未试转接（--transfer）", "a transfer was not tried (--transfer)")
    elif seen.transfer is not None and proof_of(seen.transfer) == "done":
        yield _ok("transfer", "转接得到确认", "a transfer was confirmed")
    else:
        yield _fail("transfer", "转接未得到确认", "a transfer was not confirmed")
    if seen.bad:
        why = f"{len(seen.bad)}: {seen.bad[0][:200]}"
        yield _fail("frames", f"有无法使用的帧（{why}）", f"frames that cannot be used ({why})")
    else:
        yield _ok("frames", "所有帧都可用", "every frame could be used")


def _ok(name: str, zh: str, en: str) -> Finding:
    return Finding(name, "ok", zh, en)


def _warn(name: str, zh: str, en: str) -> Finding:
    return Finding(name, "warn", zh, en)


def _fail(name: str, zh: str, en: str) -> Finding:
    return Finding(name, "fail", zh, en)

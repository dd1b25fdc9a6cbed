"""What a proposal says in Chinese and English, each with the figures that it rests on."""

from typing import TYPE_CHECKING

from relay.insight.who.records import NickRole, Sentence, TextKind
from relay.insight.who.wording import BEGINNING

if TYPE_CHECKING:
    from relay.insight.who.proposal import Evidence, RestProposal, TextProposal

ROLES: dict[NickRole, Sentence] = {
    "buyer": ("买家", "buyer"),
    "seat": ("子账号", "seat"),
    "shop": ("店铺主账号", "the shop's main account"),
    "system": ("平台或系统", "platform or system"),
    "ignore": ("忽略", "ignored"),
}
KINDS: dict[TextKind, Sentence] = {
    "human": ("人工", "human"),
    "assist": ("智能辅助", "assist"),
    "bot": ("机器人", "bot"),
    "auto": ("自动回复", "auto"),
    "helper": ("助手", "helper"),
    "system": ("系统", "system"),
    "unknown": ("未知", "unknown"),
}
_WHY: dict[str, Sentence] = {
    "told": ("文件写明其角色（{told_zh}）", "the file says so ({told_en})"),
    "mixed": ("文件给出了不同的角色（{told_zh}）", "the file gives it different roles ({told_en})"),
    "named": ("文件的买家栏或客服栏写着它", "the file's column of buyers or seats names it"),
    "platform": ("这是平台或系统的名称", "platforms speak under this name"),
    "colon": ("昵称形如“店铺:子账号”", "the nick has the form shop:seat"),
    "guest": ("昵称形如“店铺:子账号”，但属于另一家店", "the form shop:seat, but of another shop"),
    "account": ("与店铺名相同", "it is the shop's own name"),
    "name_of_talk": ("会话以它命名", "conversations bear its name"),
    "peers": ("", ""),
    "opener": ("只能凭谁先开口来判断", "nothing but who spoke first tells"),
    "alone": ("会话中没有别人说话", "nobody else spoke in its conversations"),
}
_TOLD = {"buyer": "买家", "merchant": "商家", "system": "系统"}


def nick_sentence(role: NickRole, why: str, of: "Evidence", *, sure: bool) -> Sentence:
    """Why a nick seems to be what it is proposed as, and on what figures."""
    told_zh = "、".join(f"{_TOLD.get(one, one)} {lines} 条" for one, lines in of.told)
    told_en = ", ".join(f"{one} {lines}" for one, lines in of.told)
    reason_zh, reason_en = _WHY[why]
    zh = [reason_zh.format(told_zh=told_zh)] if reason_zh else []
    en = [reason_en.format(told_en=told_en)] if reason_en else []
    zh.append(f"参与 {of.talks} 个会话、与 {of.peers} 个昵称对话，先开口 {of.opens} 次，共 {of.lines} 条")
    en.append(f"in {of.talks} conversations with {of.peers} peers, opens {of.opens}, {of.lines} lines")
    if not sure:
        zh.append("把握不大，请核对")
        en.append("not sure, please check")
    return f"像{ROLES[role][0]}：{'；'.join(zh)}", f"looks like {ROLES[role][1]}: {'; '.join(en)}"


def text_sentence(of: "TextProposal") -> Sentence:
    """How often a wording came and how fast."""
    zh, en = KINDS[of.kind]
    provider = ("", "") if of.bot is None else (f"（{of.bot}）", f" ({of.bot})")
    what = ("", "")
    if of.match == "prefix":
        what = f"以这 {BEGINNING} 个字开头的文字", f"texts that begin with these {BEGINNING} characters "
    share = f"{of.share / 10:g}%"
    zh = f"像{zh}{provider[0]}：{what[0]}出现 {of.count} 次（占客服消息 {share}），{of.nicks} 个账号"
    en = f"looks like {en}{provider[1]}: {what[1]}{of.count} times ({share} of shop lines), {of.nicks} accounts"
    if of.median_wait_ms is not None:
        zh += f"；买家发言后 {_s(of.median_wait_ms)} 秒（中位数，2 秒内 {of.quick}/{of.waits}）"
        en += f"; {_s(of.median_wait_ms)} s after the buyer (median; {of.quick} of {of.waits} within 2 s)"
    if of.median_opening_ms is not None and of.openings:
        zh += f"；{of.openings} 次是对买家第一句的首个回应（中位数 {_s(of.median_opening_ms)} 秒）"
        en += f"; {of.openings} times the first word after the buyer's first (median {_s(of.median_opening_ms)} s)"
    return zh, en


def rest_sentence(of: "RestProposal") -> Sentence:
    """What the other lines of the shop's side look like."""
    if of.median_wait_ms is None:
        return (
            f"其余客服消息 {of.count} 条，没有可量的等待时间，无法判断",
            f"{of.count} other shop lines without a wait that could be measured: cannot tell",
        )
    measured = f"{_s(of.median_wait_ms)}", f"{of.quick}/{of.waits}"
    zh = f"其余客服消息 {of.count} 条：买家发言后 {measured[0]} 秒（中位数），2 秒内 {measured[1]}"
    en = f"{of.count} other shop lines: {measured[0]} s after the buyer (median), {measured[1]} within 2 s"
    if of.kind == "human":
        return f"{zh}；像人工", f"{en}; they look human"
    return f"{zh}；其中可能还有机器消息，请先看", f"{en}; machines may be among them, look first"


def _s(ms: int) -> str:
    return f"{ms / 1000:g}"

"""Settings as a text that a newcomer can edit: stable order, comments in both languages, and an exact way back.

A key that has its default is left out unless people look for it; the comment above each sort names every key with its
unit and default. `tomllib` reads TOML but writes none, and a general writer would lose the comments.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import msgspec

from relay.domain.office import Settings
from relay.domain.office.event_words import cap_word, extra_word
from relay.domain.office.state import SORTS
from relay.domain.office.words import (
    debt_step_word,
    grant_word,
    make_up_word,
    seat_day_word,
    shift_word,
    step_word,
)
from relay.domain.settings import (
    DEFAULT_DEBT_LADDER,
    CapChange,
    DebtStep,
    ExtraHours,
    Grant,
    Guard,
    LadderStep,
    MakeUpDay,
    Phrases,
    QuickReply,
    SeatDay,
    Shift,
    Sort,
    Subject,
)

EXPLAINED: Final[dict[Sort, dict[str, str]]] = {
    "desk": {
        "id": "编号，定后不改 / its id, for ever",
        "name": "名称 / name",
    },
    "person": {
        "id": "编号 / id",
        "name": "姓名 / name",
        "roles": '角色@店铺，如 "agent@shop1"：agent 客服、cs_admin 客服管理员、approver 审核、operations 运营、'
        "owner 管理员、auditor 审计 / role@shop",
        "cap": "所有子账号合计接待上限，1–500，默认不限 / most open conversations over all seats, default no limit",
        "disabled": "true = 停用（离职请停用，不要删除），默认 false / disabled: do this, rather than remove a person",
    },
    "shop": {
        "id": "编号 / id",
        "desk": "所属客服台，定后不改 / its desk, for ever",
        "name": "店名 / name",
        "platform": "平台：taobao、tmall、tejia、kuaishou，默认 taobao / platform, default taobao",
        "channel": "通道名，见 config.toml 的 [[channel]]；空 = 未接入 / channel of config.toml; empty = none",
        "zone": "时区，默认 Asia/Shanghai / time zone, default Asia/Shanghai",
        "rule": "考核规则，默认 taobao_ww3 / guiding rule, default taobao_ww3",
        "rule_options": '规则选项，如 { limit_s = "180" }，默认无 / options of the rule, default none',
        "rule_confirmed_by": "谁核对过规则版本 / who confirmed the rule's version",
        "rule_confirmed_on": "核对日期，超过 180 天会提醒 / on which date; older than 180 days is a warning",
        "assist": "自动话术：off 关、shadow 只记录、suggest 只建议（默认）、assist 自动发送已审核话术 / "
        "the machine: off, shadow records, suggest (default) proposes, assist sends what is approved",
        "assist_confirmed_by": "assist 须由本店 owner 确认 / assist needs an owner of this shop",
        "assist_confirmed_on": "确认日期 / on which date",
        "ladder": '催办阶梯："60s badge" 未回复 60 秒，"-20s hold" 截止前 20 秒；动作 badge 角标、sound 声音、'
        "alert 通知管理员、approve 一键确认、wall 看板、hold 稍等话术、reroute 转给其他客服 / the ladder",
        "phrases": "[shop.phrases] hold 稍等、acknowledgement 应答、thanks 致谢的说法 / the shop's own phrases",
        "service_s": "规则没有时限的问题（非考核时段等）的服务目标，秒，默认 180 / "
        "own target where the rule sets none, such as outside its hours, seconds, default 180",
        "debt_after_s": "欠答阶梯走完（或没有阶梯）后多久再次提醒，秒，默认 120 / "
        "answer debt reminder after the last rung, or without any, seconds, default 120",
        "idle_release_s": "空闲多久释放接待，秒，默认 600 / idle time that ends a reception, seconds, default 600",
        "sticky_s": "多久内回到原客服，秒，默认 86400，最多 259200 / back to the same seat within, default 86400",
        "grace_s": "客服离线宽限，秒，默认 30 / grace after a seat is gone, seconds, default 30",
        "holds_per_day": "每位买家每天最多几次自动稍等，最多 2 / holds per buyer and day, default and most: 2",
        "stopped": "true = 立即停止一切自动回复，默认 false / true stops every machine reply at once, default false",
        "groups": "[[shop.groups]] 分组规则，依次看订单状态、入口、关键词、欠答 / who belongs to which group",
        "relaxations": '放宽：[{ after_s = 45, to = ["*"] }] 45 秒后全店可接 / when others may take a buyer',
        "head_starts": '优先：[{ tag = "vip", seconds = 30 }] 视为已多等 30 秒 / seconds waited already',
        "debt_seat_s": "欠答的买家最多等原客服多久，秒，0–60，默认 60 / how long a debt waits for its seat, default 60",
        "drain_s": "下班前多少秒不再分新买家，0–3600，默认 0 / nobody new so long before a shift ends, default 0",
        "holidays": "放假日期，如 [2026-10-01, 2026-10-02]，当天不排班，默认无 / dates without work, default none",
        "make_up_days": '调休，如 ["2026-10-10 as fri"] 当天按周五上班，默认无 / dates worked as others, default none',
        "moves": "平台分配的店铺：advise 只建议转接（默认）、auto 由 relay 请平台转接 / "
        "where the platform places: advise (default), or auto: relay asks it to move buyers by itself",
        "aftersale_release_s": "已下单买家空闲多久释放，秒，默认 1800 / the same for who has bought, default 1800",
        "ladders": '分组自己的阶梯，代替 ladder：{ aftersale = ["90s badge"] }，默认无 / ladders of groups, none',
        "first_reaction_s": "首次反应目标（打字或回复），秒，默认 10 / first reaction by a person, seconds, default 10",
        "rule_confirmed_link": "核对所依据的页面 / the page that the rule was compared with",
        "assist_confirmed_statement": '所确认的说明的编号，由 "relay assist confirm" 写入；规则、选项或说明变即失效 / '
        'the statement that was confirmed, written by "relay assist confirm"; void once rule, options or text change',
        "guards": '机器不应答的词表，对默认增删或整表代替：{ complaint = { add = ["…"], without = ["…"] } }；'
        "ad 广告、complaint 投诉、dispute 纠纷、person 要人工、injury 受伤、threat 威胁、thanks 致谢 / "
        "words before which no machine speaks",
        "debt_ladder": "欠答阶梯，从稍等话术起算：remind 提醒客服、alert 提醒管理员、reroute 转给其他客服，默认 "
        '["180s remind", "300s alert", "600s reroute"]，[] = 没有 / ladder of an answer owed, [] is none',
        "promises": '客服承诺稍后答复的说法，出现即建议跟进，如 ["查一下", "回您"]，默认已填 / '
        "words by which a person promises an answer for later; filled by default",
        "follow_up_s": "承诺没说时间时多久内跟进，秒，默认 3600 / due of a promise that names no time, default 3600",
        "follow_up_alert_s": "跟进到点后多久提醒管理员，秒，默认 900 / supervisors told so long after it, default 900",
        "greeting": "自动问候：off 关（默认）、platform 平台自己会发、on 由 relay 发 / "
        "automatic greeting: off (default), platform (it sends its own), on",
        "queue_notice": "自动排队提示，取值同上，默认 off / automatic word to who waits in the queue, likewise",
        "after_hours": "自动下班提示，文字须含 {opening} 上班时间，取值同上，默认 off / "
        "automatic text after hours, which must say {opening}, likewise",
        "slow_reply_s": "平均响应超过多少秒算慢响应（绩效），默认 60 / "
        "a buyer's mean response above it is slow, default 60",
        "long_reception_s": "接待时长超过多少秒算长接待（绩效），默认 1800 / a longer reception is long, default 1800",
        "goal_percent": "本店要守住的达标率，%，1–99，默认为规则公布的门槛 / "
        "the rate to keep in per cent, default the threshold that the rule publishes",
    },
    "seat": {
        "id": "编号 / id",
        "shop": "店铺，定后不改 / its shop, for ever",
        "agent": "客服（人员编号） / the person",
        "account": "平台子账号名 / the platform's account name",
        "cap": "接待上限，1–500，默认 5 / most open conversations, default 5",
        "weight": "分配权重，默认 1000 = 正常，500 = 一半 / share of the load, default 1000, 500 is half",
        "role": "agent（默认）或 cs_admin / agent (default) or cs_admin",
        "shifts": '班次，如 "mon-fri 08:00-16:00"、"sat,sun 20:00-02:00"；不写 = 一直在班 / none = always on shift',
        "groups": "服务的分组，不写 = 全部 / the groups it serves, none = all",
        "exceptions": '单日安排，优先于班次和放假：["2026-10-05 off", "2026-10-06 14:00-22:00 swap s2"] / '
        "one date's work instead of shifts and holidays; both seats of a swap name each other",
        "vendor": "外包公司编号，不写 = 自有客服 / the outsourcing firm that serves it, none = own staff",
    },
    "reply": {
        "id": "编号 / id",
        "version": "版本，从 1 起；改文字必须加大版本 / from 1; a new text needs a higher version",
        "text": "文字，最多 500 字；可用变量如 {agent} {buyer_name|亲}，见 relay replies slots / "
        "the text, at most 500 characters; it may have slots, see relay replies slots",
        "purpose": "用途：hold 稍等（默认）、answer、greeting、after_hours、queue_notice、closing / default hold",
        "status": "draft（默认）、pending、approved、retired；只有 approved 会自动发送 / only approved is ever sent",
        "shops": "用于哪些店铺，默认全部 / for which shops, default all",
        "author": "作者 / who wrote it",
        "approved_by": "审核人：这些店铺的 approver 或 owner / approver or owner of these shops",
        "valid_from": "生效：日期或带时区的时间，默认不限 / from: a date, or a time with offset, default always",
        "valid_to": "失效（当天零点起不再用），默认不限 / until (not on that day any more), default always",
        "approval": "审核方式：two_person 双人、owner_self 管理员自审；不写由 relay 填 / relay writes it if left out",
        "groups": "用于哪些分组的买家，默认全部；写明的先用 / for which groups, default all; a named one comes first",
        "topics": "主题（分组规则中按关键词命中的分组名）；写明的只用于该主题 / "
        "topics (groups that a keyword names); where any is named, only for those",
        "goods": "商品编号；写明的只用于该商品 / ids of goods; where any is named, only for those",
        "stopped": "true = 立即停用这一条，人和机器都不能发 / true: nobody sends it, person or machine",
        "refused_by": "谁没有批准，由 relay replies refuse 写入 / who refused it, written by relay replies refuse",
        "refused_why": "不批准的原因，作者看得到 / and why, for its author",
    },
    "event": {
        "id": "编号 / id",
        "shops": "哪些店铺 / for which shops",
        "starts": '开始，店铺所在时区，如 "2026-11-11 00:00" / start, by the shop\'s own clock',
        "ends": "结束，最长 31 天；到点自动恢复原设置 / end, 31 days at most; then all is as before, by itself",
        "name": "名称 / name",
        "caps": '接待上限：["* +3", "group presale 150%", "seat s1 8", "agent ann +5"] / what becomes of caps',
        "shifts": '加班：["seat s1 2026-11-11 18:00-00:00", "* mon-sun 20:00-02:00"] / hours beside the usual',
        "replies": "机器只可使用这些稍等话术（id），默认不限 / the only holds the machine may use, default any",
        "ladder": "催办阶梯，写法同店铺；以下各项不写 = 同店铺 / the ladder; whatever is left out is as in the shop",
        "groups": "[[event.groups]] 分组规则 / the table of groups",
        "relaxations": "放宽 / when others may take a buyer",
        "head_starts": "优先 / seconds waited already",
        "service_s": "服务目标，秒 / own target, seconds",
        "debt_after_s": "欠答阶梯走完后多久再次提醒，秒 / answer debt reminder after the last rung, seconds",
        "idle_release_s": "空闲多久释放接待，秒 / idle time that ends a reception, seconds",
        "sticky_s": "多久内回到原客服，秒 / back to the same seat within, seconds",
        "grace_s": "客服离线宽限，秒 / grace after a seat is gone, seconds",
        "holds_per_day": "每位买家每天最多几次自动稍等，0–2 / holds per buyer and day, 0 to 2",
        "debt_seat_s": "欠答的买家最多等原客服多久，秒 / how long a debt waits for its seat, seconds",
        "drain_s": "下班前多少秒不再分新买家 / nobody new so long before a shift ends, seconds",
        "ladders": "分组自己的阶梯，整表代替店铺的 / ladders of groups, in place of the shop's table",
        "aftersale_release_s": "已下单买家空闲多久释放，秒 / idle time of who has bought, seconds",
        "debt_ladder": "欠答阶梯 / the ladder of an answer owed",
    },
}
_TITLE: Final[dict[Sort, str]] = {
    "desk": "客服台：共用客服的店铺 / desk: the shops that share agents",
    "person": "人员 / persons",
    "shop": "店铺 / shops",
    "seat": "子账号 / seats",
    "reply": "快捷短语 / quick replies",
    "event": "活动预案：到点生效，到点恢复 / events: in force from start to end, then all is as before",
}
_HEAD: Final = (
    "# relay 设置。改完先看差异，再写入 / relay's settings. Look at the difference, then write it:",
    "#   relay settings apply settings.toml --dry-run",
    "#   relay settings apply settings.toml",
    "# 请保存为 UTF-8 / save as UTF-8",
)
_ALWAYS: Final[dict[Sort, frozenset[str]]] = {
    "desk": frozenset({"name"}),
    "person": frozenset({"name", "roles"}),
    "shop": frozenset({"name", "platform", "channel", "rule", "assist"}),
    "seat": frozenset({"account", "cap"}),
    "reply": frozenset({"purpose", "status"}),
    "event": frozenset({"name"}),
}
FILE_DEFAULTS: Final[dict[tuple[Sort, str], object]] = {
    ("shop", "debt_ladder"): DEFAULT_DEBT_LADDER,
    ("shop", "holds_per_day"): 2,
}
"""What a key that is left out of the file means, where that is not the default of the value itself: shops that were set
before the key existed go on as they were until people write them anew."""
_DAYS: Final = frozenset({"rule_confirmed_on", "assist_confirmed_on", "holidays"})
_INSTANTS: Final = frozenset({"valid_from", "valid_to"})
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_BEIJING: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def dump_settings(settings: Settings) -> str:
    """The text of these settings, in the order they have; `load_settings` of it gives the same settings."""
    lines = list(_HEAD)
    for sort in SORTS:
        lines += ["", "", f"# ---- {_TITLE[sort]}"]
        lines += [f"#   {key}: {words}" for key, words in EXPLAINED[sort].items()]
        for subject in settings.of(sort):
            lines += ["", f"[[{sort}]]", *_keys(sort, subject)]
    return "\n".join(lines) + "\n"


def dump_reply(reply: QuickReply) -> str:
    """One quick reply as the settings file has it."""
    return "\n".join(["[[reply]]", *_keys("reply", reply)]) + "\n"


def _keys(sort: Sort, subject: Subject) -> Iterator[str]:
    phrases: Phrases | None = None
    for field in msgspec.structs.fields(subject):
        value = getattr(subject, field.name)
        shown = field.required or field.name in _ALWAYS[sort] or value != _default(sort, field)
        if isinstance(value, Phrases):
            phrases = value if shown else None
        elif shown and value is not None:
            yield f"{field.name} = {_value(field.name, value)}"
    if phrases is not None:
        yield f"[{sort}.phrases]"
        for name in phrases.__struct_fields__:
            yield f"{name} = {_value(name, getattr(phrases, name))}"


def _default(sort: Sort, field: msgspec.structs.FieldInfo) -> object:
    if (sort, field.name) in FILE_DEFAULTS:
        return FILE_DEFAULTS[sort, field.name]
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _value(key: str, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() if key in _INSTANTS:
            return (_EPOCH + timedelta(milliseconds=value)).astimezone(_BEIJING).isoformat()
        case int():
            return str(value)
        case str() if key in _DAYS and _is_day(value):
            return value
        case str():
            return _long(value) if "\n" in value else _short(value)
        case Grant():
            return _short(grant_word(value))
        case Shift():
            return _short(shift_word(value))
        case LadderStep():
            return _short(step_word(value))
        case DebtStep():
            return _short(debt_step_word(value))
        case MakeUpDay():
            return _short(make_up_word(value))
        case SeatDay():
            return _short(seat_day_word(value))
        case CapChange():
            return _short(cap_word(value))
        case ExtraHours():
            return _short(extra_word(value))
        case tuple():
            return f"[{', '.join(_value(key if key in _DAYS else '', item) for item in value)}]"
        case Guard():
            given = {name: getattr(value, name) for name in value.__struct_fields__}
            return _value("", {name: one for name, one in given.items() if one != getattr(Guard(), name)})
        case msgspec.Struct():
            given = {one.name: getattr(value, one.name) for one in msgspec.structs.fields(value)}
            return _value("", {name: one for name, one in given.items() if one not in ((), False, 0, None)})
        case dict():
            pairs = ", ".join(f"{_key(name)} = {_value('', item)}" for name, item in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
    raise TypeError(f"{key}: no TOML form for {type(value).__name__}")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _short(name)


def _short(text: str) -> str:
    return f'"{_escaped(text)}"'


def _long(text: str) -> str:
    """Over several lines, as people write it; TOML drops the first newline."""
    escaped = "\n".join(_escaped(line) for line in text.split("\n"))
    return f'"""\n{escaped}"""'


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)

"""What a new installation begins with: a configuration and settings that pass `relay check` as they are."""

from typing import Final

from relay.domain.names import ChannelName, DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import DEFAULT_DEBT_LADDER, Desk, Grant, Person, QuickReply, Seat, Shop

KEY_PATH: Final = "secrets/webhook.secret"

CONFIG: Final = f"""\
# relay 配置：机器启动所需的一切。改后需要重启 / what the machine needs to start; takes effect on restart
# 店铺、人员、子账号、话术不在这里，见 settings.toml / shops, people and quick replies live in settings.toml
# 请保存为 UTF-8；路径请用 / 或单引号 / save as UTF-8; write paths with / or in single quotes
# 任何一项都可用环境变量覆盖 / any key can be set from outside: RELAY__HTTP__PORT=9000

[relay]
# 数据文件夹（台账在此，请备份），默认 "data" / folder of the ledger, default "data"
data_dir = "data"
# 首选语言："zh-CN" 或 "en"，默认 "zh-CN" / first language, default "zh-CN"
language = "zh-CN"

[http]
# 监听地址，默认 "127.0.0.1" 仅本机；"0.0.0.0" 对外，请在前面加 HTTPS / default: this machine only
host = "127.0.0.1"
# 端口，1–65535，默认 8765 / port, default 8765
port = 8765
# 最多同时连接数（个），默认 1000 / most connections at once, default 1000
max_connections = 1000
# 等待请求头的时间（秒），默认 10 / how long to wait for the headers, seconds, default 10
header_timeout_s = 10
# 等待请求体的时间（秒），默认 30 / how long to wait for the body, seconds, default 30
body_timeout_s = 30
# 主管打开 relay 的网址，写在通知里，默认不写 / where people open relay, stands in notices, default none
# public_url = "https://relay.example.com"
# HTTPS 证书文件（relay cert 可生成），默认不写 / certificate for HTTPS (`relay cert` makes one), default none
# certificate = "tls/relay.pem"
# 证书的私钥文件，与证书同时填写，默认不写 / its key; both or neither, default none
# key = "tls/relay.key"
# 本机前面有反向代理并会写 X-Forwarded-For，默认 false / a proxy on this machine tells the address, default false
behind_proxy = false

[console]
# 网页登录无操作多少分钟后退出，默认 30 / minutes without a deed after which a session ends, default 30
idle_min = 30
# 登录最长多少小时，默认 12 / hours after which a session ends in any case, default 12
life_h = 12
# 是否允许其他电脑用未加密的 http 登录（不安全），默认 false / log in over plain HTTP from elsewhere, default false
plain_http = false

[log]
# 屏幕日志格式："auto" 终端用文字、其他用 JSON；"json"；"console"，默认 "auto" / format on stderr, default "auto"
format = "auto"
# 级别："debug"、"info"、"warning"、"error"，默认 "info" / least level, default "info"
level = "info"
# 另写日志文件（JSON，10 MB 一个，保留 5 个），默认不写 / also to this file (JSON, 5 of 10 MB), default none
# file = "relay.log"

[inbox]
# 每个客服台最多排队的输入（条），满则回 503，默认 4096 / inputs waiting per desk before 503, default 4096
size = 4096

[plugins]
# 启用的插件，默认 ["webhook", "replies"] / plugins to build, default ["webhook", "replies"]
enabled = ["webhook", "replies"]
# 自己的插件所在文件夹，默认 [] / folders with plugins of your own, default []
folders = []

[heads]
# 每天把台账头部写到此文件夹（最好在另一台机器上），默认不写 / folder for the ledger's heads, default none
# export_to = "heads"
# 每天何时（时:分），默认 "03:30" / at which time of day, default "03:30"
at = "03:30"

[backup]
# 每天把台账完整备份到此文件夹（最好在另一块磁盘上），默认不备份 / folder for whole copies of the ledger, default none
# folder = "backups"
# 每天何时（时:分），默认 "04:00" / at which time of day, default "04:00"
at = "04:00"
# 保留最近几份，1–1000，默认 7 / how many of the newest are kept, default 7
keep = 7

[reports]
# 每日报表与跟进登记表写到此文件夹，默认不写 / folder for the daily report and the registers, default none
# folder = "reports"
# 日报与每月登记表何时（时:分），默认 "08:30" / when the daily report and monthly registers are made, default "08:30"
at = "08:30"
# 登记表：类别@时间，或 @monthly（每月 1 日） / registers: categories@time, or @monthly (the 1st of the month)
registers = ["refund+compensation@16:00", "exchange@17:00", "lost_parcel+invoice@monthly"]

[retention]
# 个人信息保留多少天，之后每夜删除；不写则一直保留 / for how many days personal data is kept; what is not named is kept
# 每天何时（时:分），默认 "02:40" / at which time of day, default "02:40"
at = "02:40"
# 消息文字，默认一直保留 / texts of messages, default for ever
# texts_days = 1095
# 无未了事项的买家的昵称和平台账号，默认一直保留 / names and platform ids of buyers with nothing open, default for ever
# names_days = 1095
# 机器人草稿文字，默认一直保留 / texts of drafts, default for ever
# drafts_days = 90
# 备注和跟进说明，默认一直保留 / notes, and the notes of follow-ups, default for ever
# notes_days = 1095
# 无法解析的原始消息，默认一直保留 / raw lines that could not be parsed, default for ever
# quarantine_days = 90

# 通道：通向买家的一条路，可有多个 / a channel: one way to buyers; there may be several
[[channel]]
# 名称，settings.toml 里的店铺用它 / its name, used by the shops of settings.toml
name = "main"
# 种类，由插件提供 / its kind, offered by a plugin
kind = "webhook"

# 以 _env、_file 结尾的项从环境变量或文件取值；密钥不能直接写在这里
# a key ending in _env or _file takes its value from a variable or a file; no secret stands here
[channel.options]
# 验证来信的密钥文件，可写多个 / secrets that sign what comes in, several while one is replaced
secrets_file = ["{KEY_PATH}"]
# 给回信签名的密钥文件 / the secret that relay signs replies with
send_secret_file = "{KEY_PATH}"
# 聊天桥接程序接收回复的地址 / where your bridge takes replies
send_url = "http://127.0.0.1:9876/send"

# 起草：为客服起草回复，由人采用、修改或不用，绝不自动发送 / a responder: drafts for the agents, never sent by itself
[[responder]]
# 名称，出现在日志和指标里 / its name, in the log and the metrics
name = "library"
# 种类，由插件提供；"replies" 从已批准的话术库中找答案 / its kind; "replies" finds answers among the approved replies
kind = "replies"
# 只为这些店铺起草，默认 [] 为全部 / for these shops only, default []: all
shops = []
# 每个问题最多等它多久（秒），1–170，默认 30 / how long a question waits for it, seconds, default 30
budget_s = 30

# 通知主管（钉钉、飞书、企业微信群机器人）：写法见 docs/notices.md
# telling supervisors (DingTalk, Feishu, WeCom robots): docs/notices.md says how
"""

_SHOP: Final = ShopId("shop1")
_BOSS: Final = PersonId("boss")


def _agent(number: int) -> Person:
    return Person(PersonId(f"agent{number}"), name=f"客服 {number}", roles=(Grant(_SHOP, "agent"),))


def _seat(number: int) -> Seat:
    return Seat(SeatId(f"shop1-{number}"), _SHOP, PersonId(f"agent{number}"), account=f"我的店铺:客服{number}")


def _hold(name: str, text: str) -> QuickReply:
    return QuickReply(ReplyId(name), 1, text, status="approved", shops=(_SHOP,), author=_BOSS, approved_by=_BOSS)


SETTINGS: Final = Settings(
    desks=(Desk(DeskId("main"), name="客服台"),),
    persons=(Person(_BOSS, name="店主", roles=(Grant(_SHOP, "owner"),)), _agent(1), _agent(2)),
    shops=(
        Shop(
            _SHOP,
            DeskId("main"),
            name="我的店铺",
            channel=ChannelName("main"),
            debt_ladder=DEFAULT_DEBT_LADDER,
            holds_per_day=2,
        ),
    ),
    seats=(_seat(1), _seat(2)),
    replies=(
        _hold("hold-checking", "您好，正在为您查询，请稍等，马上回复您。"),
        _hold("hold-busy", "亲，现在咨询的人比较多，请您稍等，我会尽快回复您。"),
    ),
)
"""One desk, one shop, its owner, two agents, and two holds that the owner wrote and approved."""

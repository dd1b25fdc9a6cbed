"""The HTTP surface as an OpenAPI document: `python -m relay.web.openapi > docs/openapi.json`.

One table of operations; the schemas of bodies are those of the structs, by msgspec. The tests hold the table against
the routes of a running relay, and every answer that they get against the schema of its status.
"""

import sys
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from relay.contracts.history import HistoryPart, HistoryTaken
from relay.contracts.orders import OrdersTaken
from relay.domain.facts import FigureSource
from relay.domain.office.acts import Act
from relay.domain.published import Period
from relay.domain.settings import Assist, QuickReply
from relay.runtime.assisting import AssistAct
from relay.runtime.figures import FigureAct
from relay.runtime.privacy.buyers import BuyerAsked, Erasing
from relay.web.alerts import Asked
from relay.web.orders import OrdersAsked

Access = Literal["anybody", "owner", "person", "agent", "signed", "bridge"]
JSON: Final = "application/json"
REF: Final = "#/components/schemas/{name}"


class Health(msgspec.Struct, forbid_unknown_fields=True):
    alive: bool
    lag_s: float


class Readiness(msgspec.Struct, forbid_unknown_fields=True):
    """`why` is empty if it takes messages."""

    ready: bool
    why: list[str]


class Lines(msgspec.Struct, forbid_unknown_fields=True):
    """What changed, or would."""

    lines: list[str]


class Token(msgspec.Struct, forbid_unknown_fields=True):
    """Shown once."""

    token: str


class Password(msgspec.Struct, forbid_unknown_fields=True):
    """Shown once, and to be changed at the first login."""

    password: str


class Ended(msgspec.Struct, forbid_unknown_fields=True):
    """False: there was none."""

    ended: bool


class BackupMade(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    bytes: int
    at: int


class PluginFailure(msgspec.Struct, forbid_unknown_fields=True):
    plugin: str
    call: str
    count: int


class NotifierStatus(msgspec.Struct, forbid_unknown_fields=True):
    """`failures` in a row; `code` is the last one's, empty if there is none."""

    notifier: str
    level: int
    waiting: int
    failures: int
    code: str
    again_in_s: int


class Status(msgspec.Struct, forbid_unknown_fields=True):
    """`shops` is the live table; its columns grow, and nobody should rely on one that is not needed."""

    at: int
    shops: list[dict[str, Any]]
    alerts: dict[str, int]
    notifiers: list[NotifierStatus]
    unready: list[str]
    troubles: dict[str, str]
    plugin_failures: list[PluginFailure]
    replays_refused: dict[str, int]
    lag_s: float


class Replies(msgspec.Struct, forbid_unknown_fields=True):
    """Each with the keys of a quick reply and `in_force`."""

    replies: list[dict[str, Any]]


class Alert(msgspec.Struct, forbid_unknown_fields=True):
    """`told` has by notifier when it confirmed; nobody has acknowledged it while `seen_by` is null."""

    desk: str
    alert: str
    what: str
    shop: str
    buyer: str | None
    seat: str | None
    since: int
    due_at: int | None
    told: dict[str, int]
    seen_by: str | None


class Alerts(msgspec.Struct, forbid_unknown_fields=True):
    """Those that are open, oldest first."""

    alerts: list[Alert]


class Acknowledged(msgspec.Struct, forbid_unknown_fields=True):
    """The ids of those that nobody had seen."""

    alerts: list[str]


class Sentence(msgspec.Struct, forbid_unknown_fields=True):
    en: str
    zh: str


class AssistStands(msgspec.Struct, forbid_unknown_fields=True):
    """`statement` is the number that a confirmation names; `rules` has what each rule counts, see assist.md."""

    shop: str
    statement: str
    assist: Assist
    acts_as: Assist
    confirmed: bool
    confirmed_by: str | None
    confirmed_on: str | None
    warnings: list[Sentence]
    rules: list[dict[str, Any]]
    lines: list[Sentence]


class PlatformFigure(msgspec.Struct, forbid_unknown_fields=True):
    """A published figure as it was taken down; `record` is its number, `value` the number as it was shown."""

    record: int
    shop: str
    figure: str
    zh: str
    en: str
    period: Period
    first_day: str
    last_day: str
    seat: str | None
    agent: str | None
    numerator: int | None
    denominator: int | None
    value: str | None
    state: Literal["live", "corrected", "withdrawn"]
    by: str
    at: int
    source: FigureSource
    digest: str
    line: int | None
    corrects: int | None


class PlatformFigures(msgspec.Struct, forbid_unknown_fields=True):
    """By shop, figure and first day."""

    figures: list[PlatformFigure]


class FileTaken(msgspec.Struct, forbid_unknown_fields=True):
    """What changed, and the heads of columns that nobody knows."""

    lines: list[str]
    unknown: list[str]


class Problem(msgspec.Struct, forbid_unknown_fields=True):
    """One sentence in English and Chinese, or every finding about a settings file."""

    error: str | UnsetType = UNSET
    findings: list[str] | UnsetType = UNSET


class Refusal(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    en: str
    zh: str


class Refused(msgspec.Struct, forbid_unknown_fields=True):
    """`results` has an answer to each line of a batch."""

    error: Refusal
    results: list[dict[str, Any]] | UnsetType = UNSET


class Taken(msgspec.Struct, forbid_unknown_fields=True):
    """Durable."""

    taken: Literal["taken", "duplicate", "conflict"] | None
    message: str | None


class Operation(msgspec.Struct, frozen=True):
    """One method on one path. `answers` has by status the struct of the body, a media type, or None for no body."""

    method: str
    path: str
    summary: str
    access: Access
    answers: dict[int, Any]
    body: Any = None
    query: tuple[str, ...] = ()


_OWNER: Final = {403: Problem}
_PERSON: Final = {403: Problem, 422: Problem}
OPERATIONS: Final[Sequence[Operation]] = (
    Operation("get", "/healthz", "The process lives and its loop is not stuck. 是否存活", "anybody",
              {200: Health, 503: Health}),
    Operation("get", "/readyz", "It can take messages, or why not. 是否可接收", "anybody",
              {200: Readiness, 503: Readiness}),
    Operation("get", "/metrics", "Prometheus, see metrics.md. 指标", "anybody", {200: "text/plain"}),
    Operation("get", "/admin/settings", "The live settings as a settings file. 当前设置", "owner",
              {200: "application/toml", **_OWNER}),
    Operation("post", "/admin/settings", "Write what differs, with dry_run=1 only say it. 写入设置", "owner",
              {200: Lines, 422: Problem, **_OWNER}, body="application/toml", query=("dry_run",)),
    Operation("post", "/admin/token/{person}", "A new token; the one before ends. 签发令牌", "owner",
              {200: Token, 422: Problem, **_OWNER}),
    Operation("delete", "/admin/token/{person}", "End the token, and open sessions with it. 吊销令牌", "owner",
              {200: Ended, 422: Problem, **_OWNER}),
    Operation("post", "/admin/password/{person}", "A password for the console. 设置网页登录密码", "owner",
              {200: Password, 422: Problem, **_OWNER}),
    Operation("post", "/admin/backup", "A checked copy of the ledger, now. 立即备份", "owner",
              {200: BackupMade, 422: Problem, **_OWNER}, query=("folder",)),
    Operation("get", "/admin/status", "The live table, and how the process is. 实时状态", "owner",
              {200: Status, **_OWNER}),
    Operation("get", "/replies", "The quick replies of one's shops. 快捷短语", "person", {200: Replies, **_PERSON}),
    Operation("get", "/replies/{name}", "Every version of one, oldest first. 一条的全部版本", "person",
              {200: Replies, **_PERSON}),
    Operation("post", "/replies", "Propose, approve, retire, stop or lift. 操作一条短语", "person",
              {200: Lines, **_PERSON}, body=Act),
    Operation("get", "/alerts", "The open alerts of the shops that one supervises. 未结束的提醒", "person",
              {200: Alerts, **_OWNER}),
    Operation("post", "/alerts/acknowledge", "Acknowledge a buyer's alerts, or with null the shop's own. 确认提醒",
              "person", {200: Acknowledged, **_PERSON}, body=Asked),
    Operation("get", "/assist/{shop}", "What a machine's reply counts for, and who confirmed it. 自动话术的说明与确认",
              "person", {200: AssistStands, **_PERSON}),
    Operation("post", "/assist/{shop}", "Confirm the statement as an owner, or set the mode. 确认说明或设置模式",
              "person", {200: Lines, **_PERSON}, body=AssistAct),
    Operation("get", "/figures", "What the platform published, as it was taken down. 平台公布的数据", "person",
              {200: PlatformFigures, **_OWNER}, query=("shop", "figure", "past")),
    Operation("post", "/figures", "Take figures down, or withdraw one. 记录或撤回平台数据", "person",
              {200: Lines, **_PERSON}, body=FigureAct),
    Operation("post", "/figures/file", "Take down the figures of a CSV or XLSX file. 导入平台数据", "person",
              {200: FileTaken, **_PERSON}, body="application/octet-stream",
              query=("name", "shop", "figure", "period", "dry_run")),
    Operation("post", "/orders", "Orders of a shop, by its owner; told again they change nothing. 订单", "person",
              {200: OrdersTaken, **_PERSON}, body=OrdersAsked),
    Operation("post", "/buyers/export", "Everything that is kept of one buyer; recorded. 导出买家信息", "person",
              {200: JSON, **_PERSON}, body=BuyerAsked),
    Operation("post", "/buyers/erase", "Erase one buyer, or say what would go. 删除买家", "person",
              {200: Erasing, **_PERSON}, body=BuyerAsked),
    Operation("post", "/history", "Lines of an imported log, or its end, by the shop's owner. 导入历史", "person",
              {200: HistoryTaken, **_PERSON}, body=HistoryPart),
    Operation("get", "/agent", "The agents' WebSocket, see agents-protocol.md. 客服连接", "agent",
              {101: None, 400: "text/plain", 401: Refusal, 403: Refusal, 503: Refusal}),
    Operation("post", "/channel/{name}", "Signed messages from a bridge, see webhook.md. 桥接消息", "signed",
              {200: Taken | list[dict[str, Any]], 401: Refused, 408: Refused, 413: Refused, 415: Refused,
               422: Refused, 500: Refused, 503: Refused}, body=JSON),
    Operation("post", "/channel/{name}/orders", "Orders of the channel's shops, by its bridge, see orders.md. 桥接订单",
              "bridge", {200: OrdersTaken, 401: Refused, 403: Refused, 408: Refused, 413: Refused, 415: Refused,
                         422: Refused, 503: Refused}, body=OrdersAsked),
)  # fmt: skip
_DESCRIPTION: Final = (
    "Every route may also answer 404, 405, and 503 above the cap of connections. Configured channels and responders "
    "may serve more: /onebot/... (bridge.md), /assistant/... (assistant.md), /bot/... (bots.md). What the pages below "
    "/console ask (console.md) comes with them, changes with them, and is not described here."
)
_ACCESS: Final[dict[Access, list[dict[str, list[str]]]]] = {
    "anybody": [],
    "owner": [{"admin": []}],
    "person": [{"admin": []}, {"person": []}],
    "agent": [{"person": []}],
    "signed": [{"signature": []}],
    "bridge": [{"signature": []}, {"channel": []}],
}
_SCHEMES: Final = {
    "admin": {
        "type": "http",
        "scheme": "bearer",
        "description": "data/admin.token, new with each start; from this machine only",
    },
    "person": {"type": "http", "scheme": "bearer", "description": "the token of `relay token PERSON`"},
    "channel": {"type": "http", "scheme": "bearer", "description": "a token of the channel, where it has tokens"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature over the raw body",
    },
}
_SAID: Final = {
    101: "The WebSocket begins.", 200: "Done.", 400: "No WebSocket handshake.", 401: "Who asks is not known.",
    403: "Not theirs to see or do.", 408: "The body took too long.", 413: "The body is too large.",
    415: "The body is encoded.", 422: "What was given cannot be used.", 500: "relay failed; come again.",
    503: "Not now; come again after Retry-After.",
}  # fmt: skip


def document() -> dict[str, Any]:
    """The whole document."""
    types = [given for one in OPERATIONS for given in (*one.answers.values(), one.body) if not _plain(given)]
    found, schemas = msgspec.json.schema_components([*types, QuickReply], ref_template=REF)
    of = dict(zip(map(repr, types), found, strict=False))
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one, of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "relay",
            "version": "1",
            "description": _DESCRIPTION,
        },
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SCHEMES},
    }


def _plain(given: Any) -> bool:
    return given is None or isinstance(given, str)


def _operation(one: Operation, of: dict[str, Any]) -> dict[str, Any]:
    names = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    parameters += [{"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in one.query]
    told: dict[str, Any] = {"summary": one.summary, "security": _ACCESS[one.access]}
    if parameters:
        told["parameters"] = parameters
    if one.body is not None:
        told["requestBody"] = {"required": True, "content": _content(one.body, of)}
    told["responses"] = {
        str(status): {"description": _SAID[status], **({"content": _content(given, of)} if given is not None else {})}
        for status, given in one.answers.items()
    }
    return told


def _content(given: Any, of: dict[str, Any]) -> dict[str, Any]:
    return {given: {}} if isinstance(given, str) else {JSON: {"schema": of[repr(given)]}}


def written() -> bytes:
    """The document as it stands in docs/openapi.json."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=1) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(written())

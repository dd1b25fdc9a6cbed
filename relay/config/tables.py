"""The tables of `config.toml`. Every key has a default but those of a channel, so an empty file is a valid one.

A path may be relative (to the folder of the file) or begin with `~`; in a loaded Config every path is absolute.
Each key is explained in `config.example.toml` and `docs/configuration.md`; a test compares all three.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from relay.domain.names import ChannelName
from relay.domain.settings import Category

Name = Annotated[
    ChannelName,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}\Z",
        description="1 to 64 of a-z 0-9 _ . - | 1 到 64 个 a-z 0-9 _ . -",
    ),
]
TimeOfDay = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", description="a time such as 03:30 | 时间，例如 03:30")
]


TimeSpan = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]\Z",
        description="a span of the day such as 23:00-08:00 | 时段，例如 23:00-08:00",
    ),
]
Zone = Annotated[str, Meta(min_length=1, max_length=64)]
Address = Annotated[
    str,
    Meta(
        pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?\Z",
        description="an address such as https://relay.example.com | 网址，例如 https://relay.example.com",
    ),
]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The root of the tables."""


class RelayTable(Table, frozen=True, kw_only=True):
    """`[relay]`: where the ledger lies, and in which language relay speaks first."""

    data_dir: Path = Path("data")
    language: Literal["zh-CN", "en"] = "zh-CN"


class HttpTable(Table, frozen=True, kw_only=True):
    """`[http]`: where the service listens, how long it waits for a slow client, and how people reach its pages."""

    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8765
    max_connections: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    header_timeout_s: Annotated[int, Meta(ge=1, le=600)] = 10
    body_timeout_s: Annotated[int, Meta(ge=1, le=600)] = 30
    public_url: Address | None = None
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False


class ConsoleTable(Table, frozen=True, kw_only=True):
    """`[console]`: how long a session at the console lasts, and whether people may come in over plain HTTP."""

    idle_min: Annotated[int, Meta(ge=1, le=24 * 60)] = 30
    life_h: Annotated[int, Meta(ge=1, le=24 * 7)] = 12
    plain_http: bool = False


class LogTable(Table, frozen=True, kw_only=True):
    """`[log]`: lines go to stderr; `auto` is for people on a terminal and JSON anywhere else. The file is JSON too."""

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"
    file: Path | None = None


class InboxTable(Table, frozen=True, kw_only=True):
    """`[inbox]`: how many inputs may wait for one desk before relay answers 503 (come again)."""

    size: Annotated[int, Meta(ge=16, le=1_000_000)] = 4096


class PluginsTable(Table, frozen=True, kw_only=True):
    """`[plugins]`: found is not enabled; only what is named here is built."""

    enabled: tuple[Annotated[str, Meta(min_length=1)], ...] = ("webhook", "replies")
    folders: tuple[Path, ...] = ()


class HeadsTable(Table, frozen=True, kw_only=True):
    """`[heads]`: once a day the ledger's heads are written where an administrator of this box cannot reach back."""

    export_to: Path | None = None
    at: TimeOfDay = "03:30"


class BackupTable(Table, frozen=True, kw_only=True):
    """`[backup]`: once a day a whole, checked copy of the ledger; the oldest goes when a newer one is sound."""

    folder: Path | None = None
    at: TimeOfDay = "04:00"
    keep: Annotated[int, Meta(ge=1, le=1000)] = 7


Days = Annotated[int, Meta(ge=1, le=36_500)]


class RetentionTable(Table, frozen=True, kw_only=True):
    """`[retention]`: after how many days what is personal is erased, per class. What is not named here is kept."""

    at: TimeOfDay = "02:40"
    texts_days: Days | None = None
    names_days: Days | None = None
    drafts_days: Days | None = None
    notes_days: Days | None = None
    quarantine_days: Days | None = None


_CATEGORY = "|".join(get_args(Category))
RegisterTime = Annotated[
    str,
    Meta(
        pattern=rf"^({_CATEGORY})(\+({_CATEGORY}))*@(monthly|([01][0-9]|2[0-3]):[0-5][0-9])\Z",
        description="categories and a time such as refund+compensation@16:00 or invoice@monthly"
        " | 类别与时间，例如 refund+compensation@16:00 或 invoice@monthly",
    ),
]


class ReportsTable(Table, frozen=True, kw_only=True):
    """`[reports]`: where registers of follow-ups and the daily report are written, and when."""

    folder: Path | None = None
    at: TimeOfDay = "08:30"
    registers: tuple[RegisterTime, ...] = (
        "refund+compensation@16:00",
        "exchange@17:00",
        "lost_parcel+invoice@monthly",
    )


class PartConfig(Table, frozen=True, kw_only=True):
    """One part that a plugin builds. `options` goes to the plugin of this kind, its secrets already resolved."""

    name: Name
    kind: Annotated[str, Meta(min_length=1)]
    options: Mapping[str, object] = {}

    def __repr__(self) -> str:
        """Never the options: they hold secrets."""
        return f"{type(self).__name__}(name={self.name!r}, kind={self.kind!r}, options=<{', '.join(self.options)}>)"


class ChannelConfig(PartConfig, frozen=True, kw_only=True):
    """`[[channel]]`: one way to buyers."""


class ResponderConfig(PartConfig, frozen=True, kw_only=True):
    """`[[responder]]`: one who drafts answers for the agents, of these shops or of all."""

    shops: tuple[str, ...] = ()
    budget_s: Annotated[int, Meta(ge=1, le=170)] = 30


class NotifierConfig(PartConfig, frozen=True, kw_only=True):
    """`[[notifier]]`: one way to tell people who do not look at relay, of these shops or of all.

    Level 1 is told at once; each further level when nobody has acknowledged `escalate_after_s` after the level before
    was told, or when that level cannot be reached. In quiet hours only what is `urgent` passes.
    """

    shops: tuple[str, ...] = ()
    level: Annotated[int, Meta(ge=1, le=9)] = 1
    escalate_after_s: Annotated[int, Meta(ge=10, le=86_400)] = 300
    quiet: TimeSpan | None = None
    timezone: Zone = "Asia/Shanghai"
    urgent: tuple[Annotated[str, Meta(min_length=1)], ...] = ("send_unknown", "nobody_online")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file. `path` is where it was read."""

    path: Path
    relay: RelayTable = RelayTable()
    http: HttpTable = HttpTable()
    console: ConsoleTable = ConsoleTable()
    log: LogTable = LogTable()
    inbox: InboxTable = InboxTable()
    plugins: PluginsTable = PluginsTable()
    heads: HeadsTable = HeadsTable()
    backup: BackupTable = BackupTable()
    retention: RetentionTable = RetentionTable()
    reports: ReportsTable = ReportsTable()
    channels: tuple[ChannelConfig, ...] = ()
    responders: tuple[ResponderConfig, ...] = ()
    notifiers: tuple[NotifierConfig, ...] = ()


TABLES: dict[str, type[Table]] = {
    "relay": RelayTable,
    "http": HttpTable,
    "console": ConsoleTable,
    "log": LogTable,
    "inbox": InboxTable,
    "plugins": PluginsTable,
    "heads": HeadsTable,
    "backup": BackupTable,
    "retention": RetentionTable,
    "reports": ReportsTable,
}
PARTS: dict[str, type[PartConfig]] = {
    "channel": ChannelConfig,
    "responder": ResponderConfig,
    "notifier": NotifierConfig,
}
"""The lists of the file, `[[channel]]` and its like: each item is one part that a plugin builds."""

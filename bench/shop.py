"""A relay to be measured: one desk, one shop, its seats and their agents, in a folder of its own.

It is set up as an owner would: a configuration, a settings file, a token for each agent. Every seat has room for all
the buyers it will be given, so no message of a round waits in the queue.
"""

import base64
import socket
import time
from pathlib import Path
from typing import Final

from bench.load import Seat
from relay.cli.offline import with_office
from relay.config import load_config
from relay.domain.names import Millis, PersonId
from relay.runtime.office import Office
from relay.runtime.settings_file import load_settings
from relay.runtime.settings_rules import limit_s

SHOP: Final = "shop1"
ROUTE: Final = "/channel/main"
KEY: Final = bytes(range(32))
SECRET: Final = "whsec_" + base64.b64encode(KEY).decode()
CAP: Final = 500
DAY_MS: Final = 86_400_000
NOON_MS: Final = 4 * 3_600_000
"""Noon in China, after the UTC midnight."""

_CONFIG = """\
[relay]
data_dir = "data"
[http]
port = {port}
[[channel]]
name = "main"
kind = "webhook"
[channel.options]
secrets_file = ["webhook.secret"]
send_secret_file = "webhook.secret"
send_url = "http://127.0.0.1:{send_port}/send"
"""
_SHOP = """\
[[desk]]
id = "main"
[[shop]]
id = "shop1"
desk = "main"
name = "店铺"
platform = "taobao"
channel = "main"
rule = "taobao_ww3"
"""
_BOSS = """\
[[person]]
id = "boss"
roles = ["owner@shop1"]
"""
_SCREEN = """\
[[person]]
id = "screen{number}"
roles = ["cs_admin@shop1"]
"""
_SEAT = """\
[[person]]
id = "agent{number}"
roles = ["agent@shop1"]
[[seat]]
id = "seat{number}"
shop = "shop1"
agent = "agent{number}"
account = "店铺:客服{number}"
cap = {cap}
"""


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def next_noon() -> Millis:
    """Tomorrow's noon in China: within the assessed hours, and later than now."""
    return Millis(time.time_ns() // 1_000_000 // DAY_MS * DAY_MS + DAY_MS + NOON_MS)


def set_up(
    folder: Path,
    seats: int,
    port: int,
    send_port: int = 9,
    shop: str = "",
    reply: str = "",
    config: str = _CONFIG,
    screens: int = 0,
    cap: int = CAP,
) -> tuple[Path, list[Seat]]:
    """Write it all into `folder`; returns the configuration's path and the seats with their agents' tokens.

    `config` is another configuration, `shop` more keys of the shop, `reply` a quick reply's table; the owner adds the
    last two once they exist. `screens`: so many supervisors without a seat, who see all of the shop and come last.
    """
    config_path = folder / "config.toml"
    config_path.write_text(config.format(port=port, send_port=send_port), encoding="utf-8")
    (folder / "webhook.secret").write_text(SECRET, encoding="ascii")
    numbers = range(1, seats + 1)
    people = [f"agent{number}" for number in numbers] + [f"screen{number}" for number in range(1, screens + 1)]
    watching = "".join(_SCREEN.format(number=number) for number in range(1, screens + 1))
    staff = _BOSS + watching + "".join(_SEAT.format(number=number, cap=cap) for number in numbers)

    async def fill(office: Office) -> list[Seat]:
        await office.apply_settings(load_settings((_SHOP + staff).encode(), office.state), None)
        if shop or reply:
            wanted = load_settings((_SHOP + shop + staff + reply).encode(), office.state, limit_s)
            await office.apply_settings(wanted, office.state.persons[PersonId("boss")])
        tokens = [await office.issue_token(PersonId(name), PersonId("boss")) for name in people]
        return [Seat(name.replace("agent", "seat"), token) for name, token in zip(people, tokens, strict=True)]

    return config_path, with_office(load_config(config_path), fill)

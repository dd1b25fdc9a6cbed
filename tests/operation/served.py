"""A whole relay in this process, listening on a real socket, with one shop that has settings applied."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from relay.app import App
from relay.cli.starter import CONFIG, KEY_PATH, SETTINGS
from relay.config import load_config
from relay.runtime.settings_text import dump_settings
from tests.proof.process import SECRET, free_port

NOTIFIER = f"""
[[notifier]]
name = "own"
kind = "webhook"
[notifier.options]
send_url = "http://127.0.0.1:1/"
send_secret_file = "{KEY_PATH}"
"""
"""Nothing listens on that port: a notice is refused by this machine and goes nowhere."""


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[App, aiohttp.ClientSession]]:
    """The app and a client that calls it by paths."""
    port = free_port()
    text = CONFIG.replace("port = 8765", f"port = {port}").replace('# folder = "backups"', 'folder = "backups"')
    (folder / "config.toml").write_text(text + NOTIFIER, encoding="utf-8")
    (folder / KEY_PATH).parent.mkdir()
    (folder / KEY_PATH).write_text(SECRET, encoding="ascii")
    app = App(load_config(folder / "config.toml", {}))
    await app.start()
    try:
        await app.apply(dump_settings(SETTINGS).encode(), dry_run=False)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield app, session
    finally:
        await app.stop()

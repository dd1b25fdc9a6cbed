"""`relay init`: a folder to begin with. It never overwrites a secret, and a file only with --force, keeping the old."""

import os
from pathlib import Path

import click

from relay.cli.stop import stop


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace config.toml and settings.toml; the old ones become *.old.")
def init(folder: Path, force: bool) -> None:
    """Write a commented config.toml and settings.toml, a data folder and a webhook secret. 新建配置。"""
    from relay.cli.starter import CONFIG, KEY_PATH, SETTINGS
    from relay.runtime.settings_text import dump_settings

    folder = folder.expanduser()
    files = {folder / "config.toml": CONFIG, folder / "settings.toml": dump_settings(SETTINGS)}
    there = [path for path in files if path.exists()]
    if there and not force:
        names = ", ".join(str(path) for path in there)
        stop(f"{names}: 已存在，未改动；要替换请加 --force / already there, nothing was changed; --force replaces")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data").mkdir(mode=0o700, exist_ok=True)
        for path, text in files.items():
            _replace(path, text)
        _new_secret(folder / KEY_PATH)
    except OSError as error:
        stop(f"{folder}: 无法写入 / cannot write: {error}")
    click.echo(_NEXT.format(folder=folder))


def _replace(path: Path, text: str) -> None:
    if path.exists():
        path.replace(path.with_name(f"{path.name}.old"))
    path.write_bytes(text.encode())


def _new_secret(path: Path) -> None:
    """A secret in the form of the Standard Webhooks scheme; one that is there is kept, bridges know it."""
    import base64
    import secrets

    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # Windows keeps it to the folder's rights
    except FileExistsError:
        return
    with os.fdopen(opened, "wb") as file:
        file.write(b"whsec_" + base64.b64encode(secrets.token_bytes(32)) + b"\n")


_NEXT = """\
已在 {folder} 写好：
  config.toml             机器启动所需（地址、通道）
  settings.toml           店铺、人员、子账号、话术
  data/                   台账，请备份
  secrets/webhook.secret  签名密钥，请勿外传
下一步，在浏览器里设置：relay serve，打开显示的网址，填初始化码
或者用文件设置：
  1. 在 settings.toml 里改店名、平台、人员、子账号
  2. 检查：relay check
  3. 启动：relay serve
  4. 写入：relay settings apply settings.toml

Next, in a browser: relay serve, open the address that it shows, give it the code
Or with the file:
  1. edit settings.toml: shop, platform, people, seats
  2. relay check
  3. relay serve
  4. relay settings apply settings.toml"""

"""`relay serve`: run until Ctrl-C, the service manager's word, or a reason to stop."""

from pathlib import Path

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop


@click.command()
@config_option
def serve(config_path: Path) -> None:
    """Run relay. 启动服务。"""
    import asyncio
    import gc

    gc.disable()  # until everything is up: what is loaded now stays

    from relay.app import App
    from relay.app import serve as run
    from relay.errors import RelayError
    from relay.logs import set_up_logging

    config = read_config(config_path)
    set_up_logging(config.log)

    def say_ready(app: App) -> None:
        url = app.console.address(app.server.port)
        click.echo(f"relay 已启动 / is running: {url}  (Ctrl-C 停止 / stops)", err=True)
        if app.console.door.nobody_yet:
            click.echo(f"首次使用，请打开 / to begin, open: {url}setup", err=True)
            click.echo(f"初始化码 / code: {app.console.door.code}", err=True)

    try:
        asyncio.run(run(config, say_ready))
    except RelayError as error:
        stop(str(error))
    except OSError as error:
        stop(
            f"{config.http.host}:{config.http.port}: {error.strerror or error} / "
            "端口被占用或无法监听；请在 config.toml 的 [http] port 换一个 / take another [http] port"
        )

"""`relay agent`: answer buyers from a terminal. Lines are read on a thread of their own, so that Windows can too."""

import asyncio
import os
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import click

from relay.errors import BadInputError

if TYPE_CHECKING:
    from relay.cli.terminal.words import Lang

DEFAULT_URL: Final = "ws://127.0.0.1:8765/agent"
READ_BYTES: Final = 4096


@click.command()
@click.option("--url", default=DEFAULT_URL, show_default=True, help="The agents' socket of the service.")
@click.option("--token-env", default="RELAY_TOKEN", show_default=True, help="The variable that holds your token.")
@click.option("--token-file", type=click.Path(path_type=Path), help="A file that holds your token, instead.")
@click.option("--desk", help="Which desk, if you serve several.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="The language to speak.")
def agent(url: str, token_env: str, token_file: Path | None, desk: str | None, lang: "Lang") -> None:
    """Answer buyers from this terminal. 终端客服。"""
    from relay.cli.terminal.line import checked_url
    from relay.cli.terminal.words import Words

    try:
        asyncio.run(_run(checked_url(url), read_token(token_env, token_file), desk, lang))
    except KeyboardInterrupt:  # as good as /quit: the socket has been closed in order
        click.echo(Words(lang)("bye"))


def read_token(env: str, file: Path | None) -> str:
    """The person's token; raises BadInputError where there is none."""
    if file is not None:
        try:
            token = file.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInputError(f"{file}: {type(error).__name__}，无法读取令牌 / the token cannot be read") from None
    else:
        token = os.environ.get(env, "").strip()
    if not token or not token.isascii() or not token.isprintable():
        where = str(file) if file is not None else f"${env}"
        raise BadInputError(f"{where}：没有令牌，请用 relay token 签发 / holds no token; relay token makes one")
    return token


async def _run(url: str, token: str, desk: str | None, lang: "Lang") -> None:
    from relay.cli.terminal.line import Terminal, is_plain
    from relay.cli.terminal.typed import Typist
    from relay.cli.terminal.view import View
    from relay.cli.terminal.words import Words
    from relay.runtime.system import SystemEntropy

    view = View(Words(lang))
    if is_plain(url):
        click.echo(view.words("plain"), err=True)
    terminal = Terminal(view, Typist(view, SystemEntropy().ref), url, token, desk, click.echo)
    loop = asyncio.get_running_loop()

    def read() -> None:
        """Hand every typed line to the loop; a closed loop means that nobody is interested any more."""
        with suppress(RuntimeError):
            for line in typed_lines(sys.stdin):
                loop.call_soon_threadsafe(terminal.enter, line)
            loop.call_soon_threadsafe(terminal.enter, None)

    threading.Thread(target=read, name="typed lines", daemon=True).start()
    await terminal.run()


def typed_lines(stdin: TextIO) -> Iterator[str]:
    """The lines of standard input, read below its buffer where that can be.

    A thread that waits inside the buffer holds its lock, and Python cannot end while it does.
    """
    raw = getattr(getattr(stdin, "buffer", None), "raw", None)
    if raw is None:
        yield from stdin
        return
    decoder = getincrementaldecoder(stdin.encoding or "utf-8")("replace")
    rest = ""
    while data := raw.read(READ_BYTES):
        *lines, rest = (rest + decoder.decode(data)).split("\n")
        yield from lines
    if rest:
        yield rest

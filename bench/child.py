"""A server in a process of its own. It says `ready` on stdout, lives as long as its stdin is open, and says then how
much processor time it took in between: so it stops when it is told to, and also when its parent is gone, on any system.

As a program: `python -m bench.child relay CONFIG` or `python -m bench.child bare FILE KEY ROUTE PORT`.
"""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

READY: Final = b"ready"
START_LIMIT_S: Final = 30.0
STOP_LIMIT_S: Final = 20.0


class ChildError(Exception):
    """A server did not start or did not stop; says what it wrote."""


class Child:
    """`with Child(["bare", ...], log) as child:` has it running; afterwards `cpu_s` says what it took."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        self._arguments, self._log = arguments, log
        self.cpu_s = 0.0

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.child", *self._arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        late = threading.Timer(START_LIMIT_S, self._process.kill)
        late.start()
        try:
            assert self._process.stdout is not None
            said = self._process.stdout.readline().strip()
        finally:
            late.cancel()
        if said != READY:
            self._process.kill()
            self._process.wait()
            raise ChildError(f"{self._arguments[0]} did not start: {self._log.read_text('utf-8', 'replace')[-2000:]}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            said, _ = self._process.communicate(timeout=STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            if error is None:
                raise ChildError(f"{self._arguments[0]} did not stop in {STOP_LIMIT_S} s") from None
            return
        if self._process.returncode == 0:
            self.cpu_s = float(said.split()[-1])
        elif error is None:
            raise ChildError(f"{self._arguments[0]} failed: {self._log.read_text('utf-8', 'replace')[-2000:]}")


# --- inside the child


def serve_until_stdin_ends(stop: Callable[[], None]) -> None:
    """Say `ready`; call `stop` on the loop when the parent lets go, and say how much processor time lay between."""
    loop = asyncio.get_running_loop()
    began = time.process_time()

    def wait() -> None:
        sys.stdin.buffer.read()
        print(time.process_time() - began, flush=True)
        loop.call_soon_threadsafe(stop)

    threading.Thread(target=wait, daemon=True).start()
    print(READY.decode(), flush=True)


def _relay(config_path: str) -> None:
    from relay.app import App, serve
    from relay.config import load_config
    from relay.logs import set_up_logging

    config = load_config(Path(config_path))
    set_up_logging(config.log)

    def ready(app: App) -> None:
        serve_until_stdin_ends(app.ask_to_stop)

    asyncio.run(serve(config, ready))


def _bare(file: str, key: str, route: str, port: str) -> None:
    from bench.bare import serve

    async def run() -> None:
        stopped = asyncio.Event()
        ready = partial(serve_until_stdin_ends, stopped.set)
        await serve(Path(file), bytes.fromhex(key), route, int(port), ready, stopped)

    asyncio.run(run())


if __name__ == "__main__":
    if sys.argv[1] == "relay":
        _relay(*sys.argv[2:])
    else:
        _bare(*sys.argv[2:])

"""A server in a process of its own. It says `ready` on stdout, lives as long as its stdin is open, and says then how
much processor time it took in between: so it stops when it is told to, and also when its parent is gone, on any system.

As a program: `python -m bench.child relay CONFIG [INSTANT]`, `bare FILE KEY ROUTE PORT` or `nonebot PORT TOKEN`.
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
START_LIMIT_S: Final = 60.0
STOP_LIMIT_S: Final = 20.0


class ChildError(Exception):
    """A server did not start or did not stop; says what it wrote."""


class Child:
    """`with Child(["bare", ...], log) as child:` has it running.

    `ahead_ms` says by how much its clock is ahead; afterwards `cpu_s` what it took, and `commit_p99_ms` how long
    commits did if it was a relay.
    """

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        self._arguments, self._log = arguments, log
        self.cpu_s = self.commit_p99_ms = 0.0
        self.ahead_ms = 0

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
            said = self._process.stdout.readline().split()
        finally:
            late.cancel()
        if said[:1] != [READY]:
            self._process.kill()
            self._process.wait()
            raise ChildError(f"{self._arguments[0]} did not start: {self._log.read_text('utf-8', 'replace')[-2000:]}")
        self.ahead_ms = int(said[1])
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

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
            self.commit_p99_ms, self.cpu_s = map(float, said.split())
        elif error is None:
            raise ChildError(f"{self._arguments[0]} failed: {self._log.read_text('utf-8', 'replace')[-2000:]}")


# --- inside the child


def serve_until_stdin_ends(
    stop: Callable[[], None], ahead_ms: int = 0, commit_p99_ms: Callable[[], float] = lambda: 0.0
) -> None:
    """Say `ready` and by how much the clock is ahead; call `stop` on the loop when the parent lets go, and say how long
    commits took and how much processor time lay between.
    """
    loop = asyncio.get_running_loop()
    began = time.process_time()

    def wait() -> None:
        sys.stdin.buffer.read()
        print(commit_p99_ms(), time.process_time() - began, flush=True)
        loop.call_soon_threadsafe(stop)

    threading.Thread(target=wait, daemon=True).start()
    print(READY.decode(), ahead_ms, flush=True)


def _relay(config_path: str, stands_at: str = "") -> None:
    """relay, by a clock that stands there until it is ready (milliseconds), if that is named, and goes on from there.

    Says at its end how long commits took at the 99th percentile, in milliseconds.
    """
    from relay.app import App, serve
    from relay.config import load_config
    from relay.contracts import Batch
    from relay.domain.names import Millis
    from relay.logs import set_up_logging
    from relay.runtime.system import SystemClock

    class Shifted(SystemClock):
        ahead: int | None = None if stands_at else 0

        def now(self) -> Millis:
            return Millis(int(stands_at) if self.ahead is None else super().now() + self.ahead)

        def go_on(self) -> int:
            if self.ahead is None:
                self.ahead = int(stands_at) - super().now()
            return self.ahead

    config = load_config(Path(config_path))
    set_up_logging(config.log)
    took: list[float] = []
    clock = Shifted()

    def ready(app: App) -> None:
        append = app.store.append

        async def timed(batch: Batch) -> None:
            began = time.perf_counter()
            await append(batch)
            took.append(time.perf_counter() - began)

        app.store.append = timed  # type: ignore[method-assign]
        serve_until_stdin_ends(
            app.ask_to_stop, clock.go_on(), lambda: sorted(took)[len(took) * 99 // 100] * 1000 if took else 0.0
        )

    asyncio.run(serve(config, ready, clock))


def _bare(file: str, key: str, route: str, port: str) -> None:
    from bench.bare import serve

    async def run() -> None:
        stopped = asyncio.Event()
        ready = partial(serve_until_stdin_ends, stopped.set)
        await serve(Path(file), bytes.fromhex(key), route, int(port), ready, stopped)

    asyncio.run(run())


def _nonebot(port: str, token: str) -> None:
    from bench.onebot import serve_nonebot

    serve_nonebot(int(port), token, serve_until_stdin_ends)


if __name__ == "__main__":
    if sys.argv[1] == "relay":
        _relay(*sys.argv[2:])
    elif sys.argv[1] == "nonebot":
        _nonebot(*sys.argv[2:])
    else:
        _bare(*sys.argv[2:])

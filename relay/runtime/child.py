"""How a process begins that a running service starts beside itself (`relay.runtime.beside` is the other end).

It has the lowest claim on the machine that the system knows, and it leaves when its parent does, however that ends: its
stdin is open as long as the parent lives. It makes records and no cycles and is gone soon, so nobody collects them.
"""

import contextlib
import gc
import os
import threading
from typing import Final

NICE: Final = 10


def begin() -> None:
    """First thing in the child."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    with contextlib.suppress(AttributeError, OSError):  # Windows has no such call; the parent said it there
        os.nice(NICE)
    gc.disable()


def _leave_with_parent() -> None:
    while os.read(0, 1):  # never through `sys.stdin`, whose lock this thread would hold when the process ends
        pass
    os._exit(1)

"""Passwords: Argon2id in a thread of its own, and what a password must be.

Hashing is meant to be slow and large, so there is one thread for it: a flood of logins waits in line and takes 46 MiB
once, and never the loop. With 46 MiB and two passes it is above what ASVS 5.0 and OWASP ask for.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")
LEAST, MOST = 10, 128
"""Characters. Length is what makes a password strong; no mix of characters is asked for."""
KINDS: Final = 5
"""So many different characters at least."""
RUNS: Final = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
COMMON: Final = ("password", "passw0rd", "qwerty", "iloveyou", "woaini", "mima", "admin", "taobao", "tmall", "kuaishou")
"""What nobody's password may be made of with a few characters more."""
MEMORY_KIB, PASSES, LANES = 46 * 1024, 2, 1


class Hasher:
    """One thread that hashes. Passwords are given as text and kept by nobody."""

    def __init__(self, memory_kib: int = MEMORY_KIB) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="argon2")
        self._argon = PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=LANES)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._argon.hash(password))

    async def fits(self, known: str | None, password: str) -> bool:
        """Whether this is the password of that hash. None (nobody's) takes as long as a wrong one."""
        return await self._run(lambda: self._fits(known, password))

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _fits(self, known: str | None, password: str) -> bool:
        if self._decoy is None:
            self._decoy = self._argon.hash("nobody's")
        try:
            return self._argon.verify(known or self._decoy, password) and known is not None
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def unfit(password: str, person: str) -> tuple[str, str] | None:
    """Why this cannot be the password of that person, in English and Chinese; None if it can."""
    if len(password) < LEAST:
        return f"a password needs at least {LEAST} characters", f"密码至少 {LEAST} 个字符"
    if len(password) > MOST:
        return f"a password has at most {MOST} characters", f"密码最多 {MOST} 个字符"
    plain = password.casefold()
    if len(set(plain)) < KINDS:
        return f"use at least {KINDS} different characters", f"请至少使用 {KINDS} 种不同的字符"
    rest = plain
    for word in (person.casefold(), *COMMON, *_runs(plain)):
        rest = rest.replace(word, "")
    if len(rest) < LEAST // 2:
        return "this is easily guessed; take a few words that only you would put together", (
            "这个密码容易猜到，请用几个只有您会放在一起的词"
        )
    return None


def _runs(plain: str) -> list[str]:
    """The pieces of four and more characters that follow one another on the keyboard or in the alphabet."""
    found = set()
    for run in RUNS:
        for size in range(len(run), 3, -1):
            found |= {piece for start in range(len(run) - size + 1) if (piece := run[start : start + size]) in plain}
    return sorted(found, key=lambda piece: (-len(piece), piece))

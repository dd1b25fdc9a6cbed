"""Sessions of people at the console: kept by the server, so that they can be ended at once.

Laws:
* A token has 256 random bits, is told to the browser alone, and only its digest is kept. A login makes a new one.
* A session ends `idle` after its person last did something, `life` after it began, when its person logs out, gets
  another password or is disabled, and when a supervisor says so. What ended is never found again, also after a restart.
* Whoever listens is told of every end, so that open sockets close with it.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from relay.contracts import Clock, Entropy
from relay.domain.names import HOUR, MINUTE, Millis, PersonId
from relay.runtime.access.passwords import Hasher
from relay.store.access import AccessFile, Password, Stay

PREFIX: Final = "session_"
"""By which a session's token is told from a person's own."""
MOST_OF_ONE: Final = 10
"""Sessions of one person at once; a further one ends the oldest."""
KEPT_EVERY: Final = MINUTE
"""How often at most it is written down that somebody was seen."""


class Terms(msgspec.Struct, frozen=True):
    """After which time a session ends, in milliseconds: without a deed of its person, and in any case."""

    idle: int = 30 * MINUTE
    life: int = 12 * HOUR


class Sessions:
    """The live sessions and passwords of one process, over their file."""

    def __init__(self, file: AccessFile, hasher: Hasher, clock: Clock, entropy: Entropy, terms: Terms) -> None:
        self._file, self._hasher, self._clock, self._entropy, self._terms = file, hasher, clock, entropy, terms
        self._turn = asyncio.Lock()
        self._passwords = {one.person: one for one in file.passwords()}
        self._stays = {one.digest: one for one in file.stays()}
        self._kept = {one.digest: one.seen_at for one in self._stays.values()}
        self._listeners: list[Callable[[], None]] = []

    # --- who is there

    def person_of(self, token: str) -> PersonId | None:
        """Whose live session this is; None for nobody's."""
        stay = self._stays.get(_digest(token)) if token.startswith(PREFIX) else None
        return stay.person if stay is not None and not self._over(stay) else None

    def saw(self, token: str) -> None:
        """Its person has just done something."""
        if not token.startswith(PREFIX):
            return
        digest = _digest(token)
        stay = self._stays.get(digest)
        if stay is not None and not self._over(stay):
            self._stays[digest] = msgspec.structs.replace(stay, seen_at=self._clock.now())

    def of(self, person: PersonId) -> list[Stay]:
        """The live sessions of this person, oldest first."""
        mine = [one for one in self._stays.values() if one.person == person and not self._over(one)]
        return sorted(mine, key=lambda one: one.began_at)

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after any session ended. Returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- passwords

    def has_password(self, person: PersonId) -> bool:
        return person in self._passwords

    def must_change(self, person: PersonId) -> bool:
        """Whether somebody else made this person's password."""
        known = self._passwords.get(person)
        return known is not None and known.once

    async def fits(self, person: PersonId, password: str) -> bool:
        """Whether this is that person's password; takes as long where the person has none."""
        known = self._passwords.get(person)
        fits = await self._hasher.fits(known.hash if known is not None else None, password)
        return fits and self._passwords.get(person) == known

    async def set_password(self, person: PersonId, password: str, once: bool = False) -> None:
        """This password from now on; every session of that person ends."""
        made = Password(person, await self._hasher.hash(password), self._clock.now(), once)
        async with self._turn:
            await asyncio.to_thread(self._file.set_password, made)
            self._passwords[person] = made
            self._forget(one.digest for one in list(self._stays.values()) if one.person == person)

    # --- coming and going

    async def begin(self, person: PersonId) -> str:
        """A new session; its token, for the browser alone."""
        token = f"{PREFIX}{self._entropy.bytes(32).hex()}"
        now = self._clock.now()
        stay = Stay(_digest(token), person, now, now)
        async with self._turn:
            await asyncio.to_thread(self._file.keep, stay)
            self._stays[stay.digest], self._kept[stay.digest] = stay, now
        surplus = self.of(person)[:-MOST_OF_ONE]
        if surplus:
            await self._end([one.digest for one in surplus])
        return token

    async def end(self, token: str) -> None:
        """Log out."""
        await self._end([_digest(token)])

    async def end_all(self, person: PersonId) -> int:
        """End every session of this person; how many there were."""
        mine = [one.digest for one in self._stays.values() if one.person == person]
        await self._end(mine)
        return len(mine)

    async def sweep(self) -> None:
        """End what is over, and write down who was seen."""
        await self._end([one.digest for one in self._stays.values() if self._over(one)])
        async with self._turn:
            for stay in list(self._stays.values()):
                if stay.seen_at - self._kept.get(stay.digest, Millis(0)) >= KEPT_EVERY:
                    await asyncio.to_thread(self._file.keep, stay)
                    self._kept[stay.digest] = stay.seen_at

    def close(self) -> None:
        self._hasher.close()
        self._file.close()

    async def _end(self, digests: list[bytes]) -> None:
        if not digests:
            return
        async with self._turn:
            self._forget(digests)  # at once, whatever the file does
            await asyncio.to_thread(self._file.end, digests)

    def _forget(self, digests: Iterable[bytes]) -> None:
        for digest in list(digests):
            self._stays.pop(digest, None)
            self._kept.pop(digest, None)
        for listener in list(self._listeners):
            listener()

    def _over(self, stay: Stay) -> bool:
        now = self._clock.now()
        return now - stay.seen_at >= self._terms.idle or now - stay.began_at >= self._terms.life


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()

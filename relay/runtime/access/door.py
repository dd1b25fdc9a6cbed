"""The door of the console: who someone is, coming in, going out, passwords, and the first person of all.

Laws:
* A session is worth what its person's roles are worth at this moment (L14); with a password that somebody else made it
  is worth nothing but making one's own.
* What failed is told to nobody but the log: a wrong name and a wrong password look and last the same.
* The first person comes in with a code that only this machine's owner was shown, and only while there is nobody.
"""

import hmac
from collections.abc import Callable
from typing import Final

import structlog

from relay.contracts import Clock, Entropy
from relay.domain.names import Millis, PersonId
from relay.domain.office import Settings
from relay.domain.office.rights import may_everywhere
from relay.domain.settings import Person
from relay.errors import ForbiddenError, RefusedError
from relay.runtime.access.founding import Wish, founded
from relay.runtime.access.passwords import unfit
from relay.runtime.access.sessions import PREFIX, Sessions
from relay.runtime.access.throttle import Throttle
from relay.runtime.office import Office

log: Final = structlog.get_logger("relay.access")
CODE_DIGITS: Final = 9
ONCE_WORDS: Final = 4
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is taken for another when read aloud or from paper."""


class SlowDownError(RefusedError):
    """Too many failures; `wait_ms` to go."""

    def __init__(self, wait_ms: Millis) -> None:
        seconds = -(-wait_ms // 1000)
        super().__init__(
            "slow_down", f"too many attempts; try again in {seconds} s", f"尝试过多，请 {seconds} 秒后再试"
        )
        self.wait_ms = wait_ms


class Door:
    """One door of one process. `code` opens it to the first person."""

    def __init__(
        self,
        office: Office,
        sessions: Sessions,
        clock: Clock,
        entropy: Entropy,
        checked: Callable[[Settings], Settings],
    ) -> None:
        """`checked` gives settings back if they can be used, and raises ConfigError if not."""
        self._office, self.sessions, self._clock, self._entropy = office, sessions, clock, entropy
        self._checked = checked
        self._throttle = Throttle()
        self._founding = False
        self.code = "".join(str(byte % 10) for byte in entropy.bytes(CODE_DIGITS))

    # --- who

    def person_of(self, token: str) -> Person | None:
        """Whose token or session this is, if it is good for anything."""
        if not token.startswith(PREFIX):
            return self._office.person_of(token)
        person = self.someone(token)
        return None if person is None or self.sessions.must_change(person.id) else person

    def someone(self, token: str) -> Person | None:
        """Whose session this is, even if it is only good for a new password."""
        name = self.sessions.person_of(token)
        person = self._office.state.persons.get(name) if name is not None else None
        return None if person is None or person.disabled else person

    def persons(self) -> list[PersonId]:
        """Everybody whom the settings name."""
        return list(self._office.state.persons)

    # --- in and out

    async def come_in(self, name: str, password: str, address: str) -> str:
        """The token of a new session. Raises SlowDownError, RefusedError `wrong_login`."""
        self._not_too_often(name, address)
        person = self._office.state.persons.get(PersonId(name))
        fits = await self.sessions.fits(PersonId(name), password)
        if not fits or person is None or person.disabled:
            log.warning("login_failed", person=self._known(name), address=address)
            self._failed(name, address)
            raise RefusedError("wrong_login", "wrong name or password", "用户名或密码不对")
        self._throttle.succeeded(name, address)
        token = await self.sessions.begin(person.id)
        log.info("logged_in", person=person.id, address=address)
        return token

    async def go_out(self, token: str) -> None:
        person = self.sessions.person_of(token)
        await self.sessions.end(token)
        if person is not None:
            log.info("logged_out", person=person)

    async def change_password(self, token: str, old: str, new: str, address: str) -> str:
        """One's own password; every session ends and a new one begins, whose token this gives back."""
        person = self.someone(token)
        if person is None:
            raise ForbiddenError
        self._not_too_often(person.id, address)
        if not await self.sessions.fits(person.id, old):
            log.warning("password_not_changed", person=person.id, address=address)
            self._failed(person.id, address)
            raise RefusedError("wrong_login", "the old password is wrong", "原密码不对")
        if new == old:
            raise RefusedError("unfit_password", "the new password is the old one", "新密码与原密码相同")
        self._fit(new, person.id)
        await self._set(person.id, new, by=person.id, once=False)
        return await self.sessions.begin(person.id)

    # --- for others

    async def give_password(self, name: PersonId, by: Person | None) -> str:
        """A password that its person must change when they come in with it. `by` None is this machine's owner."""
        self._over(name, by)
        draws = self._entropy.bytes(4 * ONCE_WORDS)
        letters = [_LETTERS[draw % len(_LETTERS)] for draw in draws]
        password = "-".join("".join(letters[at : at + 4]) for at in range(0, len(letters), 4))
        await self._set(name, password, by=by.id if by is not None else PersonId("setup"), once=True)
        return password

    async def send_out(self, name: PersonId, by: Person | None) -> int:
        """End every session of this person; how many there were."""
        self._over(name, by)
        ended = await self.sessions.end_all(name)
        log.info("sessions_ended", person=name, by=by.id if by is not None else "setup", count=ended)
        return ended

    # --- the first of all

    @property
    def nobody_yet(self) -> bool:
        """Whether nobody is there yet who could change anything."""
        return not self._office.state.persons and not self._office.state.shops

    async def found(self, wish: Wish, code: str, address: str) -> str:
        """Make the owner, the first shop and its seats, and let the owner in; the token of their session.

        Raises RefusedError, BadInputError; then nothing is made.
        """
        self._not_too_often("", address)
        if not self.nobody_yet or self._founding:
            raise RefusedError("founded", "relay is set up already; log in", "relay 已经初始化，请登录")
        if not hmac.compare_digest(code.replace(" ", "").encode(), self.code.encode()):
            log.warning("setup_failed", address=address)
            self._failed("", address)
            raise RefusedError(
                "wrong_code",
                "this is not the code: look in the window in which relay was started last; each start shows a new one",
                "初始化码不对：请看最近一次启动 relay 的窗口，每次启动都会换一个",
            )
        self._fit(wish.password, wish.owner)
        self._founding = True
        try:
            await self._office.apply_settings(self._checked(founded(wish)), None)
            await self._set(PersonId(wish.owner), wish.password, by=PersonId(wish.owner), once=False)
        finally:
            self._founding = False
        return await self.sessions.begin(PersonId(wish.owner))

    # --- the parts

    def _over(self, name: PersonId, by: Person | None) -> None:
        """Whoever may change the settings of all of a person's shops has a word over their coming in."""
        person = self._office.state.persons.get(name)
        if person is None:
            raise RefusedError("unknown_person", f"there is no person {name!r}", f"没有人员 {name!r}")
        shops = {grant.shop for grant in person.roles}
        if by is not None and not may_everywhere(self._office.state, by, "settings", shops):
            raise ForbiddenError

    async def _set(self, name: PersonId, password: str, by: PersonId, once: bool) -> None:
        await self._office.note_password(name, by)
        await self.sessions.set_password(name, password, once)
        log.info("password_set", person=name, by=by)

    def _not_too_often(self, name: str, address: str) -> None:
        wait = self._throttle.wait(name, address, self._now())
        if wait:
            raise SlowDownError(wait)

    def _known(self, name: str) -> str:
        """What somebody typed as a name may be a password: only names that exist are written down."""
        return name if PersonId(name) in self._office.state.persons else ""

    def _failed(self, name: str, address: str) -> None:
        self._throttle.failed(name, address, self._now())

    def _now(self) -> int:
        return round(self._clock.monotonic() * 1000)

    def _fit(self, password: str, name: str) -> None:
        why = unfit(password, name)
        if why is not None:
            raise RefusedError("unfit_password", *why)

"""What a calibration is about: the shop's messages, from the ledger or a log, and the figures the platform published.

A log may be of several shops; then it must say which messages are this shop's. A log that names no shop, or one, is
taken to be of the shop that is asked about.
"""

import shlex
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relay.cli.place import open_data
from relay.cli.stop import stop
from relay.errors import BadInputError

if TYPE_CHECKING:
    from relay.cli.auditing.given import Given
    from relay.domain.facts import OfficeFact
    from relay.domain.office import OfficeState
    from relay.domain.office.published import Held, PublishedBook
    from relay.insight.calibration.talks import Talks
    from relay.rules.catalogue import Catalogue
    from relay.rules.messages import Body
    from relay.store.reader import Reader


class Named(NamedTuple):
    """What the command names. `figure` None is the shop's rule; no `logs` is the ledger; `zone` and what follows are
    about how logs are read."""

    shop: str
    figure: str | None = None
    seat: str | None = None
    logs: tuple[Path, ...] = ()
    figures: Path | None = None
    config: Path = Path("config.toml")
    data: Path | None = None
    zone: str | None = None
    who: Path | None = None
    reader: str | None = None
    columns: tuple[str, ...] = ()


class Gathering:
    """Everything is read when it is first asked for. Ends the command where it cannot be."""

    def __init__(self, named: Named) -> None:
        self.named, self.shop = named, named.shop
        self.log_digest = ""
        """The SHA-256 of the log, once it was read; empty for the ledger."""

    @property
    def has_figure_file(self) -> bool:
        return self.named.figures is not None

    @cached_property
    def office(self) -> "OfficeState":
        """The office of the ledger; an empty one where only files are named."""
        from relay.domain.office import OfficeState, apply

        state = OfficeState()
        if self.named.logs and self.named.figures is not None:
            return state
        with open_data(self.named.config, self.named.data) as reader:
            for fact in _office_facts(reader):
                apply(state, fact)
        if self.shop not in state.shops:
            names = ", ".join(sorted(state.shops)) or "–"
            stop(f'没有店铺 "{self.shop}"，有：{names} / there is no shop "{self.shop}"; there are {names}')
        return state

    @cached_property
    def catalogue(self) -> "Catalogue":
        """The shipped rules, and those of the plugins that the configuration enables."""
        from relay.cli.auditing.plugged import Plugged
        from relay.rules.catalogue import Catalogue

        catalogue = Catalogue()
        if self.named.config.exists():
            for rule in Plugged(self._given("")).plugins.rules.values():
                catalogue.add(rule)
        return catalogue

    def _given(self, figure: str) -> "Given":
        """As the audit is told of logs, whose reading this is."""
        from relay.cli.auditing.given import Given

        named = self.named
        config = named.config if named.config.exists() else None
        return Given(
            named.logs, figure, timezone=named.zone, reader=named.reader, columns=named.columns, who=named.who,
            config=config,
        )  # fmt: skip

    @cached_property
    def figure(self) -> str:
        """The published figure: as named, else the shop's rule."""
        from relay.domain.names import ShopId

        known = self.office.shops.get(ShopId(self.shop))
        name = self.named.figure or (known.rule if known is not None else "taobao_ww3")
        if name not in self.catalogue.ids:
            names = ", ".join(self.catalogue.ids)
            stop(f"relay 不计算 {name}，可校准：{names} / relay computes no {name}; it can calibrate {names}")
        return name

    @cached_property
    def seat(self) -> str | None:
        """The account of the seat that is asked about, which may be named by its id too."""
        return self._account(self.named.seat)

    @property
    def options(self) -> dict[str, str]:
        """The shop's own options of its rule, where it is this figure."""
        from relay.domain.names import ShopId

        known = self.office.shops.get(ShopId(self.shop))
        return dict(known.rule_options) if known is not None and known.rule == self.figure else {}

    def held(self) -> "list[Held]":
        """The figures that hold, of the shop or of the seat that is asked about."""
        from relay.domain.names import ShopId

        if self.named.figures is not None:
            found = self._typed(self.named.figures)
        else:
            found = self.office.published.held(ShopId(self.shop), self.figure)
        return [one for one in found if self._account(one.fact.seat) == self.seat and one.fact.agent is None]

    def _account(self, seat: str | None) -> str | None:
        """What the platform calls a seat."""
        from relay.domain.names import SeatId

        known = None if seat is None else self.office.seats.get(SeatId(seat))
        return seat if known is None else known.account or seat

    def _typed(self, file: Path) -> "list[Held]":
        """The figures of a file that nobody took down, numbered by their rows."""
        from relay.domain.names import DeskId, PersonId, SeatId, ShopId
        from relay.domain.office import OfficeState
        from relay.domain.office.published import Held
        from relay.domain.office.recording import FaultsError, take_down
        from relay.domain.settings import Grant, Person, Seat, Shop
        from relay.insight.calibration.units import units
        from relay.runtime.figure_file import read_figures, where
        from relay.runtime.system import SystemClock

        shop, whoever = ShopId(self.shop), PersonId("you")
        try:
            raw = file.read_bytes()
        except OSError as error:
            stop(f"{file}: 无法读取 / cannot be read: {error.strerror}")
        read = read_figures(file.name, raw, {"shop": self.shop, "figure": self.figure})
        state = OfficeState(shops={shop: Shop(shop, DeskId("main"))})
        for name in {one.seat for one in read.rows if one.seat is not None}:
            state.seats[SeatId(name)] = Seat(SeatId(name), shop, whoever, account=name)
        person = Person(whoever, roles=(Grant(shop, "owner"),))
        try:
            taken = take_down(state, read.rows, person, SystemClock().now(), units(self.catalogue), "file", read.digest)
        except FaultsError as error:
            raise BadInputError(
                "\n".join(f"{where(file.name, one.line)}: {one.zh} / {one.en}" for one in error.faults)
            ) from None
        facts = [one.fact for one in taken if one.fact is not None and one.fact.figure == self.figure]
        return [Held(fact.line or 0, fact) for fact in facts]

    def book(self) -> "PublishedBook":
        """The figures as a book, those of a file too."""
        from relay.domain.office.published import PublishedBook, place_of

        if self.named.figures is None:
            return self.office.published
        held = self._typed(self.named.figures)
        return PublishedBook(live={place_of(one.fact): one for one in held})

    @cached_property
    def talks(self) -> "Talks":
        """The shop's messages."""
        if self.named.logs:
            return self._read_logs()
        from relay.cli.calibrating.told import talks_of

        with open_data(self.named.config, self.named.data) as reader:
            return talks_of(reader, self.shop)

    def _read_logs(self) -> "Talks":
        from relay.cli.audit import _zone
        from relay.cli.auditing.opening import choose, open_logs
        from relay.cli.auditing.plugged import Plugged
        from relay.cli.auditing.told import refused
        from relay.insight.calibration.talks import Talks
        from relay.rules.flaws import LogError, Watch
        from relay.rules.messages import Body

        given = self._given(self.figure)
        chosen = choose(given, Plugged(given), _zone(self.named.zone))
        with open_logs(chosen, 2) as opened:
            source, watch = opened.source, Watch(lenient=False)
            talks, lines = Talks(source.seated), list[tuple[int, Body]]()
            try:
                lines += source.messages(watch)
            except LogError:
                stop(refused(source.name, watch))
            if watch.flaws:
                stop(refused(source.name, watch))
            for at, body in self._of_shop(lines):
                talks.take(at, body)
            self.log_digest = source.sha256()
            return talks

    def _of_shop(self, lines: "list[tuple[int, Body]]") -> "Iterator[tuple[int, Body]]":
        names = {body.shop for _, body in lines if body.shop is not None}
        if len(names) > 1 and self.shop not in names:
            listed = ", ".join(sorted(names)[:10])
            zh, en = f"日志有多个店铺，没有 {self.shop}", f"the log is of several shops and not of {self.shop}"
            stop(f"{zh} / {en}: {listed}")
        several = len(names) > 1
        return ((at, body) for at, body in lines if not several or body.shop in (None, self.shop))

    def command(self, rules: Sequence[str], more: Sequence[str]) -> str:
        """The command as it can be typed again."""
        named = self.named
        config = named.config if named.config != Path("config.toml") else None
        single = (
            ("--figure", named.figure), ("--figures", named.figures), ("--seat", named.seat), ("--config", config),
            ("--data", named.data), ("--timezone", named.zone), ("--who", named.who), ("--reader", named.reader),
        )  # fmt: skip
        several = (("--log", named.logs), ("--columns", named.columns), ("--rule", rules), ("--try", more))
        pairs = [(name, value) for name, value in single if value is not None]
        pairs += [(name, value) for name, values in several for value in values]
        return shlex.join(["relay", "calibrate", self.shop, *(word for pair in pairs for word in map(str, pair))])


def _office_facts(reader: "Reader") -> "Iterator[OfficeFact]":
    from relay.domain.names import OFFICE
    from relay.runtime.decoding import decoded

    for row in reader.read(OFFICE):
        yield decoded(OFFICE, row)  # type: ignore[misc]

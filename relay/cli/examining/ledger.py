"""The ledger, read as it stands, whether or not a relay writes to it: silence, clocks, unknown sends, quarantine."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec

from relay.config import Config
from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.marks import DAY
from relay.domain.model import DeskState
from relay.domain.names import OFFICE, DeskId
from relay.domain.office import OfficeState, Settings, apply, settings_of
from relay.domain.streams import is_desk
from relay.errors import SnapshotError
from relay.insight import checkup
from relay.insight.checkup import Finding, Quiet
from relay.runtime.decoding import decoded
from relay.runtime.snapshots import file
from relay.runtime.snapshots.snapshot import Snapshot
from relay.store.reader import Reader
from relay.store.sqlite import open_ledger

RECENT: Final = 50_000
"""So many of the newest facts of a desk are looked through."""
LAGS: Final = 200
"""So many of a shop's newest messages say how late they come."""


def ledger(config: Config, now: int, is_running: bool) -> tuple[Settings, list[Finding]]:
    """The settings in force and what was found. Raises BadInputError, LedgerError."""
    from relay.app import LEDGER, SNAPSHOTS

    path = config.relay.data_dir / LEDGER
    if not path.exists():
        told = "还没有台账", "there is no ledger yet"
        return Settings(), [Finding("no_ledger", "note", str(path), *told, "relay serve", "relay serve")]
    with open_ledger(path) as reader:
        found: list[Finding] = []
        for desk in reader.desks():
            if is_desk(desk):
                state = _state(reader, desk, config.relay.data_dir / SNAPSHOTS)
                found += _desk(state, Recent(reader, state, now), now, is_running)
        count, newest, why = reader.quarantine()
        return _settings(reader), [*found, *checkup.quarantined(count, newest, why)]


def _settings(reader: Reader) -> Settings:
    office = OfficeState()
    for row in reader.read(OFFICE):
        apply(office, decoded(OFFICE, row))  # type: ignore[arg-type]
    return settings_of(office)


def _state(reader: Reader, desk: DeskId, snapshots: "object") -> DeskState:
    snapshot = None
    with contextlib.suppress(SnapshotError):
        snapshot = file.read(snapshots, desk, reader)  # type: ignore[arg-type]
    snapshot = snapshot or Snapshot.empty(desk)
    head = reader.head(desk)
    snapshot.go_on(reader, head.seq if head else 0)
    return snapshot.state


class Recent:
    """What the newest facts of a desk say of channels and clocks."""

    def __init__(self, reader: Reader, state: DeskState, now: int) -> None:
        self.lost: dict[str, int] = {}
        self.last: dict[str, int] = {}
        self.lags: dict[str, list[int]] = {}
        self.gaps: Counter[str] = Counter()
        self.steps: list[tuple[int, int]] = []
        for row in reader.read(state.desk, max(1, state.seq - RECENT)):
            with contextlib.suppress(msgspec.ValidationError):
                self._take(decode(row.body), state, now - 7 * DAY)

    def _take(self, fact: f.AnyFact, state: DeskState, week: int) -> None:
        match fact:
            case f.BuyerWrote() | f.ShopWrote():
                self.last[fact.shop] = fact.at
                if isinstance(fact, f.BuyerWrote):
                    self.lags.setdefault(fact.shop, []).append(fact.at - fact.sent_at)
            case f.ChannelLost():
                self.lost[fact.shop] = fact.at
            case f.DeskStarted():
                for shop in state.shops:
                    self.lost.setdefault(shop, fact.at)
            case f.ChannelConnected():
                self.lost.pop(fact.shop, None)
            case f.ChannelGap(recovered=False) if fact.at >= week:
                self.gaps[fact.shop] += 1
            case f.ClockStepped() if fact.at >= week:
                self.steps.append((fact.at, fact.by_ms))


def _desk(state: DeskState, recent: Recent, now: int, is_running: bool) -> Iterator[Finding]:
    yield checkup.clock_steps(recent.steps)
    yield from checkup.skew({shop: min(lags[-LAGS:]) for shop, lags in recent.lags.items()})
    if is_running:  # a relay that is stopped hears nobody, whatever stands on its ledger
        heard = [
            Quiet(one.setting.id, one.connected, recent.lost.get(one.setting.id), recent.last.get(one.setting.id))
            for one in state.shops.values()
            if one.setting.channel
        ]
        yield from checkup.silence(heard, now)
    for shop, count in recent.gaps.items():
        yield checkup.unread_gaps(shop, count)
    unknown: dict[str, list[int]] = {}
    for send in state.sends.values():
        if send.status == "unknown":
            unknown.setdefault(send.shop, []).append(
                send.started_at or state.conversations[send.shop, send.buyer].last_at
            )
    for shop, ats in unknown.items():
        yield checkup.unknown_sends(shop, len(ats), min(ats))

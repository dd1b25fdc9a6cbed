"""The law of snapshots: a desk from a snapshot and the facts after it is the desk from all facts, byte for byte."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain.codec import GENESIS, Row, chain, encode
from relay.domain.desk import Desk
from relay.domain.names import DeskId
from relay.domain.replay import input_of
from relay.errors import LedgerError
from relay.insight.live import LiveFigures
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.runtime.snapshots.snapshot import Snapshot
from tests.domain.one_run import one_run
from tests.domain.world import DESK, small

pack = msgspec.msgpack.encode


class Ledger:
    """Facts as they lie in a journal."""

    def __init__(self, facts: Sequence[f.DeskFact], desk: DeskId = DESK) -> None:
        self.facts, self.rows = facts, chain(GENESIS, desk, 1, facts)
        self.asked: list[int] = []

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]:
        self.asked.append(from_seq)
        return iter(self.rows[max(from_seq, 1) - 1 : to_seq])

    def snapshot(self, seq: int) -> Snapshot:
        made = Snapshot.empty(DESK)
        made.go_on(self, seq)
        return made

    def snapshots(self) -> Iterator[Snapshot]:
        """One at every fact, each as it comes from the disk."""
        made = Snapshot.empty(DESK)
        for seq in range(1, len(self.rows) + 1):
            made.go_on(self, seq)
            yield stored(made)


def stored(snapshot: Snapshot) -> Snapshot:
    """Put away and taken up again."""
    return msgspec.msgpack.decode(pack(snapshot), type=Snapshot)


def desk_of(snapshot: Snapshot) -> Desk:
    desk = Desk(DESK, guiding, snapshot.state)
    desk.rearm()
    return desk


def check_every_cut(seed: int, moves: int) -> None:
    """From a snapshot at every fact: the same state at the end and the same dues; and from every border of a step,
    the same facts for the same inputs.
    """
    ledger = Ledger(one_run(seed, moves).facts)
    whole = ledger.snapshot(len(ledger.rows))
    as_packed, due = pack(whole), desk_of(stored(whole)).next_due()
    for snapshot in ledger.snapshots():
        seq = snapshot.state.seq
        after = stored(snapshot)
        after.go_on(ledger, len(ledger.rows))
        assert pack(after) == as_packed, seq
        assert desk_of(after).next_due() == due, seq
        rest = ledger.facts[seq:]
        if rest and rest[0].cause == 0:
            desk = desk_of(snapshot)
            again = [fact for one in rest if one.cause == 0 for fact in desk.step(input_of(one), one.at)]
            assert [encode(fact) for fact in again] == [encode(fact) for fact in rest], seq


@pytest.mark.parametrize("seed", range(3))
def test_a_desk_from_a_snapshot_at_any_fact_is_the_desk_from_all(seed: int) -> None:
    check_every_cut(seed, 80)


@pytest.mark.prove
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("block", range(20))
def test_so_it_is_in_many_runs(block: int) -> None:
    for seed in range(1_000 + block * 10, 1_010 + block * 10):
        check_every_cut(seed, 120)


def mutables(value: object, path: str = "state") -> Iterator[tuple[int, str]]:
    """Every mutable record, list and dict that is reached, as often as it is."""
    if isinstance(value, msgspec.Struct):
        if value.__struct_config__.frozen:
            return
        yield id(value), path
        for name in value.__struct_fields__:
            yield from mutables(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, dict):
        yield id(value), path
        for key, one in value.items():
            yield from mutables(one, f"{path}[{key!r}]")
    elif isinstance(value, list | tuple):
        if isinstance(value, list):
            yield id(value), path
        for place, one in enumerate(value):
            yield from mutables(one, f"{path}[{place}]")


@pytest.mark.parametrize("seed", range(3))
def test_no_mutable_record_is_held_in_two_places(seed: int) -> None:
    """A snapshot would make two of it: what one place changes, the other would no longer see."""
    live = Snapshot.empty(DESK)
    ledger = Ledger(one_run(seed, 60).facts)
    for seq in range(1, len(ledger.rows) + 1):
        live.go_on(ledger, seq)
        seen: dict[int, str] = {}
        for name, path in mutables(live.state):
            assert seen.setdefault(name, path) == path, f"{seen[name]} is {path}"


@pytest.mark.parametrize("seed", range(4))
def test_the_running_figures_go_on_from_a_snapshot(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.insight.told.PAGE", 4)
    ledger = Ledger(one_run(seed, 120).facts)
    shops = {fact.subject.id for fact in ledger.facts if isinstance(fact, f.OfficeTaken) and _is_shop(fact.subject)}
    at = ledger.facts[-1].at
    open_figure = Catalogue().open
    lived = LiveFigures(DESK, open_figure)
    for seq, fact in enumerate(ledger.facts, 1):
        lived.take(seq, fact)
        lived.catch_up()
    snapshot = stored(ledger.snapshot(len(ledger.rows) // 2))
    snapshot.go_on(ledger, len(ledger.rows))
    resumed = LiveFigures(DESK, open_figure, snapshot.told)
    assert resumed.catch_up()
    for shop in shops:
        assert resumed.counts(shop, at) == lived.counts(shop, at)
    assert not resumed.catch_up()


def _is_shop(subject: object) -> bool:
    return hasattr(subject, "rule_options")


# --- what it is bound to


def test_it_fits_only_the_fact_it_names() -> None:
    world = small()
    world.say("b1")
    ledger, other = Ledger(world.facts), Ledger(list(reversed(world.facts)))
    for seq in range(1, len(ledger.rows) + 1):
        snapshot = ledger.snapshot(seq)
        assert snapshot.fits(ledger)
        assert not snapshot.fits(Ledger(world.facts[: seq - 1])), "the ledger ends before it"
        assert not snapshot.fits(other)
        shown = ledger.rows[seq - 1]
        for forged in (Row(seq, b'{"type":"Erased@1","at":1}', shown.hash), Row(seq, shown.body, bytes(32))):
            altered = Ledger(world.facts)
            altered.rows[seq - 1] = forged
            assert not snapshot.fits(altered)


def test_the_chain_after_it_is_checked() -> None:
    world = small()
    world.say("b1")
    ledger = Ledger(world.facts)
    row = ledger.rows[-1]
    snapshot = ledger.snapshot(len(ledger.rows) - 3)
    ledger.rows[-1] = Row(row.seq, row.body.replace(b"}", b" }", 1), row.hash)
    with pytest.raises(LedgerError) as caught:
        stored(snapshot).go_on(ledger, len(ledger.rows))
    assert caught.value.seq == row.seq
    del ledger.rows[-2]
    with pytest.raises(LedgerError) as caught:
        stored(snapshot).go_on(ledger, row.seq)
    assert caught.value.seq == row.seq - 1


def test_only_what_follows_is_read() -> None:
    world = small()
    world.say("b1")
    ledger = Ledger(world.facts)
    snapshot = ledger.snapshot(5)
    ledger.asked.clear()
    snapshot.go_on(ledger, len(ledger.rows))
    assert ledger.asked == [6]


def test_progress_is_told_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.runtime.snapshots.snapshot.EVERY", 2)
    world = small()
    told: list[Any] = []
    ledger = Ledger(world.facts)
    ledger.snapshot(1).go_on(ledger, 6, lambda done, of: told.append((done, of)))
    assert told == [(2, 6), (4, 6), (6, 6)]

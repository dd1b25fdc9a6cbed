"""The test of the tests: every planted bug is found, by a law that its row names; and what is no bug breaks no law."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from relay.testing.shrink import Tries, shrink, shrink_by
from tests.proof.mutants import MUTANTS, SOON, late_outbox
from tests.proof.plan import Line, decode, draw, encode
from tests.proof.running import Outcome, describe, run, shrunk
from tests.proof.simulate import main

SIZE = 60


def caught(name: str) -> Outcome:
    """How the first run ends that a law ends: the seed of the row, else one of the next few."""
    mutant = MUTANTS[name]
    soon = SOON.get(name, 1)
    seeds = (soon, *(seed for seed in range(1, 11) if seed != soon))
    for seed in seeds:
        outcome = run(draw(seed, SIZE), mutant.plant)
        if mutant.is_shown_by(outcome.breach):
            return outcome
    pytest.fail(f"nobody noticed {name!r} in seeds {seeds}; the last run said {outcome.breach!r}: {outcome.told}")


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_found(name: str) -> None:
    assert caught(name).broken


def test_there_are_bugs_of_every_law_that_a_run_can_break() -> None:
    shown = {law.split()[0] for mutant in MUTANTS.values() for law in mutant.laws}
    assert {f"L{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16)} <= shown
    assert len(MUTANTS) >= 25


def test_a_late_outbox_alone_is_no_bug() -> None:
    outcome = run(draw(2, SIZE), late_outbox)
    assert not outcome.broken, describe(outcome, "")


def test_a_failing_seed_replays_byte_for_byte() -> None:
    plan, plant = draw(1, SIZE), MUTANTS["two owners"].plant
    one, other = run(plan, plant), run(decode(encode(plan)), plant)
    assert one.broken
    assert (one.digest, one.breach, one.seconds, one.around) == (
        other.digest,
        other.breach,
        other.seconds,
        other.around,
    )


# --- cutting down


def test_a_failing_plan_is_cut_down_to_what_the_failure_needs() -> None:
    """A recall that is ignored needs its buyer, a seat or none, and nothing else of some hundreds of events."""
    plant = MUTANTS["recall ignored"].plant
    failed = run(draw(1, SIZE), plant)
    small = shrunk(failed, plant)
    assert small.breach.split()[0] == failed.breach.split()[0] == "L6"
    assert len(small.plan.events) <= 4 < 100 < len(failed.plan.events)
    lines = [event for event in small.plan.events if isinstance(event, Line)]
    assert {line.buyer for line in lines} == {lines[0].buyer}
    assert any("recalls" in line.told for line in lines)
    again = run(decode(encode(small.plan)), plant)
    assert (again.digest, again.breach) == (small.digest, small.breach)


def test_parts_that_a_failure_does_not_need_are_left_out() -> None:
    made: list[list[int]] = []

    def fails(parts: list[int]) -> bool:
        made.append(list(parts))
        return {3, 77} <= set(parts)

    assert shrink(range(100), Tries(fails, 1000)) == [3, 77]
    assert len(made) < 100
    assert shrink_by(range(100), lambda part: part // 10, Tries(fails, 1000)) == [*range(10), *range(70, 80)]


def test_without_tries_everything_stays() -> None:
    assert shrink(range(9), Tries(lambda parts: True, 0)) == list(range(9))


# --- for people


def test_the_command_names_law_facts_and_replay_and_writes_the_script(tmp_path: Path) -> None:
    script = tmp_path / "small.json"
    run_ = ["--seed", "2", "--conversations", "20", "--bug", "two owners"]
    told = CliRunner().invoke(main, [*run_, "--shrink", str(script)])
    assert told.exit_code == 1, told.output
    assert "L3 reception_list" in told.output
    assert "python -m tests.proof.simulate --seed 2 --conversations 20 --ends 12 --bug 'two owners'" in told.output
    assert "desk 1: DeskStarted" in told.output or "Assigned(" in told.output
    again = CliRunner().invoke(main, ["--script", str(script), "--bug", "two owners"])
    assert again.exit_code == 1
    assert "L3 reception_list" in again.output
    assert CliRunner().invoke(main, ["--script", str(script)]).exit_code == 0

"""Ladders of groups and the service standard in the settings file: read, written again as they were, faults named."""

import pytest

from relay.domain.office import OfficeState, diff
from relay.domain.settings import DEFAULT_LADDER, LadderStep
from relay.errors import ConfigError
from relay.runtime.settings_file import dump_settings, load_settings

FILE = """
[[desk]]
id = "desk"
[[shop]]
id = "shop"
desk = "desk"
service_s = 120
first_reaction_s = 15
[shop.ladders]
aftersale = ["90s badge", "120s alert", "-30s hold"]
presale = []
[[shop.groups]]
group = "aftersale"
order_states = ["paid"]
"""


def test_ladders_are_read_and_written_again() -> None:
    settings = load_settings(FILE.encode())
    shop = settings.shops[0]
    assert shop.ladder == DEFAULT_LADDER
    assert shop.ladders == {
        "aftersale": (
            LadderStep("badge", after_s=90),
            LadderStep("alert", after_s=120),
            LadderStep("hold", before_s=30),
        ),
        "presale": (),
    }
    assert (shop.service_s, shop.first_reaction_s) == (120, 15)
    written = dump_settings(settings)
    assert 'ladders = { aftersale = ["90s badge", "120s alert", "-30s hold"], presale = [] }' in written
    assert load_settings(written.encode()) == settings


def test_a_changed_ladder_is_shown_in_its_short_form() -> None:
    [_, change] = diff(OfficeState(), load_settings(FILE.encode()))
    assert "ladders=[aftersale=[90s badge; 120s alert; -30s hold]; presale=[]]" in change.lines[0]


@pytest.mark.parametrize(
    ("right", "wrong", "word"),
    [
        ('aftersale = ["90s', 'after = ["90s', 'no group "after"'),
        ("90s badge", "90s bage", "60s badge"),
        ('["90s badge", "120s alert"', '["120s alert", "90s badge"', "aftersale: the rungs must stand in the order"),
        ('"120s alert"', '"90s badge"', "aftersale: a rung stands twice"),
        ("-30s hold", "-4s hold", "aftersale: -4s hold: a hold stands before the deadline by 5 s"),
        ("-30s hold", "-180s hold", "aftersale: -180s hold: the whole limit is 180 s"),
        ("120s alert", "-40s hold", "aftersale: at most one hold"),
        ("presale = []", 'presale = "60s badge"', "list of texts"),
        ("[shop.ladders]\n", "ladders = 1\n[shop.phrases]\n", "table of ladders"),
        ("first_reaction_s = 15", "first_reaction_s = 0", "must be 1 to 86400"),
        ("first_reaction_s = 15", "goal_percent = 0", "goal_percent.*must be 1 to 99"),
        ("first_reaction_s = 15", "goal_percent = 100", "goal_percent.*must be 1 to 99"),
    ],
)
def test_a_fault_is_named_in_both_languages(right: str, wrong: str, word: str) -> None:
    assert right in FILE
    with pytest.raises(ConfigError, match=word) as caught:
        load_settings(FILE.replace(right, wrong).encode())
    assert all(finding.en != finding.zh for finding in caught.value.findings)


def test_a_goal_is_read_and_written_and_none_by_default() -> None:
    wanted = load_settings(FILE.replace("first_reaction_s = 15", "goal_percent = 92").encode())
    assert wanted.shops[0].goal_percent == 92
    assert load_settings(dump_settings(wanted).encode()) == wanted
    assert load_settings(FILE.encode()).shops[0].goal_percent is None


def test_a_ladder_is_measured_by_the_limit_of_the_guiding_rule() -> None:
    with pytest.raises(ConfigError, match="the whole limit is 30 s"):
        load_settings(FILE.encode(), limit_s=lambda shop: 30)

"""The table of groups in the settings file: read, written again as it was, and every fault named."""

import pytest

from relay.domain.settings import GroupRule, HeadStart, Relaxation
from relay.errors import ConfigError
from relay.runtime.settings_file import dump_settings, load_settings

FILE = """
[[desk]]
id = "desk"
[[person]]
id = "ann"
roles = ["agent@shop"]
[[shop]]
id = "shop"
desk = "desk"
relaxations = [{ after_s = 20, to = ["aftersale"] }, { after_s = 60 }]
head_starts = [{ tag = "vip", seconds = 40 }]
debt_seat_s = 30
[[shop.groups]]
group = "aftersale"
order_states = ["paid"]
keywords = ["退货"]
head_start_s = 10
[[shop.groups]]
group = "care"
follow_up = true
[[seat]]
id = "s1"
shop = "shop"
agent = "ann"
groups = ["aftersale", "presale"]
"""


def test_the_table_is_read_and_written_again() -> None:
    settings = load_settings(FILE.encode())
    shop, seat = settings.shops[0], settings.seats[0]
    assert shop.groups == (
        GroupRule("aftersale", order_states=("paid",), keywords=("退货",), head_start_s=10),
        GroupRule("care", follow_up=True),
    )
    assert shop.relaxations == (Relaxation(20, ("aftersale",)), Relaxation(60))
    assert (shop.head_starts, shop.debt_seat_s, seat.groups) == ((HeadStart("vip", 40),), 30, ("aftersale", "presale"))
    assert load_settings(dump_settings(settings).encode()) == settings


@pytest.mark.parametrize(
    ("right", "wrong", "word"),
    [
        ('group = "aftersale"', 'group = "After Sale"', "is no name"),
        ("head_start_s = 10", "head_start_s = -1", "head_start_s must be"),
        ("follow_up = true", "follow_up = false", "nothing leads to"),
        ("after_s = 60", "after_s = 20", "must grow"),
        ('to = ["aftersale"]', 'to = ["nowhere"]', 'no group "nowhere"'),
        ("seconds = 40", "seconds = 99999", "seconds"),
        ("debt_seat_s = 30", "debt_seat_s = 61", "must be 0 to 60"),
        ('"presale"]', '"nowhere"]', 'no group "nowhere"'),
        ('"presale"]', '"aftersale"]', "named twice"),
    ],
)
def test_a_fault_is_named(right: str, wrong: str, word: str) -> None:
    assert right in FILE
    with pytest.raises(ConfigError, match=word):
        load_settings(FILE.replace(right, wrong).encode())

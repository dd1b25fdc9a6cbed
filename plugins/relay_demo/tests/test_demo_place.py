"""The folder of a demo and its clock; the platform's record."""

import stat
import sys
from pathlib import Path

import pytest

from relay.config import load_config
from relay.domain.names import Millis
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_demo.place import DAY, HOUR, Place, PutOnClock, put_on
from relay_demo.platform import SURE, Platform, Shown

MIDNIGHT = 1_795_276_800_000 // DAY * DAY - 8 * HOUR
"""A midnight in Beijing."""


@pytest.mark.parametrize(
    ("hour", "already_h", "put_on_h"),
    [
        (12, 0, 0),
        (8, 0, 0),
        (23.49, 0, 0),
        (7.99, 0, 2.01),
        (0, 0, 10),
        (23.5, 0, 10.5),
        (3, 8, 8),
        (16, 8, 18),
    ],
)
def test_the_clock_is_put_on_into_assessed_hours_and_never_back(hour: float, already_h: int, put_on_h: float) -> None:
    now = Millis(MIDNIGHT + round(hour * HOUR))
    assert put_on(now, already_h * HOUR) == round(put_on_h * HOUR)


def test_a_clock_that_is_put_on_keeps_its_pace() -> None:
    inner = FakeClock(1_000, 5.0)
    clock = PutOnClock(inner, 500)
    assert (clock.now(), clock.monotonic()) == (1_500, 5.0)
    inner.advance(2_000)
    assert (clock.now(), clock.monotonic()) == (3_500, 7.0)


def test_starts_are_counted_and_secrets_kept(tmp_path: Path) -> None:
    place = Place(tmp_path / "演示")
    noon, night = Millis(MIDNIGHT + 12 * HOUR), Millis(MIDNIGHT + DAY)
    first = place.begin(noon, SeededEntropy(1))
    secrets = place.secrets()
    second = place.begin(night, SeededEntropy(2))
    third = place.begin(noon, SeededEntropy(3))
    assert [one.run for one in (first, second, third)] == [1, 2, 3]
    assert [one.put_on_ms for one in (first, second, third)] == [0, 10 * HOUR, 10 * HOUR]
    assert place.secrets() == secrets
    assert len(set(secrets)) == 2
    place.keep_visitor_token("one")
    place.keep_visitor_token("two")
    assert place.visitor_token.read_text("ascii").strip() == "two"
    if sys.platform != "win32":
        assert stat.S_IMODE(place.visitor_token.stat().st_mode) == 0o600


def test_the_config_is_one_that_every_command_can_read(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.begin(Millis(0), SeededEntropy())
    place.write_config("zh-CN", 8765, "http://127.0.0.1:9/send")
    config = load_config(place.config, {})
    assert config.relay.data_dir == tmp_path
    assert config.channels[0].options["secrets"] == [place.secrets()[0]]
    assert config.channels[0].options["send_secret"] == place.secrets()[1]


def test_a_fresh_start_keeps_the_old_folder(tmp_path: Path) -> None:
    place = Place(tmp_path / "demo")
    place.begin(Millis(0), SeededEntropy())
    aside = place.move_aside("20261122-120000")
    assert (aside / "start.json").exists()
    assert not place.folder.exists()


def shop_says(platform: Platform, key: str, text: str = "好的呢") -> Shown:
    return platform.show(key=key, shop="s", buyer="tb_1", account="a", text=text, machine=False)


def test_the_platform_shows_a_text_once_for_each_key() -> None:
    heard: list[Shown] = []
    platform = Platform("1.1", "p1", FakeClock(), heard.append)
    platform.know("tb_1", "橘猫")
    assert shop_says(platform, "k1") == shop_says(platform, "k1")
    assert shop_says(platform, "k2").id != shop_says(platform, "k1").id
    assert len(heard) == 2
    assert platform.stands("s", "橘猫", "好的呢")
    assert not platform.stands("s", "山雀", "好的呢")


def test_moods_come_from_the_seed_and_end_with_calm() -> None:
    one, other = (Platform("1.1", "p1", FakeClock(), lambda _: None) for _ in range(2))
    moods = [one.mood() for _ in range(400)]
    assert moods == [other.mood() for _ in range(400)]
    assert all(moods[place - 1] == mood for place, mood in SURE.items())
    one.calm = True
    assert {one.mood() for _ in range(100)} == {"well"}

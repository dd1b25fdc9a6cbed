"""`relay history`: logs as they are, into a ledger file, and their days beside the live ones."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from relay.cli.audit import audit
from relay.cli.calibrate import calibrate
from relay.cli.history import history
from relay.cli.history_lines import parts
from relay.cli.report import report
from relay.cli.settings import settings
from relay.cli.settle import settle
from relay.cli.starter import CONFIG, KEY_PATH, SETTINGS
from relay.domain.codec import decode
from relay.domain.facts import BuyerWrote, HistoryImported, HistoryTold, OfficeTaken
from relay.domain.names import BuyerRef, DeskId, Millis, PersonId, ShopId
from relay.domain.streams import history_of
from relay.runtime.history import History
from relay.runtime.settings_text import dump_settings
from relay.store import open_ledger, verify
from relay.store.sqlite import open_store
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.scribe import Scribe
from tests.cli.export_files import FORMATS, confirm, run
from tests.domain.world import TEN
from tests.proof.process import SECRET, free_port

LOG = Path(__file__).parents[3] / "shared" / "data" / "stripe-support.jsonl"
STREAM = history_of(ShopId("shop1"))


class House:
    """A folder with the settings of `relay init` and nobody serving."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, str(folder / "config.toml")
        (folder / "config.toml").write_text(CONFIG.replace("port = 8765", f"port = {free_port()}"), encoding="utf-8")
        (folder / KEY_PATH).parent.mkdir()
        (folder / KEY_PATH).write_text(SECRET, encoding="ascii")
        (folder / "settings.toml").write_text(dump_settings(SETTINGS), encoding="utf-8")
        applied = ["apply", str(folder / "settings.toml"), "--config", self.config]
        assert CliRunner().invoke(settings, applied, catch_exceptions=False).exit_code == 0

    @property
    def data(self) -> Path:
        return next(self.folder.rglob("relay.sqlite"))

    def run(self, command: Any, *words: object) -> Result:
        return CliRunner().invoke(command, [*map(str, words), "--config", self.config], catch_exceptions=False)

    def take(self, path: Path, *words: object) -> Result:
        done = self.run(history, "import", path, "--shop", "shop1", *words)
        assert done.exit_code == 0, done.output
        return done

    def facts(self, stream: DeskId = STREAM) -> list[Any]:
        with open_ledger(self.data) as ledger:
            assert verify(ledger, ledger.heads()) == []
            return [decode(row.body) for row in ledger.read(stream)]

    def days(self, until: str, number: int = 30) -> Any:
        assert self.run(settle).exit_code == 0
        assert self.run(settle, "--compare").exit_code == 0
        told = self.run(report, "--days", number, "--until", until, "--json")
        assert told.exit_code == 0, told.output
        return json.loads(told.output)["shops"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def line(t: str, who: str, buyer: str = "mia", **more: object) -> dict[str, Any]:
    role = "buyer" if who == "buyer" else "merchant"
    return {"t": t, "role": role, "kind": "human" if who == "buyer" else who, "buyer": buyer, **more}


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines), encoding="utf-8")
    return path


TALK = [
    line("2026-02-02T10:00:00+08:00", "buyer", id="1", text="在吗"),
    line("2026-02-02T10:01:00+08:00", "human", id="2", text="在的", sub_account="shop:a"),
    line("2026-02-02T23:50:00+08:00", "buyer", "tom", text="退货"),
    line("2026-02-03T09:00:00+08:00", "human", "tom", text="好的", sub_account="shop:b"),
    line("2026-02-03T11:00:00+08:00", "buyer", "tom", text="？"),
    line("2026-02-03T11:00:00+08:00", "buyer", "tom", text="？"),
]


def audited(path: Path, rule: str, *words: str) -> dict[str, tuple[int, int]]:
    told = CliRunner().invoke(audit, [str(path), "--rule", rule, "--json", *words], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    days = json.loads(told.stdout)["days"]
    return {one["date"]: (one["numerator"], one["denominator"]) for one in days}


def shown(shop: Any, reading: str, rule: str) -> dict[str, tuple[int, int]]:
    (found,) = [one for one in shop["readings"] if (one["reading"], one["rule"]) == (reading, rule)]
    days = [one for one in found["days"] if one["source"] == "history"]
    return {one["date"]: (one["now"]["whole"]["numerator"], one["now"]["whole"]["denominator"]) for one in days}


def calibrated(house: House) -> dict[str, tuple[int, int]]:
    """The days as `relay calibrate` has them from the ledger."""
    told = house.run(calibrate, "shop1", "--show", "--json")
    assert told.exit_code == 0, told.output
    return {one["date"]: tuple(one["relay"]) for one in json.loads(told.output)["days"] if one["relay"][1]}


def test_the_days_are_those_of_the_audit_and_bear_their_mark(house: House) -> None:
    path = written(house.folder / "feb.jsonl", *TALK)
    assert "new 6, known 0" in house.take(path).output
    (shop,) = house.days("2026-02-10")
    for reading, bundle in (("strict", "strict"), ("default", "default")):
        wanted = audited(path, "taobao_ww3", "--set", f"bundle={bundle}")
        assert shown(shop, reading, "taobao_ww3") == wanted
        assert len(wanted) == 2
    assert calibrated(house) == audited(path, "taobao_ww3"), "and a calibration reads them"
    strict = shop["readings"][0]
    assert strict["rolling"][-1]["history_days"] == 2
    said = house.run(report, "--days", 30, "--until", "2026-02-10").output
    assert "2026-02-02*" in said
    assert "其中 2 天为导入" in said


@pytest.mark.parametrize("rule", ["taobao_ww3", "tmall_reply", "tejia_3min", "kuaishou_shop_3min"])
def test_the_days_of_a_real_log_are_those_of_the_audit(house: House, rule: str) -> None:
    if not LOG.exists():
        pytest.skip(f"the shared log {LOG.name} is not beside this repository")
    text = (house.folder / "settings.toml").read_text("utf-8")
    assert 'rule = "taobao_ww3"' in text or rule == "taobao_ww3"
    (house.folder / "settings.toml").write_text(text.replace('rule = "taobao_ww3"', f'rule = "{rule}"'), "utf-8")
    assert house.run(settings, "apply", house.folder / "settings.toml").exit_code == 0
    house.take(LOG)
    wanted = audited(LOG, rule, "--set", "bundle=strict")
    (shop,) = house.days(max(wanted), number=366)
    assert shown(shop, "strict", rule) == wanted
    assert sum(of for _, of in wanted.values()) > 100


def test_the_same_file_and_an_overlapping_one_are_there_once(house: House) -> None:
    one, two = written(house.folder / "1.jsonl", *TALK[:4]), written(house.folder / "2.jsonl", *TALK[1:])
    house.take(one)
    before = house.facts()
    again = house.take(one)
    assert "known 4" in again.output
    assert "nothing was changed" in again.output
    assert house.facts() == before
    assert "new 2, known 3" in house.take(two).output
    assert "nothing was changed" in house.take(written(house.folder / "3.jsonl", *TALK[2:5])).output
    whole = written(house.folder / "whole.jsonl", *TALK)
    assert sum(isinstance(one, HistoryTold) for one in house.facts()) == len(TALK)
    (shop,) = house.days("2026-02-10")
    assert shown(shop, "strict", "taobao_ww3") == audited(whole, "taobao_ww3", "--set", "bundle=strict")
    listed = json.loads(house.run(history, "list", "--json").output)["imports"]
    assert [(each["lines"], each["new"], each.get("known", 0)) for each in listed] == [(4, 4, 0), (5, 2, 3)]


def test_a_line_that_contradicts_is_told_and_kept(house: House) -> None:
    other = written(house.folder / "2.jsonl", line("2026-02-02T10:00:00+08:00", "buyer", id="1", text="有货吗"))
    house.take(written(house.folder / "1.jsonl", *TALK))
    said = house.take(other).output
    assert "1 lines contradict a line with the same id" in said
    (flagged,) = [one for one in house.facts() if isinstance(one, HistoryTold) and one.seen == "conflict"]
    first = next(one for one in house.facts() if isinstance(one, HistoryTold))
    assert (flagged.message, flagged.words == first.words) == (first.message, False)


def test_a_zone_is_needed_and_a_file_is_not_read_otherwise_later(house: House) -> None:
    path = written(
        house.folder / "bare.jsonl", line("2026-02-02T10:00:00", "buyer"), line("2026-02-02T10:01:00", "human")
    )
    assert house.run(history, "import", path, "--shop", "shop1").exit_code == 2
    assert "nothing was written" in house.take(path, "--timezone", "Asia/Shanghai", "--dry-run").output
    house.take(path, "--timezone", "Asia/Shanghai")
    before = house.facts()
    told = house.run(history, "import", path, "--shop", "shop1", "--timezone", "Europe/Paris")
    assert told.exit_code == 2
    assert "not read anew" in told.output
    assert house.facts() == before
    (imported,) = [one for one in before if isinstance(one, HistoryImported)]
    assert (imported.zone, imported.first_at) == ("Asia/Shanghai", 1_769_997_600_000)


def test_a_log_of_two_shops_asks_which_and_takes_that_one(house: House) -> None:
    two = [{**one, "shop": "店A" if place % 2 else "店B"} for place, one in enumerate(TALK)]
    path = written(house.folder / "two.jsonl", *two)
    refused = house.run(history, "import", path, "--shop", "shop1")
    assert refused.exit_code == 2
    assert "店A, 店B" in refused.output
    assert house.run(history, "import", path, "--shop", "shop1", "--of", "店C").exit_code == 2
    assert "3 lines of other shops are left out" in house.take(path, "--of", "店A").output
    assert {one.shop for one in house.facts()} == {"shop1"}
    assert house.run(history, "import", path, "--shop", "nobody", "--of", "店B").exit_code == 2
    whole = sum(isinstance(one, HistoryTold) for one in house.facts())
    assert whole == 3


def test_no_name_and_no_text_is_in_a_fact_and_words_can_be_erased(house: House) -> None:
    house.take(written(house.folder / "1.jsonl", *TALK), "--texts")
    facts = house.facts()
    with open_ledger(house.data) as ledger:
        bodies = b"".join(row.body for row in ledger.read(STREAM))
        assert len(list(ledger.contents(STREAM))) == len(TALK)
    for word in ("mia", "tom", "退货", "在吗"):
        assert word.encode() not in bodies
    tom = facts[2].buyer

    async def erase() -> int:
        store = open_store(house.data, SeededEntropy(3))
        try:
            taking = History(store, FakeClock(TEN), SeededEntropy(4))
            return await taking.erase(ShopId("shop1"), BuyerRef(tom), PersonId("owner"))
        finally:
            await store.close()

    assert asyncio.run(erase()) == 4
    assert house.facts()[:-1] == facts, "and the chain holds"
    with open_ledger(house.data) as ledger:
        assert len(list(ledger.contents(STREAM))) == 2


def test_what_was_cut_off_is_completed_by_the_same_import(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(house.folder / "1.jsonl", *TALK)
    monkeypatch.setattr("relay.cli.history_lines.MOST_LINES", 2)
    kinds: list[type[Any]] = []
    for cut in (1, 2, 3):
        left = cut

        class CutError(Exception):
            pass

        def some(*given: Any, **more: Any) -> Any:
            nonlocal left
            for one in parts(*given, **more):
                if left == 0:
                    raise CutError
                left -= 1
                yield one
            raise CutError

        with monkeypatch.context() as patched:
            patched.setattr("relay.cli.history_lines.parts", some)
            with pytest.raises(CutError):
                house.take(path)
        kinds = [type(one) for one in house.facts()]
        assert kinds == [HistoryTold] * 2 * cut
    assert "known 6" in house.take(path).output
    assert [type(one) for one in house.facts()] == [*kinds, HistoryImported]
    assert "nothing was changed" in house.take(path).output
    assert len(house.facts()) == len(TALK) + 1


def test_a_log_that_cannot_be_used_leaves_nothing(house: House) -> None:
    bad = house.folder / "bad.jsonl"
    bad.write_text(json.dumps(TALK[0]) + "\nnot json\n", "utf-8")
    assert house.run(history, "import", bad, "--shop", "shop1").exit_code == 2
    with open_ledger(house.data) as ledger:
        assert STREAM not in ledger.desks()
    assert "new 1" in house.take(bad, "--lenient").output


def test_from_the_first_live_day_on_live_wins(house: House) -> None:
    ten = 1_770_084_000_000  # 2026-02-03 10:00 in China
    (shop,) = [one for one in SETTINGS.shops if one.id == "shop1"]

    async def live() -> None:
        store = open_store(house.data, SeededEntropy(3))
        scribe = await Scribe.of(store, shop.desk)
        asked = BuyerWrote(
            at=Millis(ten), shop=shop.id, buyer=BuyerRef("r1"), sent_at=Millis(ten), digest="", seen="new"
        )
        await store.append(scribe.facts(OfficeTaken(at=Millis(ten), office_seq=1, subject=shop), asked))
        await store.close()

    asyncio.run(live())
    said = house.take(written(house.folder / "1.jsonl", *TALK)).output
    assert "自 2026-02-03 起以实时记录为准：其中 3 行保留但不计" in said
    (view,) = house.days("2026-02-03", number=2)
    days = [(one["date"], one["source"], one["now"]["whole"]["denominator"]) for one in view["readings"][0]["days"]]
    assert days == [("2026-02-02", "history", 2), ("2026-02-03", "live", 1)]
    assert view["history_behind"] == 0
    assert {day: counts[1] for day, counts in calibrated(house).items()} == {"2026-02-02": 2, "2026-02-03": 1}
    house.take(written(house.folder / "2.jsonl", line("2026-02-01T10:00:00+08:00", "buyer")))
    said = house.run(report, "--days", 3, "--until", "2026-02-03").output
    assert "2 imported facts are not in it yet" in said
    (view,) = house.days("2026-02-03", number=3)
    assert [one["source"] for one in view["readings"][0]["days"]] == ["history", "history", "live"]


@pytest.mark.parametrize("rule", ["taobao_ww3", "tmall_reply_account", "kuaishou_shop_3min"])
@pytest.mark.parametrize("name", ["jd-txt", "table csv"])
def test_an_export_is_taken_once_who_is_who_is_confirmed(house: House, name: str, rule: str) -> None:
    path, who = FORMATS[name](house.folder), house.folder / "shop.who.toml"
    zone = ("--timezone", "Asia/Shanghai")
    refused = house.run(history, "import", path, "--shop", "shop1", *zone)
    assert refused.exit_code == 2
    assert "is not confirmed" in refused.output
    assert run("--dry-run", "--who", who, *zone, path).exit_code == 0
    confirm(who)
    text = (house.folder / "settings.toml").read_text("utf-8")
    (house.folder / "settings.toml").write_text(text.replace('rule = "taobao_ww3"', f'rule = "{rule}"'), "utf-8")
    assert house.run(settings, "apply", house.folder / "settings.toml").exit_code == 0
    house.take(path, "--who", who, *zone)
    wanted = audited(path, rule, "--set", "bundle=strict", "--who", str(who), *zone)
    assert any(of for _, of in wanted.values())
    (shop,) = house.days(max(wanted))
    assert shown(shop, "strict", rule) == wanted
    assert "nothing was changed" in house.take(path, "--who", who, *zone).output

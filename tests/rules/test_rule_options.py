"""Options, the catalogue, periods and the guiding rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.guiding import Author, Kind
from relay.domain.names import Millis
from relay.rules.catalogue import RULES, Catalogue, UnknownRuleError, rule
from relay.rules.guiding import _GUIDES, guiding
from relay.rules.messages import decode
from relay.rules.options import OptionError, pairs
from relay.rules.periods import gold_period, rolling
from relay.rules.taobao import TAOBAO_WW3_2023, TaobaoRule, TaobaoVersion


@pytest.mark.parametrize(
    "options",
    [
        {"limit": "3"},
        {"limit_s": "three"},
        {"limit_s": "NaN"},
        {"limit_s": "0"},
        {"limit_s": "-1"},
        {"limit_s": "1.0005"},
        {"limit_inclusive": "maybe"},
        {"window_on": "closing"},
        {"cross_day": "hit"},
        {"thread": "shop"},
        {"bundle": "lenient"},
        {"robot_only": "hit"},
        {"robot_turn": "opens"},
        {"assist_providers": "le yan"},
        {"robot_transparent": "leyan,,"},
        {"as_of": "2022-03-08T10:00:00"},
        {"as_of": "yesterday"},
    ],
)
def test_bad_options(options: dict[str, str]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        rule("taobao_ww3", options)


def test_pairs() -> None:
    assert pairs(["a=1", "b = x=y", "a=2"]) == {"a": "2", "b": "x=y"}
    with pytest.raises(OptionError, match="key=value"):
        pairs(["bundle"])


def test_an_empty_list_of_assistants_leaves_persons() -> None:
    ledger = rule("taobao_ww3", {"assist_providers": "", "robot_transparent": ""})
    ledger.take(decode(b'{"t":"2022-03-08T10:00:00+08:00","role":"buyer","kind":"human","buyer":"m"}'))
    ledger.take(
        decode(b'{"t":"2022-03-08T10:00:09+08:00","role":"merchant","kind":"assist","bot":"leyan","buyer":"m"}')
    )
    assert [one.clause for one in ledger.report().rounds] == ["A.excl.a"]


def test_a_catalogue_takes_further_rules() -> None:
    catalogue = Catalogue()
    catalogue.add(TaobaoRule(TaobaoVersion(id="house_rule", valid_from="2030-01-01", limit_ms=10_000)))
    assert set(catalogue.ids) == {*RULES, "house_rule"}
    assert catalogue.open("house_rule", {}).report().version == "house_rule@2030-01-01"
    with pytest.raises(ValueError, match="already"):
        catalogue.add(TaobaoRule())
    with pytest.raises(UnknownRuleError, match="taobao_ww3"):
        catalogue.rule("taobao")


def test_the_later_version_has_other_hours() -> None:
    assert TAOBAO_WW3_2023.name == "taobao_ww3_2023@2023-01-01"
    ledger = rule("taobao_ww3_2023")
    for clock in ("08:59:59", "09:00:00", "22:59:59", "23:00:00"):
        line = f'{{"t":"2023-03-08T{clock}+08:00","role":"buyer","kind":"human","buyer":"{clock}"}}'
        ledger.take(decode(line.encode()))
    assert [one.verdict for one in ledger.report().rounds] == ["excluded", "miss", "miss", "excluded"]


def test_periods_go_on_for_ever() -> None:
    assert gold_period(date(2022, 4, 15)) == (163, date(2022, 4, 1), date(2022, 4, 15), date(2022, 4, 16))
    assert gold_period(date(2024, 2, 29)) == (208, date(2024, 2, 16), date(2024, 2, 29), date(2024, 3, 1))
    assert gold_period(date(2021, 12, 31)).number == 156
    assert rolling(date(2024, 3, 1), 2) == (date(2024, 2, 28), date(2024, 2, 29))
    with pytest.raises(ValueError, match="at least"):
        rolling(date(2024, 3, 1), 0)


GUIDE = guiding("taobao_ww3", {})


@pytest.mark.parametrize(
    ("author", "valid"),
    [
        (Author(Kind.human), True),
        (Author(Kind.human, origin="draft", provider="relay"), True),
        (Author(Kind.assist, "leyan", "assist", "machine"), True),
        (Author(Kind.assist, "relay", "assist", "machine"), False),
        (Author(Kind.assist, "relay"), False),
        (Author(Kind.assist, "relay", trigger="person"), True),
        (Author(Kind.assist, "other"), False),
        (Author(Kind.assist, "leyan", "unknown"), False),
        (Author(Kind.bot, "dianxiaomi"), False),
        (Author(Kind.auto), False),
        (Author(Kind.helper), False),
        (Author(Kind.system), False),
        (Author(Kind.unknown), False),
    ],
)
def test_guiding_answers(author: Author, valid: bool) -> None:
    assert GUIDE.answers(author) is valid
    if author.provider == "relay" and author.trigger != "person" and author.kind is Kind.assist:
        assert not guiding("taobao_ww3", {"assist_providers": "relay", "bundle": "default"}).answers(author)


def at(clock: str) -> Millis:
    return Millis(decode(f'{{"t":"2022-03-08T{clock}+08:00","role":"buyer","kind":"human","buyer":"m"}}'.encode()).at)


def test_guiding_due() -> None:
    assert GUIDE.due_at(at("10:00:00")) == at("10:03:00")
    assert GUIDE.due_at(at("07:59:59")) is None
    assert GUIDE.due_at(at("23:59:00")) == at("23:59:59.999"), "answered after 24:00 the round is lost"
    assert guiding("taobao_ww3", {"limit_inclusive": "false"}).due_at(at("10:00:00")) == at("10:02:59.999")
    assert GUIDE.day_of(at("00:00:00")) == GUIDE.day_of(at("23:59:59.999"))
    with pytest.raises(ValueError, match="unknown guiding rule"):
        guiding("nobody", {})
    with pytest.raises(ValueError, match="unknown option"):
        guiding("taobao_ww3", {"nothing": "1"})


TEJIA = guiding("tejia_3min", {"person_hit": "any", "bundle": "default"})


@pytest.mark.parametrize(
    ("author", "valid"),
    [
        (Author(Kind.human), True),
        (Author(Kind.assist, "leyan", trigger="person"), True),
        (Author(Kind.bot, "dianxiaomi"), True),
        (Author(Kind.assist, "dianxiaomi", "assist", "machine"), True),
        (Author(Kind.bot, "dianxiaomi", "unknown"), True),  # valid in every mode, so in an unknown one too
        (Author(Kind.bot, "leyan"), False),
        (Author(Kind.assist, "leyan", "assist", "machine"), False),
        (Author(Kind.assist, "relay", "assist", "machine"), False),
        (Author(Kind.auto, "dianxiaomi"), False),
        (Author(Kind.unknown), False),
        (Author(Kind.unknown, "dianxiaomi"), False),
        (Author(Kind.helper), False),
        (Author(Kind.bot, "dianxiaomi", "loud"), False),
    ],
)
def test_tejia_guides_by_persons_and_the_official_robot(author: Author, valid: bool) -> None:
    assert TEJIA.answers(author) is valid
    assert TEJIA.answers(author) is valid, "asked again it says the same"


def test_tejia_guides_from_eight_to_before_twenty_three() -> None:
    assert TEJIA.due_at(at("10:00:00")) == at("10:03:00")
    assert TEJIA.due_at(at("07:59:59.999")) is None
    assert TEJIA.due_at(at("08:00:00")) == at("08:03:00")
    assert TEJIA.due_at(at("22:59:59.999")) == at("23:02:59.999")
    assert TEJIA.due_at(at("23:00:00")) is None
    long = guiding("tejia_3min", {"limit_s": "7200"})
    assert long.due_at(at("22:30:00")) == at("23:59:59.999"), "settled at 24:00 with the day"
    assert guiding("tejia_3min", {"limit_inclusive": "false"}).due_at(at("10:00:00")) == at("10:02:59.999")
    with pytest.raises(ValueError, match="person_hit"):
        guiding("tejia_3min", {"person_hit": "none"})


@pytest.mark.parametrize(
    ("rule_id", "opens", "closes", "robot", "late"),
    [
        ("kuaishou_shop_3min", "08:00:00", "23:59:59.999", True, True),
        ("kuaishou_2021_person", "08:00:00", "23:59:59.999", True, False),
        ("kuaishou_2023_human", "08:00:00", "22:59:59.999", False, False),
        ("pdd_3min_human", "08:00:00", "22:59:59.999", False, False),
        ("alibaba1688_3min", "09:00:00", "20:59:59.999", False, True),
    ],
)
def test_every_rule_with_a_limit_guides(rule_id: str, opens: str, closes: str, robot: bool, late: bool) -> None:
    rule = guiding(rule_id, {})
    assert rule.due_at(at(opens)) == at(opens) + 180_000
    assert rule.due_at(Millis(at(opens) - 1)) is None
    assert rule.due_at(at(closes)) is not None
    assert rule.due_at(Millis(at(closes) + 1)) is None or closes == "23:59:59.999"
    assert rule.answers(Author(Kind.human))
    assert rule.answers(Author(Kind.bot, "xiaoduo")) is robot
    assert not rule.answers(Author(Kind.bot, "relay"))
    assert not rule.answers(Author(Kind.auto))
    long = guiding(rule_id, {"limit_s": "36000"}).due_at(at("20:00:00"))
    assert long == (at("20:00:00") + 36_000_000 if late else at("23:59:59.999"))


@pytest.mark.parametrize("rule_id", sorted(_GUIDES))
@given(
    first=st.integers(0, 2 * 86_400_000),
    later=st.integers(0, 86_400_000),
    limit=st.sampled_from([{}, {"limit_s": "60"}, {"limit_s": "36000"}]),
)
def test_a_later_question_is_never_due_before_an_earlier_one(
    rule_id: str, first: int, later: int, limit: dict[str, str]
) -> None:
    """The desk relies on it: it asks for the first assessed question of a round alone."""
    rule = guiding(rule_id, limit)
    start = at("00:00:00")
    dues = [rule.due_at(Millis(start + first)), rule.due_at(Millis(start + first + later))]
    days = [rule.day_of(Millis(start + first)), rule.day_of(Millis(start + first + later))]
    assert None in dues or dues == sorted(dues)  # type: ignore[type-var]
    assert days == sorted(days)

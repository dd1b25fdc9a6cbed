"""§7: the statement of what a machine's reply counts for. Its figures are the rules' own."""

from datetime import date

import pytest
from msgspec.structs import replace

from relay.domain.confirming import is_confirmed, mode_of, terms_of
from relay.domain.names import PersonId
from relay.domain.settings import Shop
from relay.insight.statement import PUBLISHED, RuleSays, confirmed, is_void, statement, warnings
from relay.rules.catalogue import RULES
from relay.rules.guiding import guiding
from tests.domain.world import DESK

BOSS = PersonId("boss")
RELAY_TOO = {"assist_providers": "dianxiaomi,leyan,relay"}


def shop(platform: str = "taobao", rule: str = "taobao_ww3", **more: object) -> Shop:
    return Shop("s", DESK, platform=platform, rule=rule, **more)  # type: ignore[arg-type]


def says(one: Shop) -> dict[str, RuleSays]:
    return {told.rule: told for told in statement(one).rules}


TABLE = [
    # shop, rule, as it stands, with the hold, strict, by which clause
    (shop(), "taobao_ww3", "0/1", "0/1", "0/1", "A.valid"),
    (shop(), "taobao_ww3_2023", "0/1", "0/1", "0/1", "A.valid"),
    (shop(rule_options=RELAY_TOO), "taobao_ww3", "0/1", "1/1", "0/1", "A.valid"),
    (shop(rule_options=RELAY_TOO), "taobao_ww3_2023", "0/1", "1/1", "0/1", "A.valid"),
    (shop(rule_options={**RELAY_TOO, "limit_s": "20"}), "taobao_ww3", "0/1", "1/1", "0/1", "A.valid"),
    (shop("tmall", "tmall_reply"), "tmall_reply", "0/1", "0/1", "0/1", "B.valid"),
    (shop("tmall", "tmall_reply"), "tmall_avg_human_time", "600/1", "600/1", "600/1", "V.valid"),
    (shop("tejia", "tejia_3min"), "tejia_3min", "0/1", "0/1", "0/1", "C.formula"),
    (shop("kuaishou", "kuaishou_shop_3min"), "kuaishou_shop_3min", "0/1", "1/1", "0/1", "D.bots"),
    (shop("kuaishou", "kuaishou_shop_3min"), "kuaishou_agent_3min", "0/1", "1/1", "0/1", "D.bots"),
    (shop("kuaishou", "kuaishou_shop_3min"), "kuaishou_2021_person", "0/1", "1/1", "0/1", "D.bots"),
    (shop("kuaishou", "kuaishou_2023_human"), "kuaishou_2023_human", "0/1", "0/0", "0/1", "Y.human"),
]


@pytest.mark.parametrize(("one", "rule", "nothing", "hold", "strict", "clause"), TABLE)
def test_what_a_hold_does_to_numerator_and_denominator(
    one: Shop, rule: str, nothing: str, hold: str, strict: str, clause: str
) -> None:
    told = says(one)[rule]
    assert (str(told.nothing), str(told.hold), str(told.hold_strict)) == (nothing, hold, strict)
    assert told.clause == clause
    assert told.guiding is (rule == one.rule)


def test_by_no_strict_reading_does_it_count() -> None:
    for platform, rules in PUBLISHED.items():
        for told in statement(shop(platform, rules[0], rule_options=RELAY_TOO)).rules:
            assert told.hold_strict == told.nothing, told.rule


def test_the_option_by_which_it_counts_is_named() -> None:
    assert says(shop(rule_options=RELAY_TOO))["taobao_ww3"].chosen == "assist_providers=dianxiaomi,leyan,relay"
    assert says(shop())["taobao_ww3"].chosen == ""


def guides(rule: str) -> bool:
    """Whether a desk can follow it: others count no single question, so that nothing could be due by them."""
    try:
        return bool(guiding(rule, {}))
    except ValueError:
        return False


@pytest.mark.parametrize("rule", [rule for rule in RULES if guides(rule)])
def test_every_rule_that_can_guide_has_its_line(rule: str) -> None:
    told = statement(shop("other", rule))
    assert any(told.rules[0].version in line.zh and told.rules[0].version in line.en for line in told.lines)


@pytest.mark.parametrize("rule", [rule for rule in RULES if not guides(rule)])
def test_a_rule_that_cannot_guide_has_no_statement_of_its_own(rule: str) -> None:
    with pytest.raises(ValueError, match="guiding"):
        statement(shop("other", rule))


@pytest.mark.parametrize(
    ("one", "en", "zh"),
    [
        (shop("kuaishou", "kuaishou_shop_3min"), "the stricter is followed (kuaishou_2023_human@", "按较严的"),
        (shop("kuaishou", "kuaishou_shop_3min"), "Kuaishou sanctions", "快手处罚"),
        (shop(), "It counts by no version at hand", "现有各版本都不算回复"),
        (shop(rule_options=RELAY_TOO), "the published list does not name relay", "公布的名单没有 relay"),
        (shop(rule_options=RELAY_TOO), "by the strict reading it does not", "按从严口径不算"),
        (shop("tmall", "tmall_reply"), "sets no limit for a question", "没有时限"),
        (shop("kuaishou", "kuaishou_2023_human"), "takes the round out of the count", "使该轮不计入"),
        (shop(), "an answer is owed", "欠答"),
    ],
)
def test_it_says_so_in_both_languages(one: Shop, en: str, zh: str) -> None:
    lines = statement(one).lines
    assert any(en in line.en for line in lines)
    assert any(zh in line.zh for line in lines)
    assert all(line.en.isascii() for line in lines)


def test_the_same_shop_gives_the_same_number_and_other_terms_another() -> None:
    one = shop()
    assert statement(one) == statement(one)
    changed = [
        shop(rule="taobao_ww3_2023"),
        shop(rule_options=RELAY_TOO),
        shop("tmall"),
        shop(rule_options={"robot_only": "miss"}),
    ]
    assert len({statement(other).digest for other in (one, *changed)}) == 5
    same = [replace(one, name="x", holds_per_day=1, rule_confirmed_on="2026-01-01", service_s=60, stopped=True)]
    assert {statement(other).digest for other in same} == {statement(one).digest}


def test_a_confirmation_holds_as_long_as_terms_and_text_do() -> None:
    one = confirmed(replace(shop(), assist="assist"), BOSS, "2026-11-28")
    assert (is_confirmed(one), is_void(one), mode_of(one)) == (True, False, "assist")
    other_text = replace(one, assist_confirmed_statement=f"{terms_of(one)}-000000000000")
    assert (is_confirmed(other_text), is_void(other_text)) == (True, True)
    assert is_void(replace(one, rule_options=RELAY_TOO))
    assert is_void(replace(one, assist_confirmed_by=None))
    assert is_void(replace(one, rule="nonesuch"))
    assert not is_void(replace(one, assist="suggest", assist_confirmed_statement=None))


WARNINGS = [
    ({}, "nobody confirmed the version of taobao_ww3"),
    ({"rule_confirmed_by": "boss", "rule_confirmed_on": "2026-06-01", "rule_confirmed_link": "https://x.example"}, ""),
    ({"rule_confirmed_by": "boss", "rule_confirmed_on": "2026-05-31"}, "more than 180 days ago (2026-05-31, boss)"),
    ({"rule_confirmed_by": "boss", "rule_confirmed_on": "2026-11-01"}, "without a link"),
]


@pytest.mark.parametrize(("told", "said"), WARNINGS)
def test_who_compared_the_rule_and_when(told: dict[str, str], said: str) -> None:
    found = [one.en for one in warnings(shop(**told), date(2026, 11, 28))]
    assert (said in found[0]) if said else found == []

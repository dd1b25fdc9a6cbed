"""What people say and how they work: relay's own reading of the words, and seeded ways."""

import pytest

from relay.cli.demo import as_confirmed
from relay.domain.confirming import mode_of
from relay.domain.names import Millis
from relay.domain.office import check_settings
from relay.domain.phrases import read_buyer_text, read_shop_text
from relay.domain.settings import Phrases
from relay.insight.guards import read_guard
from relay.insight.statement import is_void, statement
from relay.rules.guiding import guiding
from relay_demo import manner as m
from relay_demo.shops import COUNTS, HOME, OWNER, SHOPS, WORKSHOP, settings
from relay_demo.talk import (
    COMPLAINT,
    EFFORTS,
    GREETINGS,
    HOLDS_BY_HAND,
    NAGS,
    PER_SHOP,
    THANKS,
    WELCOME,
    Effort,
    puts_off,
    topic_of,
    topics_of,
)


def test_every_question_has_one_topic_and_real_answers() -> None:
    for shop in range(len(PER_SHOP)):
        asks = [ask for topic in topics_of(shop) for ask in topic.asks]
        assert len(asks) == len(set(asks))
        for topic in topics_of(shop):
            assert all(topic_of([ask]) == topic for ask in topic.asks)
            assert all(read_shop_text(answer, Phrases()) == "answer" for answer in topic.answers)
            assert not any(puts_off(answer) for answer in topic.answers)
        assert {topic.effort for topic in topics_of(shop)} == set(EFFORTS)


def test_the_hardest_of_several_questions_decides() -> None:
    quick, put_off = ("四件套是纯棉的吗", "能不能问下厂家下个月补货的准确日期")
    assert topic_of([quick, put_off, "在吗"]) == topic_of([put_off])
    assert topic_of(["在吗"]) is None


def test_relay_reads_these_words_as_they_are_meant() -> None:
    assert {read_shop_text(text, Phrases()) for text in HOLDS_BY_HAND} == {"hold"}
    assert {read_shop_text(text, Phrases()) for text in WELCOME} == {"answer"}
    assert {read_buyer_text(text, Phrases()) for text in NAGS} == {"question"}
    assert "thanks" in {read_buyer_text(text, Phrases()) for text in THANKS}


def test_the_complaint_is_read_as_one_and_nothing_else_is() -> None:
    shop = settings("2026-11-22").shops[0]
    assert {read_guard(text, shop) for text in COMPLAINT.asks} == {"complaint"}
    others = [ask for place in (0, 1) for topic in topics_of(place) for ask in topic.asks]
    assert {read_guard(text, shop) for text in (*others, *NAGS, *GREETINGS, *THANKS)} == {None}


def test_the_settings_can_be_used_and_differ_in_one_choice() -> None:
    made = as_confirmed(settings("2026-11-22"), OWNER, "2026-11-22")
    assert check_settings(made) == []
    assert [shop.rule_options for shop in made.shops] == [COUNTS if shop == HOME else {} for shop in SHOPS]
    assert {shop.assist for shop in made.shops} == {mode_of(shop) for shop in made.shops} == {"assist"}
    assert not any(is_void(shop) for shop in made.shops)
    counts = {shop.id: statement(shop).rules[0].counts for shop in made.shops}
    assert counts == {HOME: True, WORKSHOP: False}
    assert all(reply.usable(shop, Millis(0)) for shop in SHOPS for reply in made.replies)
    for shop in made.shops:
        guiding(shop.rule, shop.rule_options)


@pytest.mark.parametrize("effort", EFFORTS)
def test_the_same_person_works_alike(effort: Effort) -> None:
    one, other = m.Manner("lin 1.1"), m.Manner("lin 1.1")
    assert [one.plan(effort) for _ in range(20)] == [other.plan(effort) for _ in range(20)]


def test_what_is_put_off_is_left_beyond_the_limit_and_haste_shortens_all() -> None:
    assert all(m.Manner(f"{seed}").plan("put_off").turn_s > 180 for seed in range(50))
    assert m.Manner("a", haste=0.01).plan("put_off").turn_s < 3
    assert m.Manner("a").plan("look_up").hold

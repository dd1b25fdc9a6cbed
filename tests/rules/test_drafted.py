"""A draft that a person lets go is a person's text under every rule, and its explanation hangs on no other line."""

import pytest

from relay.domain.guiding import Author, Kind
from relay.rules.authors import Hand, Reading, by_relay, hand
from relay.rules.catalogue import RULES, Catalogue
from relay.rules.guiding import guiding
from relay.rules.ledger import Ledger
from relay.rules.messages import Message

AT = 1_772_416_800_000
LEYAN = {"bot": "leyan", "mode": "assist"}
OF_PERSONS = {"role": "merchant", "kind": "human", "trigger": "person", "path": "relay", "buyer": "b1", "shop": "s"}


def log(*texts: dict[str, object]) -> list[Message]:
    """For each text a buyer of their own who asks, and the answer 20 s later."""
    lines = []
    for number, text in enumerate(texts):
        buyer = f"b{number}"
        lines.append(Message(at=AT + number, role="buyer", kind="human", buyer=buyer, shop="s", id=f"q{number}"))
        given = OF_PERSONS | text | {"buyer": buyer, "id": f"a{number}"}
        lines.append(Message(at=AT + number + 20_000, **given))  # type: ignore[arg-type]
    return lines


def opened(rule: str, lines: list[Message]) -> Ledger:
    ledger = Catalogue().open(rule, {})
    for line in lines:
        ledger.take(line)
    return ledger


def verdicts(rule: str, lines: list[Message]) -> list[object]:
    ledger = opened(rule, lines)
    return [one.verdict for one in ledger.report().rounds]


def explained(rule: str, lines: list[Message]) -> list[str]:
    ledger = opened(rule, lines)
    return [str(ledger.law.explain(one[4])) for one in ledger.rounds()]


@pytest.mark.parametrize("provider", ["leyan", "relay", "my-bot", None])
@pytest.mark.parametrize("mode", ["assist", "auto", "unknown"])
def test_a_keystroke_makes_it_a_persons(provider: str | None, mode: str) -> None:
    """Also relay's own provider, and an autonomous robot's words: the person decided (rules.md §1, row 11)."""
    author = Author(Kind.human, provider, mode, "person", "relay", "draft")
    body = Message(at=AT, **(OF_PERSONS | {"bot": provider, "mode": mode, "origin": "draft"}))  # type: ignore[arg-type]
    assert hand(body, Reading(Hand.silent, Hand.silent, True)) is Hand.person
    assert not by_relay(body)
    for rule in ("taobao_ww3", "tmall_reply", "tejia_3min", "kuaishou_shop_3min"):
        assert guiding(rule, {}).answers(author), rule


@pytest.mark.parametrize("rule", ["taobao_ww3", "taobao_ww3_2023"])
def test_what_one_line_is_says_nothing_of_another(rule: str) -> None:
    """A typed answer and a draft differ in their origin alone: in whatever order they come, each is explained so."""
    typed, draft = {}, {"origin": "draft"}
    one, two = explained(rule, log(typed, draft)), explained(rule, log(draft, typed))
    assert one[0] == two[1]
    assert one[1] == two[0]
    assert one[0] != one[1]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_draft_counts_as_much_as_a_typed_answer(rule: str) -> None:
    typed = verdicts(rule, log({}))
    drafted = verdicts(rule, log(LEYAN | {"origin": "draft"}))
    assert typed == drafted

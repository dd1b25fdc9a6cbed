"""L7, L9, L10, L14 for drafts: bound to the buyer's last message, used by persons alone, in a stated order."""

import random
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain import answering, desk, drafting, effects, messages, sending
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.drafts import MOST, read, written
from relay.domain.effects import Prepare, effects_of
from relay.domain.marks import send_id
from relay.domain.model import Draft
from relay.domain.refusal import Refusal
from tests.domain import draft_laws
from tests.domain.laws import Broken
from tests.domain.moves import Moves, furnish
from tests.domain.world import World, small
from tests.proof.mutants import Plant, both, swapped


def asked(**shop: Any) -> World:
    world = small(**shop)
    world.say()
    return world


def live(world: World, buyer: str = "b1") -> list[str]:
    return [draft.id for draft in world.conv(buyer).drafts]


# --- bound to the question


def test_a_draft_is_live_while_its_message_is_the_buyers_last() -> None:
    world = asked()
    draft = world.draft()
    assert live(world) == [draft]
    world.say()
    assert live(world) == []
    assert world.last(f.DraftsVoided).why == "buyer_wrote"


def test_one_that_comes_for_an_older_message_is_stale() -> None:
    world = asked()
    old = world.conv().last_message
    world.say()
    with pytest.raises(Refusal, match="draft_stale"):
        world.draft(message=old)


@pytest.mark.parametrize(
    ("what", "why"), [("answer", "answered"), ("elsewhere", "answered"), ("close", "closed"), ("recall", "recalled")]
)
def test_every_end_of_a_question_voids_its_drafts(what: str, why: str) -> None:
    world = small()
    world.say(name="q")
    world.draft()
    match what:
        case "answer":
            world.answer()
        case "elsewhere":
            world.seen()
        case "close":
            world.close(reason="done")
        case _:
            world.recall("q")
    assert world.last(f.DraftsVoided).why == why
    assert not world.knows() or live(world) == []
    with pytest.raises(Refusal, match="draft_stale"):
        world.draft(message=8)


def test_a_buyer_without_a_question_gets_no_draft() -> None:
    world = asked()
    message = world.conv().last_message
    world.answer()
    with pytest.raises(Refusal, match="draft_stale"):
        world.draft(message=message)


def test_drafts_move_with_their_conversation() -> None:
    world = asked(seats=2)
    draft = world.draft()
    world.move(world.desk.state.seats[world.conv().seat].setting.agent)
    assert live(world) == [draft]


def test_where_assist_is_off_nothing_is_offered() -> None:
    world = asked(assist="off")
    with pytest.raises(Refusal, match="drafts_off"):
        world.draft()


# --- the order


def test_approved_words_come_first_then_confidence_then_arrival() -> None:
    world = asked()
    plain = world.draft(mark="a")
    sure = world.draft(mark="b", confidence=900)
    less = world.draft(mark="c", confidence=500)
    library = world.draft(mark="d", confidence=100, reply="wait", version=1)
    stale_version = world.draft(mark="e", confidence=950, reply="wait", version=7)
    as_sure = world.draft(mark="f", confidence=900)
    assert live(world) == [library, stale_version, sure, as_sure, less, plain]


def test_the_same_words_are_offered_once() -> None:
    world = asked()
    world.draft(mark="a")
    with pytest.raises(Refusal, match="draft_known"):
        world.draft(mark="a", provider="xiaoduo", confidence=900)
    world.say()
    world.draft(mark="a")


def test_a_full_list_takes_only_what_is_better() -> None:
    world = asked()
    drafts = [world.draft(mark=f"m{number}", confidence=100 + number) for number in range(MOST)]
    with pytest.raises(Refusal, match="draft_limit"):
        world.draft(mark="worse", confidence=50)
    better = world.draft(mark="better", confidence=999)
    assert live(world) == [better, *reversed(drafts[1:])]


# --- what a person makes of it


@pytest.mark.parametrize("edited", [False, True])
def test_a_draft_that_a_person_lets_go_is_a_persons_reply_with_its_origin(edited: bool) -> None:
    world = asked()
    draft = world.draft(provider="my-bot", mode="auto")
    world.answer(draft=draft, edited=edited)
    intended, author = world.last(f.ReplyIntended), world.last(f.SendEnded).author
    assert (intended.draft, intended.provider, intended.mode, intended.edited) == (draft, "my-bot", "auto", edited)
    assert (author.kind, author.origin, author.trigger, author.path) == ("human", "draft", "person", "relay")
    assert (author.provider, author.mode) == ("my-bot", "auto")
    assert world.count(f.RoundAnswered) == 1


def test_a_draft_is_used_once() -> None:
    """Seat and supervisor press the same key: one text reaches the buyer."""
    world = asked()
    draft = world.draft()
    world.hold_back = True
    world.answer(draft=draft)
    with pytest.raises(Refusal, match="draft_void"):
        world.answer(draft=draft)
    assert world.count(f.ReplyIntended) == 1


def test_a_void_draft_is_refused_and_its_words_may_be_sent_as_ones_own() -> None:
    world = asked()
    draft = world.draft()
    world.say()
    with pytest.raises(Refusal, match="draft_void"):
        world.answer(draft=draft)
    world.answer()
    assert world.last(f.ReplyIntended).draft is None


def test_a_draft_of_another_conversation_cannot_be_used() -> None:
    world = asked()
    world.say("b2")
    draft = world.draft("b2")
    for use in (lambda: world.answer(draft=draft), lambda: world.reject(draft, "p-s1")):
        with pytest.raises(Refusal, match="draft_void"):
            use()


def test_a_rejected_draft_is_off_the_list_and_the_ledger_says_by_whom() -> None:
    world = asked()
    draft, other = world.draft(mark="a"), world.draft(mark="b")
    world.reject(draft, "p-s1", reason="答非所问")
    told = world.last(f.DraftRejected)
    assert (told.draft, told.by, told.reason, told.cause) == (draft, "p-s1", "答非所问", 0)
    assert live(world) == [other]


def test_somebody_elses_draft_is_not_theirs_to_use() -> None:
    world = asked(seats=2)
    draft = world.draft()
    other = next(one for one in ("p-s1", "p-s2") if one != world.desk.state.seats[world.conv().seat].setting.agent)
    with pytest.raises(Refusal, match="not_yours"):
        world.answer(other, draft=draft)
    with pytest.raises(Refusal, match="not_yours"):
        world.reject(draft, other)


def test_an_approved_real_answer_closes_the_debt_and_a_hold_does_not() -> None:
    """L10: a person's keystroke counts, whoever composed the words."""
    world = asked()
    world.answer(tone="hold")
    world.say()
    world.answer(tone="hold", draft=world.draft())
    assert world.conv().debt is not None
    world.say()
    world.answer(draft=world.draft())
    assert world.last(f.DebtClosed).why == "answered"


def test_no_draft_is_ever_asked_to_be_sent() -> None:
    world = asked(assist="assist")
    world.draft(reply="wait", version=1)
    offered = world.last(f.DraftOffered)
    assert effects_of(1, offered) == ()
    world.advance(100)
    assert world.count(f.ReplyIntended) == 0


def test_the_content_keeps_text_and_reason_apart() -> None:
    assert read(written("今天发货", "同类问题")) == ("今天发货", "同类问题")
    assert read(written("今天\n发货")) == ("今天\n发货", "")


# --- laws over random runs

OFTEN = ("ask", "ask", "drafted", "drafted", "drafted", "draft_is_used", "draft_is_used")
SELDOM = ("agent_answers", "seen_elsewhere", "recall", "close", "passes_on", "time_passes", "presence", "restart")


def a_run(seed: int, moves: int = 60) -> World:
    """A run in which drafts come, are used and go stale."""
    rng = random.Random(seed)

    def choose(options: Any) -> Any:
        return rng.choice(list(options))

    world = World()
    furnish(world, choose)
    for shop in ("a", "b"):
        world.do(i.ConnectChannel(shop=shop))
    made = Moves(world)
    for _ in range(moves):
        made.make(choose(OFTEN if choose((True, True, False)) else SELDOM), choose)
    return world


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_random_runs_keep_the_laws(seed: int) -> None:
    assert a_run(seed).rerun()


def test_random_runs_use_drafts() -> None:
    """The search above is worth something: drafts are offered, voided, used and rejected in it."""
    told = [fact for seed in range(20) for fact in a_run(seed).facts]
    kinds = [type(fact) for fact in told]
    used = sum(isinstance(fact, f.ReplyIntended) and fact.draft is not None for fact in told)
    assert min(*(kinds.count(kind) for kind in (f.DraftOffered, f.DraftsVoided, f.DraftRejected)), used) >= 10


def test_live_drafts_keep_a_conversation_small() -> None:
    world = asked()
    for number in range(MOST):
        world.draft(mark=f"{number:012x}", confidence=900 + number)
    size = len(msgspec.msgpack.encode(world.conv().drafts))
    assert size < 2_048


# --- planted bugs


def _offer_anything(old: Any) -> Any:
    def offer(step: Any, told: i.OfferDraft) -> None:
        conv = step.conversation(told.shop, told.buyer)
        same = {name: getattr(told, name) for name in told.__struct_fields__}
        step.emit(f.DraftOffered(at=step.at, seat=conv.seat, **same))

    return offer


def _approve_anything(live: Any) -> Any:
    """Whatever draft is named counts as live."""

    def found(conv: Any, draft: Any) -> Any:
        return live(conv, draft) or Draft(draft, "", "leyan", "assist")

    return found


def _machine_sends(effects_of: Any) -> Any:
    def effects(seq: int, fact: Any) -> Any:
        return (
            (Prepare(send_id(seq), fact.shop, fact.buyer),)
            if isinstance(fact, f.DraftOffered)
            else effects_of(seq, fact)
        )

    return effects


def _sends_itself(offer: Any) -> Any:
    """The surest draft goes at once, in the name of whoever has the seat."""

    def offers_and_sends(step: Any, told: i.OfferDraft) -> None:
        offer(step, told)
        conv = step.state.conversations[told.shop, told.buyer]
        seat = step.state.seats.get(conv.seat)
        if seat is not None:
            step.emit(
                f.ReplyIntended(
                    at=step.at,
                    cause=step.cause,
                    shop=told.shop,
                    buyer=told.buyer,
                    by=seat.setting.agent,
                    seat=conv.seat,
                    digest=told.digest,
                    draft=conv.drafts[0].id,
                    provider=told.provider,
                    mode=told.mode,
                )
            )

    return offers_and_sends


def _forget_marks(offer: Any) -> Any:
    def again(step: Any, told: i.OfferDraft) -> None:
        conv = step.state.conversations.get((told.shop, told.buyer))
        if conv is None or conv.round is None or f"m{conv.last_message}" != told.message:
            raise Refusal("draft_stale")
        _offer_anything(offer)(step, told)

    return again


def _not_origin(old: Any) -> Any:
    return lambda send: sending.MACHINE if send.machine else sending.PERSON


BUGS: dict[str, tuple[Plant, str]] = {
    "stale draft offered": (swapped(desk._TABLE, i.OfferDraft, _offer_anything), "L7"),
    "void draft approved": (swapped(sending, "live", _approve_anything), "L7 void_draft_used"),
    "draft of another shop approved": (swapped(sending, "live", _approve_anything), "L14 draft_of_another_shop"),
    "draft survives the buyer's new message": (
        swapped(messages, "void_drafts", lambda old: lambda step, conv, why: None), "L7 draft_survives",
    ),
    "draft survives the answer": (
        swapped(answering, "void_drafts", lambda old: lambda step, conv, why: None), "L7 draft_survives",
    ),
    "draft sent by machine": (
        both(
            swapped(effects, "effects_of", _machine_sends),
            swapped(draft_laws, "effects_of", _machine_sends),
        ),
        "L7 draft_sent_by_machine",
    ),
    "draft sent by the desk": (swapped(desk._TABLE, i.OfferDraft, _sends_itself), "L7 draft_sent_by_machine"),
    "duplicate draft": (swapped(desk._TABLE, i.OfferDraft, _forget_marks), "L7 draft_twice"),
    "machine's words told as a person's own": (
        swapped(sending, "author_of", _not_origin), "L13 draft_not_a_persons_reply",
    ),
    "rejecting what is void": (swapped(drafting, "live", _approve_anything), "L7 void_draft_used"),
}  # fmt: skip


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    plant, law = BUGS[name]
    with ExitStack() as stack:
        plant(stack)
        found = ""
        for seed in range(60):
            try:
                a_run(seed)
            except Broken as broken:
                found = f"{broken.law} {broken.what}"
                if found.startswith(law):
                    return
    pytest.fail(f"{name} was not found in 60 runs; last: {found}")

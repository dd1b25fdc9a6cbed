"""Everything that can happen around the machine's one reply, in every order of it (L7 to L11).

A question is two seconds from its hold. What happens then is a handful of events; each handful is played in all its
orders, with every law checked after every step. What follows from the order alone is said here once more, in words that
share nothing with the desk: a text that must not leave is not begun, one that may have left is not sent again, and what
a hold owes is owed until somebody pays.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import combinations, permutations

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import ReplyId, ShopId
from relay.domain.refusal import Refusal
from relay.domain.settings import QuickReply
from tests.domain.laws import Broken
from tests.domain.world import World, silent, small

Happening = Callable[[World], object]


def _write(world: World) -> None:
    world.say("b1")


def _thank(world: World) -> None:
    world.say("b1", tone="thanks")


def _answer(world: World) -> None:
    world.answer("p-s1")


def _put_off(world: World) -> None:
    world.answer("p-s1", tone="hold")


def _stop(world: World) -> None:
    world.shop(connected=False, stopped=True)


def _retire(world: World) -> None:
    world.set(QuickReply(ReplyId("wait"), 1, "稍等", purpose="hold", status="retired"))


def _restart(world: World) -> None:
    world.restart()
    world.do(i.ConnectChannel(shop=ShopId("shop")))


def _ends(**told: object) -> Happening:
    """How whatever is being sent ends, as the channel has it."""

    def end(world: World) -> None:
        for send in [one.id for one in world.desk.state.sends.values() if one.status == "sending"]:
            world.end(send, **told)

    return end


def _confirmed(world: World) -> None:
    _ends(outcome="confirmed", sent_at=world.server_now)(world)


def _echoed(world: World) -> None:
    """The platform shows the machine's text in the chat, whatever the channel says of it."""
    for send in [one.id for one in world.desk.state.sends.values() if one.machine and one.attempt]:
        world.seen(echo_of=send, tone="hold")


def _hold_by_key(world: World) -> None:
    """The key that stood on the screen since the first message, whatever has been said since."""
    first = next(seq for seq, fact in enumerate(world.facts, 1) if isinstance(fact, f.BuyerWrote))
    world.hold_by_key("p-s1", question=f"m{first}", version=1)


def _approve(world: World) -> None:
    """Whatever draft was offered last, whether it still is one or not."""
    offered = [f"d{seq}" for seq, fact in enumerate(world.facts, 1) if isinstance(fact, f.DraftOffered)]
    world.answer("p-s1", draft=(offered or ["d1"])[-1])


MUST: dict[str, Happening] = {
    "the hold comes due": lambda world: world.advance(2),
    "its turn comes": lambda world: world.carry(),
}
MAY: dict[str, Happening] = {
    "the buyer writes": _write,
    "the buyer thanks": _thank,
    "the agent types": lambda world: world.types(),
    "the agent answers": _answer,
    "the agent puts off": _put_off,
    "a key holds": _hold_by_key,
    "a draft arrives": lambda world: world.draft(),
    "a draft is approved": _approve,
    "it was sent": _confirmed,
    "it was not sent": _ends(outcome="not_sent", why="connect_failed", retryable=True),
    "it was refused": _ends(outcome="refused", why="blocked"),
    "nobody knows": _ends(outcome="unknown", why="timeout"),
    "it is echoed": _echoed,
    "stop is pressed": _stop,
    "the reply is retired": _retire,
    "relay starts anew": _restart,
    "the channel is lost": lambda world: world.do(i.LoseChannel(shop=ShopId("shop"))),
    "a minute passes": lambda world: world.advance(60),
}


def orders(more: int) -> Iterator[tuple[str, ...]]:
    """Every order of what must happen with so many of what may."""
    for others in combinations(MAY, more):
        yield from permutations((*MUST, *others))


def play(order: Sequence[str]) -> World:
    world = small()
    world.outcome, world.hold_back = silent, True
    world.say("b1")
    world.advance(158)
    for name in order:
        with suppress(Refusal):  # nobody may do that now, and nothing changed
            (MUST.get(name) or MAY[name])(world)
    world.hold_back = False
    world.carry()
    return world


def look(order: Sequence[str]) -> None:
    """Play it, let time pass with a channel that says nothing, and hold what came of it against the order."""
    try:
        world = play(order)
        judge(world)
        world.advance(400)
        judge(world)
        assert world.laws is not None
        world.laws.finish(world.now)
    except (Broken, AssertionError) as why:
        raise AssertionError(f"{' > '.join(order)}: {why}") from why


def judge(world: World) -> None:
    begun = [one for one in world.all(f.SendStarted) if one.machine]
    ended = {one.send: one for one in world.all(f.SendEnded)}
    for number, one in enumerate(begun):
        earlier = {before.send: ended.get(before.send) for before in begun[:number]}
        assert all(end is not None and end.outcome == "not_sent" for end in earlier.values()), "a second machine text"
        assert one.at < opened_of(world, one) + 180_000, "begun after its deadline"
    for seq, fact in enumerate(world.facts, 1):
        if isinstance(fact, f.ReplyIntended) and fact.question is not None:
            since = world.facts[int(fact.question[1:]) : seq]
            assert not any(isinstance(one, f.BuyerWrote) for one in since), "a key held another question"
        if isinstance(fact, f.ReplyIntended) and fact.draft is not None:
            between = world.facts[int(fact.draft[1:]) : seq]
            assert not any(isinstance(one, f.BuyerWrote) for one in between), "a stale draft was approved"
        if isinstance(fact, f.OfficeTaken) and getattr(fact.subject, "stopped", False):
            assert all(one.at <= fact.at for one in begun), "begun after the stop"


def opened_of(world: World, send: f.SendStarted) -> int:
    [intent] = [fact for seq, fact in enumerate(world.facts, 1) if f"s{seq}" == send.send]
    assert isinstance(intent, f.HoldIntended)
    return intent.round_at


@pytest.mark.parametrize("block", range(4))
def test_every_order_of_any_two_things(block: int) -> None:
    for number, order in enumerate(orders(2)):
        if number % 4 == block:
            look(order)


@pytest.mark.prove
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("block", range(8))
def test_every_order_of_any_three_things(block: int) -> None:
    for number, order in enumerate(orders(3)):
        if number % 8 == block:
            look(order)


# --- what some orders come to, by name

SENT = ("the hold comes due", "its turn comes", "it was sent")


@pytest.mark.parametrize(
    ("order", "begun", "owed"),
    [
        (SENT, 1, True),
        ((*SENT, "the agent answers"), 1, True),
        ((*SENT, "the agent answers", "its turn comes", "it was sent"), 1, False),
        ((*SENT, "the agent puts off", "its turn comes", "it was sent"), 1, True),
        (("a key holds", *SENT), 0, True),
        (("a key holds", "the reply is retired", *SENT), 0, False),
        (("a key holds", "its turn comes", "it was sent", "the hold comes due"), 0, True),
        (("the buyer writes", "a key holds", "the hold comes due", "its turn comes", "it was sent"), 1, True),
        ((*SENT, "the buyer writes", "a minute passes", "its turn comes"), 1, True),
        (("a draft arrives", "a draft is approved", "the hold comes due", "its turn comes", "it was sent"), 0, False),
        (
            ("a draft arrives", "the buyer writes", "a draft is approved", "the hold comes due", "its turn comes"),
            1,
            True,
        ),
        ((*SENT, "a draft arrives", "a draft is approved", "its turn comes", "it was sent"), 1, False),
        (("the hold comes due", "its turn comes", "nobody knows"), 1, True),
        (("the hold comes due", "its turn comes", "it was refused"), 1, False),
        (("the hold comes due", "the agent answers", "its turn comes"), 0, False),
        (("the agent answers", "the hold comes due", "its turn comes"), 0, False),
        (("the hold comes due", "stop is pressed", "its turn comes"), 0, False),
        (("the hold comes due", "the reply is retired", "its turn comes"), 0, False),
        (("the buyer thanks", "the hold comes due", "its turn comes"), 0, False),
        (("the hold comes due", "the channel is lost", "its turn comes"), 0, False),
        (("the hold comes due", "a minute passes", "its turn comes"), 0, False),
        (("the hold comes due", "relay starts anew", "its turn comes", "it was sent"), 1, True),
        (("the hold comes due", "its turn comes", "relay starts anew"), 1, True),
    ],
)
def test_what_an_order_comes_to(order: tuple[str, ...], begun: int, owed: bool) -> None:
    world = play(order)
    assert sum(one.machine for one in world.all(f.SendStarted)) == begun
    assert (world.knows() and world.conv().debt is not None) == owed

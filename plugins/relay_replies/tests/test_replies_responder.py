"""The responder of the library: the contract, its options, and that it offers approved words only."""

from collections.abc import Sequence

import pytest

from relay.contracts import Responder
from relay.domain.names import ShopId
from relay.domain.settings import QuickReply
from relay.testing.contracts_responder import FakeBook, ResponderContract, approved, question
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_replies.responder import build


def made(**options: object) -> Responder:
    return build("replies", options, FakeClock(), SeededEntropy())


class TestReplies(ResponderContract):
    def responder(self) -> Responder:
        return made()


async def test_it_offers_the_approved_version_with_its_measure() -> None:
    responder = made()
    await responder.start(FakeBook(approved("ship", "今天发货", version=4, topics=("发货",))))
    [draft] = [one async for one in responder.drafts(question("什么时候发货？"))]
    assert (draft.text, draft.reply, draft.version, draft.provider) == ("今天发货", "ship", 4, "relay")
    assert draft.confidence == 940
    assert "发货" in draft.reason


async def test_a_changed_library_is_seen_at_the_next_question() -> None:
    class Changing(FakeBook):
        replies: Sequence[QuickReply] = (approved("ship", "今天发货", topics=("发货",)),)

        def usable(self, shop: ShopId) -> Sequence[QuickReply]:
            return self.replies

    book, responder = Changing(), made()
    await responder.start(book)
    assert [one.text async for one in responder.drafts(question())] == ["今天发货"]
    book.replies = (approved("ship", "明天发货", version=2, topics=("发货",)),)
    assert [one.text async for one in responder.drafts(question())] == ["明天发货"]


@pytest.mark.parametrize(("least", "many"), [(0, 1), (941, 0)])
async def test_below_the_least_confidence_nothing_is_offered(least: int, many: int) -> None:
    responder = made(least=least)
    await responder.start(FakeBook(approved("ship", "今天发货", topics=("发货",))))
    assert len([one async for one in responder.drafts(question())]) == many


@pytest.mark.parametrize("options", [{"least": 1_001}, {"most": 0}, {"least": "high"}, {"more": 1}])
def test_an_option_that_cannot_be_used_is_named(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        made(**options)

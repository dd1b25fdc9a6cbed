"""Notes at work: their words in the store and nowhere else, also after a restart."""

import json

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import BuyerRef, NoteId
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import DESK, SHOP
from tests.runtime.test_service import ANN, House

WORDS = "买家怕冷，只要厚的"


def test_a_note_reaches_the_store_and_no_buyer_and_stays_through_a_restart() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))
        await house.rest()
        buyer: BuyerRef = house.last(f.BuyerWrote).buyer
        [written, *_] = await house.runner().submit(i.WriteNote(shop=SHOP, buyer=buyer, by=ANN), WORDS)
        await house.rest()
        assert house.channel.sent == []
        assert WORDS not in json.dumps([row.body.decode() for row in house.store.read(DESK)], ensure_ascii=False)
        await house.service.stop()

        again = await House.open(clock, house.store)
        await again.rest()
        state = again.runner()._desk.state
        assert list(state.notes[SHOP, buyer]) == [NoteId(f"n{written.seq}")]
        [kept] = again.runner().read(written.seq, written.seq)
        assert kept.text == WORDS
        assert again.channel.sent == []
        await again.service.stop()

    run_virtual(main)

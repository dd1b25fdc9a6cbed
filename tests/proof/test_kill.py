"""L1, L2, L9, L12, L16 against the real process: it is killed at any moment, started again, and nothing is lost,
altered, forgotten or said to a buyer twice.
"""

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from relay.contracts import Head
from relay.domain import facts as f
from relay.domain.names import BuyerRef, Millis, SendId
from relay.runtime.keys import outgoing_key
from relay.store import open_ledger
from tests.proof.checks import check_rerun, check_send, check_unaltered, heads, stories
from tests.proof.process import DESK, SHOP, Agent, Bridge, Chat, Counted, Message, Place
from tests.proof.world import desk_facts

NEW_A_ROUND = 40
HOLD_DUE_MS = 160_000


class Street:
    """A place, and everybody around it."""

    def __init__(self, folder: Path, seed: int, before: str = "") -> None:
        self.chance, self.before = random.Random(seed), before
        self.folder = folder
        self.events = Counted()
        self.chat = Chat(self.events)
        self.known: list[Head] = []
        self.numbers = 0
        self.unready = 0
        self.killed = 0

    async def open(self) -> None:
        await self.chat.start()
        self.place = Place(self.folder, self.chat.url)
        assert (await self.place.run("settings", "apply", "settings.toml"))[0] == 0
        self.bridge = Bridge(self.place.url, self.events)
        self.agents = []
        for name in ("ann", "bob"):
            code, told = await self.place.run("token", name)
            assert code == 0, told
            self.agents.append(Agent(name, told.split()[0], self.place.url, self.events))

    def new_messages(self) -> list[Message]:
        """Some were asked so long ago that a hold is due while they are here."""
        made = []
        for _ in range(NEW_A_ROUND):
            self.numbers += 1
            made.append(Message(self.numbers, self.chance.choice((0, 0, HOLD_DUE_MS - self.chance.randrange(900)))))
        return made

    async def round(self, number: int) -> None:
        """Start, let everybody work, kill at a random event; then look at what is on the disk."""
        serving = await self.place.serve(self.before)
        self.bridge.add(self.new_messages())
        if number % 7 == 6:
            self.unready += 1
            await serving.said("desk_open")  # killed before it is ready
        else:
            await serving.ready()
            await self._work(self.events.count + self.chance.choice((1, 3, 10, 30, 60, 90, 120)), serving.kill)
        await serving.kill()
        self.killed += await serving.ended() == -signal.SIGKILL
        check_unaltered(self.place.ledger, self.known)
        self.known += heads(self.place.ledger)

    async def _work(self, until: int, end: object) -> None:
        async with aiohttp.ClientSession() as session:
            tasks = [asyncio.create_task(agent.work(session)) for agent in self.agents]
            tasks.append(asyncio.create_task(self.bridge.bring(session)))
            most = self.events.count + self.bridge.left
            await self.events.reach(min(until, most))
            await end()  # type: ignore[operator]
            async with asyncio.timeout(30):
                await asyncio.gather(*tasks)

    async def close(self) -> None:
        """The last life: everything is brought, and the process is asked to stop."""
        serving = await self.place.serve()
        await serving.ready()
        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(60):
                while self.bridge.left:
                    await self.bridge.bring(session)
        serving.process.terminate()
        await serving.ended()
        await self.chat.stop()


def check(street: Street) -> None:
    """What the ledger says against what everybody else knows."""
    facts = desk_facts(street.place.ledger)[DESK]
    check_unaltered(street.place.ledger, street.known)
    check_rerun(DESK, facts)
    with open_ledger(street.place.ledger) as ledger:
        secret = ledger.secret()
        asked_in = [seq for seq, fact in enumerate(facts, 1) if isinstance(fact, f.BuyerWrote)]
        texts = Counter(row.body.decode() for row in ledger.content(DESK, asked_in).values())
    assert texts == Counter(message.text for message in street.bridge.messages)  # each exactly once, none invented
    for message in street.bridge.messages:
        assert message.answers, f"never acknowledged: {message.id}"
        assert len({told["message"] for told in message.answers}) == 1
        assert [told["taken"] for told in message.answers].count("taken") <= 1
        assert message.tries > 1 or message.answers[0]["taken"] == "taken"
    keys = Counter((fact.buyer, fact.key) for fact in facts if isinstance(fact, f.ReplyIntended))
    assert set(keys.values()) <= {1}
    done = {f"{agent.name}:{key}" for agent in street.agents for key in agent.done if key != "p"}
    assert done <= {key for _, key in keys}
    sent = stories(facts)
    names = {outgoing_key(secret, DESK, send): story for send, story in sent.items()}
    assert set(street.chat.asked) <= set(names)
    for key, story in names.items():
        asked = street.chat.asked[key]
        check_send(key, story, asked, street.chat.accepted[key])
    assert max(street.chat.accepted.values(), default=0) <= 1


async def many_kills(folder: Path, seed: int, kills: int, before: str = "") -> Street:
    street = Street(folder, seed, before)
    await street.open()
    for number in range(kills):
        await street.round(number)
    await street.close()
    assert street.killed == kills, "a process ended by itself"
    check(street)
    return street


async def test_nothing_is_lost_or_said_twice_through_ten_kills(tmp_path: Path) -> None:
    street = await many_kills(tmp_path, 1, 10)
    facts = desk_facts(street.place.ledger)[DESK]
    assert sum(isinstance(fact, f.DeskStarted) for fact in facts) >= 10 - street.unready
    assert street.chat.accepted
    heads_file = tmp_path / "heads.jsonl"
    heads_file.write_text(
        "".join(f'{{"desk":"{one.desk}","head":{one.seq},"hash":"{one.hash.hex()}"}}\n' for one in street.known)
    )
    code, told = await street.place.run("verify", "--against", "heads.jsonl")
    assert code == 0, told
    code, told = await street.place.run("replay")
    assert code == 0, told


BEGUN = f.SendStarted(at=Millis(1), send=SendId("s"), shop=SHOP, buyer=BuyerRef("b"), seat=None, attempt=1)


def ended(outcome: f.Outcome) -> f.SendEnded:
    return f.SendEnded(at=Millis(2), send=SendId("s"), shop=SHOP, buyer=BuyerRef("b"), seat=None, outcome=outcome)


@pytest.mark.parametrize(
    ("facts", "asked", "accepted", "found"),
    [
        ([BEGUN, ended("confirmed")], 1, 2, "reached_twice"),
        ([BEGUN, ended("confirmed")], 2, 1, "sent_more_often_than_begun"),
        ([BEGUN, ended("confirmed")], 1, 0, "claimed_without_proof"),
        ([BEGUN, ended("not_sent")], 1, 1, "denied_although_it_arrived"),
        ([BEGUN, ended("unknown"), BEGUN], 1, 1, "sent_again_after_an_unknown"),
    ],
)
def test_the_check_of_sends_finds(facts: list[f.DeskFact], asked: int, accepted: int, found: str) -> None:
    (story,) = stories(facts).values()
    with pytest.raises(AssertionError, match=found):
        check_send("key", story, asked, accepted)


HASTY = """
import time
from relay.contracts import Batch
from relay.store import writer

honest = writer.Writer._serve

def serve(self, group):
    batches = [job for job in group if isinstance(job.task, Batch)]
    writer._tell(batches, [None for _ in batches])
    time.sleep(0.05)
    honest(self, group)

writer.Writer._serve = serve
"""


@pytest.mark.prove
@pytest.mark.timeout(3600)
async def test_kills_find_a_process_that_acknowledges_before_it_commits(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"Right contains \d+ more items"):
        await many_kills(tmp_path, 3, 8, HASTY)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("block", range(20))
async def test_nothing_is_lost_or_said_twice_through_a_thousand_kills(block: int, tmp_path: Path) -> None:
    await many_kills(tmp_path, 100 + block, 50)

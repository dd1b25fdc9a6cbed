"""The laws, held against what a world's run has left: its ledger, the platform's own log, and who was told what."""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from relay.contracts import Head
from relay.domain import facts as f
from relay.domain.codec import decode, encode
from relay.domain.desk import Desk
from relay.domain.names import OFFICE, DeskId, SendId, ShopId
from relay.domain.replay import input_of, rerun
from relay.insight.log import final_ends, messages_of
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.rules.instants import CHINA_ZONE
from relay.rules.messages import Message, encode_all, scan
from relay.runtime.keys import outgoing_key
from relay.store import open_ledger, verify
from tests.domain.laws import Laws
from tests.proof.shop import SHOPS
from tests.proof.world import Life, World, desk_facts

Facts = Sequence[f.DeskFact]
ON_TIME_S = 2.0


def check_all(world: World) -> None:
    """Everything that can be said at the end of a run."""
    streams = desk_facts(world.disk.path)
    check_unaltered(world.disk.path)
    for desk, facts in streams.items():
        check_rerun(desk, facts)
        check_office_order(world.disk.path, desk, facts)
    check_taken_once(world, streams)
    check_sends(world, streams)
    check_unknown_shown(world, streams)
    check_figures(world.disk.path, streams)
    for desk, facts in streams.items():
        check_laws(desk, facts)


def check_unaltered(path: Path, against: Iterable[Head] = ()) -> None:
    """L12, and SQLite's own check."""
    with open_ledger(path) as ledger:
        assert verify(ledger, against) == []
        assert ledger.integrity() is None


def heads(path: Path) -> list[Head]:
    with open_ledger(path) as ledger:
        return list(ledger.heads())


def check_rerun(desk: DeskId, facts: Facts) -> None:
    """L16: the same bytes from the same inputs."""
    again = rerun(Desk(desk, guiding), facts)
    assert [encode(fact) for fact in again] == [encode(fact) for fact in facts]


def check_laws(desk: DeskId, facts: Facts) -> None:
    """L3 to L11 by the desk's own watcher, step by step; the twin that it steps stands for the desk that wrote them.

    One thing is left out: a question that arrives after its answer is put before somebody, though no round is open.
    """
    laws = Laws(desk, guiding, frozenset({"L3 queued_without_question"}), thorough=200)
    for step in steps_of(facts):
        laws.check(laws.twin, input_of(step[0]), step[0].at, step)
    laws.finish(facts[-1].at)


def steps_of(facts: Facts) -> list[list[f.DeskFact]]:
    """Each observation with what was derived from it."""
    steps: list[list[f.DeskFact]] = []
    for fact in facts:
        if fact.cause == 0:
            steps.append([])
        steps[-1].append(fact)
    return steps


def check_office_order(path: Path, desk: DeskId, facts: Facts) -> None:
    """§9: the office's changes in its order, each once, and all of them before anything ticks in a life."""
    taken = [fact.office_seq for fact in facts if isinstance(fact, f.OfficeTaken)]
    assert taken == sorted(set(taken)), taken
    with open_ledger(path) as ledger:
        office = {row.seq: decode(row.body) for row in ledger.read(OFFICE)}
    for fact in facts:
        if isinstance(fact, f.OfficeTaken) and fact.subject is not None:
            told = office[fact.office_seq]
            assert isinstance(told, f.SettingSet)
            assert told.subject == fact.subject
    last_told: dict[str, f.SettingSet] = {}
    for one in office.values():
        if isinstance(one, f.SettingSet):
            last_told[f"{type(one.subject).__name__} {one.subject.id}"] = one
    known = {f"{type(fact.subject).__name__} {fact.subject.id}": fact.subject for fact in facts if _sets(fact)}  # type: ignore[attr-defined]
    for name, subject in known.items():
        assert subject == last_told[name].subject, f"{desk} ends with an old {name}"


def _sets(fact: f.DeskFact) -> bool:
    return isinstance(fact, f.OfficeTaken) and fact.subject is not None


# --- L1, L2


def check_taken_once(world: World, streams: dict[DeskId, list[f.DeskFact]]) -> None:
    """What was acknowledged is there, once, with its text; what was not is there at most once."""
    there: Counter[tuple[DeskId, str]] = Counter()
    with open_ledger(world.disk.path) as ledger:
        for desk, facts in streams.items():
            seqs = [seq for seq, fact in enumerate(facts, 1) if isinstance(fact, f.BuyerWrote | f.ShopWrote)]
            for row in ledger.content(desk, seqs).values():
                there[desk, row.body.decode()] += 1
    known = {desk: Counter(type(fact) for fact in facts) for desk, facts in streams.items()}
    unique = [line for line in world.buyers.lines if "[" in line.arrival.text and line.arrival.echo_of is None]
    assert len({(line.arrival.shop, line.arrival.text) for line in unique}) == len(unique)
    for line in unique:
        desk = DeskId(SHOPS[line.arrival.shop])
        count = there[desk, line.arrival.text]
        assert count == 1 or (count == 0 and not line.receipts), f"L2: {count} times {line}"
        assert len({receipt.message for receipt in line.receipts}) <= 1, f"L2: two names for one message: {line}"
        assert sum(receipt.taken != "duplicate" for receipt in line.receipts) <= 1, f"L2: taken twice: {line}"
    acknowledged = sum(bool(line.receipts) for line in world.buyers.lines)
    taken = sum(
        kinds[f.BuyerWrote] + kinds[f.ShopWrote] + kinds[f.MessageRecalled] for kinds in known.values()
    )  # fmt: skip
    assert acknowledged <= taken <= len(world.buyers.lines)
    for answer in world.agents.answers:
        facts = streams.get(DeskId(SHOPS[answer.shop]), [])
        count = sum(isinstance(fact, f.ReplyIntended) and fact.key == answer.key for fact in facts)
        assert count == 1 if answer.done else count <= 1, f"L1: {count} times {answer}"


# --- L9


def check_sends(world: World, streams: dict[DeskId, list[f.DeskFact]]) -> None:
    """The platform's own log against what the ledger claims."""
    with open_ledger(world.disk.path) as ledger:
        secret = ledger.secret()
    asked: dict[str, list[int]] = {}
    for key, head in world.platform.asked:
        asked.setdefault(key, []).append(head)
    known: set[str] = set()
    for desk, facts in streams.items():
        for send, story in stories(facts).items():
            key = outgoing_key(secret, desk, send)
            known.add(key)
            check_send(key, story, asked.get(key, []), len(world.platform.accepted.get(key, [])), facts)
    assert set(asked) <= known, "L9: something was sent that no ledger knows"
    assert set(world.platform.accepted) <= known


def check_send(key: str, story: list[tuple[int, f.DeskFact]], asked: list[int], accepted: int, facts: Facts) -> None:
    started = [seq for seq, fact in story if isinstance(fact, f.SendStarted)]
    ended = [fact for _, fact in story if isinstance(fact, f.SendEnded)]
    idempotent = getattr(story[0][1], "shop", "") == "b"
    assert accepted <= 1, f"L9: {key} reached the buyer {accepted} times"
    assert len(asked) <= len(started), f"L9: {key} was sent more often than it was begun"
    for number, head in enumerate(asked):
        assert started[number] <= head, f"L9: {key} was sent before its `sending` was durable"
    if not idempotent:
        unsure = next((seq for seq, fact in story if isinstance(fact, f.SendEnded) and fact.outcome == "unknown"), None)
        assert unsure is None or all(seq < unsure for seq in started), f"L9: {key} was sent again after an unknown"
    if ended:
        last = ended[-1]
        if last.outcome == "confirmed":
            assert accepted == 1, f"L9: {key} claimed without proof"
        elif last.outcome in ("refused", "not_sent"):
            assert accepted == 0, f"L9: {key} denied although it arrived: {last}"


def stories(facts: Facts) -> dict[SendId, list[tuple[int, f.DeskFact]]]:
    """Of each send that was begun: every fact on it, with its seq."""
    found: dict[SendId, list[tuple[int, f.DeskFact]]] = {}
    for seq, fact in enumerate(facts, 1):
        if isinstance(fact, f.SendStarted | f.SendEnded | f.SendRequeued):
            found.setdefault(fact.send, []).append((seq, fact))
    return found


def check_unknown_shown(world: World, streams: dict[DeskId, list[f.DeskFact]]) -> None:
    """L9: every unknown is an alert within two seconds of being recorded, unless the process died before."""
    for desk, facts in streams.items():
        for seq, fact in enumerate(facts, 1):
            if isinstance(fact, f.SendEnded) and fact.outcome == "unknown" and fact.retry_at is None:
                life, at = world.durable_at[desk, seq]
                told = world.alerts.get((life, f"{fact.send}:unknown"))
                died = at + ON_TIME_S > world.ends[life]
                assert died or (told is not None and told - at <= ON_TIME_S), f"L9: not shown: {desk} {seq} {fact}"


# --- L13


def check_figures(path: Path, streams: dict[DeskId, list[f.DeskFact]]) -> None:
    """The figure of the ledger is that of its export, byte for byte, now and at earlier seqs."""
    catalogue = Catalogue()
    for rule in ("taobao_ww3", "taobao_ww3_2023"):
        for desk, facts in streams.items():
            numbered = list(enumerate(facts, 1))
            for to_seq in {len(facts), len(facts) // 2, len(facts) * 4 // 5, 7}:
                lines = list(messages_of(desk, numbered[:to_seq], final_ends(numbered[:to_seq])))
                own = catalogue.open(rule, {})
                for line in lines:
                    own.take(line)
                exported = io.BytesIO(b"".join(encode_all(lines, CHINA_ZONE)))
                audited = catalogue.open(rule, {})
                audited.take_all(scan(exported))
                assert own.report().to_json() == audited.report().to_json(), f"L13: {desk} to {to_seq}"


async def check_live(world: World, life: Life) -> None:
    """The running figure of each shop equals that of its whole ledger, at an instant in the middle of everything."""
    for desk, running in list(life.service.desks.items()):
        now = life.clock.now()

        def compare(state: object, desk: DeskId = desk, running: object = running, now: int = now) -> None:
            facts = [one.fact for one in running.runner.read(1)]  # type: ignore[attr-defined]
            shops = {fact.subject.id: fact.subject for fact in facts if _sets(fact) and hasattr(fact.subject, "rule")}  # type: ignore[attr-defined]
            numbered = list(enumerate(facts, 1))
            lines = list(messages_of(desk, numbered, final_ends(numbered)))
            for shop in shops.values():
                figure = Catalogue().open(shop.rule, shop.rule_options)
                for line in _of_shop(lines, shop.id):
                    figure.take(line)
                live = running.figures.counts(shop.id, now)  # type: ignore[attr-defined]
                whole = figure.counts(now)
                assert live.days[-1:] == whole.days[-1:], f"L13: the live figure of {shop.id} differs"
                assert live.days_without[-1:] == whole.days_without[-1:], f"L13: {shop.id}, without automation"

        await running.runner.look(compare)


def _of_shop(lines: Iterable[Message], shop: ShopId) -> list[Message]:
    return [line for line in lines if line.shop == shop]

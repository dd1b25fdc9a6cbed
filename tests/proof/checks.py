"""What can be said only when a run is over: its ledger as a whole, the platform's own log, and who was told what.

What holds at every fact is `tests.proof.watch`'s. Each breach is a `Broken` with the law's number.
"""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from relay.contracts import Head
from relay.domain import facts as f
from relay.domain.codec import decode, encode
from relay.domain.desk import Desk
from relay.domain.names import OFFICE, DeskId, SendId, ShopId
from relay.domain.replay import rerun
from relay.domain.settings import Seat, Shop
from relay.insight.log import final_ends, messages_of, read_gaps
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.rules.instants import CHINA_ZONE
from relay.rules.messages import Message, encode_all, scan
from relay.runtime.keys import outgoing_key, transfer_key
from relay.store import open_ledger, verify
from tests.domain.laws import Broken
from tests.proof.shop import SHOPS
from tests.proof.world import Life, World

Facts = Sequence[f.DeskFact]
ON_TIME_S = 2.0


def hold(law: str, what: str, holds: bool, detail: object = "") -> None:
    if not holds:
        raise Broken(law, what, detail)


def check_all(world: World) -> None:
    """Everything that can be said at the end of a run. The facts are those that the watcher has seen, one by one."""
    streams = {desk: one.laws.told.facts for desk, one in world.watch.streams.items() if one.laws is not None}
    seen = [Head(desk, one.seq, one.hash) for desk, one in world.watch.streams.items() if one.seq]
    hold("L12", "the_disk_has_what_was_seen", heads(world.disk.path) == sorted(seen, key=lambda head: head.desk))
    for desk, facts in streams.items():
        check_office_order(world.disk.path, desk, facts)
    check_sends(world, streams)
    check_transfers(world, streams)
    check_taken_once(world, streams)
    check_unknown_shown(world, streams)
    check_figures(streams)
    for one in world.watch.streams.values():
        if one.laws is not None and one.seq:
            one.laws.finish(one.laws.at)


def check_unaltered(path: Path, against: Iterable[Head] = ()) -> None:
    """L12, and SQLite's own check."""
    with open_ledger(path) as ledger:
        flaws = verify(ledger, against)
        hold("L12", "altered", not flaws, flaws)
        hold("L12", "integrity", ledger.integrity() is None)


def heads(path: Path) -> list[Head]:
    with open_ledger(path) as ledger:
        return sorted(ledger.heads(), key=lambda head: head.desk)


def check_rerun(desk: DeskId, facts: Facts) -> None:
    """L16: the same bytes from the same inputs."""
    again = rerun(Desk(desk, guiding), facts)
    assert [encode(fact) for fact in again] == [encode(fact) for fact in facts]


def check_office_order(path: Path, desk: DeskId, facts: Facts) -> None:
    """§9: the office's changes in its order, each once, and at the end none is left out."""
    taken = [fact.office_seq for fact in facts if isinstance(fact, f.OfficeTaken)]
    hold("§9", "office_order", taken == sorted(set(taken)), taken)
    with open_ledger(path) as ledger:
        office = {row.seq: decode(row.body) for row in ledger.read(OFFICE)}
    for fact in facts:
        if isinstance(fact, f.OfficeTaken) and fact.subject is not None:
            told = office[fact.office_seq]
            hold("§9", "office_value", isinstance(told, f.SettingSet) and told.subject == fact.subject, fact)
    last_told: dict[str, f.SettingSet] = {}
    for one in office.values():
        if isinstance(one, f.SettingSet):
            last_told[f"{type(one.subject).__name__} {one.subject.id}"] = one
    known = {f"{type(fact.subject).__name__} {fact.subject.id}": fact.subject for fact in facts if _sets(fact)}  # type: ignore[attr-defined]
    shops = {name for name, where in SHOPS.items() if where == desk}
    for name, told_last in last_told.items():
        subject = told_last.subject
        where = subject.id if isinstance(subject, Shop) else subject.shop if isinstance(subject, Seat) else None
        if name in known or where in shops:
            hold("§9", "ends_with_an_old_setting", known.get(name) == subject, (desk, name))


def _sets(fact: f.DeskFact) -> bool:
    return isinstance(fact, f.OfficeTaken) and fact.subject is not None


# --- L1, L2


def check_taken_once(world: World, streams: dict[DeskId, list[f.DeskFact]]) -> None:
    """What was acknowledged is there, once, with its text; what was not is there at most once."""
    there = {desk: one.unique for desk, one in world.watch.streams.items()}
    told = [letter for letter in world.bridge.letters if letter.arrival.echo_of is None]
    unique = [letter for letter in told if "[" in letter.arrival.text]
    hold("L2", "texts", len({(one.arrival.shop, one.arrival.text) for one in unique}) == len(unique))
    for letter in unique:
        known = letter.arrival.text in there.get(DeskId(SHOPS[letter.arrival.shop]), {})
        hold("L1", "acknowledged_and_gone", known or not letter.receipts, letter)
    for letter in world.bridge.letters:
        hold("L2", "two_names", len({receipt.message for receipt in letter.receipts}) <= 1, letter)
        hold("L2", "taken_twice", sum(receipt.taken != "duplicate" for receipt in letter.receipts) <= 1, letter)
    acknowledged = sum(bool(letter.receipts) for letter in world.bridge.letters)
    kinds = Counter(type(fact) for facts in streams.values() for fact in facts)
    taken = kinds[f.BuyerWrote] + kinds[f.ShopWrote] + kinds[f.MessageRecalled] + kinds[f.PlatformPlaced]
    hold("L2", "count", acknowledged <= taken <= len(world.bridge.letters), (acknowledged, taken))
    keys = Counter(fact.key for facts in streams.values() for fact in facts if isinstance(fact, f.ReplyIntended))
    for answer in world.agents.answers:
        count = keys[answer.key]
        hold("L1", "answers", count == 1 if answer.done else count <= 1, (count, answer))


# --- L9


def check_sends(world: World, streams: dict[DeskId, list[f.DeskFact]]) -> None:
    """The platform's own log against what the ledger claims."""
    with open_ledger(world.disk.path) as ledger:
        secret = ledger.secret()
    known: set[str] = set()
    for desk, facts in streams.items():
        for send, story in stories(facts).items():
            key = outgoing_key(secret, desk, send)
            known.add(key)
            asked = world.platform.asked.get(key, 0)
            check_send(key, story, asked, len(world.platform.accepted.get(key, [])))
    hold("L9", "unknown_to_the_ledger", set(world.platform.asked) | set(world.platform.accepted) <= known)


def check_send(key: str, story: list[tuple[int, f.DeskFact]], asked: int, accepted: int) -> None:
    started = [seq for seq, fact in story if isinstance(fact, f.SendStarted)]
    ended = [fact for _, fact in story if isinstance(fact, f.SendEnded)]
    idempotent = getattr(story[0][1], "shop", "") == "b"
    hold("L9", "reached_twice", accepted <= 1, (key, accepted))
    hold("L9", "sent_more_often_than_begun", asked <= len(started), (key, asked, story))
    if not idempotent:
        unsure = next((seq for seq, fact in story if isinstance(fact, f.SendEnded) and fact.outcome == "unknown"), None)
        hold("L9", "sent_again_after_an_unknown", unsure is None or all(seq < unsure for seq in started), (key, story))
    if ended:
        last = ended[-1]
        if last.outcome == "confirmed":
            hold("L9", "claimed_without_proof", accepted == 1, (key, last))
        elif last.outcome in ("refused", "not_sent"):
            hold("L9", "denied_although_it_arrived", accepted == 0, (key, last))


def _is_there(world: World, fact: f.TransferEnded) -> bool:
    """Whether the platform has moved the buyer to that seat by an earlier asking, of which nobody heard the outcome."""
    buyer = world.watch.name_of(fact.buyer)
    moved = (order for orders in world.platform.moved.values() for order in orders)
    return any((order.buyer, order.account) == (buyer, f"acc-{fact.to}") for order in moved)


def check_transfers(world: World, streams: dict[DeskId, list[f.DeskFact]]) -> None:
    """L3: what the ledger says of a transfer, against what the platform did."""
    with open_ledger(world.disk.path) as ledger:
        secret = ledger.secret()
    known: set[str] = set()
    for desk, facts in streams.items():
        asked = Counter(fact.transfer for fact in facts if isinstance(fact, f.TransferRequested))
        for fact in facts:
            if isinstance(fact, f.TransferEnded):
                moved = world.platform.moved.get(transfer_key(secret, desk, fact.transfer), [])
                proven = fact.outcome != "confirmed" or bool(moved) or (fact.why == "placed" and _is_there(world, fact))
                hold("L3", "moved_without_proof", proven, fact)
                right = all(order.account == f"acc-{fact.to}" for order in moved)
                hold("L3", "moved_to_somebody_else", right, (fact, moved))
        keys = {transfer_key(secret, desk, transfer): count for transfer, count in asked.items()}
        known |= keys.keys()
        for key, count in keys.items():
            often = world.platform.moves_asked.get(key, 0)
            hold("L3", "asked_more_often_than_recorded", often <= count + world.life, (key, often, count))
    hold("L3", "unknown_to_the_ledger", set(world.platform.moves_asked) <= known)


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
        durable = world.watch.stream(desk).durable
        for seq, fact in enumerate(facts, 1):
            if isinstance(fact, f.SendEnded) and fact.outcome == "unknown" and fact.retry_at is None:
                life, at = durable[seq]
                told = world.alerts.get((life, f"{fact.send}:unknown"))
                died = at + ON_TIME_S > world.ends[life]
                shown = died or (told is not None and told - at <= ON_TIME_S)
                hold("L9", "unknown_not_shown", shown, (desk, seq, fact))


# --- L13


def check_figures(streams: dict[DeskId, list[f.DeskFact]]) -> None:
    """The figure of the ledger is that of its export, byte for byte, now and at an earlier seq."""
    catalogue = Catalogue()
    for rule in ("taobao_ww3", "taobao_ww3_2023"):
        for desk, facts in streams.items():
            numbered = list(enumerate(facts, 1))
            for to_seq in {len(facts), len(facts) // 2, 7}:
                part = numbered[:to_seq]
                lines = list(messages_of(desk, part, final_ends(part), read_gaps(part)))
                own = catalogue.open(rule, {})
                for line in lines:
                    own.take(line)
                exported = io.BytesIO(b"".join(encode_all(lines, CHINA_ZONE)))
                audited = catalogue.open(rule, {})
                audited.take_all(scan(exported))
                same = own.report().to_json() == audited.report().to_json()
                hold("L13", "the_audit_of_the_export_differs", same, (desk, to_seq))


async def check_live(world: World, life: Life) -> None:
    """The running figure of each shop equals that of its whole ledger, at an instant in the middle of everything."""
    for desk, running in list(life.service.desks.items()):
        now = life.clock.now()

        def compare(state: object, desk: DeskId = desk, running: object = running, now: int = now) -> None:
            facts = [one.fact for one in running.runner.read(1)]  # type: ignore[attr-defined]
            shops = {fact.subject.id: fact.subject for fact in facts if _sets(fact) and hasattr(fact.subject, "rule")}  # type: ignore[attr-defined]
            numbered = list(enumerate(facts, 1))
            lines = list(messages_of(desk, numbered, final_ends(numbered), read_gaps(numbered)))
            for shop in shops.values():
                figure = Catalogue().open(shop.rule, shop.rule_options)
                for line in _of_shop(lines, shop.id):
                    figure.take(line)
                live = running.figures.counts(shop.id, now)  # type: ignore[attr-defined]
                whole = figure.counts(now)
                hold("L13", "the_live_figure_differs", live.days[-1:] == whole.days[-1:], shop.id)
                same = live.days_without[-1:] == whole.days_without[-1:]
                hold("L13", "the_live_figure_without_automation_differs", same, shop.id)

        await running.runner.look(compare)


def _of_shop(lines: Iterable[Message], shop: ShopId) -> list[Message]:
    return [line for line in lines if line.shop == shop]

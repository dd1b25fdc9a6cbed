"""Every fact at the instant at which it is on the disk, held against every law; and every promise when it is made.

One watcher a run. It outlives the lives of the process: at each start it first looks at what the disk has that nobody
had told of. A breach is a `Broken`; whoever runs the world ends the run with the first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relay.contracts import Batch, ContentRow, Outgoing, Receipt, RefRow
from relay.domain import facts as f
from relay.domain.codec import GENESIS, Row, decode, link
from relay.domain.names import OFFICE, DeskId, Millis
from relay.domain.replay import input_of
from relay.rules.guiding import guiding
from relay.store import SqliteStore
from tests.domain.laws import Broken, Laws
from tests.domain.told import Told
from tests.proof.plan import GUARDED

if TYPE_CHECKING:
    from tests.proof.agents import Answer
    from tests.proof.buyers import Letter

PERSONAL = re.compile("昵称|单号".encode())
"""How this world's names and order numbers begin."""
THOROUGH = 1_000
LEFT_OUT = frozenset({"L3 queued_without_question"})
"""A question that arrives after its answer is put before somebody, though no round is open."""
LATE_MS = 5_000
"""Within this everything that is due is done, while the process is well: commits take up to 0.4 s here."""


@dataclass
class Stream:
    """What is known of one ledger: where it ends, and of a desk's what its facts tell."""

    laws: Laws | None
    seq: int = 0
    hash: bytes = GENESIS
    durable: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Of each seq, in which life and when it was on the disk."""
    texts: dict[int, str] = field(default_factory=dict)
    unique: dict[str, int] = field(default_factory=dict)
    started: dict[str, int] = field(default_factory=dict)
    """Of each machine's text that was filled in, the fact that binds it."""


class Watch:
    """`on_fact` is told each durable fact of a desk, `moment` says in which life and when that is."""

    def __init__(
        self, moment: Callable[[], tuple[int, float]], on_fact: Callable[[DeskId, int, f.DeskFact], None]
    ) -> None:
        self._moment, self._on_fact = moment, on_fact
        self.streams: dict[DeskId, Stream] = {}
        self.names: dict[str, str] = {}
        self._asked: dict[str, int] = {}
        self.facts = 0

    def stream(self, desk: DeskId) -> Stream:
        if desk not in self.streams:
            laws = None if desk == OFFICE else Laws(desk, guiding, LEFT_OUT, thorough=THOROUGH)
            self.streams[desk] = Stream(laws)
        return self.streams[desk]

    def told(self, desk: DeskId) -> Told:
        laws = self.stream(desk).laws
        assert laws is not None
        return laws.told

    def name_of(self, buyer: str) -> str:
        """What the world calls a buyer whom relay knows by a reference."""
        return self.names[buyer]

    # --- what is on the disk

    def durable(self, batch: Batch) -> None:
        self._take(batch.desk, batch.rows, batch.content, batch.refs)

    def catch_up(self, store: SqliteStore) -> None:
        """What was written while nobody could be told any more (L1: it is there, or it is not; never half)."""
        for head in store.heads():
            stream = self.stream(head.desk)
            if head.seq < stream.seq:
                raise Broken("L1", "durable_facts_are_gone", (head, stream.seq))
            rows = list(store.read(head.desk, stream.seq + 1))
            content = store.content(head.desk, [row.seq for row in rows])
            refs = {fact.buyer for fact in map(_fact, rows) if hasattr(fact, "buyer")} - self.names.keys()
            self._take(head.desk, rows, list(content.values()), list(store.buyers(refs).values()))
            if stream.laws is not None:
                stream.laws.look_at_all()

    def _take(self, desk: DeskId, rows: Sequence[Row], content: Sequence[ContentRow], refs: Sequence[RefRow]) -> None:
        stream = self.stream(desk)
        self.names.update({ref.ref: ref.platform_id for ref in refs})
        for one in content:
            stream.texts[one.seq] = one.body.decode()
        steps: list[list[f.DeskFact]] = []
        for row in rows:
            if row.seq != stream.seq + 1 or link(stream.hash, desk, row.seq, row.body) != row.hash:
                raise Broken("L12", "chain", (desk, row.seq, stream.seq))
            stream.seq, stream.hash = row.seq, row.hash
            stream.durable[row.seq] = self._moment()
            fact = _fact(row)
            if fact.cause == 0:
                steps.append([])
            steps[-1].append(fact)
            self._taken_once(stream, row.seq, fact)
            if isinstance(fact, f.SendStarted) and fact.digest:
                stream.started[fact.send] = row.seq
            if PERSONAL.search(row.body):
                raise Broken("L12", "personal_in_a_fact", fact)
        self.facts += len(rows)
        if stream.laws is not None:
            for step in steps:
                stream.laws.check(stream.laws.twin, input_of(step[0]), step[0].at, step)
                for seq, fact in enumerate(step, stream.laws.told.seq - len(step) + 1):
                    self._on_fact(desk, seq, fact)

    def _taken_once(self, stream: Stream, seq: int, fact: f.DeskFact) -> None:
        """L2: every line of the world has a text of its own, so a text that is there twice was taken twice."""
        if isinstance(fact, f.BuyerWrote) or (isinstance(fact, f.ShopWrote) and fact.echo_of is None):
            text = stream.texts.get(seq, "")
            if "[" in text and text in stream.unique:
                raise Broken("L2", "taken_twice", (text, stream.unique[text], seq))
            stream.unique[text] = seq
            said = GUARDED.get(text.partition(" [")[0])
            if said is not None and isinstance(fact, f.BuyerWrote) and fact.guard != said:
                raise Broken("§7", "guard_not_read", (text, fact))

    # --- what was promised

    def acknowledged(self, letter: "Letter", receipt: Receipt) -> None:
        """A channel was told that this line is durable: it is, and with its text."""
        desk = self.desk_of(letter.arrival.shop)
        seq = int(receipt.message[1:])
        self.durable_at(desk, seq, letter)
        if letter.arrival.text and self.stream(desk).texts.get(seq) != letter.arrival.text:
            raise Broken("L2", "acknowledged_another_text", (letter, self.stream(desk).texts.get(seq)))
        fact = self.told(desk).facts[seq - 1]
        if isinstance(fact, f.ShopWrote) and (fact.echo_of is None) != (letter.arrival.echo_of is None):
            raise Broken("L9", "echo_not_recognised", (letter, fact))

    def durable_at(self, desk: DeskId, seq: int, what: "Letter | Answer") -> None:
        if seq not in self.stream(desk).durable:
            raise Broken("L1", "acknowledged_before_it_was_durable", (desk, seq, what))

    def asked(self, message: Outgoing) -> None:
        """A channel was asked to send: the `sending` of exactly this attempt is durable (L9)."""
        desk, send = message.key.rpartition("-")[0].rsplit("-", 1)
        count = self._asked[message.key] = self._asked.get(message.key, 0) + 1
        text = self.told(DeskId(desk)).texts.get(send)
        if text is None or count > text.attempts:
            raise Broken("L9", "sent_before_it_was_durable", (message, text))
        if text.machine and ("{" in message.text or message.text != self._bound(DeskId(desk), send, message.text)):
            raise Broken("L8", "another_text_than_the_ledgers", (message, text.intent))

    def _bound(self, desk: DeskId, send: str, otherwise: str) -> str | None:
        """The text that the `sending` of this send bound; `otherwise` where it has no slots."""
        stream = self.stream(desk)
        seq = stream.started.get(send)
        return otherwise if seq is None else stream.texts.get(seq)

    def desk_of(self, shop: str) -> DeskId:
        return next(desk for desk, one in self.streams.items() if one.laws is not None and shop in one.laws.told.shops)

    # --- what must have happened by now

    def beat(self, now: Millis, running: dict[DeskId, int]) -> None:
        """Of each desk that runs, with its last durable seq: nothing is left undone (L11)."""
        for desk, seq in running.items():
            stream = self.stream(desk)
            if stream.laws is not None and stream.seq == seq:
                stream.laws.overdue(Millis(now - LATE_MS))


def _fact(row: Row) -> Any:
    return decode(row.body)

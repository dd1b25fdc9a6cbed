"""A reading of the ledger: under which rule and options, as of which seq; and how people write one.

A reading is words with spaces between, in any order: a rule's id (`taobao_ww3_2023`), options
(`robot_turn=closes`), and `seq:1000` for each desk as it was at that seq. What it does not say is as the command's own
options have it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from relay.cli.messages import messages
from relay.cli.replaying.names import Names
from relay.domain.names import DeskId
from relay.domain.streams import is_desk
from relay.errors import BadInputError
from relay.insight.causes import Judged, Terms
from relay.insight.round_ids import RoundIds
from relay.rules.catalogue import Catalogue
from relay.rules.instants import CHINA_ZONE, InstantReader
from relay.rules.ledger import Ledger
from relay.rules.limits import Limit
from relay.rules.options import pairs
from relay.rules.report import RoundVerdict
from relay.store.reader import Reader


class Reading(NamedTuple):
    """`to_seq` None: everything there is."""

    rule_id: str
    options: Mapping[str, str] = {}
    to_seq: int | None = None

    def title(self) -> str:
        """As people would write it."""
        options = [f"{key}={value}" for key, value in self.options.items()]
        seq = [] if self.to_seq is None else [f"seq:{self.to_seq}"]
        return " ".join([self.rule_id, *options, *seq])


def read(text: str, otherwise: Reading) -> Reading:
    """Raises BadInputError on a word that is none of the three."""
    rule_id, options, to_seq = otherwise
    found: list[str] = []
    for word in text.split():
        if "=" in word:
            found.append(word)
        elif word.startswith("seq:"):
            if not word[4:].isascii() or not word[4:].isdigit():
                raise BadInputError(f"{word!r}: seq 后应为数字 / seq: takes a number, for example seq:1000")
            to_seq = int(word[4:])
        elif word in Catalogue().ids:
            rule_id = word
        else:
            raise BadInputError(
                f"{word!r} 不是规则、key=value 或 seq:N / is no rule, key=value or seq:N; "
                f"规则 rules: {', '.join(Catalogue().ids)}"
            )
    return Reading(rule_id, {**options, **pairs(found)}, to_seq)


def judge(
    ledger: Reader, reading: Reading, shops: Sequence[str], ids: RoundIds | None = None, names: Names | None = None
) -> Ledger:
    """The ledger judged so, with `names` under the platform's. ValueError for a rule or an option that nobody knows."""
    figure = Catalogue().open(reading.rule_id, reading.options)
    for message in messages(ledger, reading.to_seq, (), shops, names):
        figure.take(message)
        if ids is not None:
            ids.take(message)
    return figure


def judged(figure: Ledger) -> list[Judged]:
    """Every entry as causes want it, in the order of the report."""
    return [
        Judged(shop, buyer, entry.seat or sub or None, entry.started, entry.answered, entry.verdict, entry.clause)
        for _, buyer, shop, sub, entry, _ in figure.rounds()
    ]


def terms(figure: Ledger) -> Terms:
    """What of a law bears on causes."""
    limit = getattr(figure.law, "limit", None)  # a rule without hours need not have one
    if isinstance(limit, Limit):
        return Terms(limit_ms=figure.law.limit_ms, as_of=figure.law.as_of, assessed=limit.assessed)
    return Terms(limit_ms=figure.law.limit_ms, as_of=figure.law.as_of)


def desks_of(ledger: Reader) -> list[DeskId]:
    """The streams of the ledger that are desks."""
    return [desk for desk in ledger.desks() if is_desk(desk)]


def ids_for(ledger: Reader) -> RoundIds:
    """An empty book of names for this ledger."""
    return RoundIds(several=len(desks_of(ledger)) > 1)


def id_of(ids: RoundIds, one: RoundVerdict) -> str | None:
    """The short name of a round of a report."""
    opened = InstantReader(CHINA_ZONE).read(one.opened)
    return ids.of(one.shop if isinstance(one.shop, str) else "", one.buyer, opened)

"""`relay statement`: what an outsourcing firm did in a month, and on which facts that rests (`docs/kpi.md`).

`--check FILE` computes a statement anew from the ledger, as of the seqs that it names, or, with `--facts`, from one
shop's export: so both sides can verify it, each with what they have. Exit 1 if it says something else.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from relay.cli.place import config_option, data_option, open_data
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.insight.kpi.vendor_statement import Part
    from relay.store.reader import Reader


@click.command()
@click.option("--vendor", help="The outsourcing firm, as the seats name it. 外包公司。")
@click.option("--month", metavar="YYYY-MM", help="The month. 月份。")
@click.option("--shop", "shops", multiple=True, help="This shop only; repeatable.")
@click.option("--check", "check_path", type=click.Path(path_type=Path), help="Compute this statement anew, compare.")
@click.option("--facts", "facts_path", type=click.Path(path_type=Path), help="With --check: from this shop's export.")
@click.option("--json", "as_json", is_flag=True, help="Print the statement as JSON: that is what can be checked.")
@config_option
@data_option
def statement(
    vendor: str | None,
    month: str | None,
    shops: tuple[str, ...],
    check_path: Path | None,
    facts_path: Path | None,
    as_json: bool,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """State an outsourcing firm's month, verifiable by both sides. 外包对账单。"""
    from relay.insight.kpi.vendor_statement import statement_of, text_of

    if check_path is not None:
        _check(check_path, facts_path, config_path, data_path)
        return
    if vendor is None or month is None or not _is_month(month):
        stop("请写明 --vendor 和 --month YYYY-MM / name --vendor and --month YYYY-MM")
    with open_data(config_path, data_path) as ledger:
        parts = [part for part in _parts(ledger, shops, {}) if vendor in part.kpi.roster.vendors()]
    if not parts:
        stop(f"没有子账号属于 {vendor!r}（设置中的 vendor）/ no seat is of vendor {vendor!r} in the settings")
    told = statement_of(vendor, month, parts)
    click.echo(_encoded(told) if as_json else text_of(told), nl=as_json)


def _encoded(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1)


def _is_month(text: str) -> bool:
    return len(text) == 7 and text[4] == "-" and text[:4].isdecimal() and "01" <= text[5:] <= "12"


def _parts(ledger: "Reader", shops: tuple[str, ...], to_seqs: dict[str, int]) -> "list[Part]":
    """Each shop of the ledger with its KPIs and what they rest on; `to_seqs`: by shop, as of which seq of its desk."""
    from relay.domain.codec import decode
    from relay.domain.facts import OfficeTaken
    from relay.domain.names import ShopId
    from relay.domain.settings import Shop
    from relay.domain.streams import is_desk

    found = []
    for desk in ledger.desks():
        if not is_desk(desk):
            continue
        names: dict[ShopId, None] = {}
        for row in ledger.read(desk):
            if row.body.startswith(b'{"type":"OfficeTaken@1"'):
                fact = decode(row.body)
                if isinstance(fact, OfficeTaken) and isinstance(fact.subject, Shop):
                    names[fact.subject.id] = None
        for shop in names:
            if not shops or shop in shops:
                found.append(_part(ledger, desk, shop, to_seqs.get(shop)))
    return found


def _part(ledger: "Reader", desk: Any, shop: Any, to_seq: int | None) -> "Part":
    from relay.insight.kpi import Kpi
    from relay.insight.kpi.vendor_statement import Basis, Part
    from relay.store.spines import Walk

    walk, taken = Walk(desk, shop), Kpi({shop})
    for row in ledger.read(desk, 1, to_seq):
        fact = walk.take(row)
        if fact is not None:
            taken.take(row.seq, fact)  # type: ignore[arg-type]
    spine, tally = walk.spine(), walk.tally()
    basis = Basis(str(desk), spine.seq, spine.hash, spine.digest, tally.shown, tally.digest)
    return Part(shop, taken, basis)


# --- checking


def _check(check_path: Path, facts_path: Path | None, config_path: Path, data_path: Path | None) -> None:
    from relay.insight.kpi.vendor_statement import statement_of

    try:
        given = json.loads(check_path.read_bytes())
        told = {shop["shop"]: shop for shop in given["shops"]}
        to_seqs = {name: int(shop["rests_on"]["seq"]) for name, shop in told.items()}
        vendor, month = str(given["vendor"]), str(given["month"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        stop(f"{check_path}: 不是对账单 / is no statement: {error!r}")
    if facts_path is not None:
        parts = [_from_export(facts_path)]
    else:
        with open_data(config_path, data_path) as ledger:
            parts = _parts(ledger, tuple(told), to_seqs)
    again = statement_of(vendor, month, parts)
    differs = _differing(told, again["shops"], partly=facts_path is not None)
    differs += [key for key in ("statement",) if given.get(key) != again[key]]
    if differs:
        click.echo(f"不一致 / differs: {', '.join(differs)}")
        raise click.exceptions.Exit(1)
    click.echo(f"一致 / the same: {', '.join(shop['shop'] for shop in again['shops'])}")


def _differing(told: dict[str, Any], again: Iterable[dict[str, Any]], partly: bool) -> list[str]:
    found = {shop["shop"]: shop for shop in again}
    names = set(found) if partly else {*told, *found}
    # what was read back from JSON is compared with what JSON would make of the other
    return sorted(name for name in names if told.get(name) != json.loads(json.dumps(found.get(name))))


def _from_export(path: Path) -> "Part":
    """One shop's part, from its export. Whether the export holds is for `docs/verify_export.py` to say."""
    from relay.domain.streams import is_desk
    from relay.errors import BadInputError
    from relay.insight.kpi import Kpi
    from relay.insight.kpi.vendor_statement import Basis, Part
    from relay.store.export import read_known
    from relay.store.shop_export import read_shown

    try:
        lines = path.read_bytes().splitlines(keepends=True)
        known = read_known(lines)
        desk = next((one for one in known.tallies if is_desk(one.desk)), None)
        if desk is None:
            raise BadInputError("不是单店导出 / not the export of one shop")
        taken = Kpi({desk.shop})
        for stream, seq, fact in read_shown(iter(lines)):
            if stream == desk.desk:
                taken.take(seq, fact)  # type: ignore[arg-type]
    except (OSError, BadInputError) as error:
        stop(f"{path}: {error}")
    [head] = [one for one in known.heads if one.desk == desk.desk]
    [spine] = [one for one in known.spines if one.desk == desk.desk]
    return Part(desk.shop, taken, Basis(desk.desk, head.seq, head.hash.hex(), spine.digest, desk.shown, desk.digest))

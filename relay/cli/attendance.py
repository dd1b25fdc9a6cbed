"""`relay attendance`: the login log, read off the ledger: who was online, away or offline, and who should have been.

One line per date and seat (or person, over all their seats); `--intervals` prints every stay with who began it and
why. Times are in the shop's zone, and an open stay is told as far as the ledger goes.
"""

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import click
import msgspec

from relay.cli.place import config_option, data_option, open_data
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.domain.names import Millis
    from relay.insight.attendance import Attendance, AttendanceDay, Interval
    from relay.store.reader import Reader

USUAL_DAYS: Final = 7
MOST_DAYS: Final = 400
_PRESENCE: Final = {"online": "在线 online", "away": "挂起 away", "offline": "离线 offline"}
_HEAD: Final = (
    "date 日期    shift 在班  online 在线  away 挂起  missing 缺席  first 首次  last 末次  flaps 闪断  who 谁"
)


@click.command()
@click.option("--from", "first", metavar="DATE", help=f"First date. [default: the last {USUAL_DAYS} of the ledger]")
@click.option("--to", "last", metavar="DATE", help="Last date. [default: the last of the ledger]")
@click.option("--shop", "shops", multiple=True, help="This shop only; repeatable.")
@click.option("--by", type=click.Choice(["seat", "person"]), default="seat", show_default=True)
@click.option("--intervals", is_flag=True, help="Every stay with its causes, instead of sums per date.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
@config_option
@data_option
def attendance(
    first: str | None,
    last: str | None,
    shops: tuple[str, ...],
    by: str,
    intervals: bool,
    as_json: bool,
    as_csv: bool,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Say who was there when, and who should have been. 登录日志与考勤。"""
    if as_json and as_csv:
        stop("--json 和 --csv 只能选一个 / choose --json or --csv, not both")
    if by == "person" and shops:
        stop("--by person 统计所有店铺，不能和 --shop 同用 / --by person is over all shops; leave --shop out")
    with open_data(config_path, data_path) as ledger:
        logs = _logs(ledger)
    begin, end = _span(first, last, max((log.as_of for log in logs), default=0))
    rows: list[dict[str, Any]] = []
    for log in logs:
        if intervals:
            rows += [_stay(log, one) for one in log.within(begin, end) if not shops or one.shop in shops]
        else:
            days = log.days(begin, end) if by == "seat" else log.persons(begin, end)
            rows += [_day(log, one) for one in days if not shops or one.shop in shops]
    rows.sort(key=lambda row: str(row.get("date", row.get("since"))))
    if as_json:
        told = {"from": begin.isoformat(), "to": end.isoformat(), "intervals" if intervals else "days": rows}
        click.echo(msgspec.json.encode(told).decode())
    elif as_csv:
        click.echo(_csv(rows), nl=False)
    elif not rows:
        click.echo(f"{begin} – {end}: 没有记录 / nothing on the ledger")
    else:
        click.echo("\n".join(_stay_lines(rows) if intervals else _day_lines(rows)))


def _logs(ledger: "Reader") -> "list[Attendance]":
    """One log per desk."""
    from relay.domain.codec import decode
    from relay.domain.streams import is_desk
    from relay.insight.attendance import attendance as log_of

    return [
        log_of(decode(row.body) for row in ledger.read(desk))  # type: ignore[misc]
        for desk in ledger.desks()
        if is_desk(desk)
    ]


def _span(first: str | None, last: str | None, as_of: int) -> tuple[date, date]:
    end = _date("--to", last) or datetime.fromtimestamp(as_of / 1000, ZoneInfo("Asia/Shanghai")).date()
    begin = _date("--from", first) or end - timedelta(days=USUAL_DAYS - 1)
    if begin > end:
        stop(f"--from {begin} 晚于 --to {end} / is after --to")
    if (end - begin).days >= MOST_DAYS:
        stop(f"最多 {MOST_DAYS} 天 / at most {MOST_DAYS} days at once; ask for a shorter span")
    return begin, end


def _date(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        stop(f"{option} {text!r}: 应为日期，例如 2026-11-22 / must be a date such as 2026-11-22")


def _day(log: "Attendance", one: "AttendanceDay") -> dict[str, Any]:
    return {
        "date": one.date,
        "shop": one.shop,
        "seat": one.seat,
        "person": one.person,
        "name": log.names.get(one.person, ""),  # type: ignore[call-overload]
        "shift_s": one.shift_ms // 1000,
        "online_s": one.online_ms // 1000,
        "away_s": one.away_ms // 1000,
        "missing_s": one.missing_ms // 1000,
        "first": _instant(one.first, one.zone),
        "last": _instant(one.last, one.zone),
        "flaps": one.flaps,
    }


def _stay(log: "Attendance", one: "Interval") -> dict[str, Any]:
    zone = log.zone_of(one.seat)
    return {
        "since": _instant(one.since, zone),
        "until": _instant(one.until, zone),
        "shop": one.shop,
        "seat": one.seat,
        "person": one.person,
        "name": log.names.get(one.person, ""),
        "presence": one.presence,
        "seconds": ((one.until if one.until is not None else log.as_of) - one.since) // 1000,
        "by": one.by,
        "why": one.why,
        "ended_by": one.ended_by,
        "ended_why": one.ended_why,
        "restarts": one.restarts,
    }


def _instant(at: "Millis | None", zone: str) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at // 1000, ZoneInfo(zone)).isoformat()


def _csv(rows: list[dict[str, Any]]) -> str:
    """For a spreadsheet: a text that would be read as a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0:
            writer.writerow(row)
        writer.writerow(
            f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
            for value in row.values()
        )
    return out.getvalue()


def _day_lines(rows: list[dict[str, Any]]) -> list[str]:
    lines = [_HEAD]
    for row in rows:
        where = f"{row['seat']} ({row['shop']}) " if row["seat"] else ""
        lines.append(
            f"{row['date']}  {_spell(row['shift_s']):>10}  {_spell(row['online_s']):>11}  {_spell(row['away_s']):>9}"
            f"  {_spell(row['missing_s']):>12}  {_clock(row['first']):>10}  {_clock(row['last']):>9}"
            f"  {row['flaps']:>10}  {where}{row['person']} {row['name']}".rstrip()
        )
    return lines


def _stay_lines(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        until = row["until"][5:16].replace("T", " ") if row["until"] else "…          "
        cause = " ".join(one for one in (row["by"], row["why"]) if one) or "–"
        ended = " ".join(one for one in (row["ended_by"], row["ended_why"]) if one)
        lines.append(
            f"{row['since'][:16].replace('T', ' ')} → {until}  {_spell(row['seconds']):>8}"
            f"  {row['seat']} ({row['shop']}) {row['person']}  {_PRESENCE[row['presence']]}  [{cause}"
            + (f" → {ended}]" if ended else "]")
            + (f"  重启 / restarts: {row['restarts']}" if row["restarts"] else "")
        )
    return lines


def _spell(seconds: int) -> str:
    """Hours and minutes; what is less than a minute is told in seconds."""
    if 0 < seconds < 60:
        return f"{seconds}s"
    return f"{seconds // 3600}:{seconds // 60 % 60:02}"


def _clock(instant: str | None) -> str:
    return instant[11:16] if instant is not None else "–"

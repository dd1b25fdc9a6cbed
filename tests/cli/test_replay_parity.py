"""L13 through the live OneBot socket: what the ledger of a replay says is what `relay audit` says of the file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from relay.rules.catalogue import RULES, Catalogue
from relay.rules.messages import Message, encode, scan
from tests.cli.replaying import Replayed, line

HERE = Path(__file__).parents[1] / "rules"
SHARED = Path(__file__).parents[3] / "shared"
LOG = SHARED / "data" / "stripe-support.jsonl"
CASES = SHARED / "cases" / "rules.json"


# --- the shared log


@pytest.mark.skipif(not LOG.exists(), reason=f"no {LOG} beside this repository")
@pytest.mark.timeout(600)
async def test_the_shared_log_gives_the_verdicts_of_its_audit(tmp_path: Path) -> None:
    replayed = Replayed(tmp_path, LOG.read_bytes().splitlines())
    outcome = await replayed.run()
    assert (outcome.progress.told, outcome.quarantined, outcome.asked) == (True, 0, 0)
    assert not replayed.script.left_out.counts
    ledger, of_file = replayed.verdicts()
    assert ledger == of_file
    assert json.loads(ledger)["denominator"] > 200, "and there is something in them"
    for rule in sorted(RULES):
        ledger, of_file = replayed.verdicts(rule)
        assert ledger == of_file, rule


# --- every case of every rule, each in a shop of its own, all in one replay


Case = tuple[str, dict[str, str], list[dict[str, Any]]]


def every_case() -> Iterator[Case]:
    """Rule, options and lines."""
    import sys

    sys.path.insert(0, str(HERE))
    try:
        from test_message_rules import line as message_line  # type: ignore[import-not-found]
        from test_person_rules import FILES  # type: ignore[import-not-found]
        from test_person_rules import line as person_line
        from test_rule_cases import line as case_line  # type: ignore[import-not-found]
        from test_rule_cases import value
    finally:
        sys.path.remove(str(HERE))
    for path in sorted(HERE.glob("cases_*.json")):
        name = path.stem.removeprefix("cases_")
        read = case_line if name == "taobao" else person_line if name in FILES else message_line
        for case in json.loads(path.read_text("utf-8")):
            rule = case.get("rule", "taobao_ww3" if name == "taobao" else name)
            options = {key: value(option) for key, option in case.get("options", {}).items()}
            yield rule, options, [json.loads(read(text)) for text in case["messages"]]
    for case in json.loads(CASES.read_text("utf-8")) if CASES.exists() else []:
        if case["rule"] in RULES and "kind" not in case:
            options = {key: value(option) for key, option in case.get("config", {}).items()}
            yield case["rule"], options, case["messages"]


def in_shop(case: int, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The lines of a case, in shops that no other case has; a gap of every shop is one of each."""
    shops = sorted({one["shop"] for one in lines if one.get("shop")})
    for one in lines:
        if one["kind"] == "gap" and not one.get("shop") and shops:
            yield from ({**one, "shop": f"c{case}.{shop}"} for shop in shops)
        else:
            yield {**one, "shop": f"c{case}.{one['shop']}" if one.get("shop") else f"c{case}"}


def in_one_log(cases: list[Case]) -> tuple[list[bytes], dict[str, int]]:
    """All lines, and of which case each shop is."""
    lines, of = [], {}
    for number, (_, _, told) in enumerate(cases):
        for one in in_shop(number, told):
            of[one["shop"]] = number
            lines.append(json.dumps(one, ensure_ascii=False).encode())
    return lines, of


@pytest.mark.timeout(600)
@pytest.mark.parametrize("onebot", ["11", "12"])
async def test_every_case_of_every_rule(onebot: str, tmp_path: Path) -> None:
    cases = list(every_case())
    lines, of = in_one_log(cases)
    replayed = Replayed(tmp_path, lines, onebot)
    outcome = await replayed.run()
    assert (outcome.quarantined, outcome.asked) == (0, 0), outcome.why
    by_case: list[tuple[list[Message], list[Message]]] = [([], []) for _ in cases]
    for message in replayed.messages():
        by_case[of[message.shop or ""]][0].append(message)
    told = {line.body for line in replayed.script.lines}
    for at, body in scan(lines):
        if body in told:
            by_case[of[body.shop or ""]][1].append(_whole(at, body))
    untold = 0
    for (rule, options, wanted), (here, there) in zip(cases, by_case, strict=True):
        if len(there) < len(wanted):
            untold += 1
        ledgers = [Catalogue().open(rule, options) for _ in range(2)]
        for ledger, messages in zip(ledgers, (here, there), strict=True):
            for message in messages:
                ledger.take(message)
        assert ledgers[0].report().to_json() == ledgers[1].report().to_json(), (rule, options, wanted)
    assert untold <= len(cases) // 10, "what no bridge can tell is the exception"
    assert len(cases) > 250


def _whole(at: int, body: Any) -> Message:
    return body if isinstance(body, Message) else Message(at=at, **{key: getattr(body, key) for key in KEYS})


KEYS = Message.__struct_fields__[: Message.__struct_fields__.index("at")]


# --- logs that nobody wrote


SEATS = ["小美", "seat-2", None]
BUYERS = ["mia", "小鱼", "1001", ""]


@st.composite
def logs(draw: st.DrawFn) -> list[Message]:
    """A few messages of a day with what makes it hard: equal instants, machines, ids again, recalls, gaps."""
    found: list[Message] = []
    for number in range(draw(st.integers(1, 14))):
        at = 1_646_704_800_000 + 1000 * draw(st.integers(0, 400)) + draw(st.sampled_from([0, 0, 250]))
        shop = draw(st.sampled_from([None, "s1", "旗舰店"]))
        kind = draw(st.sampled_from(["ask", "ask", "say", "say", "machine", "recall", "gap", "move"]))
        buyer, seat = draw(st.sampled_from(BUYERS)), draw(st.sampled_from(SEATS))
        id = draw(st.sampled_from([None, f"m{number}", f"m{number}", "again"]))
        text = draw(st.sampled_from([None, "在吗", "好的", "[CQ:image,file=1] & more"]))
        where: dict[str, Any] = {"at": at, "shop": shop, "buyer": buyer}
        if kind == "ask":
            more = {"skew_ms": draw(st.sampled_from([0, 500])), "queued": draw(st.sampled_from([None, True]))}
            one = Message(role="buyer", kind="human", id=id, sub_account=seat, text=text, **more, **where)
        elif kind == "say":
            author = draw(st.sampled_from(["human", "unknown", "auto"]))
            one = Message(role="merchant", kind=author, id=id, sub_account=seat, text=text, **where)
        elif kind == "machine":
            how = {"mode": draw(st.sampled_from([None, "unknown"])), "trigger": draw(st.sampled_from([None, "person"]))}
            bot = draw(st.sampled_from(["leyan", "relay", "chitu"]))
            one = Message(role="merchant", kind="assist", id=id, sub_account=seat, bot=bot, text=text, **how, **where)
        elif kind == "recall":
            one = Message(role="system", kind="recall", recalls=f"m{draw(st.integers(0, number))}", **where)
            one = Message(at=at, role="system", kind="recall", shop=shop, recalls=one.recalls)
        elif kind == "gap":
            one = Message(at=at, role="system", kind="gap", shop=shop, to=at + 30_000)
        else:
            moved = draw(st.sampled_from(["assign", "transfer"]))
            one = Message(role="system", kind=moved, sub_account=seat, from_sub=draw(st.sampled_from(SEATS)), **where)
        found.append(one)
    return found


@pytest.mark.parametrize("onebot", ["11", "12"])
@settings(
    max_examples=5, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(log=logs())
def test_any_log_gives_the_verdicts_of_its_audit(
    onebot: str, log: list[Message], tmp_path_factory: pytest.TempPathFactory
) -> None:
    import asyncio

    replayed = Replayed(tmp_path_factory.mktemp("replay"), [encode(one) for one in log], onebot)
    left_out = set(replayed.script.left_out.counts)
    if not replayed.script.lines or left_out - {
        ("撤回的消息不在日志中", "it recalls a message that is not in the log")
    }:
        return
    asyncio.run(replayed.run())
    for rule in sorted(RULES):
        ledger, of_file = replayed.verdicts(rule)
        assert ledger == of_file, (rule, log)


# --- one by one


HARD = {
    "equal instants": [
        line("10:00:00", "buyer", sub_account="a", text="1"), line("10:00:00", "merchant", sub_account="b", text="2"),
        line("10:00:00", "merchant", sub_account="a", kind="bot", bot="leyan", text="3"), line("10:00:00", "buyer"),
    ],
    "an id that came again with another body, and was taken back": [
        line("10:00:00", "buyer", id="x", text="1"), line("10:00:30", "buyer", id="x", text="2"),
        line("10:01:00", "system", None, kind="recall", recalls="x"), line("10:05:00", "merchant"),
    ],
    "the same line twice, the earlier one later in the file": [
        line("10:00:30", "buyer", id="x", text="1"), line("10:00:00", "buyer", id="x", text="1"),
        line("10:03:10", "merchant", id="y"),
    ],
    "names that no wire carries": [
        line("10:00:00", "buyer", "b" * 300, shop="旗舰店 一", sub_account=""), line("10:01:00", "merchant", "b" * 300,
        shop="旗舰店 一"), line("10:00:00", "buyer", "", shop="shop"), line("10:00:00", "buyer", "1001"),
    ],
    "several seats, and the buyer is moved": [
        line("10:00:00", "buyer", sub_account="a"),
        line("10:00:30", "system", kind="transfer", sub_account="b", from_sub="a"),
        line("10:01:00", "merchant", sub_account="b"), line("10:02:00", "buyer", sub_account="b"),
    ],
    "over midnight": [line("2022-03-08T23:58:00+08:00", "buyer"), line("2022-03-09T00:00:30+08:00", "merchant")],
    "a gap of every shop": [
        line("10:00:00", "buyer", shop="s1"),
        line("10:00:30", "system", None, kind="gap", to="2022-03-08T10:00:40+08:00"),
        line("10:01:00", "merchant", shop="s1"), line("10:00:00", "buyer", shop="s2"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("onebot", ["11", "12"])
@pytest.mark.parametrize("name", HARD)
async def test_what_is_hard(name: str, onebot: str, tmp_path: Path) -> None:
    replayed = Replayed(tmp_path, HARD[name], onebot)
    outcome = await replayed.run()
    assert outcome.quarantined == 0, outcome.why
    assert not replayed.script.left_out.counts
    for rule in sorted(RULES):
        ledger, of_file = replayed.verdicts(rule)
        assert ledger == of_file, rule


async def test_times_without_an_offset_are_of_the_zone_that_was_named(tmp_path: Path) -> None:
    raw = [
        b'{"t": "2022-03-08T10:00:00", "role": "buyer", "kind": "human", "buyer": "mia"}',
        b'{"t": "2022-03-08T10:02:59", "role": "merchant", "kind": "human", "buyer": "mia"}',
    ]
    replayed = Replayed(tmp_path, raw, zone=ZoneInfo("Asia/Tokyo"))
    await replayed.run()
    ledger, of_file = replayed.verdicts()
    assert ledger == of_file
    assert json.loads(ledger)["rounds"][0]["opened"] == "2022-03-08T09:00:00+08:00"

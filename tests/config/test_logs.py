"""What a log line never shows, whatever way it was put in, and by which way it goes out."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from relay.config.tables import LogTable
from relay.contracts import Arrival
from relay.domain.names import Millis, ShopId
from relay.logs import is_card, is_identity, masked_text, set_up_logging

PHONE, IDENTITY, CARD = "13812345678", "11010519491231002X", "6222021234567890128"
CANARIES = (PHONE, IDENTITY, CARD, "whsec_c2VjcmV0", "canary")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def started(form: str = "json", level: str = "info", file: Path | None = None) -> io.StringIO:
    stream = io.StringIO()
    set_up_logging(LogTable(format=form, level=level, file=file), stream)  # type: ignore[arg-type]
    return stream


@dataclass
class Letter:
    seen: str
    body: str


class Opaque:
    def __repr__(self) -> str:
        return f"Opaque(text='canary', phone={PHONE}, secret=\"canary\")"


@pytest.mark.parametrize("form", ["json", "console"])
def test_nothing_of_what_people_wrote_gets_out(form: str) -> None:
    stream = started(form)
    log = structlog.get_logger("relay.test")
    structlog.contextvars.bind_contextvars(conversation=f"s1/{PHONE}")
    log.info(f"from {PHONE}", text="canary", send_secret="canary", Authorization="Bearer canary")
    log.info("%s paid with %s", IDENTITY, "6222 0212 3456 7890 128")
    log.info("nested", a=[{"headers": {"X-Api-Token": "canary"}}, ({PHONE: int(PHONE)},)], b=b"whsec_c2VjcmV0")
    log.info("records", one=Letter(PHONE, "canary"), two=Opaque(), three={Opaque()})
    log.info(
        "arrival",
        it=Arrival(shop=ShopId("s"), at=Millis(1), role="buyer", kind="human", buyer="b", text="canary"),
    )
    log.info('GET /x?token=canary&y=1 {"body": "canary \\" canary", "n": 1}')
    logging.getLogger("aiohttp.access").warning("POST %s %r", "/in?api_token=canary", {"text": "canary"})
    try:
        secret = "canary"
        raise ValueError(f"no {PHONE} {secret and 'whsec_c2VjcmV0'}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("apscheduler").exception("failed %s", CARD)
    shown = stream.getvalue()
    assert shown.count("[phone]") >= 6
    assert "Traceback" in shown, "the traceback is there"
    for line in shown.splitlines():
        if 'secret = "canary"' not in line and "ValueError(f" not in line:
            assert not any(canary in line for canary in CANARIES), line


def test_a_line_of_json() -> None:
    stream = started()
    structlog.contextvars.bind_contextvars(conversation="c1", round=7)
    structlog.get_logger("relay.desk").warning("late", seat="客服 1", due=Millis(1_700_000_000_000))
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "late",
        "level": "warning",
        "logger": "relay.desk",
        "conversation": "c1",
        "round": 7,
        "seat": "客服 1",
        "due": 1_700_000_000_000,
    }
    assert "客服" in stream.getvalue()


def test_the_standard_library_takes_the_same_way() -> None:
    stream = started()
    logging.getLogger("aiohttp.access").info("hello %s", "world")
    logging.getLogger("apscheduler.scheduler").info("each job, each time")
    [line] = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "hello world"
    assert json.loads(line)["logger"] == "aiohttp.access"


def test_the_level_holds_for_both() -> None:
    stream = started(level="error")
    structlog.get_logger("a").warning("no")
    logging.getLogger("b").warning("no")
    structlog.get_logger("a").error("yes")
    assert len(stream.getvalue().splitlines()) == 1


def test_auto_is_json_where_nobody_looks() -> None:
    stream = started("auto")
    structlog.get_logger("a").info("x")
    assert json.loads(stream.getvalue())["event"] == "x"


def test_auto_is_for_people_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    set_up_logging(LogTable(), stream)
    structlog.get_logger("a").info("x", phone=PHONE)
    assert "\x1b[" in stream.getvalue()
    assert PHONE not in stream.getvalue()


def test_also_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "日志 夹" / "relay.log"
    stream = started("console", file=path)
    structlog.get_logger("a").info("你好", text="canary")
    assert json.loads(path.read_text("utf-8"))["event"] == "你好"
    assert "你好" in stream.getvalue()
    assert "canary" not in path.read_text("utf-8")


def test_a_second_set_up_replaces_the_first() -> None:
    first, log = started(), structlog.get_logger("a")
    log.info("one")
    second = started(level="debug")
    log.debug("two")
    structlog.get_logger("a").debug("three")
    assert len(first.getvalue().splitlines()) == 1
    assert "three" in second.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"电话{PHONE}。", "电话[phone]。"),
        ("+86 138-1234-5678", "[phone]"),
        ("008613812345679", "[phone]"),
        ("12812345678 138123456789 1763740800123", "12812345678 138123456789 1763740800123"),
        (f"身份证{IDENTITY}", "身份证[id]"),
        (IDENTITY.lower(), "[id]"),
        ("110105194912310021", "110105194912310021"),
        ("4111 1111 1111 1111", "[card]"),
        ("12 4111 1111 1111 1111 5", "12 [card] 5"),
        ("order 20261122 4111111111111111-7", "order 20261122 [card]-7"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("4111111111111112", "4111111111111112"),
        ("0000000000000000", "0000000000000000"),
        ("authorization: Bearer abc.def", "authorization: [hidden]"),
        ("Bearer abcdefgh12345", "Bearer [token]"),
        ("key whsec_AAAA+/== end", "key [secret] end"),
        (f"opened by relay_{'0a' * 32}.", "opened by [secret]."),
        ("password='a b' and more", "password=[hidden] and more"),
        ("the text is short, the token ring", "the text is short, the token ring"),
        ("2026-11-22T08:00:00.123456Z", "2026-11-22T08:00:00.123456Z"),
    ],
)
def test_the_mask(text: str, shown: str) -> None:
    assert masked_text(text) == shown


@given(st.integers(10**16, 9 * 10**16))
def test_every_identity_number_is_cut_out(first: int) -> None:
    [last] = [digit for digit in "0123456789X" if is_identity(f"{first}{digit}")]
    assert masked_text(f"id {first}{last}!") == "id [id]!"


@given(st.integers(10**14, 10**18 - 1), st.sampled_from(["", " ", "-"]), st.sampled_from(["", " 5", "-12 x"]))
def test_every_card_number_is_cut_out(first: int, gap: str, after: str) -> None:
    [last] = [digit for digit in "0123456789" if is_card(f"{first}{digit}")]
    number = f"{first}{last}"
    spaced = gap.join(number[at : at + 4] for at in range(0, len(number), 4)) + after
    assert number not in masked_text(spaced)
    assert any(mark in masked_text(spaced) for mark in ("[card]", "[id]"))


@given(st.text(), st.integers(10**8, 10**9 - 1), st.text())
def test_every_phone_is_cut_out(before: str, number: int, after: str) -> None:
    phone = f"13{number}"
    if not (before[-1:].isdigit() or after[:1].isdigit()):
        assert phone not in masked_text(before + phone + after)

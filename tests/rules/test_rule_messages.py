"""The message log: there and back, and what is refused."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rules.flaws import Flaw, Watch
from relay.rules.instants import InstantReader, InstantWriter, NaiveTimeError, date_text, day_of, end_of_day
from relay.rules.messages import LogError, Message, decode, encode, encode_all, scan

LINE = b'{"t":"2022-03-08T10:00:00+08:00","role":"buyer","kind":"human","buyer":"mia"}'
WORDS = st.none() | st.text(max_size=8)
ZONES = st.sampled_from([None, *map(ZoneInfo, ("Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "UTC"))])
AT = st.integers(10 * 86_400_000, 4_000_000_000_000)
MESSAGES = st.builds(
    Message,
    at=AT,
    to=st.none() | AT.map(lambda at: at + 4_000_000_000_000),
    drafted_at=st.none() | AT,
    role=st.sampled_from(["buyer", "merchant", "system"]),
    kind=st.sampled_from(["human", "assist", "bot", "auto", "helper", "system", "unknown", "transfer", "assign"]),
    buyer=st.text(min_size=1, max_size=5),
    sub_account=WORDS,
    shop=WORDS,
    id=WORDS,
    bot=WORDS,
    mode=st.sampled_from([None, "assist", "auto", "unknown"]),
    trigger=st.sampled_from([None, "person", "machine"]),
    outcome=st.sampled_from([None, "unknown"]),
    content=WORDS,
    text=WORDS,
    buyer_class=st.sampled_from([None, "consumer", "xiaoer"]),
    queued=st.sampled_from([None, True, False]),
    skew_ms=st.integers(0, 10_000),
)


@given(MESSAGES, ZONES)
def test_there_and_back(message: Message, zone: ZoneInfo | None) -> None:
    line = encode(message, zone)
    assert decode(line) == message
    assert encode(decode(line), zone) == line
    assert list(encode_all([message], zone)) == [line + b"\n"]


@given(st.lists(MESSAGES, max_size=4))
def test_a_scan_reads_what_decode_reads(messages: list[Message]) -> None:
    lines = [encode(one) for one in messages]
    found = list(scan(lines))
    assert [at for at, _ in found] == [one.at for one in messages]
    assert [(one.buyer, one.text, one.skew_ms) for _, one in found] == [(m.buyer, m.text, m.skew_ms) for m in messages]


def test_the_canonical_line() -> None:
    message = decode(LINE.replace(b"}", b',"bot":null,"id":"7","whatever":[1]}'))
    assert encode(message, ZoneInfo("Asia/Shanghai")) == LINE.replace(b"}", b',"id":"7"}')
    assert encode(message) == LINE.replace(b"10:00:00+08:00", b"02:00:00Z").replace(b"}", b',"id":"7"}')


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-02T00:00:00Z", 86_400_000),
        ("1970-01-02T08:00+08", 86_400_000),
        ("1970-01-02 00:00:00.0005Z", 86_400_000),  # half to even
        ("1970-01-02T00:00:00.0015z", 86_400_002),
        ("1970-01-02T00:00:00.00050000000000001Z", 86_400_001),
        ("1970-01-02T00:00:00,25-00:30", 88_200_250),
        ("1970-01-02t00:00:59.9999+0000", 86_460_000),
    ],
)
def test_instants(text: str, ms: int) -> None:
    reader = InstantReader()
    assert [reader.read(text), reader.read(text)] == [ms, ms]


@pytest.mark.parametrize(
    "text",
    ["", "2022-02-30T00:00:00Z", "2022-03-08T24:00:00Z", "2022-03-08", "2022-03-08T10:00:60Z", "1969-12-31T00:00:00Z",
     "2022-03-08T10:00:00+24:00", "2022-03-08T10:00:00.Z", "٢٠٢٢-03-08T10:00:00Z", "2022-03-08T10:00:00Z\n"],
)  # fmt: skip
def test_no_instants(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        InstantReader().read(text)


def test_a_naive_time_needs_a_zone() -> None:
    with pytest.raises(NaiveTimeError):
        InstantReader().read("2022-03-08T10:00:00")
    assert InstantReader(ZoneInfo("Asia/Shanghai")).read("2022-03-08T10:00:00") == decode(LINE).at
    with pytest.raises(LogError, match=r"line 4: .*--timezone.*第 4 行"):
        decode(LINE.replace(b"+08:00", b""), number=4)


def test_days() -> None:
    midnight = end_of_day(decode(LINE).at)
    assert InstantWriter(ZoneInfo("Asia/Shanghai")).write(midnight) == "2022-03-09T00:00:00+08:00"
    assert (date_text(day_of(midnight - 1)), date_text(day_of(midnight))) == ("2022-03-08", "2022-03-09")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "not a message"),
        (LINE.replace(b'"mia"', b"7"), r"\$\.buyer"),
        (LINE.replace(b'"human"', b'"person"'), r"\$\.kind"),
        (LINE.replace(b'"buyer":"mia"', b'"text":"x"'), "buyer is missing"),
        (LINE.replace(b"}", b',"skew_ms":NaN}'), "not valid JSON"),
        (LINE.replace(b"}", b',"skew_ms":-1}'), r"\$\.skew_ms"),
        (LINE.replace(b"}", b',"outcome":"sent"}'), r"\$\.outcome"),
        (LINE.replace(b'"2022-03-08T10:00:00+08:00"', b"1646704800"), r"\$\.t"),
        (LINE.replace(b"mia", b"\xff"), "not UTF-8"),
        (LINE.replace(b"03-08", b"13-08"), "no instant"),
        (LINE.replace(b"human", b"gap"), "needs its end"),
        (LINE.replace(b"human", b"recall"), "needs `recalls`"),
        (LINE.replace(b'human"', b'gap","to":"2022-03-08T09:00:00+08:00"'), "ends before"),
    ],
)
def test_refused(line: bytes, word: str) -> None:
    with pytest.raises(LogError, match=word) as refused:
        list(scan([LINE, line]))
    assert refused.value.number == 2
    with pytest.raises(LogError, match=word):
        decode(line)


def test_bom_and_blank_lines() -> None:
    assert len(list(scan([b"\xef\xbb\xbf" + LINE + b"\r\n", b"\n", b"  \r\n", LINE]))) == 2
    assert list(scan([b"\xef\xbb\xbf\n"])) == []


@given(st.lists(st.sampled_from([LINE, b"{", b"[]", b"", LINE.replace(b"03-08", b"13-08")]), max_size=30))
def test_a_watched_scan_yields_the_good_lines_and_names_the_others(lines: list[bytes]) -> None:
    watch = Watch(lenient=True)
    assert len(list(scan(lines, watch=watch))) == lines.count(LINE)
    bad = [number for number, line in enumerate(lines, 1) if line not in (LINE, b"")]
    assert [error.number for error in watch.refused] == bad[: watch.most]
    assert sum(watch.flaws.values()) == len(bad)


def test_a_strict_watch_ends_after_its_most() -> None:
    watch, read = Watch(most=2), []
    with pytest.raises(LogError, match="line 5"):
        read.extend(scan([LINE, b"{", LINE, b"{", b"{", LINE], watch=watch))
    assert [error.number for error in watch.refused] == [2, 4]
    assert watch.flaws == {Flaw.not_json: 3}


@pytest.mark.parametrize(
    ("times", "offsets"),
    [
        (["2022-03-08T10:00:00+08:00"] * 2, {"+0800": 1}),
        (["2022-03-08T10:00:00+0800", "2022-03-08T10:00+08", "2022-03-08 10:00:00.123456+08:00"], {"+0800": 1}),
        (["2022-03-08T10:00:00Z", "2022-03-08T10:00:00.5+00:00"], {"+0000": 1}),
        (["2022-03-08T10:00:00z", "2022-03-08T10:00:00,5-05:30"], {"+0000": 1, "-0530": 2}),
        (["2022-03-08T10:00:00+08:00", "2022-03-08T10:00:00"], {"+0800": 1, "": 2}),
    ],
)  # fmt: skip
def test_a_watch_knows_the_offsets(times: list[str], offsets: dict[str, int]) -> None:
    watch = Watch()
    list(scan([LINE.replace(b"2022-03-08T10:00:00+08:00", t.encode()) for t in times], ZoneInfo("UTC"), watch))
    assert watch.offsets == offsets


def test_only_a_watch_asks_whether_a_time_is_plausible() -> None:
    old = LINE.replace(b"2022", b"1999")
    assert len(list(scan([old, old]))) == 2
    watch = Watch(lenient=True)
    assert list(scan([old, old], watch=watch)) == []
    assert watch.flaws == {Flaw.far_time: 2}
    assert len(list(scan([old], watch=Watch(within=range(10**15))))) == 1

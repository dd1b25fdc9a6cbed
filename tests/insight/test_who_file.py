"""The owner's file: what is written is read back equal, and every error says line, table, key and what to do."""

import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.insight.who import NickEntry, TextEntry, WhoFileError, WhoIsWho, propose, read, write
from relay.insight.who.file_words import KEYS
from relay.insight.who.reading import line_numbers
from relay.insight.who.wording import normal

from .test_who_proposals import SEAT, shop

ANY = st.text(max_size=40) | st.text(
    st.sampled_from("\"'\\\n\r\t\x00\x07\x7f\x85\u2028\u202e\ufeff😀#[]=.美 "), max_size=40
)
KINDS = st.sampled_from(["human", "assist", "bot", "auto", "helper", "system", "unknown"])
SEATS = st.builds(
    NickEntry,
    nick=ANY,
    role=st.sampled_from(["seat", "shop"]),
    confirmed=st.booleans(),
    sub_account=st.none() | ANY,
    kind=st.none() | KINDS,
    bot=st.none() | ANY,
)
BUYERS = st.builds(
    NickEntry,
    nick=ANY,
    role=st.just("buyer"),
    confirmed=st.booleans(),
    buyer_class=st.none() | st.sampled_from(["shop_sub_account", "xiaoer"]),
)
OTHERS = st.builds(NickEntry, nick=ANY, role=st.sampled_from(["system", "ignore"]), confirmed=st.just(True))
TEXTS = st.builds(
    TextEntry,
    text=ANY,
    kind=KINDS,
    match=st.sampled_from(["exact", "prefix"]),
    confirmed=st.booleans(),
    bot=st.none() | ANY,
).filter(lambda one: bool(normal(one.text)))
RECORDS = st.builds(
    WhoIsWho,
    shop=st.none() | ANY,
    timezone=st.none() | st.sampled_from(["Asia/Shanghai", "UTC"]),
    reader=st.none() | ANY,
    columns=st.dictionaries(ANY, ANY, max_size=4),
    confirm_seats=st.booleans(),
    rest=KINDS,
    nicks=st.lists(SEATS | BUYERS | OTHERS, max_size=5, unique_by=lambda one: one.nick).map(tuple),
    texts=st.lists(TEXTS, max_size=5, unique_by=lambda one: (one.match, normal(one.text))).map(tuple),
)


@given(RECORDS)
def test_what_is_written_is_read_back(who: WhoIsWho) -> None:
    written = write(who)
    assert read(written) == who
    assert read(written.encode()) == who
    assert read(written.replace("\n", "\r\n")) == who
    assert write(read(written)) == written


def test_a_very_long_nick_and_text_survive() -> None:
    who = WhoIsWho(
        nicks=(NickEntry(nick="美" * 20_000, role="seat"),), texts=(TextEntry(text="您" * 20_000, kind="auto"),)
    )
    assert read(write(who)) == who


def test_evidence_stands_above_its_entry_and_can_hold_anything() -> None:
    lines = shop(8, seat='旗舰店:小"美\n[[nick]]\x07', text='您好\n"""\n# \u202e')
    proposal = propose(lines)
    written = write(proposal.who(), proposal)
    assert read(written) == proposal.who()
    before = written.split("[[text]]")[0].rstrip().split("\n")[-1]
    assert before.startswith("# 像自动回复")
    assert "8 次" in before
    assert not set(written) & set("\x07\u202e\r")


def test_comments_name_every_key() -> None:
    written = write(WhoIsWho())
    for keys in KEYS.values():
        assert all(f"#   {key}: " in written for key in keys)
    assert tomllib.loads(written) == {"confirm_seats": False, "rest": "unknown", "columns": {}}


def test_an_empty_file_is_an_empty_record_and_notepad_is_welcome() -> None:
    assert read("") == WhoIsWho()
    assert read(b"\xef\xbb\xbfrest = 'human'\r\n") == WhoIsWho(rest="human")


def test_the_owner_may_write_as_people_write() -> None:
    assert read(f"[[nick]]\nnick = '{SEAT}'\nrole = 'seat'\nconfirmed = true\n").nicks == (
        NickEntry(nick=SEAT, role="seat", confirmed=True),
    )


BAD = {
    "no TOML": ("rest = \n", 1, "TOML"),
    "Chinese quotes": ("\nrest = “human”\n", 2, "英文半角"),
    "an unknown key at the top": ("\nresst = 'human'\n", 2, "rest"),
    "an unknown key of a nick": ("[[nick]]\nnick='a'\nrole='seat'\nconfirm = true\n", 4, "confirmed"),
    "no such role": ("[[nick]]\nnick = 'a'\nrole = 'agent'\n", 3, "seat"),
    "a word for true": ("[[nick]]\nnick='a'\nrole='seat'\nconfirmed = 'true'\n", 4, "true"),
    "a nick without quotes": ("[[nick]]\nnick = 12345\nrole = 'seat'\n", 2, "12345"),
    "a nick without a role": ("[[nick]]\nnick = 'a'\n", 1, "缺少"),
    "a text without a kind": ("\n\n[[text]]\ntext = 'a'\n", 3, "缺少"),
    "one bracket": ("[nick]\nnick = 'a'\nrole = 'seat'\n", 1, "[[nick]]"),
    "the same nick twice": ("[[nick]]\nnick='a'\nrole='seat'\n[[nick]]\nnick='a'\nrole='shop'\n", 4, "第 1 行"),
    "the same text twice": ("[[text]]\ntext='A  b'\nkind='auto'\n[[text]]\ntext='a B'\nkind='bot'\n", 4, "第 1 行"),
    "no such zone": ("timezone = 'Mars/Base'\n", 1, "Asia/Shanghai"),
    "ignore without a word": ("[[nick]]\nnick = 'a'\nrole = 'ignore'\n", 3, "confirmed = true"),
    "a buyer's sub-account": ("[[nick]]\nnick='a'\nrole='buyer'\nsub_account='b'\n", 4, "role"),
    "a seat's buyer class": ("[[nick]]\nnick='a'\nrole='seat'\nbuyer_class='xiaoer'\n", 4, "role"),
    "an empty beginning": ("[[text]]\ntext = '  '\nmatch = 'prefix'\nkind = 'auto'\n", 2, "空"),
    "columns that are no table": ("columns = 3\n", 1, "[columns]"),
    "a column that is a number": ("[columns]\ntime = 3\n", 2, "quotes"),
}


@pytest.mark.parametrize(("text", "line", "word"), BAD.values(), ids=BAD)
def test_errors_say_where_and_what(text: str, line: int, word: str) -> None:
    with pytest.raises(WhoFileError) as caught:
        read(text, "who.toml")
    (fault,) = caught.value.faults
    assert fault.line == line
    assert str(fault).startswith(f"who.toml 第 {line} 行 / line {line}")
    assert word in str(fault)


def test_every_error_is_told_at_once_from_top_to_bottom() -> None:
    with pytest.raises(WhoFileError) as caught:
        read("rest = 1\n[[nick]]\nnick = 'a'\nrole = 'x'\n[[text]]\ntext = 'b'\nkind = 'y'\n")
    assert [one.line for one in caught.value.faults] == [1, 4, 7]
    assert "[[nick]] #1 role" in str(caught.value)


def test_another_encoding_is_named() -> None:
    with pytest.raises(WhoFileError, match="UTF-8"):
        read("rest = '人工'".encode("gbk"))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_else_is_raised(source: bytes) -> None:
    with suppress(WhoFileError):
        read(source)


def test_positions_are_not_fooled_by_strings() -> None:
    text = '[[nick]]\nnick = """\n[[nick]]\nrole = "x" """\n# role = 1\nrole = "seat"\n[[nick]]\nrole = 1\n'
    assert line_numbers(text) == {
        ("nick", 0): 1, ("nick", 0, "nick"): 2, ("nick", 0, "role"): 6, ("nick", 1): 7, ("nick", 1, "role"): 8,
    }  # fmt: skip


def test_the_guide_has_every_key_and_its_example_can_be_read() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "who.md").read_text("utf-8")
    example = read(guide.split("```toml\n")[1].split("```")[0])
    assert (example.rest, example.columns, len(example.nicks), len(example.texts)) == ("human", {"who": "发送人"}, 1, 1)
    for keys in KEYS.values():
        assert all(f"`{key}`" in guide for key in keys)

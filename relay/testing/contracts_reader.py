"""What every `Reader` promises, as one test class: subclass it and give it the fixtures `reader` and `sample`.

class TestMyReader(ReaderContract):
    @pytest.fixture
    def reader(self) -> Reader:
        return MyReader()

    @pytest.fixture
    def sample(self, tmp_path: Path) -> Path:
        path = tmp_path / "export.txt"
        path.write_text(..., "utf-8")
        return path

`sample` is a good file of the format with at least two messages.
"""

import random
import re
from itertools import islice, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from relay.contracts import Reader, Unread, Utterance
from relay.domain.names import ID_PATTERN
from relay.rules.instants import InstantReader

HEAD = 64 * 1024
LONGEST_SHOWN = 120
MESSAGE_LOG = (
    '{"t": "2026-01-05T12:00:00+08:00", "role": "buyer", "kind": "human", "buyer": "b1", "text": "在吗"}\n'
    '{"t": "2026-01-05T12:00:09+08:00", "role": "merchant", "kind": "human", "buyer": "b1", "text": "您好: (在)"}\n'
)
"""relay's own form, which is no export."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


class ReaderContract:
    """A reader knows its own, names what it cannot read, reads the same twice, and never fails in another way."""

    def test_it_has_a_name_and_two_titles(self, reader: Reader) -> None:
        zh, en = reader.title
        assert re.fullmatch(ID_PATTERN, reader.name)
        assert _CHINESE.search(zh)
        assert en.isascii() or re.search("[a-z]{3}", en)

    def test_it_knows_its_own_and_no_other(self, reader: Reader, sample: Path) -> None:
        own = sample.read_bytes()[:HEAD]
        assert 50 <= reader.fits(own, sample.name) <= 100
        assert reader.fits(own, sample.name) == reader.fits(own, sample.name)
        assert reader.fits(b"", sample.name) == 0
        assert reader.fits(MESSAGE_LOG.encode(), "log.jsonl") == 0
        assert reader.fits(MESSAGE_LOG.encode(), sample.name) == 0

    def test_a_look_never_raises(self, reader: Reader, sample: Path) -> None:
        own, chance = sample.read_bytes()[:HEAD], random.Random(1)
        for length in (*range(min(len(own), 100)), *(chance.randrange(len(own)) for _ in range(100))):
            assert 0 <= reader.fits(own[:length], sample.name) <= 100
            assert 0 <= reader.fits(chance.randbytes(length), "noise") <= 100

    def test_the_same_file_gives_the_same_again(self, reader: Reader, sample: Path) -> None:
        before = sample.read_bytes()
        assert list(reader.read(sample)) == list(reader.read(sample))
        assert sample.read_bytes() == before

    def test_what_it_says_has_the_promised_shape(self, reader: Reader, sample: Path) -> None:
        read = list(reader.read(sample))
        said = [item for item in read if isinstance(item, Utterance)]
        assert len(said) >= 2
        instants = InstantReader(ZoneInfo("Asia/Shanghai"))
        for one in said:
            instants.read(one.t)
            assert one.nick.strip()
        assert all(first.where < second.where for first, second in pairwise(said))
        self.holds(read)

    def test_it_reads_lazily(self, reader: Reader, sample: Path) -> None:
        assert list(islice(reader.read(sample), 1)) == list(reader.read(sample))[:1]

    def test_a_damaged_file_is_read_or_refused(self, reader: Reader, sample: Path, tmp_path: Path) -> None:
        own, chance = sample.read_bytes(), random.Random(2)
        for number in range(150):
            bad = bytearray(own)
            for _ in range(chance.randrange(1, 4)):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            if number % 2:
                del bad[chance.randrange(len(bad)) :]
            self.survives(reader, tmp_path / f"bad{sample.suffix}", bytes(bad))

    def test_noise_is_read_or_refused(self, reader: Reader, sample: Path, tmp_path: Path) -> None:
        chance = random.Random(3)
        for start in (b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe", b"{", b"\n"):
            for size in (0, 1, 7, 300, 5000):
                self.survives(reader, tmp_path / f"noise{sample.suffix}", start + chance.randbytes(size))
        self.survives(reader, tmp_path / "log.jsonl", MESSAGE_LOG.encode())

    def test_a_file_that_is_not_there_is_an_os_error(self, reader: Reader, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="absent"):
            list(reader.read(tmp_path / "absent.txt"))

    def survives(self, reader: Reader, path: Path, data: bytes) -> None:
        """Reads it, or raises ValueError in Chinese and English and nothing else."""
        path.write_bytes(data)
        why = ""
        try:
            self.holds(list(reader.read(path)))
        except ValueError as error:
            why = str(error)
        assert not why or _CHINESE.search(why), why

    def holds(self, read: list[Utterance | Unread]) -> None:
        """In file order, from 1 on; what is unread is shown in part and explained twice."""
        assert all(item.where >= 1 for item in read)
        assert all(first.where <= second.where for first, second in pairwise(read))
        for item in read:
            if isinstance(item, Unread):
                assert len(item.text) <= LONGEST_SHOWN
                assert _CHINESE.search(item.zh)
                assert item.en

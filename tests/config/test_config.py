"""`config.toml`: every error at once, with its line, in both languages; files as Windows writes them."""

from pathlib import Path

import msgspec
import pytest

from relay.config import ChannelConfig, Config, load_config
from relay.config.lines import line_numbers
from relay.config.tables import TABLES
from relay.errors import BadInputError, ConfigError


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(folder: Path, text: str | bytes, **environ: str) -> Config:
    return load_config(write(folder, text), environ)


def findings(folder: Path, text: str | bytes, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **environ)
    assert all(finding.en and finding.zh for finding in caught.value.findings)
    return [str(finding) for finding in caught.value.findings]


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    assert config == Config(
        path=tmp_path / "config.toml",
        relay=msgspec.structs.replace(TABLES["relay"](), data_dir=tmp_path / "data"),  # type: ignore[call-arg]
    )


EVERYTHING_WRONG = """\
[relay]
language = "fr"
[http]
prot = 80
port = "ten"
max_connections = 0
[log]
file = 3
[inbox]
size = 4096.5
[plugins]
enabled = [1]
[heads]
at = "25:00"

[[channel]]
name = "main"
kind = "webhook"
[channel.options]
secret = "whsec_x"
token_env = "NOT_SET"
key_file = "nowhere"

[[channel]]
name = "main"
extra = 1

[[channel]]
name = "Ä"
kind = ""
[htpp]
port = 1
"""


def test_every_error_at_once(tmp_path: Path) -> None:
    told = findings(tmp_path, EVERYTHING_WRONG, RELAY__HTTP__PORT="70000", RELAY__HTTP__PROT="1")
    expected = [
        ("第 2 行 / line 2 [relay] language", "zh-CN"),
        ("line 4 [http] prot", 'did you mean "port"?'),
        ("line 5 [http] port", '应为整数，而不是 "ten" / must be int, not "ten"'),
        ("line 6 [http] max_connections", ">= 1"),
        ("line 8 [log] file", ""),
        ("line 10 [inbox] size", ""),
        ("line 12 [plugins] enabled", ""),
        ("line 14 [heads] at", "a time such as 03:30"),
        ("line 20 [[channel]] #1 options.secret", "secret_env"),
        ("line 21 [[channel]] #1 options.token_env", "NOT_SET"),
        ("line 22 [[channel]] #1 options.key_file", "nowhere"),
        ("line 24 [[channel]] #2 kind", "is missing"),
        ("line 25 [[channel]] #2 name", "used twice"),
        ("line 26 [[channel]] #2 extra", "not known"),
        ("line 29 [[channel]] #3 name", "a-z"),
        ("line 30 [[channel]] #3 kind", ""),
        ("line 31 htpp", 'did you mean "http"?'),
        ("environment RELAY__HTTP__PORT", "65535"),
        ("environment RELAY__HTTP__PROT", ""),
    ]
    assert len(told) == len(expected)
    for line, (where, what) in zip(told, expected, strict=True):
        assert where in line
        assert what in line
    assert not any("whsec_x" in line for line in told)


def test_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbf[http]\r\nport = 9000\r\n").http.port == 9000


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_another_encoding_says_what_to_do(tmp_path: Path, encoding: str) -> None:
    [told] = findings(tmp_path, "# 端口\n[http]\nport = 9000\n".encode(encoding))
    assert "请另存为 UTF-8" in told
    assert "UTF-8" in told.partition(" / ")[2]


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ('[relay]\ndata_dir = "D:\\relay"\n', 2, "路径"),
        ('[relay]\ndata_dir = "D:\\data"\n', 2, "路径"),
        ("[http]\n\nport = “80”\n", 3, "半角"),
        ("[http\nport = 80\n", 1, "TOML"),
        ("[http]\nport = \n", 2, "TOML"),
        ("[http]\nport = 1\nport = 2\n", 3, "TOML"),
        ("a = [1,", 1, "TOML"),
    ],
)
def test_a_syntax_error_names_its_line(tmp_path: Path, text: str, line: int, hint: str) -> None:
    [told] = findings(tmp_path, text)
    assert f"line {line}" in told
    assert hint in told


@pytest.mark.parametrize(
    ("text", "hint"),
    [("http = 5", "[http]"), ("[channel]\nname = 'a'", "[[channel]]"), ("channel = 3", "[[channel]]")],
)
def test_a_table_of_the_wrong_kind(tmp_path: Path, text: str, hint: str) -> None:
    [told] = findings(tmp_path, text)
    assert hint in told


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="relay init") as caught:
        load_config(tmp_path / "没有" / "config.toml", {})
    assert not isinstance(caught.value, ConfigError)
    with pytest.raises(BadInputError, match="cannot be read"):
        load_config(tmp_path, {})


def test_paths_are_seen_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "店铺 一"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    text = "[relay]\ndata_dir = '台账 夹'\n[log]\nfile = '~/a.log'\n[plugins]\nfolders = ['插件', '~/p', '/x']\n"
    config = load(folder, text)
    assert config.relay.data_dir == folder / "台账 夹"
    assert config.log.file == tmp_path / "a.log"
    assert config.plugins.folders == (folder / "插件", tmp_path / "p", Path("/x"))
    assert config.heads.export_to is None


def test_the_environment_wins(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        "[http]\nport = 9000\n",
        RELAY__HTTP__PORT="9001",
        relay__log__level="debug",
        RELAY__PLUGINS__ENABLED="webhook, demo",
        RELAY__PLUGINS__FOLDERS='["一, 二"]',
        RELAY__RELAY__DATA_DIR="夹",
    )
    assert config.http.port == 9001
    assert config.log.level == "debug"
    assert config.plugins.enabled == ("webhook", "demo")
    assert config.plugins.folders == (tmp_path / "一, 二",)
    assert config.relay.data_dir == tmp_path / "夹"


CHANNEL = '[[channel]]\nname = "main"\nkind = "webhook"\n[channel.options]\n'


def test_secrets_are_resolved(tmp_path: Path) -> None:
    (tmp_path / "密钥 1").write_bytes(b"\xef\xbb\xbfwhsec_1\r\n")
    text = (
        CHANNEL + "secrets_file = ['密钥 1']\nsend_secret_env = 'S'\nidempotent = true\nnested = { token_env = 'S' }\n"
    )
    [channel] = load(tmp_path, text, S="two").channels
    assert channel == ChannelConfig(
        name=channel.name,
        kind="webhook",
        options={"secrets": ["whsec_1"], "send_secret": "two", "idempotent": True, "nested": {"token": "two"}},
    )
    assert "two" not in repr(channel)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("secrets = ['a']", "secrets_file"),
        ("api_token = 'a'", "api_token_env"),
        ("password = 'a'", "password_env"),
        ("secret_env = 5", "must be a name"),
        ("secret_env = ''", "must be a name"),
        ("secret_file = 'empty'", "is empty"),
        ("secret_file = 'binary'", "cannot read"),
        ("secret_env = 'S'\nsecret_file = 'good'", "twice"),
    ],
)
def test_secrets_that_cannot_be_used(tmp_path: Path, line: str, hint: str) -> None:
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "good").write_bytes(b"x")
    [told] = findings(tmp_path, CHANNEL + line, S="x")
    assert hint in told


def test_line_numbers() -> None:
    text = '''
top = 1
[a]
x = """
[not] = 1
y = 2
"""
"quoted key" = [
  "[no]",
  { z = 1 },  # ] not this
]
b.c = 'x = ]'  # y = 1
[[list]]
k = 1
[list.sub]
m = 1
[[list]]
k = """one \\""" line"""
n = 2
[[list.inner]]
o = 1
'''
    assert line_numbers(text) == {
        ("top",): 2,
        ("a",): 3,
        ("a", "x"): 4,
        ("a", "quoted key"): 8,
        ("a", "b", "c"): 12,
        ("list", 0): 13,
        ("list", 0, "k"): 14,
        ("list", 0, "sub"): 15,
        ("list", 0, "sub", "m"): 16,
        ("list", 1): 17,
        ("list", 1, "k"): 18,
        ("list", 1, "n"): 19,
        ("list", 1, "inner", 0): 20,
        ("list", 1, "inner", 0, "o"): 21,
    }

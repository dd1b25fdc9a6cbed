"""What relay says while it runs: one line per event, JSON or for a terminal, and nothing of what people wrote.

Laws of this module:
* structlog's own lines and those of the standard library (aiohttp, APScheduler) take the same way out.
* The last step before a line is rendered is the mask, after exceptions have become text: keys that carry what people
  wrote or what opens doors are hidden, phone, identity and card numbers and tokens are cut out of every other text.
* Local variables are never part of a traceback.
"""

import dataclasses
import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum
from logging.handlers import RotatingFileHandler
from typing import Final, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from relay.config.tables import LogTable

FILE_BYTES: Final = 10 * 1024 * 1024
FILES_KEPT: Final = 5
HIDDEN: Final = "[hidden]"

_HIDDEN_KEYS: Final = frozenset(
    {
        "text", "body", "raw", "secret", "secrets", "token", "tokens", "authorization", "password", "cookie",
        "buyer_name", "platform_id",
    }
)  # fmt: skip
_PLAIN_KEYS: Final = frozenset({"timestamp", "level", "logger"})
_NOISY: Final = {"apscheduler": logging.WARNING, "asyncio": logging.WARNING}
_DEPTH: Final = 12
_CARD_DIGITS: Final = (15, 19)


def set_up_logging(table: LogTable, stream: TextIO | None = None) -> None:
    """Send every log line to stderr (or `stream`), and as JSON also to the configured file. May be called again."""
    stream = sys.stderr if stream is None else stream
    if hasattr(stream, "reconfigure"):  # a Windows console that knows no such character must not stop the program
        stream.reconfigure(errors="backslashreplace")
    console = table.format == "console" or (table.format == "auto" and stream.isatty())
    handlers: list[logging.Handler] = [logging.StreamHandler(stream)]
    handlers[0].setFormatter(_formatter(console, stream.isatty()))
    if table.file is not None:
        table.file.parent.mkdir(parents=True, exist_ok=True)
        # one process, one writer: Windows cannot rename a file that somebody else holds open
        handlers.append(RotatingFileHandler(table.file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"))
        handlers[1].setFormatter(_formatter(False, False))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    level = logging.getLevelNamesMapping()[table.level.upper()]
    root.setLevel(level)
    for name, least in _NOISY.items():
        logging.getLogger(name).setLevel(max(level, least))
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # a second set-up must reach every logger
    )


def _shared() -> list[Processor]:
    """What is bound to the context (conversation, round) comes first, so that a line may say otherwise."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _formatter(console: bool, colours: bool) -> logging.Formatter:
    steps: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask,
    ]
    if console:
        plain = structlog.dev.plain_traceback
        steps.append(structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain))
    else:
        steps.append(structlog.processors.JSONRenderer(serializer=_json))
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_shared(), processors=steps)


def _json(line: object, **_: object) -> str:
    return json.dumps(line, ensure_ascii=False, default=repr)


# --- the mask


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The processor: every value of the event without personal data and secrets."""
    return {key: value if key in _PLAIN_KEYS else _masked(key, value, 0) for key, value in event.items()}


def _masked(key: str, value: object, depth: int) -> object:
    if _is_hidden(key) and value not in (None, ""):
        return HIDDEN
    if depth > _DEPTH:
        return "…"
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if masked_text(str(value)) == str(value) else masked_text(str(value))
        case Enum():
            return _masked(key, value.value, depth + 1)
        case str():
            return masked_text(value)
        case bytes() | bytearray() | memoryview():
            return masked_text(bytes(value).decode("utf-8", "backslashreplace"))
        case date() | timedelta():
            return str(value)
        case Mapping():
            return {masked_text(str(name)): _masked(str(name), item, depth + 1) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked("", item, depth + 1) for item in value]
        case msgspec.Struct():
            return _masked(key, msgspec.structs.asdict(value), depth + 1)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return _masked(key, {name: getattr(value, name) for name in names}, depth + 1)
    return masked_text(repr(value))


def _is_hidden(key: str) -> bool:
    """`text`, `send_secret`, `X-Api-Token`, `Authorization`."""
    name = key.lower().replace("-", "_")
    return name in _HIDDEN_KEYS or name.rpartition("_")[2] in _HIDDEN_KEYS


_ASSIGNED: Final = re.compile(
    r"""(?xi)
    (?P<key> ["']? \b (?:\w+[_-])? (?:text|body|secrets?|tokens?|authorization|password|cookie) \b ["']? \s* [=:] \s*)
    (?: b?"(?:\\.|[^"\\])*"? | b?'(?:\\.|[^'\\])*'? | (?:bearer|basic)\s+\S+ | [^\s&,;)}\]]+ )
    """
)
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_SECRET: Final = re.compile(r"whsec_[A-Za-z0-9+/=_-]*|\brelay_[0-9a-f]{32,}")
_IDENTITY: Final = re.compile(r"(?<!\d)[1-9]\d{16}[0-9Xx](?!\d)")
_CARDS: Final = re.compile(r"\d(?:[ -]?\d){14,}")
_PHONE: Final = re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")


def masked_text(text: str) -> str:
    """The text without tokens, secrets, and Chinese identity, bank card and mobile numbers."""
    text = _SECRET.sub("[secret]", text)
    text = _ASSIGNED.sub(lambda found: f"{found['key']}{HIDDEN}", text)
    text = _BEARER.sub(r"\1 [token]", text)
    text = _IDENTITY.sub(lambda found: "[id]" if is_identity(found[0]) else found[0], text)
    text = _CARDS.sub(_without_cards, text)
    return _PHONE.sub("[phone]", text)


def _without_cards(found: re.Match[str]) -> str:
    """A card may stand beside other numbers, in one piece or in groups: every run of whole groups is tried."""
    groups = re.findall(r"\d+[ -]?", found[0])
    shown, at = [], 0
    while at < len(groups):
        end, digits = at, 0
        while end < len(groups) and digits < _CARD_DIGITS[1]:
            digits += len(groups[end].rstrip(" -"))
            end += 1
            card = "".join(groups[at:end])
            if _CARD_DIGITS[0] <= digits <= _CARD_DIGITS[1] and is_card(card):
                shown.append(f"[card]{card[len(card.rstrip(' -')) :]}")
                at = end
                break
        else:
            shown.append(groups[at])
            at += 1
    return "".join(shown)


def is_identity(number: str) -> bool:
    """The checksum of a Chinese identity number (GB 11643: ISO 7064 MOD 11-2)."""
    rest = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(number[:17])) % 11
    return "10X98765432"[rest] == number[17].upper()


def is_card(number: str) -> bool:
    """The checksum of a bank card number (Luhn); blanks and dashes are ignored."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0

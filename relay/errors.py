"""The errors that relay raises on purpose.

    RelayError
    ├── BadInputError          what somebody gave us cannot be used: says what, where and what to do
    │   └── ConfigError        the configuration or settings; holds every finding at once
    ├── RefusedError           a command that is not possible now or not this person's to give; nothing changed
    │   └── ForbiddenError     not this person's shop or role (L14)
    ├── InboxFullError         the desk's inbox is full: try again in `retry_after_s`
    ├── OwnershipLostError     another process owns this desk now; this one stops serving it
    ├── StoreLatchedError      the store met an I/O error and takes nothing more until it is opened anew
    ├── SnapshotError          a snapshot must not be used, or could not be made; the ledger itself is read instead
    └── LedgerError            stored facts do not fit their chain: which desk, which seq, what differs

Each message has an English and a Chinese sentence where a shop's people may see it.
"""


class RelayError(Exception):
    """The root of them all."""


class BadInputError(RelayError):
    """What somebody gave us cannot be used. Exit code 2 on the command line."""


class Finding:
    """One thing wrong: where (file, line, table, key), what, and what to do, in both languages.

    `path`: the same place for a program, from the outside in: a table, which of them, the key.
    """

    __slots__ = ("en", "path", "where", "zh")

    def __init__(self, where: str, en: str, zh: str, path: tuple[str | int, ...] = ()) -> None:
        self.where, self.en, self.zh, self.path = where, en, zh, path

    def __str__(self) -> str:
        return f"{self.where}: {self.zh} / {self.en}"

    def __repr__(self) -> str:
        return f"Finding({self})"


class ConfigError(BadInputError):
    """Everything that is wrong with a configuration or settings file, at once."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


class RefusedError(RelayError):
    """The command was understood and refused; nothing changed. `code` is stable, the sentences are for people."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.code, self.en, self.zh = code, en, zh


class ForbiddenError(RefusedError):
    """L14: this shop or role is not this person's."""

    def __init__(self) -> None:
        super().__init__("forbidden", "this is not yours to see or do", "您没有权限")


class InboxFullError(RelayError):
    """The desk cannot keep up; the sender must come again. Nothing of the message was kept."""

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__(f"the desk's inbox is full; send again in {retry_after_s} s / 收件箱已满，请稍后重发")
        self.retry_after_s = retry_after_s


class OwnershipLostError(RelayError):
    """Another process has claimed this desk (or committed this seq). Stop serving it and look for the other one."""


class StoreLatchedError(RelayError):
    """The store met an I/O error. Nothing is acknowledged any more: see to the disk, restart, `relay verify`."""


class SnapshotError(RelayError):
    """A snapshot must not be used, or could not be made. `why` is a word for the log; nothing is lost by it."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why, self.detail = why, detail


class LedgerError(RelayError):
    """Stored facts do not fit their chain or their content: names desk and first bad seq."""

    def __init__(self, desk: str, seq: int, what: str) -> None:
        super().__init__(f"{desk} seq {seq}: {what}")
        self.desk, self.seq, self.what = desk, seq, what

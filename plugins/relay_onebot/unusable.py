"""The one error for what a bridge sent and relay cannot take: it goes to quarantine, raw, and harms nothing else."""

from typing import Final

_MOST: Final = 500


class UnusableError(ValueError):
    """Both sentences are for the bridge's author; a sender's own words never make them endless."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en[:_MOST], zh[:_MOST]


def unusable(error: ValueError | RecursionError) -> UnusableError:
    """What a decoder raised, in words."""
    match error:
        case UnusableError():
            return error
        case UnicodeError():
            return UnusableError("it is not UTF-8", "不是 UTF-8 编码")
        case RecursionError():
            return UnusableError("it is nested too deeply", "嵌套过深")
        case _:
            return UnusableError(f"it is no OneBot frame: {error}", f"不是 OneBot 帧：{error}")

"""What every frame shares: the version of the protocol, its limits, and the names of types."""

import re
from typing import Final

VERSION: Final = 1
TEXT_LIMIT: Final = 2_000
"""Characters of a reply."""
SHOWN_LIMIT: Final = 4_000
"""Characters of a message that are shown; a longer one is cut and says so: no buyer can fill an agent's line."""


def snake(name: str) -> str:
    """The `type` of a frame, from the name of its struct."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()

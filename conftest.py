"""For every test of the house and of its plugins.

No property has to hold within so many milliseconds: a busy machine is no fault, and time is measured in bench/.
"""

import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A command that is run inside a test sets up the log of the whole process: the next test must not write to it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if root.handlers != handlers:
        for own in root.handlers:
            if own not in handlers:
                own.close()
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()

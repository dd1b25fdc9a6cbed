"""The desk as screens are made from it: its state, and the words and orders that are kept beside it."""

from typing import NamedTuple

from relay.domain.lanes import Lanes
from relay.domain.model import DeskState
from relay.web.noted import Noted
from relay.web.promised import Promised
from relay.web.threads import Threads


class Book(NamedTuple):
    """All that a frame or a list is made of."""

    state: DeskState
    threads: Threads
    lanes: Lanes
    promised: Promised
    noted: Noted

"""Floor 2: what the rooms above promise each other, as typed Protocols and frozen records.

Each contract has a test class in `relay.testing.contracts`, run over every implementation, the fakes included.
Nothing here may depend on SQLite, HTTP or a clock; instants are integer milliseconds, ids strings.
"""

from relay.contracts.channels import (
    REPLAY_HEADER,
    Arrival,
    Capabilities,
    Channel,
    Intake,
    Outgoing,
    Placement,
    Receipt,
    Role,
    SendResult,
    Taken,
    Transfer,
    TransferResult,
)
from relay.contracts.clocks import Clock, Entropy
from relay.contracts.endpoints import (
    Admitted,
    Frame,
    Handshake,
    HttpRequest,
    HttpResponse,
    Route,
    ServesSockets,
    Socket,
    SocketRoute,
    VouchesForBridge,
)
from relay.contracts.notifiers import Notice, NoticeLimits, NoticeResult, Notifier
from relay.contracts.readers import Reader
from relay.contracts.registry import ChannelFactory, NotifierFactory, Registry, ResponderFactory
from relay.contracts.responders import DraftText, Line, Question, ReplyBook, Responder
from relay.contracts.stores import (
    Batch,
    Claim,
    ContentRow,
    Found,
    Head,
    KeyRow,
    Quarantined,
    RefRow,
    Restored,
    Seen,
    Store,
)
from relay.insight.utterances import Unread, Utterance
from relay.rules.catalogue import Rule

__all__ = [
    "REPLAY_HEADER", "Admitted", "Arrival", "Batch", "Capabilities", "Channel", "ChannelFactory", "Claim", "Clock",
    "ContentRow", "DraftText", "Entropy", "Found", "Frame", "Handshake", "Head", "HttpRequest", "HttpResponse",
    "Intake", "KeyRow", "Line", "Notice", "NoticeLimits", "NoticeResult", "Notifier", "NotifierFactory", "Outgoing",
    "Placement", "Quarantined", "Question", "Reader", "Receipt", "RefRow", "Registry", "ReplyBook", "Responder",
    "ResponderFactory", "Restored", "Role", "Route", "Rule", "Seen", "SendResult", "ServesSockets", "Socket",
    "SocketRoute", "Store", "Taken", "Transfer", "TransferResult", "Unread", "Utterance",
    "VouchesForBridge",
]  # fmt: skip

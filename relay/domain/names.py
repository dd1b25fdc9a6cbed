"""The typed names of things. Ids are strings, instants integer milliseconds since 1970 (UTC), spans milliseconds.

A desk, shop, seat, person, quick-reply or event id is chosen by people and limited to `ID_PATTERN`, so that it can
stand in a URL, a file name, a log line and an export without escaping. A buyer is known inside only by a random
`BuyerRef`; what the platform calls them lies in an erasable table of the store.
"""

from typing import NewType

Millis = NewType("Millis", int)
DeskId = NewType("DeskId", str)
ShopId = NewType("ShopId", str)
SeatId = NewType("SeatId", str)
PersonId = NewType("PersonId", str)
ReplyId = NewType("ReplyId", str)
EventId = NewType("EventId", str)
ChannelName = NewType("ChannelName", str)
BuyerRef = NewType("BuyerRef", str)
MessageId = NewType("MessageId", str)
"""relay's own id of a message: `m` and the seq of the fact that recorded it. Unique within a desk."""
SendId = NewType("SendId", str)
"""`s` and the seq of the fact that recorded the intent. Unique within a desk."""

TransferId = NewType("TransferId", str)
"""`t` and the seq of the fact that first asked for the transfer. Unique within a desk."""

AlertId = NewType("AlertId", str)
"""`a` and the seq of the fact that raised it. Unique within a desk."""
DraftId = NewType("DraftId", str)
"""`d` and the seq of the fact that recorded the draft. Unique within a desk."""
FollowUpId = NewType("FollowUpId", str)
NoteId = NewType("NoteId", str)
"""`f` and the seq of the fact that made the follow-up. Unique within a desk."""

ID_PATTERN = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
OFFICE = DeskId("office")
"""The name of the stream that holds people, roles, library and the desk map. No desk may be called this."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

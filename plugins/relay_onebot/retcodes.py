"""What a response's status and retcode prove about a text that a buyer may have been shown (L9).

    done       it says so (`ok`)
    refused    the code is one that is given before anything is done, or by a platform that turned it down
    tired      refused as well, and asked to come again later
    doubtful   anything else: it may have been done before it failed, or nobody has said anything yet (`async`)

Laws: only a documented code proves that nothing was sent; an unknown code, a broken handler (20xxx), a lost network
(33xxx) and a time-out of the bridge prove nothing. Version 11 has hardly any codes of its own: 14xx stands for the HTTP
statuses, 100 to 104 are what its first implementation gave for bad parameters and missing rights.
"""

from typing import Final, Literal

from relay_onebot.actions import Response

Proof = Literal["done", "refused", "tired", "doubtful"]

OK: Final = 0
ASYNC: Final = 1
# version 11, as on a WebSocket; the HTTP statuses are 400, 401, 403, 404
BAD_REQUEST_11: Final = 1400
UNAUTHORIZED_11: Final = 1401
FORBIDDEN_11: Final = 1403
UNSUPPORTED_ACTION_11: Final = 1404
# version 12
BAD_REQUEST: Final = 10001
UNSUPPORTED_ACTION: Final = 10002
BAD_PARAM: Final = 10003
UNSUPPORTED_PARAM: Final = 10004
UNSUPPORTED_SEGMENT: Final = 10005
BAD_SEGMENT_DATA: Final = 10006
UNSUPPORTED_SEGMENT_DATA: Final = 10007
WHO_AM_I: Final = 10101
UNKNOWN_SELF: Final = 10102
BAD_HANDLER: Final = 20001
INTERNAL_HANDLER_ERROR: Final = 20002
DATABASE: Final = 31000
FILESYSTEM: Final = 32000
NETWORK: Final = 33000
PLATFORM: Final = 34000
LOGIC: Final = 35000
TIRED: Final = 36000

UNSUPPORTED: Final = frozenset(
    {UNSUPPORTED_ACTION_11, UNSUPPORTED_ACTION, UNSUPPORTED_PARAM, UNSUPPORTED_SEGMENT, UNSUPPORTED_SEGMENT_DATA}
)
"""The peer has no such action, parameter or segment: asking again is no use."""
_REFUSED_11: Final = frozenset({100, 101, 102, 103, 104, 1400, 1401, 1403, 1404})
_REFUSED_12: Final = (range(10000, 20000), range(34000, 36000))
_TIRED_12: Final = range(36000, 37000)


def proof_of(response: Response, also_refused: frozenset[int] = frozenset()) -> Proof:
    """What this response proves. `also_refused`: further codes by which this bridge says that nothing was sent."""
    code = response.retcode
    if response.status == "ok" and code == OK:
        return "done"
    if response.status != "failed":
        return "doubtful"
    if code in _TIRED_12:
        return "tired"
    if code in _REFUSED_11 or code in also_refused or any(code in span for span in _REFUSED_12):
        return "refused"
    return "doubtful"

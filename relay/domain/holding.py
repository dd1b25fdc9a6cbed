"""A hold that a person sends by one key: an approved version, for the question that stood beside the key (L8, L10).

Laws:
* The key names the version that was read and the message that was on the screen. If another version is in force, or the
  buyer has written since, nothing is sent: nobody's words change under the finger.
* It is a hold: from its first byte on an answer is owed, as with any hold. It answers nothing, and is a person's own.
* Just before the first byte it is asked again whether the version is still approved, and whether a real answer has been
  given meanwhile. That the buyer wrote again within that moment holds nothing back: they are waiting all the same.
"""

from relay.domain import inputs as i
from relay.domain.marks import message_seq
from relay.domain.model import Conversation, Send
from relay.domain.refusal import Refusal
from relay.domain.settings import QuickReply
from relay.domain.step import Step


def check_hold(step: Step, conv: Conversation | None, given: i.Reply) -> None:
    """Refuse a hold by key whose words or whose question are not what they were."""
    if given.question is None:
        return
    if conv is None or conv.last_message != message_seq(given.question) or not _is_waiting(conv):
        raise Refusal("question_changed")
    reply = _in_force(step, conv, given)
    if reply is None:
        raise Refusal("reply_withdrawn")
    if reply.purpose != "hold" or given.reads_as != "hold":
        raise Refusal("no_hold")


def obstacle_to_hold(step: Step, conv: Conversation, send: Send) -> str | None:
    """Why a hold by key must not go now; None if it may."""
    if not _is_waiting(conv):
        return "answered"
    return None if _in_force(step, conv, send) is not None else "reply_withdrawn"


def _is_waiting(conv: Conversation) -> bool:
    """Whether the buyer waits for an answer: asked and not answered, or held and not yet answered."""
    return conv.round is not None or conv.debt is not None


def _in_force(step: Step, conv: Conversation, named: i.Reply | Send) -> QuickReply | None:
    """The quick reply, if the version that is named may be sent in this shop now."""
    reply = step.state.replies.get(named.reply) if named.reply is not None else None
    return reply if reply is not None and reply.version == named.version and reply.usable(conv.shop, step.at) else None

"""The inputs of a run, read off its facts (L16): the same core can be driven again and must leave the same bytes."""

from collections.abc import Iterable, Iterator

import msgspec

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.desk import Desk
from relay.domain.names import Millis

_SAME_FIELDS: dict[type[f.Fact], type[i.Input]] = {
    f.DeskStarted: i.StartDesk,
    f.OfficeTaken: i.TakeOffice,
    f.ChannelConnected: i.ConnectChannel,
    f.ChannelLost: i.LoseChannel,
    f.ChannelGap: i.ReportGap,
    f.ChannelSilent: i.NoteSilence,
    f.ChannelHeard: i.NoteHeard,
    f.SendingMeasured: i.NoteSending,
    f.BuyerWrote: i.TakeBuyerMessage,
    f.ShopWrote: i.TakeShopMessage,
    f.MessageRecalled: i.TakeRecall,
    f.PlatformPlaced: i.TakePlacement,
    f.ClockStepped: i.NoteClockStep,
    f.Erased: i.Erase,
    f.PresenceSet: i.SetPresence,
    f.AgentTyped: i.NoteTyping,
    f.ReplyIntended: i.Reply,
    f.DraftOffered: i.OfferDraft,
    f.DraftRejected: i.RejectDraft,
    f.DebtSettled: i.SettleDebt,
    f.MoveAsked: i.MoveBuyer,
    f.AlertsTold: i.NoteAlertsTold,
    f.AlertAcknowledged: i.AcknowledgeAlerts,
    f.FollowUpDismissed: i.DismissOffer,
    f.FollowUpMade: i.MakeFollowUp,
    f.FollowUpChanged: i.ChangeFollowUp,
    f.FollowUpDone: i.FinishFollowUp,
    f.FollowUpDropped: i.DropFollowUp,
    f.NoteWritten: i.WriteNote,
    f.NoteRemoved: i.RemoveNote,
    f.FigureForeseen: i.NoteForecast,
    f.TakenBack: i.TakeBack,
}
_OF_TICK = (
    f.LadderStepped, f.ServiceBegan, f.DebtReminded, f.SendRequeued, f.GraceEnded, f.ShiftTurned, f.FlappingEnded,
    f.GroupRelaxed, f.WaitEnded, f.TransferRequested, f.GuardLifted, f.EventTurned, f.FollowUpDue,
    f.GroupRelaxed, f.WaitEnded, f.TransferRequested, f.GuardLifted, f.EventTurned,
    f.NoticeIntended, f.NoticeWithheld,
)  # fmt: skip


def inputs_of(facts: Iterable[f.DeskFact]) -> Iterator[tuple[Millis, i.Input]]:
    """Every observation as the input it was, with its recorded instant; ticks stand for what came due."""
    for fact in facts:
        if fact.cause == 0:
            yield fact.at, input_of(fact)


def input_of(fact: f.DeskFact) -> i.Input:
    """The input that left this observation."""
    same = _SAME_FIELDS.get(type(fact))
    if same is not None:
        return same(**{name: getattr(fact, name) for name in same.__struct_fields__})
    match fact:
        case f.SendStarted():
            return i.PrepareSend(send=fact.send, digest=fact.digest)
        case f.SendEnded(checked=True):
            return i.PrepareSend(send=fact.send, unfilled=fact.unfilled)
        case f.SendEnded(by=by) if by is not None:
            reached = fact.outcome == "confirmed"
            return i.ResolveSend(send=fact.send, by=by, reached=reached, skew_ms=fact.skew_ms)
        case f.SendEnded():
            return i.EndSend(
                send=fact.send,
                outcome=fact.outcome,
                why=fact.why,
                retryable=fact.retry_at is not None,
                sent_at=fact.sent_at,
                basis=fact.basis,
                skew_ms=fact.skew_ms,
            )
        case f.TransferEnded():
            again = fact.retry_at is not None
            return i.EndTransfer(transfer=fact.transfer, outcome=fact.outcome, why=fact.why, retryable=again)
        case f.ConversationClosed(by=by) if by is not None:
            return i.CloseConversation(shop=fact.shop, buyer=fact.buyer, by=by, reason=fact.reason)
        case f.ConversationClosed():
            return i.Tick()
        case _ if isinstance(fact, _OF_TICK):
            return i.Tick()
        case _:
            raise ValueError(f"{type(fact).__name__} is never an observation")


def rerun(desk: Desk, facts: Iterable[f.DeskFact]) -> list[f.DeskFact]:
    """Step a fresh desk through the inputs of these facts; the facts it leaves must be the same, byte for byte."""
    again: list[f.DeskFact] = []
    for at, given in inputs_of(facts):
        again.extend(desk.step(given, at))
    return again


def same(one: Iterable[f.DeskFact], other: Iterable[f.DeskFact]) -> bool:
    """Whether two runs left the same bytes."""
    encode = msgspec.json.Encoder().encode
    return [encode(fact) for fact in one] == [encode(fact) for fact in other]

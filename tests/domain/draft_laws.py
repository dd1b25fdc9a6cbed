"""The laws of drafts, reckoned from the facts alone: which drafts are live, who may use one, and that no machine does.

`DraftLaws` is a part of `tests.domain.laws.Laws`, which hands it every fact before it is told, and every step's end.
"""

from collections.abc import Callable, Iterable

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.effects import effects_of
from relay.domain.model import DeskState
from tests.domain.told import Told

Key = tuple[str, str]
MOST = 9


class DraftLaws:
    """`broken(law, what, detail)` raises."""

    def __init__(self, told: Told, broken: Callable[[str, str, object], None]) -> None:
        self._told, self._broken = told, broken
        self.live: dict[Key, dict[str, f.DraftOffered]] = {}
        self.used: dict[str, f.DraftOffered] = {}
        self._over: set[Key] = set()
        self._rejected: dict[str, f.DraftOffered] = {}

    def before(self, fact: f.DeskFact, given: i.Input) -> None:
        """A fact that is about to be told; its seq is the next one."""
        key = (getattr(fact, "shop", ""), getattr(fact, "buyer", ""))
        mine = self.live.get(key, {})
        name = f"{self._told.seq + 1}"
        match fact:
            case f.DraftOffered():
                self._offered(key, mine, fact)
                self.live.setdefault(key, {})[f"d{name}"] = fact
            case f.DraftRejected():
                self._known(key, mine, fact.draft)
                if fact.draft in mine:
                    self._rejected[fact.draft] = mine.pop(fact.draft)
            case f.ReplyIntended(draft=str(draft)):
                self._approved(key, mine, fact, given)
                self.used[f"s{name}"] = mine.pop(draft)
            case f.DraftsVoided():
                if not mine:
                    self._broken("L7", "voided_nothing", fact)
                self.live.pop(key, None)
            case f.BuyerWrote() | f.RoundAnswered() | f.RoundDropped() | f.ConversationClosed() | f.MessageRecalled():
                self._over.add(key)
            case f.SendEnded(author=author) if author is not None and fact.send in self.used:
                self._author(fact)

    def again(self, key: Key, draft: str) -> None:
        """Its rejection is taken back."""
        fact = self._rejected.pop(draft)
        self._offered(key, self.live.get(key, {}), fact)
        self.live.setdefault(key, {})[draft] = fact

    def after(self, seq: int, fact: f.DeskFact) -> None:
        """It is told: what it asks for is no sending of a draft."""
        if isinstance(fact, f.DraftOffered | f.DraftsVoided | f.DraftRejected) and effects_of(seq, fact):
            self._broken("L7", "draft_sent_by_machine", fact)

    def finish(self, named: Iterable[Key], state: DeskState) -> None:
        """After a step: what is live answers what the buyer said last, and the desk has the same drafts."""
        for key in named:
            thread = self._told.thread(key)
            mine = self.live.get(key, {})
            for draft, fact in mine.items():
                if thread.round is None or fact.message != f"m{thread.last_message}":
                    self._broken("L7", "draft_survives", (key, draft, fact, thread.last_message))
            if key in self._over and mine and thread.round is None:
                self._broken("L7", "draft_survives", (key, mine))
            conv = state.conversations.get(key)  # type: ignore[call-overload]
            theirs = [draft.id for draft in conv.drafts] if conv is not None else []
            if len(mine) > MOST and len(theirs) == MOST:
                self.live[key] = mine = {name: fact for name, fact in mine.items() if name in theirs}
            if len(set(theirs)) != len(theirs) or set(theirs) != set(mine):
                self._broken("L7", "drafts_differ", (key, theirs, list(mine)))
            marks = [fact.mark for fact in mine.values()]
            if len(set(marks)) != len(marks):
                self._broken("L7", "draft_twice", (key, mine))
        self._over.clear()

    # --- single facts

    def _offered(self, key: Key, mine: dict[str, f.DraftOffered], fact: f.DraftOffered) -> None:
        thread = self._told.thread(key)
        if thread.round is None or fact.message != f"m{thread.last_message}":
            self._broken("L7", "stale_draft_offered", (fact, thread.last_message))
        if any(one.mark == fact.mark for one in mine.values()):
            self._broken("L7", "draft_twice", fact)
        if self._told.shops[key[0]].assist == "off":
            self._broken("L7", "draft_although_off", fact)

    def _known(self, key: Key, mine: dict[str, f.DraftOffered], draft: str) -> None:
        if draft in mine:
            return
        others = [other for other, drafts in self.live.items() if draft in drafts]
        if any(other[0] != key[0] for other in others):
            self._broken("L14", "draft_of_another_shop", (key, draft, others))
        self._broken("L7", "void_draft_used", (key, draft, others))

    def _approved(self, key: Key, mine: dict[str, f.DraftOffered], fact: f.ReplyIntended, given: i.Input) -> None:
        if not isinstance(given, i.Reply) or not fact.by or given.by != fact.by:
            self._broken("L7", "draft_sent_by_machine", (fact, given))
        self._known(key, mine, fact.draft or "")
        offered = mine[fact.draft or ""]
        if (fact.provider, fact.mode) != (offered.provider, offered.mode):
            self._broken("L13", "draft_of_another_provider", (fact, offered))

    def _author(self, fact: f.SendEnded) -> None:
        offered, author = self.used[fact.send], fact.author
        assert author is not None
        said = (author.kind.value, author.trigger, author.origin, author.provider, author.mode)
        if said != ("human", "person", "draft", offered.provider, offered.mode) or fact.machine:
            self._broken("L13", "draft_not_a_persons_reply", (fact, offered))

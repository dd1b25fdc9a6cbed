"""A console as anybody might write one, by docs/agents-protocol.md alone: lists kept by events, never asked for again.

It works on plain JSON and shares no code with relay. `picture()` is what it shows; a fresh list read by another one
must show the same.
"""

from copy import deepcopy
from typing import Any

Frame = dict[str, Any]
Key = tuple[str, str]


class Console:
    """Everything a session was told, as lists."""

    def __init__(self) -> None:
        self.shops: dict[str, Frame] = {}
        self.seats: dict[str, Frame] = {}
        self.conversations: dict[Key, Frame] = {}
        self.follow_ups: dict[str, Frame] = {}
        self.alerts: dict[str, Frame] = {}
        self.replies: dict[str, Frame] = {}

    def take(self, told: Frame) -> None:
        frame = deepcopy(told)  # what was told stays as it was told
        kind = frame["type"]
        if kind == "list":
            self._list(frame)
        elif kind == "quick_reply":
            self.replies.pop(frame["reply"]["reply"], None)
            if frame["usable"]:
                self.replies[frame["reply"]["reply"]] = frame["reply"]
        elif kind == "quick_reply_removed":
            self.replies.pop(frame["reply"], None)
        elif "seq" in frame and kind not in ("done", "pong", "queue", "welcome"):
            self._event(kind, frame)

    def _list(self, frame: Frame) -> None:
        if frame["part"] == 0:
            self.__init__()  # type: ignore[misc]
            self.shops = {one["shop"]: one for one in frame["shops"]}
            self.seats = {one["seat"]: one for one in frame["seats"]}
            self.replies = {one["reply"]: one for one in frame["replies"]}
            self.alerts = {one["alert"]["alert"]: one["alert"] | {"shop": one["shop"]} for one in frame["alerts"]}
        for conv in frame["conversations"]:
            self._put(conv)
        self.follow_ups |= {one["follow_up"]: one for one in frame["follow_ups"]}

    def _put(self, conv: Frame) -> None:
        key = (conv["shop"], conv["buyer"])
        self._forget_alerts(key)
        self.conversations[key] = conv
        self.alerts |= {one["alert"]: one | {"shop": conv["shop"]} for one in conv["alerts"]}
        self.follow_ups = {name: one for name, one in self.follow_ups.items() if _who(one) != key}
        self.follow_ups |= {one["follow_up"]: one for one in conv["follow_ups"]}

    def _drop(self, key: Key) -> None:
        del self.conversations[key]
        if not self.shops[key[0]]["see_all"]:
            self._forget_alerts(key)

    def _may_see(self, one: Frame) -> bool:
        """A follow-up: of one's own seat, of a buyer on one's list, or in a shop of which one sees all."""
        mine = self.seats.get(one["seat"] or "", {}).get("mine", False)
        return bool(mine or _who(one) in self.conversations or self.shops[one["shop"]]["see_all"])

    def _forget_alerts(self, key: Key) -> None:
        mine = [name for name, one in self.alerts.items() if (one["shop"], one["buyer"]) == key]
        for name in mine:
            del self.alerts[name]

    def _event(self, kind: str, frame: Frame) -> None:
        key = (frame["shop"], frame.get("buyer"))
        conv = self.conversations.get(key)  # type: ignore[arg-type]
        match kind:
            case "assigned" | "queued":
                self._put(frame["conversation"])
            case "follow_up_made" | "follow_up_changed" | "follow_up_due":
                self.follow_ups[frame["follow_up"]] = frame["now"]
            case "follow_up_done" | "follow_up_dropped":
                self.follow_ups.pop(frame["follow_up"], None)
            case "presence" | "shift_turned" | "flapping_began" | "flapping_ended":
                self._seat(kind, frame)
            case "acknowledged":
                for name in frame["alerts"]:
                    if name in self.alerts:
                        self.alerts[name] |= {"seen_by": frame["by"]}
            case "taken_back":
                for name in frame["alerts"]:
                    if name in self.alerts:
                        self.alerts[name] |= {"seen_by": None}
            case "left" if conv is not None:
                self._drop(key)  # type: ignore[arg-type]
            case "closed" if conv is not None:
                conv |= {"seat": None, "queued": False, "offer": None}
                if not self.shops[frame["shop"]]["see_all"]:
                    self._drop(key)  # type: ignore[arg-type]
            case _ if conv is not None:
                self._conversation(kind, frame, conv)
        self._alerting(kind, frame, key)
        if frame.get("gone") and key in self.conversations:
            self._drop(key)  # type: ignore[arg-type]
        if kind in ("left", "closed", "follow_up_changed") or frame.get("gone"):
            self.follow_ups = {name: one for name, one in self.follow_ups.items() if self._may_see(one)}

    def _alerting(self, kind: str, frame: Frame, key: Key | tuple[str, Any]) -> None:
        sees_all = self.shops[frame["shop"]]["see_all"]
        for one in frame.get("raised", ()):
            if sees_all or (frame["shop"], one["buyer"]) in self.conversations:
                self.alerts[one["alert"]] = one | {"shop": frame["shop"]}
        for name in frame.get("over", ()):
            self.alerts.pop(name, None)

    def _seat(self, kind: str, frame: Frame) -> None:
        seat = self.seats.get(frame["seat"])
        if seat is None:
            return
        match kind:
            case "presence":
                seat["presence"] = frame["presence"]
            case "shift_turned":
                seat["shift_on"], seat["draining"] = frame["on"], frame["draining"]
            case _:
                seat["flapping"] = kind == "flapping_began"

    def _conversation(self, kind: str, frame: Frame, conv: Frame) -> None:
        match kind:
            case "buyer_wrote":
                conv["questions"], conv["last_message"] = frame["questions"], frame["last_message"]
            case "recalled":
                conv["questions"] = frame["questions"]
            case "round_opened" | "round_moved":
                names = ("opened_at", "due_at", "questions", "service_from", "service_due_at")
                conv |= {name: frame[name] for name in names}
            case "answered" | "round_dropped":
                conv |= {"opened_at": None, "due_at": None, "service_from": None, "service_due_at": None}
                conv |= {"questions": 0, "queued": False}
            case "debt_opened":
                conv["debt"] = {"since": frame["since"] or frame["at"], "remind_at": frame["remind_at"], "times": 0}
            case "debt_reminded":
                conv["debt"] |= {"remind_at": frame["next_at"], "times": frame["times"]}
            case "debt_closed":
                conv["debt"], conv["queued"] = None, conv["queued"] and conv["opened_at"] is not None
            case "follow_up_offered":
                conv["offer"] = {name: frame[name] for name in ("owner", "due_at", "category", "named")}
            case "follow_up_dismissed":
                conv["offer"] = None
            case "note_written":
                conv["notes"] = [one for one in conv["notes"] if one["note"] != frame["replaces"]] + [frame["note"]]
            case "note_removed":
                conv["notes"] = [one for one in conv["notes"] if one["note"] != frame["note"]]
            case "transfer_requested":
                conv["moving_to"] = frame["to"]
            case "transfer_ended":
                conv["moving_to"] = None if frame["retry_at"] is None else conv["moving_to"]

    # --- what it shows

    def picture(self, now: int) -> Frame:
        """The lists as they stand at this instant of the server's clock."""
        unanswered = [one for one in self.conversations.values() if one["opened_at"] is not None]
        overnight = [one for one in unanswered if _is_overnight(one)]
        waiting = [one for one in unanswered if not _is_overnight(one)]
        savable = [one for one in waiting if (due := _deadline(one)) is None or due > now]
        late = [one for one in waiting if (due := _deadline(one)) is not None and due <= now]
        far = 1 << 60
        return {
            "waiting": [_who(one) for one in sorted(savable, key=lambda one: (_deadline(one) or far, *_age(one)))],
            "late": [_who(one) for one in sorted(late, key=_age)],
            "overnight": [_who(one) for one in sorted(overnight, key=lambda one: (one["service_from"], *_age(one)))],
            "debts": [_who(one) for one in sorted(filter(_debt, self.conversations.values()), key=_since)],
            "owed": {_who(one): one["debt"] for one in self.conversations.values()},
            "clocks": {_who(one): (_deadline(one), one["questions"]) for one in unanswered},
            "follow_ups": {name: one["due_at"] for name, one in self.follow_ups.items()},
            "alerts": {name: (one["what"], one["seen_by"]) for name, one in self.alerts.items()},
            "notes": {_who(one): one["notes"] for one in self.conversations.values()},
            "last": {_who(one): one["last_message"] for one in self.conversations.values()},
            "offers": {_who(one): one["offer"] for one in self.conversations.values()},
            "where": {_who(one): (one["seat"], one["queued"], one["moving_to"]) for one in self.conversations.values()},
            "replies": sorted(self.replies),
            "seats": {name: self._load(name) for name in self.seats},
        }

    def _load(self, name: str) -> Frame:
        """What a seat has, counted; only whoever sees all of its shop can."""
        seat = self.seats[name]
        told = {key: seat[key] for key in ("presence", "shift_on", "draining", "flapping", "cap", "usual_cap")}
        mine = [one for one in self.conversations.values() if one["seat"] == name]
        told |= {"open": len(mine), "waiting": sum(one["opened_at"] is not None for one in mine)}
        if self.shops[seat["shop"]]["see_all"]:
            told["load"] = len(mine) + sum(one["moving_to"] == name for one in self.conversations.values())
        return told


def by_the_list(frame: Frame) -> Frame:
    """What relay itself says in a list of one part, in the words of a picture."""
    return {
        "waiting": [_who(one) for one in frame["waiting"]],
        "late": [_who(one) for one in frame["late"]],
        "overnight": [_who(one) for one in frame["overnight"]],
        "debts": [_who(one) for one in frame["debts"]],
        "seats": {
            one["seat"]: {name: one[name] for name in ("open", "waiting", "load", "presence")} for one in frame["seats"]
        },
    }


def _who(one: Frame) -> Key:
    return one["shop"], one["buyer"]


def _deadline(one: Frame) -> int | None:
    found: int | None = one["due_at"] if one["due_at"] is not None else one["service_due_at"]
    return found


def _is_overnight(one: Frame) -> bool:
    return bool(one["service_from"] is not None and one["opened_at"] < one["service_from"])


def _age(one: Frame) -> tuple[Any, ...]:
    return one["opened_at"], *_who(one)


def _debt(one: Frame) -> bool:
    return one["debt"] is not None


def _since(one: Frame) -> tuple[Any, ...]:
    return one["debt"]["since"], *_who(one)

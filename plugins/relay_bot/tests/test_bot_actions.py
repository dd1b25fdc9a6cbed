"""What a bot is sent and what it is answered, frame by frame, in both versions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.testing.fakes import SeededEntropy
from relay_bot.dialect import Dialect
from relay_bot.onebot11 import OneBot11
from relay_bot.onebot12 import OneBot12
from relay_bot.questions import DOUBT
from relay_bot.tests.asking import SELF_ID, House, asked_for, decoded, question
from relay_onebot.events11 import Message11, Meta11, decode11
from relay_onebot.events12 import Message12, Meta12, decode12


class Eleven(House):
    def __init__(self, form: Any = "array") -> None:
        super().__init__()
        self.speaks = OneBot11(self.bot, form)

    def answer(self, action: str, params: dict[str, Any] | None = None, /, **rest: Any) -> dict[str, Any]:
        return decoded(self.speaks.answer(asked_for(action, params, **rest)))


class Twelve(House):
    def __init__(self) -> None:
        super().__init__()
        self.speaks = OneBot12(self.bot, SeededEntropy(2))

    def answer(self, action: str, params: dict[str, Any] | None = None, /, **rest: Any) -> dict[str, Any]:
        return decoded(self.speaks.answer(asked_for(action, params, **rest)))


# --- version 11


def test_a_question_is_a_private_message_that_names_no_platform_id() -> None:
    house = Eleven()
    asked = house.questions.ask(question("发货[今天]?", buyer="secret-ref"))
    frame = house.speaks.event(asked)
    event = decode11(frame)
    assert isinstance(event, Message11)
    assert (event.message_type, event.sub_type, event.self_id) == ("private", "friend", SELF_ID)
    assert (event.user_id, event.message_id) == (asked.user, asked.message)
    assert decoded(frame)["message"] == [{"type": "text", "data": {"text": "发货[今天]?"}}]
    assert event.raw_message == "发货&#91;今天&#93;?"
    assert b"secret-ref" not in frame
    assert b"m1" not in frame


def test_a_bot_of_the_old_school_gets_a_string() -> None:
    house = Eleven("string")
    asked = house.questions.ask(question("发货[今天]?"))
    assert decoded(house.speaks.event(asked))["message"] == "发货&#91;今天&#93;?"


def test_a_socket_opens_with_connect_and_goes_on_with_heartbeats() -> None:
    house = Eleven()
    [opening] = [decode11(frame) for frame in house.speaks.opening()]
    beat, enabled = decode11(house.speaks.heartbeat()), decode11(house.speaks.enabled())
    assert isinstance(opening, Meta11)
    assert isinstance(beat, Meta11)
    assert isinstance(enabled, Meta11)
    assert (opening.meta_event_type, opening.sub_type) == ("lifecycle", "connect")
    assert (beat.meta_event_type, beat.interval) == ("heartbeat", 15_000)
    assert beat.status == {"online": True, "good": True}
    assert enabled.sub_type == "enable"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("get_login_info", {"user_id": SELF_ID, "nickname": "relay"}),
        ("get_status", {"online": True, "good": True}),
        ("get_friend_list", []),
        ("get_group_list", []),
        ("can_send_image", {"yes": False}),
        ("can_send_record", {"yes": False}),
    ],
)
def test_relay_says_the_truth_of_itself(action: str, data: object) -> None:
    assert Eleven().answer(action, echo={"seq": 1}) == {
        "status": "ok", "retcode": 0, "data": data, "message": "", "echo": {"seq": 1},
    }  # fmt: skip


def test_relay_names_its_version() -> None:
    data = Eleven().answer("get_version_info")["data"]
    assert (data["app_name"], data["protocol_version"]) == ("relay", "v11")


def test_friends_are_the_users_whose_questions_are_open() -> None:
    house = Eleven()
    asked = house.questions.ask(question())
    friend = {"user_id": asked.user, "nickname": "买家", "remark": ""}
    assert house.answer("get_friend_list")["data"] == [friend]
    stranger = {"user_id": asked.user, "nickname": "买家", "sex": "unknown", "age": 0}
    assert house.answer("get_stranger_info", {"user_id": str(asked.user)})["data"] == stranger
    assert house.answer("get_stranger_info", {"user_id": 7})["retcode"] == 100


@pytest.mark.parametrize(
    ("action", "more"),
    [("send_private_msg", {}), ("send_msg", {}), ("send_msg", {"message_type": "private", "self_id": SELF_ID})],
)
async def test_what_a_bot_sends_is_a_draft_and_it_gets_a_number_for_it(action: str, more: dict[str, Any]) -> None:
    house = Eleven()
    asked = house.questions.ask(question())
    answer = house.answer(action, {"user_id": asked.user, "message": "今天发出", **more}, echo="1")
    assert (answer["status"], answer["retcode"], answer["echo"]) == ("ok", 0, "1")
    assert 0 < answer["data"]["message_id"] < 2**31
    assert answer["data"]["message_id"] != asked.message
    draft = await asked.next()
    assert draft is not None
    assert (draft.text, draft.provider, draft.mode, draft.confidence) == ("今天发出", "shopbot", "unknown", None)


@pytest.mark.parametrize(
    ("action", "params", "retcode", "word"),
    [
        ("send_group_msg", {"group_id": 1, "message": "大家好"}, 103, "没有群聊"),
        ("send_msg", {"group_id": 1, "message": "大家好"}, 103, "没有群聊"),
        ("send_msg", {"message_type": "group", "group_id": 1, "message": "大家好"}, 103, "没有群聊"),
        ("send_private_msg", {"user_id": 12345, "message": "你好"}, 103, "没有就此用户"),
        ("send_private_msg", {"user_id": "a", "message": "你好"}, 100, "user_id"),
        ("send_private_msg", {"message": "你好"}, 100, "user_id"),
        ("send_private_msg", {"user_id": "USER"}, 100, "message"),
        ("send_private_msg", {"user_id": "USER", "message": "[CQ:image,file=a.png]"}, 100, "没有文字"),
        ("delete_msg", {"message_id": 1}, 1404, "没有此动作"),
        ("get_guild_service_profile", {}, 1404, "没有此动作"),
        ("", {}, 1404, "没有此动作"),
        (".handle_quick_operation", {}, 100, "context"),
        (".handle_quick_operation", {"context": {"message_type": "group"}, "operation": {"reply": "x"}}, 103, "群聊"),
    ],
)
def test_what_relay_does_not_do_it_says(action: str, params: dict[str, Any], retcode: int, word: str) -> None:
    house = Eleven()
    asked = house.questions.ask(question())
    params = {key: asked.user if value == "USER" else value for key, value in params.items()}
    answer = house.answer(action, params, echo=7)
    assert (answer["status"], answer["retcode"], answer["echo"]) == ("failed", retcode, 7)
    assert word in answer["message"]
    assert asked.silent


def test_after_the_end_of_a_question_a_reply_fails_and_says_why() -> None:
    house = Eleven()
    asked = house.questions.ask(question())
    house.questions.close(asked)
    answer = house.answer("send_private_msg", {"user_id": asked.user, "message": "今天发出"})
    assert (answer["status"], answer["retcode"]) == ("failed", 103)
    assert "已失效" in answer["message"]
    assert "void" in answer["message"]


@pytest.mark.parametrize("ending", ["_async", "_rate_limited"])
async def test_an_ending_hides_the_outcome_and_changes_nothing_else(ending: str) -> None:
    house = Eleven()
    asked = house.questions.ask(question())
    answer = house.answer(f"send_private_msg{ending}", {"user_id": asked.user, "message": "今天发出"}, echo=[1])
    assert answer == {"status": "async", "retcode": 1, "data": None, "message": "", "echo": [1]}
    draft = await asked.next()
    assert draft is not None
    assert draft.text == "今天发出"
    assert house.answer(f"delete_msg{ending}")["retcode"] == 1404


async def test_a_quote_names_the_message_that_is_answered() -> None:
    house = Eleven()
    first = house.questions.ask(question("在吗"))
    second = house.questions.ask(question("在吗\n什么时候发货"))

    def answer(quoted: int) -> dict[str, Any]:
        words = f"[CQ:reply,id={quoted}]今天发出 {quoted}"
        return house.answer("send_private_msg", {"user_id": second.user, "message": words})

    assert answer(first.message)["retcode"] == 103
    assert second.silent
    own = answer(second.message)["data"]["message_id"]
    assert answer(own)["retcode"] == 0  # what it said itself: that names no question
    said = [await second.next(), await second.next()]
    assert [each.reason for each in said if each] == ["", DOUBT]


async def test_a_quick_operation_is_matched_by_its_context() -> None:
    house = Eleven()
    asked = house.questions.ask(question())
    context = decoded(house.speaks.event(asked))
    stale = context | {"message_id": asked.message - 1}
    operation = {"reply": "今天[CQ:face,id=1]发出", "at_sender": True}
    assert house.answer(".handle_quick_operation", {"context": stale, "operation": operation})["retcode"] == 103
    assert asked.silent
    answer = house.answer(".handle_quick_operation_async", {"context": context, "operation": operation})
    assert answer["status"] == "async"
    draft = await asked.next()
    assert draft is not None
    assert draft.text == "今天发出"


def test_a_quick_operation_without_a_reply_is_nothing() -> None:
    house = Eleven()
    asked = house.questions.ask(question())
    answer = house.answer(".handle_quick_operation", {"context": decoded(house.speaks.event(asked)), "operation": {}})
    assert answer["status"] == "ok"
    assert asked.silent


# --- version 12


def test_a_question_in_version_12() -> None:
    house = Twelve()
    asked = house.questions.ask(question())
    event = decode12(house.speaks.event(asked))
    assert isinstance(event, Message12)
    assert (event.detail_type, event.own.user_id, event.own.platform) == ("private", str(SELF_ID), "relay")
    assert (event.user_id, event.message_id) == (str(asked.user), str(asked.message))
    assert event.alt_message == "什么时候发货？"
    assert event.id != ""


def test_version_12_opens_with_connect_then_status() -> None:
    house = Twelve()
    connect, status = [decode12(frame) for frame in house.speaks.opening()]
    beat = decode12(house.speaks.heartbeat())
    assert isinstance(connect, Meta12)
    assert isinstance(status, Meta12)
    assert isinstance(beat, Meta12)
    assert (connect.detail_type, status.detail_type, beat.detail_type) == ("connect", "status_update", "heartbeat")
    assert connect.version is not None
    assert connect.version.onebot_version == "12"
    assert status.status is not None
    assert status.status.bots[0].online
    assert (house.speaks.protocols, beat.interval) == (("12.relay",), 15_000)


async def test_send_message_is_a_draft() -> None:
    house = Twelve()
    asked = house.questions.ask(question())
    message = [{"type": "text", "data": {"text": "今天发出"}}]
    params = {"detail_type": "private", "user_id": str(asked.user), "message": message}
    answer = house.answer("send_message", params, echo="1", self={"platform": "relay", "user_id": str(SELF_ID)})
    assert (answer["status"], answer["echo"]) == ("ok", "1")
    assert isinstance(answer["data"]["message_id"], str)
    draft = await asked.next()
    assert draft is not None
    assert draft.text == "今天发出"


@pytest.mark.parametrize(
    ("action", "params", "rest", "retcode"),
    [
        ("send_message", {"detail_type": "group", "group_id": "1", "message": []}, {}, 10004),
        ("send_message", {"detail_type": "private", "user_id": "USER", "message": "今天"}, {}, 10003),
        ("send_message", {"detail_type": "private", "user_id": "USER", "message": []}, {}, 10003),
        ("send_message", {"detail_type": "private", "user_id": "7", "message": "TEXT"}, {}, 35000),
        ("send_message", {}, {"self": {"platform": "qq", "user_id": "1"}}, 10102),
        ("send_message_async", {}, {}, 10002),
        ("upload_file", {}, {}, 10002),
        ("get_user_info", {"user_id": "7"}, {}, 35000),
    ],
)
def test_what_version_12_cannot_do_here(action: str, params: dict[str, Any], rest: Any, retcode: int) -> None:
    house = Twelve()
    asked = house.questions.ask(question())
    words = {"USER": str(asked.user), "TEXT": [{"type": "text", "data": {"text": "今天"}}]}
    params = {key: words.get(value, value) if isinstance(value, str) else value for key, value in params.items()}
    answer = house.answer(action, params, **rest)
    assert (answer["status"], answer["retcode"], answer["data"]) == ("failed", retcode, None)
    assert answer["message"]
    assert asked.silent


def test_version_12_says_the_truth_of_itself() -> None:
    house = Twelve()
    asked = house.questions.ask(question())
    assert house.answer("get_self_info")["data"]["user_id"] == str(SELF_ID)
    assert house.answer("get_version")["data"]["impl"] == "relay"
    assert house.answer("get_status")["data"]["good"] is True
    assert [each["user_id"] for each in house.answer("get_friend_list")["data"]] == [str(asked.user)]
    assert house.answer("get_user_info", {"user_id": str(asked.user)})["data"]["user_name"] == "买家"
    for action in house.answer("get_supported_actions")["data"]:
        assert house.answer(action)["retcode"] != 10002


# --- both


def both() -> list[Dialect]:
    return [Eleven().speaks, Twelve().speaks]


@pytest.mark.parametrize("speaks", both())
@pytest.mark.parametrize(
    ("raw", "answered"),
    [
        (b"", True),
        (b"{", True),
        (b"\xff\xfe", True),
        (b"[" * 100_000, True),
        (b"[]", True),
        (b'{"action":7}', True),
        (b'{"action":"x","params":[]}', True),
        (b'{"action":"x","params":null}', True),
        (b'{"echo":1}', True),
        (b'{"status":"failed","retcode":1400}', False),
        (b'{"post_type":"meta_event"}', False),
        (b'{"type":"meta","detail_type":"connect"}', False),
    ],
)
def test_whatever_asks_is_answered_and_two_who_echo_fall_silent(speaks: Dialect, raw: bytes, answered: bool) -> None:
    answer = speaks.answer(raw)
    assert (answer is not None) is answered
    if answer is not None:
        assert decoded(answer)["status"] == "failed"
        assert speaks.answer(answer) is None
    for frame in speaks.opening():
        assert speaks.answer(frame) is None


def test_what_cannot_be_read_is_answered_with_its_echo() -> None:
    for speaks in both():
        answer = decoded(speaks.answer(b'{"action":7,"echo":{"seq":5}}'))
        assert (answer["status"], answer["echo"]) == ("failed", {"seq": 5})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
NAMES = sorted(Eleven().speaks._actions) + sorted(Twelve().speaks._actions)
KEYS = ["user_id", "group_id", "message", "message_type", "detail_type", "context", "operation", "auto_escape"]


@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(KEYS), JSON), JSON)
def test_any_parameters_get_an_answer_with_their_echo(action: str, params: dict[str, Any], echo: Any) -> None:
    for speaks in both():
        answer = decoded(speaks.answer(asked_for(action, params, echo=echo)))
        assert answer["status"] in {"ok", "failed"}
        assert answer["echo"] == echo

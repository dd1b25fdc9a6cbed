"""The office: settings checked against each other, led to by facts, and who may do what (L8, L14)."""

from collections.abc import Callable
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.codec import decode, encode
from relay.domain.facts import SettingRemoved, SettingSet, TokenEnded, TokenIssued
from relay.domain.library import signed
from relay.domain.names import DeskId, Millis, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import (
    OfficeState,
    Right,
    Settings,
    apply,
    check_settings,
    concerns,
    diff,
    grants,
    may,
    not_allowed,
    person_of,
    settings_of,
    shops_where,
)
from relay.domain.office.rights import RIGHTS
from relay.domain.office.words import (
    WEEK,
    WordError,
    grant_word,
    read_grant,
    read_shift,
    read_step,
    shift_word,
    step_word,
)
from relay.domain.settings import (
    Desk,
    Grant,
    LadderStep,
    Person,
    QuickReply,
    Role,
    Seat,
    Shift,
    Shop,
    Subject,
)
from tests.domain.world import agreed

NOW = Millis(1_700_000_000_000)
BOSS = PersonId("boss")


def person(name: str, *roles: str, cap: int | None = None) -> Person:
    return Person(PersonId(name), roles=tuple(read_grant(word) for word in roles), cap=cap)


GOOD = Settings(
    desks=(Desk(DeskId("main")), Desk(DeskId("other"))),
    persons=(
        person("boss", "owner@s1", "owner@s2"),
        person("ann", "agent@s1", "agent@s2"),
        person("cao", "cs_admin@s1"),
        person("app", "approver@s1"),
    ),
    shops=(Shop(ShopId("s1"), DeskId("main")), Shop(ShopId("s2"), DeskId("other"))),
    seats=(
        Seat(SeatId("s1-a"), ShopId("s1"), PersonId("ann"), account="s1:a"),
        Seat(SeatId("s1-b"), ShopId("s1"), PersonId("cao"), account="s1:b", role="cs_admin"),
    ),
    replies=(
        QuickReply(
            ReplyId("hold"), 1, "请稍等", status="approved", shops=(ShopId("s1"),), author=BOSS, approved_by=BOSS
        ),
    ),
)


def state_of(settings: Settings, state: OfficeState | None = None) -> OfficeState:
    state = state or OfficeState()
    for change in diff(state, settings):
        apply(state, change.fact(NOW, BOSS))
    return state


def change(sort: str, number: int = 0, **keys: object) -> Settings:
    """GOOD with some keys of one subject changed."""
    subjects = list(getattr(GOOD, sort))
    subjects[number] = msgspec.structs.replace(subjects[number], **keys)
    return msgspec.structs.replace(GOOD, **{sort: tuple(subjects)})


def test_the_example_is_fine() -> None:
    assert check_settings(GOOD) == []
    assert check_settings(Settings()) == []


HOLD = LadderStep("hold", before_s=20)
BAD: list[tuple[str, Settings, str, str]] = [
    ("an id with capitals", change("desks", 0, id="Main"), "desk", "id"),
    ("an id in Chinese", change("persons", 0, id="店主"), "person", "id"),
    ("an id with a newline at its end", change("persons", 3, id="app\n"), "person", "id"),
    ("an id twice", change("seats", 1, id="s1-a"), "seat", "id"),
    ("a desk called office", change("desks", 1, id="office"), "desk", "id"),
    ("a shop without its desk", change("shops", 0, desk="none"), "shop", "desk"),
    ("a zone that is none", change("shops", 0, zone="Asia/Nowhere"), "shop", "zone"),
    ("a zone that is a folder", change("shops", 0, zone="Asia"), "shop", "zone"),
    ("a zone out of the database", change("shops", 0, zone="../../etc/passwd"), "shop", "zone"),
    ("no service time", change("shops", 0, service_s=0), "shop", "service_s"),
    ("stickiness beyond 72 h", change("shops", 0, sticky_s=259_201), "shop", "sticky_s"),
    ("a person who confirmed but no date", change("shops", 0, rule_confirmed_by="boss"), "shop", "rule_confirmed_by"),
    (
        "a date that is none",
        change("shops", 0, rule_confirmed_by="boss", rule_confirmed_on="2026-02-30"),
        "shop",
        "rule_confirmed_on",
    ),
    ("assist without an owner's word", change("shops", 0, assist="assist"), "shop", "assist"),
    (
        "assist that was confirmed without a statement",
        change("shops", 0, assist="assist", assist_confirmed_by="boss", assist_confirmed_on="2026-11-22"),
        "shop",
        "assist",
    ),
    (
        "assist that was confirmed for other options",
        msgspec.structs.replace(
            GOOD,
            shops=(
                msgspec.structs.replace(agreed(GOOD.shops[0]), assist="assist", rule_options={"robot_only": "miss"}),
            ),
        ),
        "shop",
        "assist",
    ),
    ("a link without person and date", change("shops", 0, rule_confirmed_link="x"), "shop", "rule_confirmed_link"),
    (
        "assist confirmed by no owner",
        change("shops", 0, assist="assist", assist_confirmed_by="cao", assist_confirmed_on="2026-11-22"),
        "shop",
        "assist_confirmed_by",
    ),
    ("a hold after the question", change("shops", 0, ladder=(LadderStep("hold", after_s=20),)), "shop", "ladder"),
    ("a hold too late", change("shops", 0, ladder=(LadderStep("hold", before_s=4),)), "shop", "ladder"),
    ("a hold before the question", change("shops", 0, ladder=(LadderStep("hold", before_s=180),)), "shop", "ladder"),
    ("two holds", change("shops", 0, ladder=(LadderStep("hold", before_s=30), HOLD)), "shop", "ladder"),
    ("a rung with two times", change("shops", 0, ladder=(LadderStep("wall", 1, 1),)), "shop", "ladder"),
    ("a rung with no time", change("shops", 0, ladder=(LadderStep("wall"),)), "shop", "ladder"),
    ("a rung at zero", change("shops", 0, ladder=(LadderStep("wall", after_s=0),)), "shop", "ladder"),
    (
        "a ladder out of order",
        change("shops", 0, ladder=(LadderStep("wall", after_s=90), LadderStep("badge", after_s=60))),
        "shop",
        "ladder",
    ),
    ("a seat of no shop", change("seats", 0, shop="none"), "seat", "shop"),
    ("a seat of nobody", change("seats", 0, agent="none"), "seat", "agent"),
    ("a seat without the role", change("seats", 0, agent="app"), "seat", "agent"),
    ("a supervisor's seat for an agent", change("seats", 0, role="cs_admin"), "seat", "agent"),
    ("one person on two desks", change("seats", 1, shop="s2", agent="ann", role="agent"), "seat", "agent"),
    ("an account twice", change("seats", 1, account="s1:a"), "seat", "account"),
    ("a cap of 0", change("seats", 0, cap=0), "seat", "cap"),
    ("a cap of 501", change("seats", 0, cap=501), "seat", "cap"),
    ("a weight of 0", change("seats", 0, weight=0), "seat", "weight"),
    ("a shift without days", change("seats", 0, shifts=(Shift((), "08:00", "16:00"),)), "seat", "shifts"),
    ("a shift at 24:00", change("seats", 0, shifts=(Shift(("mon",), "08:00", "24:00"),)), "seat", "shifts"),
    ("a role in no shop", change("persons", 1, roles=(Grant(ShopId("none"), "agent"),)), "person", "roles"),
    ("a person's cap of 0", change("persons", 1, cap=0), "person", "cap"),
    ("version 0", change("replies", 0, version=0), "reply", "version"),
    ("an empty text", change("replies", 0, text=" \n"), "reply", "text"),
    ("a text of 501", change("replies", 0, text="好" * 501), "reply", "text"),
    ("a slot in an approved text", change("replies", 0, text="{name}，请稍等"), "reply", "text"),
    ("a stray brace in a pending text", change("replies", 0, text="请{稍等", status="pending"), "reply", "text"),
    ("a reply for no shop", change("replies", 0, shops=(ShopId("none"),)), "reply", "shops"),
    ("an author who is nobody", change("replies", 0, author="none"), "reply", "author"),
    ("approved by nobody", change("replies", 0, approved_by=None), "reply", "approved_by"),
    ("approved by an agent", change("replies", 0, approved_by="ann"), "reply", "approved_by"),
    (
        "approved by no owner, by an unknown author",
        change("replies", 0, author=None, approved_by="app"),
        "reply",
        "approved_by",
    ),
    ("approved by its author, no owner", change("replies", 0, author="app", approved_by="app"), "reply", "approved_by"),
    ("for every shop, approved in one", change("replies", 0, shops=(), approved_by="app"), "reply", "approved_by"),
    ("a validity that ends before", change("replies", 0, valid_from=2, valid_to=2), "reply", "valid_to"),
]


@pytest.mark.parametrize(("settings", "sort", "key"), [pytest.param(*case[1:], id=case[0]) for case in BAD])
def test_what_is_wrong_is_said(settings: Settings, sort: str, key: str) -> None:
    problems = check_settings(settings)
    assert (sort, key) in {(problem.sort, problem.key) for problem in problems}
    assert all(problem.en and problem.zh for problem in problems)


_CONFIRMED = {
    key: getattr(agreed(msgspec.structs.replace(GOOD.shops[0], assist="assist")), key)
    for key in ("assist", "assist_confirmed_by", "assist_confirmed_on", "assist_confirmed_statement")
}
ALLOWED: list[tuple[str, Settings]] = [
    ("an owner's own text", GOOD),
    ("an approver of another's text", change("replies", 0, approved_by="app")),
    ("a draft with a slot", change("replies", 0, text="{name}", status="draft", approved_by=None)),
    ("an approved text with slots", change("replies", 0, text="{buyer_name|亲}，{客服}马上来，{{请}}稍等")),
    ("a retired text with an old slot", change("replies", 0, text="{name}", status="retired")),
    ("a text of 500", change("replies", 0, text="好" * 500)),
    ("an owner of every shop approves for all", change("replies", 0, shops=())),
    ("the edges of a cap", change("seats", 0, cap=500)),
    ("no ladder at all", change("shops", 0, ladder=())),
    (
        "assist that an owner confirmed",
        change("shops", 0, **_CONFIRMED),
    ),
]


@pytest.mark.parametrize("settings", [pytest.param(case[1], id=case[0]) for case in ALLOWED])
def test_what_is_allowed(settings: Settings) -> None:
    assert check_settings(settings) == []


def test_the_limit_of_the_rule_bounds_the_ladder() -> None:
    ladder = (LadderStep("hold", before_s=100),)
    assert check_settings(change("shops", 0, ladder=ladder)) == []
    assert check_settings(change("shops", 0, ladder=ladder), limit_s=lambda shop: 100) != []


def test_a_shop_stays_on_its_desk_also_after_a_removal() -> None:
    state = state_of(GOOD)
    moved = change("shops", 0, desk="other")
    assert ("shop", "desk") in {(problem.sort, problem.key) for problem in check_settings(moved, state)}
    state_of(Settings(), state)
    assert ("shop", "desk") in {(problem.sort, problem.key) for problem in check_settings(moved, state)}
    assert check_settings(GOOD, state) == []


def test_a_seat_stays_in_its_shop() -> None:
    moved = change("seats", 0, shop="s2")
    assert ("seat", "shop") in {(problem.sort, problem.key) for problem in check_settings(moved, state_of(GOOD))}


def test_l8_a_version_never_changes_its_text() -> None:
    state = state_of(GOOD)
    edited = change("replies", 0, text="请稍候")
    assert [problem.key for problem in check_settings(edited, state)] == ["text"]
    newer = change("replies", 0, text="请稍候", version=2)
    assert check_settings(newer, state) == []
    state_of(newer, state)
    assert [problem.key for problem in check_settings(GOOD, state)] == ["version"]
    state_of(Settings(), state)
    assert [problem.key for problem in check_settings(edited, state)] == ["text"], "known beyond a removal"


# --- changes

ids = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,6}", fullmatch=True)
days = st.lists(st.sampled_from(WEEK), min_size=1, max_size=7, unique=True).map(tuple)
clock = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
shifts = st.builds(Shift, days, clock, clock)
steps = st.one_of(
    st.builds(LadderStep, st.sampled_from(["badge", "wall"]), after_s=st.integers(1, 999)),
    st.builds(LadderStep, st.just("hold"), before_s=st.integers(1, 999)),
)
desks = st.builds(Desk, ids, st.text(max_size=5))
roles = st.builds(Grant, ids, st.sampled_from(get_args(Role)))
persons = st.builds(
    Person, ids, roles=st.lists(roles, max_size=3).map(tuple), cap=st.none() | st.integers(), disabled=st.booleans()
)
shops = st.builds(
    Shop,
    ids,
    ids,
    name=st.text(max_size=5),
    ladder=st.lists(steps, max_size=3).map(tuple),
    rule_options=st.dictionaries(ids, st.text(max_size=3), max_size=2),
)
seats = st.builds(Seat, ids, ids, ids, cap=st.integers(), shifts=st.lists(shifts, max_size=3).map(tuple))
replies = st.builds(QuickReply, ids, st.integers(0, 9), st.text(max_size=9), shops=st.lists(ids, max_size=2).map(tuple))


def several(one: st.SearchStrategy[Subject]) -> st.SearchStrategy[tuple[Subject, ...]]:
    return st.lists(one, max_size=4, unique_by=lambda subject: subject.id).map(tuple)


whole = st.builds(Settings, several(desks), several(persons), several(shops), several(seats), several(replies))


def rising(before: Settings, wanted: Settings) -> Settings:
    """Wanted as the checks allow it: the version of a reply never goes back."""
    were = {one.id: one.version for one in before.replies}
    replies = [msgspec.structs.replace(one, version=max(one.version, were.get(one.id, 0))) for one in wanted.replies]
    return msgspec.structs.replace(wanted, replies=tuple(replies))


@given(whole, whole)
def test_the_changes_lead_to_what_is_wanted(before: Settings, wanted: Settings) -> None:
    wanted = rising(before, wanted)
    state = state_of(before)
    assert settings_of(state) == before.ordered()
    changes = diff(state, wanted)
    assert all(one.lines for one in changes)
    seq = state.seq
    for one in changes:
        fact = one.fact(NOW, BOSS)
        assert decode(encode(fact)) == fact
        apply(state, fact)
    assert settings_of(state) == wanted.ordered()
    assert diff(state, wanted) == []
    assert state.seq == seq + len(changes)


def test_the_changes_never_name_what_is_not_there_yet() -> None:
    order = [(one.sort, one.subject is None) for one in diff(state_of(GOOD), Settings())]
    assert order == sorted(order, key=lambda one: ["reply", "seat", "shop", "person", "desk"].index(one[0]))
    assert [one.sort for one in diff(OfficeState(), GOOD)] == (
        ["desk"] * 2 + ["person"] * 4 + ["shop"] * 2 + ["seat"] * 2 + ["reply"]
    )
    mixed = diff(state_of(GOOD), msgspec.structs.replace(change("shops", 0, name="新"), seats=()))
    assert [one.lines for one in mixed] == [('~ shop s1 name: "" → 新',), ("- seat s1-a",), ("- seat s1-b",)]


def test_lines_for_people() -> None:
    [shop] = diff(state_of(GOOD), change("shops", 0, stopped=True, ladder=(HOLD,)))
    assert shop.lines == (
        "~ shop s1 ladder: [60s badge; 90s sound; 120s alert; 150s wall; -20s hold] → [-20s hold]",
        "~ shop s1 stopped: false → true",
    )
    new = diff(OfficeState(), Settings(seats=(Seat(SeatId("a"), ShopId("s"), PersonId("p"), cap=3),)))
    assert new[0].lines == ("+ seat a shop=s agent=p cap=3",)


def test_a_desk_hears_what_concerns_it() -> None:
    state = state_of(GOOD)
    main, other = DeskId("main"), DeskId("other")

    def heard(subject: Subject) -> tuple[bool, bool]:
        fact = SettingSet(at=NOW, by=BOSS, subject=subject)
        apply(state, fact)
        return concerns(fact, state, main), concerns(fact, state, other)

    def gone(sort: str, name: str) -> tuple[bool, bool]:
        fact = SettingRemoved(at=NOW, by=BOSS, sort=sort, id=name)  # type: ignore[arg-type]
        apply(state, fact)
        return concerns(fact, state, main), concerns(fact, state, other)

    assert heard(GOOD.desks[0]) == (False, False)
    assert heard(GOOD.persons[0]) == (True, True)
    assert heard(GOOD.shops[0]) == (True, False)
    assert heard(GOOD.seats[0]) == (True, False)
    assert heard(GOOD.replies[0]) == (True, False)
    assert heard(QuickReply(ReplyId("hold"), 2, "等", shops=(ShopId("s2"),))) == (True, True), "s1 must let it go"
    assert gone("reply", "hold") == (True, True)
    assert heard(QuickReply(ReplyId("all"), 1, "等")) == (True, True)
    assert gone("seat", "s1-a") == (True, False)
    assert gone("shop", "s1") == (True, False)
    assert gone("person", "ann") == (True, True)
    token = TokenIssued(at=NOW, by=BOSS, person=BOSS, digest="d")
    assert not concerns(token, state, main)
    assert not concerns(TokenEnded(at=NOW, by=BOSS, person=BOSS), state, main)


def test_a_token_that_was_ended_is_nobodys_until_a_new_one_is_made() -> None:
    state = state_of(GOOD)
    apply(state, TokenIssued(at=NOW, by=BOSS, person=BOSS, digest="one"))
    for _ in range(2):
        apply(state, TokenEnded(at=NOW, by=BOSS, person=BOSS))
        assert person_of(state, "one") is None
        assert BOSS not in state.token_of
    apply(state, TokenIssued(at=NOW, by=BOSS, person=BOSS, digest="two"))
    assert person_of(state, "two") == GOOD.persons[0]


def test_one_live_token_per_person() -> None:
    state = state_of(GOOD)
    for digest in ("one", "two"):
        apply(state, TokenIssued(at=NOW, by=BOSS, person=BOSS, digest=digest))
    assert person_of(state, "one") is None
    assert person_of(state, "two") == GOOD.persons[0]
    state_of(change("persons", 0, disabled=True), state)
    assert person_of(state, "two") is None
    state_of(GOOD, state)
    assert person_of(state, "two") == GOOD.persons[0]
    apply(state, SettingRemoved(at=NOW, by=BOSS, sort="person", id="boss"))
    state_of(GOOD, state)
    assert person_of(state, "two") is None, "a token ends with its person"


# --- L14, who may do what

S1, S2 = ShopId("s1"), ShopId("s2")
TABLE: dict[Role, str] = {
    "agent": "see serve answer type close presence stop propose",
    "cs_admin": "see serve answer type close presence stop propose presence_of_others move staff acknowledge report "
    "figures",
    "approver": "propose approve",
    "operations": "report propose",
    "owner": "see serve answer type close presence stop propose presence_of_others move staff acknowledge report "
    "approve figures audit export erase settings",
    "auditor": "see report audit export",
}


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("right", get_args(Right))
def test_l14_the_table_of_rights(role: Role, right: Right) -> None:
    holder = Person(PersonId("p"), roles=(Grant(S1, role),))
    assert may(holder, S1, right) == (right in TABLE[role].split())
    assert not may(holder, S2, right), "another shop's is never theirs"
    assert not may(msgspec.structs.replace(holder, disabled=True), S1, right)
    assert not may(None, S1, right)
    assert (S1 in shops_where(holder, right)) == may(holder, S1, right)


def test_every_role_has_its_row() -> None:
    assert RIGHTS.keys() == set(get_args(Role))
    assert frozenset(get_args(Right)) == RIGHTS["owner"]


def test_grants_per_shop() -> None:
    two = person("p", "agent@s1", "auditor@s1", "owner@s2")
    assert grants(two) == {S1: {"agent", "auditor"}, S2: {"owner"}}
    assert grants(msgspec.structs.replace(two, disabled=True)) == {}


OWNER_OF_S1 = person("ann", "owner@s1", "agent@s2")
APPLYING: list[tuple[str, Callable[[], Settings], list[str]]] = [
    ("their own shop", lambda: change("shops", 0, name="x"), []),
    ("another's shop", lambda: change("shops", 1, name="x"), ["s2"]),
    ("a role in their shop for another's agent", lambda: change("persons", 2, roles=(Grant(S1, "agent"),)), []),
    (
        "ownership of another's shop",
        lambda: change("persons", 1, roles=(*GOOD.persons[1].roles, Grant(S2, "owner"))),
        ["ann"],
    ),
    ("another's name", lambda: change("persons", 0, name="x"), ["boss"]),
    ("a new shop", lambda: msgspec.structs.replace(GOOD, shops=(*GOOD.shops, Shop(ShopId("s3"), DeskId("main")))), []),
    ("a reply for every shop", lambda: change("replies", 0, shops=(), approved_by="ann"), ["hold"]),
    ("a desk with another's shop", lambda: change("desks", 1, name="x"), ["other"]),
    ("a desk of theirs", lambda: change("desks", 0, name="x"), []),
]


@pytest.mark.parametrize(("wanted", "refused"), [pytest.param(*case[1:], id=case[0]) for case in APPLYING])
def test_l14_who_may_apply_which_change(wanted: Callable[[], Settings], refused: list[str]) -> None:
    state = state_of(GOOD)
    changes = diff(state, wanted())
    assert [one.id for one in not_allowed(state, OWNER_OF_S1, changes)] == refused
    assert not_allowed(state, GOOD.persons[2], changes) == changes
    assert not_allowed(state, None, changes) == changes
    if wanted().replies == GOOD.replies:
        assert not_allowed(state, GOOD.persons[0], changes) == []


def draft(text: str = "等", **keys: object) -> Settings:
    new = msgspec.structs.replace(QuickReply(ReplyId("new"), 1, text, shops=(S1,)), **keys)
    return msgspec.structs.replace(GOOD, replies=(*GOOD.replies, new))


AGENT, SUPERVISOR, APPROVER = person("ann", "agent@s1"), person("cao", "cs_admin@s1"), person("app", "approver@s1")
BOTH = person("boss", "owner@s1", "owner@s2")
SIGNING: list[tuple[str, Person, Settings, bool]] = [
    ("an agent proposes", AGENT, draft(author="ann"), True),
    ("an agent proposes for another's shop", AGENT, draft(author="ann", shops=("s2",)), False),
    ("an agent proposes in another's name", AGENT, draft(author="app"), False),
    ("an agent approves", AGENT, draft(author="ann", status="approved", approved_by="ann"), False),
    ("an agent approves in another's name", AGENT, draft(author="ann", status="approved", approved_by="app"), False),
    ("an agent takes an approved text away", AGENT, change("replies", 0, version=2, status="draft"), False),
    ("an approver retires", APPROVER, change("replies", 0, status="retired"), True),
    ("an approver removes", APPROVER, msgspec.structs.replace(GOOD, replies=()), True),
    ("an approver changes a shop", APPROVER, change("shops", 0, name="x"), False),
    (
        "an approver writes in another's name",
        APPROVER,
        draft(author="ann", status="approved", approved_by="app"),
        False,
    ),
    ("an owner signs for another", BOTH, draft(author="ann", status="approved", approved_by="app"), False),
    ("an owner approves what another wrote", BOTH, draft(author="ann", status="approved", approved_by="boss"), True),
    ("an owner shortens what was approved by another", BOTH, change("replies", 0, valid_to=5), True),
    ("an auditor", person("p", "auditor@s1"), draft(), False),
]


@pytest.mark.parametrize(("by", "wanted", "allowed"), [pytest.param(*case[1:], id=case[0]) for case in SIGNING])
def test_l8_an_approval_is_the_approvers_own_act(by: Person, wanted: Settings, allowed: bool) -> None:
    state = state_of(GOOD)
    assert (not_allowed(state, by, diff(state, wanted)) == []) == allowed


def test_l8_an_approver_signs_what_an_agent_proposed() -> None:
    state = state_of(draft(author="ann"))
    signed = draft(author="ann", status="approved", approved_by="app")
    assert check_settings(signed, state) == []
    assert not_allowed(state, APPROVER, diff(state, signed)) == []
    usurped = draft(author="app", status="approved", approved_by="app")
    assert "author" in {problem.key for problem in check_settings(usurped, state)}


# --- versions of a quick reply


def replies_of(*replies: QuickReply) -> Settings:
    return msgspec.structs.replace(GOOD, replies=replies)


V1 = GOOD.replies[0]
V2 = msgspec.structs.replace(V1, version=2, text="请稍候", status="pending", author=PersonId("ann"), approved_by=None)
V2_SIGNED = msgspec.structs.replace(V2, status="approved", approved_by=BOSS)
V1_RETIRED = msgspec.structs.replace(V1, status="retired")
V2_TURNED_DOWN = msgspec.structs.replace(V2, status="retired")
VERSIONS: list[tuple[str, tuple[QuickReply, ...], list[tuple[QuickReply, ...]], list[tuple[int, str]]]] = [
    ("an edit beside the approved one", (V1, V2), [(V1,)], [(1, "approved"), (2, "pending")]),
    ("both at once in an empty office", (V1, V2), [], [(1, "approved"), (2, "pending")]),
    ("the edit alone in the file", (V2,), [(V1,)], [(1, "approved"), (2, "pending")]),
    ("a file that does not know the edit", (V1,), [(V1,), (V1, V2)], [(1, "approved"), (2, "pending")]),
    ("the edit is approved", (V2_SIGNED,), [(V1,), (V1, V2)], [(2, "approved")]),
    ("and the old one is written as retired", (V1_RETIRED, V2_SIGNED), [(V1,), (V1, V2)], [(2, "approved")]),
    ("the edit is turned down", (V1, V2_TURNED_DOWN), [(V1,), (V1, V2)], [(1, "approved")]),
    ("the approved one is retired, the edit waits", (V1_RETIRED, V2), [(V1,), (V1, V2)], [(2, "pending")]),
    ("both are taken out", (), [(V1,), (V1, V2)], []),
]


@pytest.mark.parametrize(("wanted", "before", "live"), [pytest.param(*case[1:], id=case[0]) for case in VERSIONS])
def test_l8_versions_stand_side_by_side(
    wanted: tuple[QuickReply, ...], before: list[tuple[QuickReply, ...]], live: list[tuple[int, str]]
) -> None:
    state = OfficeState()
    for told in before:
        state_of(replies_of(*told), state)
    assert check_settings(replies_of(*wanted), state) == []
    state_of(replies_of(*wanted), state)
    assert [(one.version, one.status) for one in settings_of(state).replies] == live
    assert diff(state, replies_of(*wanted)) == [], "and once is enough"
    assert check_settings(settings_of(state), state) == []
    assert diff(state, settings_of(state)) == []


BESIDE: list[tuple[str, tuple[QuickReply, ...], str]] = [
    ("two approved", (V1, V2_SIGNED), "status"),
    ("the same version twice", (V1, V1), "id"),
]


@pytest.mark.parametrize(("replies", "key"), [pytest.param(*case[1:], id=case[0]) for case in BESIDE])
def test_l8_one_version_is_in_force(replies: tuple[QuickReply, ...], key: str) -> None:
    assert [one.key for one in check_settings(replies_of(*replies))] == [key]


def test_l8_what_was_retired_does_not_come_back_under_a_newer_one() -> None:
    state = state_of(replies_of(V2_SIGNED), state_of(replies_of(V1)))
    assert state.versions[V1.id][1] == signed(V1_RETIRED), "the approval of the newer one retired it"
    assert [one.key for one in check_settings(replies_of(V1), state)] == ["version"]
    assert check_settings(replies_of(V1_RETIRED, V2_SIGNED), state) == []


def test_l8_an_agent_may_propose_beside_what_is_approved_and_not_touch_it() -> None:
    state = state_of(replies_of(V1))
    assert not_allowed(state, AGENT, diff(state, replies_of(V1, V2))) == []
    state_of(replies_of(V1, V2), state)
    for wanted in ((V1_RETIRED, V2), (V1, V2_SIGNED), ()):
        assert not_allowed(state, AGENT, diff(state, replies_of(*wanted))) != []
    assert not_allowed(state, APPROVER, diff(state, replies_of(V1, V2_TURNED_DOWN))) == []


ALONE = msgspec.structs.replace(GOOD, persons=GOOD.persons[:3])
"""The shops without the approver: nobody but the owner can approve anything."""
KINDS: list[tuple[str, Settings, Person, str | None, str, str | None]] = [
    ("another's text", GOOD, APPROVER, "ann", "app", "two_person"),
    ("an owner, another's text", GOOD, BOTH, "ann", "boss", "two_person"),
    ("an owner's own where an approver could", GOOD, BOTH, "boss", "boss", None),
    ("nobody's text where an approver could", GOOD, BOTH, None, "boss", None),
    ("an owner's own, alone", ALONE, BOTH, "boss", "boss", "owner_self"),
    ("nobody's text, alone", ALONE, BOTH, None, "boss", "owner_self"),
    ("an approver's own", GOOD, APPROVER, "app", "app", None),
]


@pytest.mark.parametrize(
    ("before", "by", "author", "approver", "kind"), [pytest.param(*case[1:], id=case[0]) for case in KINDS]
)
def test_l8_an_approval_says_whether_two_had_a_hand_in_it(
    before: Settings, by: Person, author: str | None, approver: str, kind: str | None
) -> None:
    new = QuickReply(ReplyId("new"), 1, "等", "hold", "draft", (S1,), PersonId(author) if author else None)
    state = state_of(msgspec.structs.replace(before, replies=(*before.replies, new)))
    signing = msgspec.structs.replace(new, status="approved", approved_by=PersonId(approver))
    changes = diff(state, msgspec.structs.replace(before, replies=(*before.replies, signing)))
    assert (not_allowed(state, by, changes) == []) == (kind is not None)
    if kind is not None:
        assert [one.subject.approval for one in changes if isinstance(one.subject, QuickReply)] == [kind]
    for claimed in ("two_person", "owner_self"):
        told = msgspec.structs.replace(signing, approval=claimed)
        wrong = check_settings(msgspec.structs.replace(before, replies=(told,)))
        assert ("approval" in {one.key for one in wrong}) == (signed(signing).approval != claimed)


STOPPED = msgspec.structs.replace(V1, stopped=True)
STOPS: list[tuple[str, Person, tuple[Settings, Settings], bool]] = [
    ("an agent stops a reply", AGENT, (replies_of(V1), replies_of(STOPPED)), True),
    ("an agent lets it go on", AGENT, (replies_of(STOPPED), replies_of(V1)), False),
    ("an approver lets it go on", APPROVER, (replies_of(STOPPED), replies_of(V1)), True),
    ("an agent of another shop", person("zoe", "agent@s2"), (replies_of(V1), replies_of(STOPPED)), False),
    ("an auditor", person("p", "auditor@s1"), (replies_of(V1), replies_of(STOPPED)), False),
    ("an agent stops the shop", AGENT, (GOOD, change("shops", 0, stopped=True)), True),
    ("an agent lets the shop go on", AGENT, (change("shops", 0, stopped=True), GOOD), False),
    ("an agent stops it and more", AGENT, (GOOD, change("shops", 0, stopped=True, name="x")), False),
    ("an owner lets the shop go on", BOTH, (change("shops", 0, stopped=True), GOOD), True),
]


@pytest.mark.parametrize(("by", "change_of", "allowed"), [pytest.param(*case[1:], id=case[0]) for case in STOPS])
def test_stopping_is_easy_and_going_on_is_not(by: Person, change_of: tuple[Settings, Settings], allowed: bool) -> None:
    before, wanted = change_of
    state = state_of(before)
    changes = diff(state, wanted)
    assert changes
    assert (not_allowed(state, by, changes) == []) == allowed


# --- words


@given(shifts)
def test_a_shift_reads_back(shift: Shift) -> None:
    assert read_shift(shift_word(shift)) == shift


@given(roles)
def test_a_role_reads_back(grant: Grant) -> None:
    assert read_grant(grant_word(grant)) == grant


@given(steps)
def test_a_rung_reads_back(step: LadderStep) -> None:
    assert read_step(step_word(step)) == step


@pytest.mark.parametrize(
    ("word", "days", "start", "end"),
    [
        ("mon-fri 08:00-16:00", "mon tue wed thu fri", "08:00", "16:00"),
        ("sat,sun 10:00-18:00", "sat sun", "10:00", "18:00"),
        ("mon-sun 20:00-02:00", "mon tue wed thu fri sat sun", "20:00", "02:00"),
        ("sat-mon,wed  00:00-00:00", "sat sun mon wed", "00:00", "00:00"),
    ],
)
def test_shifts(word: str, days: str, start: str, end: str) -> None:
    assert read_shift(word) == Shift(tuple(days.split()), start, end)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "word"),
    [
        (read_shift, "mon 8:00-16:00"),
        (read_shift, "mon 08:00"),
        (read_shift, "monday 08:00-16:00"),
        (read_shift, "mon-fry 08:00-16:00"),
        (read_shift, "08:00-16:00"),
        (read_shift, ""),
        (read_grant, "agent"),
        (read_grant, "agent@"),
        (read_grant, "boss@s1"),
        (read_step, "60 badge"),
        (read_step, "60s bell"),
        (read_step, "-s hold"),
        (read_step, "9999999s wall"),
    ],
)
def test_words_that_cannot_be_read(read: Callable[[str], object], word: str) -> None:
    with pytest.raises(WordError) as caught:
        read(word)
    assert caught.value.en
    assert caught.value.zh

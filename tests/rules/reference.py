"""A second implementation of `taobao_ww3` in its default reading, as plain as can be: sort, drop, walk, judge.

It knows no unknowns, gaps or options, and shares nothing with `relay.rules` but the message and its instants.
"""

from collections import defaultdict

from relay.rules.messages import Message

DAY = 86_400_000
CHINA = 8 * 3_600_000
NAMED = {"dianxiaomi", "leyan", "xiaowei", "xiaoduo"}
Round = tuple[int, str, int | None, str, str]


def figure(messages: list[Message], as_of: int) -> list[Round]:
    """(opened, buyer, answered, verdict, clause) of every round, in order."""
    recalled = {(m.recalls, m.buyer) for m in messages if m.kind == "recall"}
    seen = set()
    threads = defaultdict(list)
    for m in sorted(messages, key=lambda m: (m.at, {"buyer": 0, "system": 1, "merchant": 2}[m.role])):
        body = (m.id, m.role, m.kind, m.buyer, m.sub_account, m.text, m.content)
        if m.kind == "recall" or (m.id is not None and ((m.id, m.buyer) in recalled or body in seen)):
            continue
        seen.add(body)
        threads[m.buyer].append(m)
    rounds = [(one[0], str(buyer), *one[1:]) for buyer, thread in threads.items() for one in walk(thread, as_of)]
    return sorted(rounds, key=lambda one: one[:2])


def walk(thread: list[Message], as_of: int) -> list[tuple[int, int | None, str, str]]:
    done: list[tuple[int, int | None, str, str]] = []
    opened: Message | None = None
    robot = False
    for m in thread:
        same_day = opened is not None and day(m.at) == day(opened.at)
        if m.role == "buyer":
            if opened is None or robot or not same_day:
                if opened is not None:
                    done.append(judge(opened, None, robot, as_of, closed=True))
                opened, robot = m, False
        elif opened is None or m.role == "system":
            continue
        elif m.kind == "human" or m.trigger == "person" or (m.kind == "assist" and m.bot in NAMED):
            done.append(judge(opened, m.at, robot, as_of, closed=True))
            opened = None
        elif m.kind in ("bot", "assist") and m.bot != "relay" and same_day:
            robot = True
    if opened is not None:
        done.append(judge(opened, None, robot, as_of, closed=False))
    return done


def day(at: int) -> int:
    return (at + CHINA) // DAY


def judge(
    opened: Message, answered: int | None, robot: bool, as_of: int, *, closed: bool
) -> tuple[int, int | None, str, str]:
    out = {"shop_sub_account": "A.excl.c", "merchant_account": "A.excl.c", "xiaoer": "A.excl.d"}
    clause = out.get(opened.buyer_class or "")
    if clause is None and (opened.at + CHINA) % DAY < 8 * 3_600_000:
        clause = "A.window"
    if clause is None and answered is not None and day(answered) > day(opened.at):
        clause = "A.excl.b"
    pending = answered is None and not closed and as_of - opened.at < 180_000 and day(as_of) == day(opened.at)
    if clause is None and pending:
        return opened.at, None, "pending", "A.def"
    if clause is None and answered is None and robot:
        clause = "A.excl.a"
    if clause is not None:
        return opened.at, answered, "excluded", clause
    if answered is None:
        return opened.at, None, "miss", "A.ex3"
    return opened.at, answered, "hit" if answered - opened.at <= 180_000 else "miss", "A.def"

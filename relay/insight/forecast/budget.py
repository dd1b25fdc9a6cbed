"""How many rounds may still be missed today and the goal be kept. In integers: exactly the goal keeps it."""


def budget(hits: int, rounds: int, rest: int, goal: int) -> int | None:
    """With `rest` more rounds today: the most misses among them, floor((rounds + rest)(100 - goal) / 100) less those
    that were; it may be more than `rest`, then even all may be missed. None where there is no round at all.

    Negative where the goal is lost even if none is missed: so many hits in a row, ceil((goal * rounds - 100 * hits) /
    (100 - goal)), would keep it, which are more than `rest`.
    """
    if not rounds + rest:
        return None
    left = (rounds + rest) * (100 - goal) // 100 - (rounds - hits)
    if left >= 0 or goal >= 100:
        return left
    wanted = goal * rounds - 100 * hits
    return -((wanted + 99 - goal) // (100 - goal))

"""A second computation of every platform figure, from the clauses alone, to hold relay's answers against.

It shares no line with relay and has the opposite shape: the whole log is read at once, put in order, cut by plain
SQL over an in-memory table of events (`events`), judged row by row, and only then counted (`figure`). One module per
family: `rounds` (dialogue rounds: A and V), `persons` (one row per person and day: B, C, P, Y), `questions` (one row
per message: D shop, D agent, X), `sessions` (J). It is slow and holds everything in memory, and may be: it is read,
not shipped.

`answer(rule, lines, options)` gives the counts, the rates, the days and the rows in the form of the shared cases.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from . import persons, questions, rounds, sessions
from .log import read_log
from .settings import read_settings

FAMILIES = {
    "taobao_ww3": rounds.taobao,
    "tmall_avg_human_time": rounds.tmall_mean,
    "tmall_reply": persons.tmall_reply,
    "tejia_3min": persons.tejia,
    "pdd_3min_human": persons.pdd,
    "kuaishou_2023_human": persons.kuaishou_2023,
    "kuaishou_shop_3min": questions.kuaishou_shop,
    "kuaishou_agent_3min": questions.kuaishou_agent,
    "alibaba1688_3min": questions.alibaba1688,
    "jd_first30s": sessions.jd,
}


def answer(rule: str, lines: Iterable[Mapping[str, Any]], options: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The figure of `rule` over raw log lines."""
    settings = read_settings(rule, options or {})
    return FAMILIES[rule](read_log(lines, settings), settings)

"""What an owner must have read before a machine may send in their shop: what counts, what does not, and at what price.

The figures are the rules' own: one buyer asks and nobody answers, with and without the hold, under the shop's options
and under the strict bundle. So a statement cannot say what an audit would not.

Laws: the same shop gives the same statement, byte for byte, and its digest names both the shop's terms and the text; a
warning is about a day and is no part of it.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from relay.domain.assist import MOST_A_DAY
from relay.domain.confirming import digest_of, terms_of
from relay.domain.due import CARRIED_MS
from relay.domain.names import DeskId, Millis, PersonId, ShopId
from relay.domain.settings import Shop
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.rules.messages import Message

CONFIRMED_FOR_DAYS: Final = 180
PUBLISHED: Final[Mapping[str, tuple[str, ...]]] = {
    "taobao": ("taobao_ww3", "taobao_ww3_2023"),
    "tmall": ("tmall_reply", "tmall_reply_account", "tmall_avg_human_time"),
    "tejia": ("tejia_3min",),
    "kuaishou": ("kuaishou_shop_3min", "kuaishou_agent_3min", "kuaishou_2021_person", "kuaishou_2023_human"),
}
"""By platform: the figures and versions that were published, which a shop there is graded by or may be."""
_ASKED_AT: Final = round(datetime(2026, 1, 5, 4, tzinfo=UTC).timestamp()) * 1000
"""Noon in Beijing, which every rule assesses."""
_HELD_AFTER_MS: Final = 1_000
"""In time by any limit that a shop may choose."""


class Said(NamedTuple):
    en: str
    zh: str


class Share(msgspec.Struct, frozen=True):
    """Numerator and denominator; of a mean, seconds and rounds."""

    numerator: str
    denominator: int

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


class RuleSays(msgspec.Struct, frozen=True):
    """One rule on a text by provider `relay`, mode assist, set off by the machine.

    `nothing`: the figure of one unanswered buyer; `hold` and `hold_strict`: the same with a hold, under the shop's
    options and under the strict bundle. `clause` says what a valid answer is, `verified` whether the platform's own
    document was at hand, `chosen` the option by which it counts.
    """

    rule: str
    version: str
    guiding: bool
    verified: bool
    clause: str
    decided_by: str
    chosen: str
    nothing: Share
    hold: Share
    hold_strict: Share

    @property
    def counts(self) -> bool:
        """Whether the hold makes a hit of a miss, as the shop has it."""
        return self.hold.denominator == self.nothing.denominator and self.hold.numerator != self.nothing.numerator

    @property
    def excludes(self) -> bool:
        """Whether it takes the miss out of the count."""
        return self.hold.denominator < self.nothing.denominator


class Statement(msgspec.Struct, frozen=True):
    """`digest` is what a confirmation binds."""

    shop: ShopId
    rules: tuple[RuleSays, ...]
    lines: tuple[Said, ...]
    digest: str

    @property
    def of_rules(self) -> list[Said]:
        """The lines on what a hold counts for: each version's, and what is followed where they disagree."""
        return [*map(_of_rule, self.rules), _together(self.rules)]


def statement(shop: Shop) -> Statement:
    """What holds in this shop. Raises ValueError where its rule or an option is unknown."""
    rules, lines = _made(shop.platform, shop.rule, tuple(sorted(shop.rule_options.items())))
    text = digest_of(msgspec.json.encode(lines))
    return Statement(shop.id, rules, lines, f"{terms_of(shop)}-{text}")


@lru_cache(maxsize=256)
def _made(
    platform: str, rule: str, options: tuple[tuple[str, str], ...]
) -> tuple[tuple[RuleSays, ...], tuple[Said, ...]]:
    """Reckoned once for all shops on the same terms."""
    shop = Shop(ShopId(""), DeskId(""), platform=platform, rule=rule, rule_options=dict(options))
    rules = tuple(_says(shop, one) for one in dict.fromkeys((rule, *PUBLISHED.get(platform, ()))))
    return rules, tuple(_lines(shop, rules))


def confirmed(shop: Shop, by: PersonId, on: str) -> Shop:
    """The shop with this person's word, of this date (2026-11-28), on the statement of now. Raises ValueError."""
    return msgspec.structs.replace(
        shop, assist_confirmed_by=by, assist_confirmed_on=on, assist_confirmed_statement=statement(shop).digest
    )


def is_void(shop: Shop) -> bool:
    """Whether the shop acts on a confirmation of something else than relay says today."""
    if shop.assist != "assist":
        return False
    if shop.assist_confirmed_by is None or shop.assist_confirmed_on is None:
        return True
    try:
        return shop.assist_confirmed_statement != statement(shop).digest
    except ValueError:
        return True


def warnings(shop: Shop, today: date) -> Iterator[Said]:
    """What is to be looked at whatever the statement says: who compared the rule with the platform's page, and when."""
    rule = shop.rule
    if shop.rule_confirmed_on is None:
        yield Said(f"nobody confirmed the version of {rule}", f"规则 {rule} 的版本还没有人核对")
        return
    by, link = shop.rule_confirmed_by or "?", shop.rule_confirmed_link
    if (today - date.fromisoformat(shop.rule_confirmed_on)).days > CONFIRMED_FOR_DAYS:
        yield Said(
            f"the version of {rule} was confirmed more than {CONFIRMED_FOR_DAYS} days ago "
            f"({shop.rule_confirmed_on}, {by}{f', {link}' if link else ''})",
            f"规则 {rule} 的版本核对已超过 {CONFIRMED_FOR_DAYS} 天"
            f"（{shop.rule_confirmed_on}，{by}{f'，{link}' if link else ''}）",
        )
    elif link is None:
        yield Said(
            f"the version of {rule} was confirmed by {by} on {shop.rule_confirmed_on}, without a link to the page",
            f"规则 {rule} 的版本由 {by} 于 {shop.rule_confirmed_on} 核对，但没有写明页面链接",
        )


def _says(shop: Shop, rule: str) -> RuleSays:
    strict = shop.rule_options | {"bundle": "strict"}
    nothing, _ = _figure(rule, shop.rule_options, held=False)
    hold, decided_by = _figure(rule, shop.rule_options, held=True)
    hold_strict, _ = _figure(rule, strict, held=True)
    known = Catalogue().rule(rule)
    law = getattr(known, "law", None)
    options = {key: value for key, value in shop.rule_options.items() if key in known.keys}
    named = options.get("assist_providers", "") if "relay" in options.get("assist_providers", "").split(",") else ""
    return RuleSays(
        rule=rule,
        version=f"{known.id}@{known.version.valid_from}",
        guiding=rule == shop.rule,
        verified=getattr(known.version, "verified", True),
        clause=law(options).validity_clause if law is not None else decided_by,
        decided_by=decided_by,
        chosen=f"assist_providers={named}" if named else "",
        nothing=nothing,
        hold=hold,
        hold_strict=hold_strict,
    )


def _figure(rule: str, options: Mapping[str, str], *, held: bool) -> tuple[Share, str]:
    """One buyer who is not answered, as this rule counts them, and the clause that decided."""
    ledger = Catalogue().open(rule, {key: value for key, value in options.items() if key != "as_of"})
    ledger.take(Message(at=_ASKED_AT, role="buyer", kind="human", buyer="b", sub_account="s"))
    if held:
        ledger.take(
            Message(
                at=_ASKED_AT + _HELD_AFTER_MS, role="merchant", kind="assist", buyer="b", sub_account="s",
                bot="relay", mode="assist", trigger="machine", path="relay",
            )
        )  # fmt: skip
    report = ledger.report()
    clause = report.rounds[0].clause if report.rounds else ""
    return Share(str(report.numerator), report.denominator), clause


def _lines(shop: Shop, rules: tuple[RuleSays, ...]) -> Iterator[Said]:
    yield Said(
        "With assist = assist relay sends an approved hold by itself, near the deadline of a question that nobody "
        f"answers: at most one a round, {MOST_A_DAY} a day to one buyer, never the same words twice within a day; at "
        "the ladder's rung, or earlier where sending is slow (twice its measured time and "
        f"{CARRIED_MS // 1000} s before the deadline).",
        "assist = assist 时，relay 会在无人回复的问题临近截止时自动发送一条已审核的稍等话术：每轮最多一条，"
        f"每位买家每天最多 {MOST_A_DAY} 条，一天内不重复同样的话；按阶梯的时间，发送慢的通道更早"
        f"（截止前实测发送时间的两倍再加 {CARRIED_MS // 1000} 秒）。",
    )
    yield Said(
        "Such a text is recorded as a machine's: provider relay, mode assist, trigger machine. It is never an answer "
        "on the desk: the question stays open, an answer is owed, and only a person's real answer pays it.",
        "这样的话记为机器所发：provider relay、mode assist、trigger machine。它在客服台从不算回复：问题仍未答，"
        "并记一笔欠答，只有人工的真正答复才能还清。",
    )
    if guiding(shop.rule, shop.rule_options).due_at(Millis(_ASKED_AT)) is None:
        yield Said(
            f"{shop.rule} sets no limit for a question, so there is no deadline, and nothing is sent by itself.",
            f"{shop.rule} 对单个问题没有时限，也就没有截止时间，不会自动发送。",
        )
    yield from (_of_rule(one) for one in rules)
    yield _together(rules)
    yield Said(
        "Whatever a rule counts, headline, projection, error budget and alarms of relay follow the strict reading, in "
        "which a text by relay counts for nothing; every rate is shown with and without automation.",
        "无论规则怎么算，relay 的主要数字、预测、余量和告警都按从严口径，relay 的话不计入；"
        "每个比率都同时给出含自动和不含自动。",
    )
    if shop.platform == "kuaishou":
        yield Said(
            "Kuaishou sanctions tools whose purpose is to inflate a rate; its published versions differ on whether a "
            "machine's text counts. relay leaves assist off there unless an owner confirms this.",
            "快手处罚以提高回复率为目的的工具；其公布的几个版本对机器消息是否算回复说法不一。"
            "除非管理员确认，relay 在快手不自动发送。",
        )
    yield Said(
        "Nothing is sent while the channel is lost or silent or has a gap that is not yet read, after thanks, to an "
        "advertiser, into a complaint, a dispute, an injury, a threat or a request for a person, while an answer is "
        "owed or on its way, or while somebody types.",
        "通道断开、无声或有漏收未补时不发；买家道谢、广告、投诉、纠纷、受伤、威胁、要求人工时不发；有欠答、"
        "有回复在途或有人正在输入时不发。",
    )


def _of_rule(one: RuleSays) -> Said:
    part_en, part_zh = ("guiding", "主规则") if one.guiding else ("also published", "另有公布")
    if not one.verified:
        part_en, part_zh = f"{part_en}, reported from outside", f"{part_zh}，据外部转载"
    if one.counts and one.chosen:
        does = Said(
            f"counts as an answer by the shop's own choice only ({one.chosen}), the published list does not name relay",
            f"只因本店自己的选项（{one.chosen}）才算作回复，公布的名单没有 relay",
        )
    elif one.counts:
        does = Said("counts as an answer", "算作回复")
    elif one.excludes:
        does = Said("is no answer and takes the round out of the count", "不算回复，并使该轮不计入")
    else:
        does = Said("is no answer and changes nothing", "不算回复，也不影响判定")
    return Said(
        f"{one.version} [{part_en}]: by {one.clause} a text by relay {does.en}. One unanswered buyer is "
        f"{one.nothing}; with the hold {one.hold} (decided by {one.decided_by}), strict {one.hold_strict}.",
        f"{one.version}【{part_zh}】：按 {one.clause}，relay 的话{does.zh}。一位无人回复的买家为 {one.nothing}；"
        f"发了稍等为 {one.hold}（依据 {one.decided_by}），从严 {one.hold_strict}。",
    )


def _together(rules: tuple[RuleSays, ...]) -> Said:
    """What is followed where the published versions disagree."""
    if len({(one.counts, one.excludes) for one in rules}) > 1:
        names = ", ".join(one.version for one in rules if not one.counts)
        return Said(
            f"The published versions disagree; the stricter is followed ({names}): do not count on the hold.",
            f"各公布版本说法不一；按较严的（{names}）：请不要指望稍等能算回复。",
        )
    if rules[0].counts:
        return Said(
            "It counts by every version at hand as the options stand; by the strict reading it does not.",
            "按现有选项，各版本都算；按从严口径不算。",
        )
    return Said("It counts by no version at hand.", "现有各版本都不算回复。")

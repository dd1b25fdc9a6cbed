/*
 * The report of a shop: settled days, strict first and the shop's own reading beside it, what the platform published of
 * the same days, KPIs of persons, and why rounds were missed. KPIs and causes walk the ledger: they come on a press.
 */

import { ask } from "../api.js";
import { question } from "../dialog.js";
import { field, fill, h } from "../dom.js";
import { called } from "../people.js";
import { said, words } from "../words.js";
import { valueWord } from "../settings/words.js";
import { handout } from "./handout.js";

const t = words({
  title: ["报表", "Reports"],
  shop: ["店铺", "Shop"],
  until: ["截至（不填为最近已结算日）", "Until (empty: the newest settled day)"],
  days: ["天数", "Days"],
  show: ["查看", "Show"],
  loading: ["正在读取…", "Reading…"],
  none: ["还没有结算过的日子；每天零点半后自动结算", "No day is settled yet; that is done after half past midnight"],
  no_days: ["这段时间没有买家咨询", "Nobody asked in this time"],
  empty_days: ["另有 {n} 天没有买家咨询", "{n} more days on which nobody asked"],
  until_settled: ["已结算至 {day}", "Settled until {day}"],
  behind: ["之后又有 {n} 条事实未汇入", "{n} facts since then are not in it yet"],
  strict: ["从严", "Strict"],
  own: ["本店口径", "Own reading"],
  bare: ["不含自动", "Without automation"],
  day: ["日期", "Day"],
  restated: ["变更", "Restated"],
  mark: ["标记", "Mark"],
  total: ["合计", "Total"],
  rolling: ["滚动 30 天（{first} 至 {last}）", "Rolling 30 days ({first} to {last})"],
  below: ["低于 {goal}%", "below {goal} %"],
  maybe_below: ["可能低于 {goal}%", "maybe below {goal} %"],
  penalty: ["处罚生效", "penalty in force"],
  maybe_penalty: ["处罚未定", "penalty undetermined"],
  period: ["金牌第 {n} 期，{first} 至 {last}，{tag} 打标", "Gold-seller period {n}, {first} to {last}, tag on {tag}"],
  half: ["半月", "half month"],
  thirty: ["30 天", "30 days"],
  not_over: ["未结束", "not over"],
  changes: ["结算后的变更", "What changed after settling"],
  was: ["{was} → {now}：{why}（第 {seq} 条）", "{was} → {now}: {why} (fact {seq})"],
  platform: ["平台公布", "The platform's figure"],
  difference: ["平台减本店口径", "Platform less own"],
  strict_difference: ["平台减从严", "Platform less strict"],
  fits: ["四舍五入后相符", "fits when rounded"],
  apart: ["不相符", "does not fit"],
  nothing_taken: ["这些日子还没有登记平台数字", "No figure of the platform is taken down for these days"],
  of: ["周期", "Period"],
  of_day: ["日", "One day"],
  of_week: ["自然周", "Week"],
  of_7d: ["近 7 天", "Last 7 days"],
  of_30d: ["近 30 天", "Last 30 days"],
  of_month: ["月", "Month"],
  of_gold: ["金牌期（半月）", "Gold-seller period (half month)"],
  adopted: ["本店口径 {reading}，{by} 于 {day} 采用，符合 {matched}/{figures} 个平台数字", "Own reading {reading}, adopted by {by} on {day}; it gives {matched} of {figures} published figures"],
  taken_back: ["本店口径 {reading}，{by} 于 {day} 撤回了第 {n} 号采用", "Own reading {reading}; on {day} {by} took adoption {n} back"],
  take_down: ["登记平台数字", "Take down a figure"],
  value: ["平台显示的数字（如 96.3%）", "As the platform shows it (such as 96.3%)"],
  numerator: ["分子（可不填）", "Numerator (may be empty)"],
  denominator: ["分母（可不填）", "Denominator (may be empty)"],
  withdraw: ["撤回", "Withdraw"],
  reason: ["原因", "Reason"],
  kpi: ["客服绩效", "KPIs of persons"],
  causes: ["未达标原因", "Why rounds were missed"],
  from: ["从", "From"],
  to: ["到", "To"],
  agent: ["客服", "Agent"],
  no_kpi: ["这些日子没有记录", "Nothing on the ledger for these days"],
  fairness: ["接待均衡度 {n}（1 为完全均等）", "Fairness of load {n} (1 is equal)"],
  columns: ["各列算法", "How each column is computed"],
  no_misses: ["没有未达标的轮次", "No round was missed"],
  misses: ["{n} 轮未达标，按 {rule} 判定", "{n} rounds missed, as {rule} judges"],
  cause: ["原因", "Cause"],
  count: ["轮数", "Rounds"],
  todo: ["怎么办", "What to do"],
  whose: ["归属", "Whose"],
  nobody: ["无", "nobody"],
  facts: ["下载本店事实（附证明）", "Download this shop's facts with their proof"],
  print: ["打印", "Print"],
  today: ["今天与预测", "Today and next"],
  so_far: ["今天至此 {figure}", "Today so far {figure}"],
  none_today: ["今天还没有考核轮次", "No assessed round yet"],
});
const WIDE = ["consulted", "received", "first_response", "mean_response", "within_30s", "unanswered", "answered_rate", "slow", "holds", "debts", "debts_never", "transferred_out", "peak", "online"];
/** Who may download facts, beside seeing figures. */
const EXPORTS = ["owner", "auditor"];
/** Who may see single rounds. */
const AUDITS = ["owner", "auditor"];
const READS = ["owner", "auditor", "cs_admin", "operations"];
const NOTES_DOWN = ["owner", "cs_admin"];

const PERIODS = ["day", "week", "7d", "30d", "month", "gold"];

export const title = () => t("title");

const has = (shop, roles) => shop?.roles.some((role) => roles.includes(role)) ?? false;
const one = (value, unit) => (value == null ? "–" : unit === "percent" ? `${(value * 100).toFixed(2)}%` : `${value.toFixed(1)} s`);

/** `9/10 90.00%`, with the range where something is undetermined, and a dash where nobody asked. */
function toldIn(figure, unit) {
  if (!figure || (figure.rate == null && figure.rate_low == null && figure.rate_high == null)) return "–";
  const count = Number.isInteger(figure.numerator) ? figure.numerator : figure.numerator.toFixed(1);
  const plain = `${count}/${figure.denominator} ${one(figure.rate, unit)}`;
  return figure.rate_low === figure.rate && figure.rate_high === figure.rate ? plain : `${plain} [${one(figure.rate_low, unit)} – ${one(figure.rate_high, unit)}]`;
}

/** Cut off and not rounded: 89.96 % is not 90 %. */
const cut = (value) => (Math.floor(value * 10 + 1e-6) / 10).toFixed(1);
const signed = (value, unit) => (value == null ? "–" : `${value > 0 ? "+" : ""}${value.toFixed(2)} ${unit === "percent" ? "pp" : "s"}`);

export function show(room, { me }) {
  const mine = me.shops.filter((shop) => has(shop, READS));
  const shop = h("select", null, mine.map((each) => h("option", { value: each.shop }, each.name)));
  const until = h("input", { type: "date" });
  const number = h("select", null, ["7", "14", "30", "60", "92"].map((n) => h("option", { value: n }, n)));
  number.value = "30";
  const note = h("div", { role: "status" });
  const days = h("div", { class: "stack" });
  const kpi = asked("kpi", kpiTable);
  const causes = asked("causes", causeTable);
  const tools = h("div", { class: "row" });
  const today = h("div");
  const out = handout(() => ({ shop: shop.value, until: last(), days: Number(number.value), rounds: has(here(), AUDITS) }));
  const here = () => mine.find((each) => each.shop === shop.value);
  const path = (rest, query) => `reports/${encodeURIComponent(shop.value)}${rest}?${new URLSearchParams(query)}`;
  const last = () => report?.shop?.readings[0]?.days.at(-1)?.date ?? report?.today ?? "";
  let report = null;

  async function attempt(deed) {
    fill(note, h("p", { class: "note" }, t("loading")));
    try {
      await deed();
      fill(note);
    } catch (error) {
      fill(note, h("p", { class: "note bad", role: "alert" }, error.message));
    }
  }

  const load = () => attempt(async () => {
    report = await ask("GET", path("", { days: number.value, until: until.value }));
    const view = report.shop;
    fill(days, view ? dayParts(view) : h("p", { class: "note" }, t("none")));
    kpi.span(last());
    causes.span(last());
    out.turned();
    await foresee();
    fill(tools, h("button", { onClick: () => print() }, t("print")), has(here(), EXPORTS) && h("button", { onClick: () => location.assign(`/console/api/export/${encodeURIComponent(shop.value)}`) }, t("facts")));
  });

  /** As the wall has it: how today stands, and what is foreseen of it and of the thirty days. */
  async function foresee() {
    const { shops } = await ask("GET", "today");
    const one = shops.find((each) => each.shop === shop.value);
    const rate = one?.denominator > 0 ? `${one.numerator}/${one.denominator} ${cut((100 * one.numerator) / one.denominator)}%` : "";
    fill(today, one && h("section", { class: "card stack", "aria-label": t("today") }, h("h2", null, t("today")), h("div", null, h("p", { class: "number" }, rate ? t("so_far", { figure: rate }) : t("none_today")), one.said.map((each) => h("p", { class: each.bad ? "bad-words" : "quiet" }, said(each))))));
  }

  function dayParts(view) {
    const rules = [...new Set(view.readings.map((each) => each.rule))];
    return [
      h("p", { class: "quiet" }, t("until_settled", { day: view.settled_until ?? "–" }), view.behind > 0 && ` · ${t("behind", { n: view.behind })}`),
      rules.length ? rules.map((rule) => rulePart(view.readings.filter((each) => each.rule === rule), report.beside.find((each) => each.rule === rule))) : h("p", { class: "note" }, t("no_days")),
    ];
  }

  function rulePart([strict, own], beside) {
    const other = new Map((own?.days ?? []).map((day) => [day.date, day]));
    const penalty = new Map(strict.penalty.map((day) => [day.date, day.in_force]));
    const { goal, unit } = beside;
    const told = (figure) => toldIn(figure, unit);
    const heads = ["day", "strict", "bare", ...(own ? ["own", "bare"] : []), "mark", "restated"];
    const cells = (figure) => [h("td", { class: "number" }, told(figure?.whole)), h("td", { class: "number quiet" }, told(figure?.bare))];
    const row = (day) => h("tr", null, h("td", null, day.date), cells(day.now), own && cells(other.get(day.date)?.now), h("td", { class: "bad-words" }, [belowMark(day.now.whole, goal), penaltyMark(penalty.get(day.date))].filter(Boolean).join("、")), h("td", { class: "number" }, day.restated.length ? `${told(day.settled?.whole)} ×${day.restated.length}` : ""));
    const span = strict.rolling.at(-1);
    const asked = (day) => day.entries > 0 || day.settled !== null || day.restated.length > 0;
    const shown = strict.days.filter((day) => asked(day) || penalty.get(day.date) !== "no" && penalty.has(day.date)).reverse();
    const empty = strict.days.length - shown.length;
    const changes = [[strict, "strict"], [own, "own"]].flatMap(([view, name]) => (view?.days ?? []).flatMap((day) => day.restated.map((each) => h("li", null, `${each.date} ${t(name)} · ${t("was", { was: told(each.was.whole), now: told(each.now.whole), why: said(report.words[each.why]), seq: each.seq })}`))));
    return h(
      "section",
      { class: "card stack", "aria-label": strict.rule },
      h("h2", null, valueWord(strict.rule), h("span", { class: "quiet" }, ` ${strict.version}`)),
      span && h("p", null, t("rolling", { first: span.first_day, last: span.last_day }), ": ", h("strong", { class: "number" }, told(span.figure.whole)), h("span", { class: "quiet" }, ` · ${t("bare")} ${told(span.figure.bare)}`), h("span", { class: "bad-words" }, " ", belowMark(span.figure.whole, goal))),
      strict.periods.filter((each) => each.rolling.whole.rate_high !== null).map((each) => h("p", null, t("period", { n: each.number, first: each.first_day, last: each.last_day, tag: each.tag_day }), ` · ${t("thirty")} ${told(each.rolling.whole)} · ${t("half")} ${told(each.half_month.whole)}`, !each.complete && ` · ${t("not_over")}`)),
      scroll(h("table", { class: "figures" }, head(heads), h("tbody", null, shown.map(row), h("tr", { class: "sum" }, h("th", { scope: "row" }, t("total")), cells(strict.total), own && cells(own.total), h("td"), h("td"))))),
      empty > 0 && h("p", { class: "quiet" }, t("empty_days", { n: empty })),
      changes.length > 0 && h("details", null, h("summary", null, t("changes"), ` (${changes.length})`), h("ul", null, changes)),
      publishedPart(strict.rule, beside),
    );
  }

  function publishedPart(rule, beside) {
    const mayWrite = has(here(), NOTES_DOWN);
    const dates = (day) => (day.last ? `${t(`of_${day.period}`)} ${day.date} – ${day.last}` : day.date);
    const row = (day) => h("tr", null, h("td", null, dates(day)), h("td", { class: "number" }, day.platform), h("td", { class: "number" }, signed(day.difference, beside.unit)), h("td", { class: "number" }, signed(day.strict_difference, beside.unit)), h("td", null, day.could_be == null ? "" : h("span", { class: day.could_be ? "quiet" : "bad-words" }, t(day.could_be ? "fits" : "apart"))), h("td", null, mayWrite && h("button", { onClick: () => withdraw(day.record) }, t("withdraw"))));
    return [
      h("div", { class: "row" }, h("h3", null, t("platform")), mayWrite && h("button", { onClick: () => takeDown(rule) }, t("take_down"))),
      beside.days.length ? scroll(h("table", { class: "figures" }, head(["day", "platform", "difference", "strict_difference", "", ""]), h("tbody", null, beside.days.map(row)))) : h("p", { class: "quiet" }, t("nothing_taken")),
      beside.adopted && h("p", { class: "quiet" }, t(beside.adopted.reverts == null ? "adopted" : "taken_back", { ...beside.adopted, n: beside.adopted.reverts, day: new Date(beside.adopted.at).toLocaleDateString() })),
    ];
  }

  async function takeDown(rule) {
    const day = h("input", { type: "date", required: true, value: report.shop?.settled_until ?? report.today });
    const period = h("select", null, PERIODS.map((each) => h("option", { value: each }, t(`of_${each}`))));
    const value = h("input", { maxlength: 40 });
    const [numerator, denominator] = [0, 1].map(() => h("input", { type: "number", min: 0 }));
    const did = await question(t("take_down"), [field(t("of"), period), field(t("day"), day), field(t("value"), value), field(t("numerator"), numerator), field(t("denominator"), denominator)], () => {
      const counted = (control) => (control.value === "" ? null : Number(control.value));
      const figure = { shop: shop.value, figure: rule, period: period.value, [/^\d/.test(period.value) ? "last" : "first"]: day.value, numerator: counted(numerator), denominator: counted(denominator), value: value.value.trim() || null };
      return ask("POST", "/figures", { do: "record", figures: [figure] });
    });
    if (did) await load();
  }

  async function withdraw(record) {
    const reason = h("input", { maxlength: 200, required: true });
    if (await question(t("withdraw"), [field(t("reason"), reason)], () => ask("POST", "/figures", { do: "withdraw", record, reason: reason.value.trim() }))) await load();
  }

  /** A part that is asked for on a press, for dates of its own. */
  function asked(name, made) {
    const [from, to] = [0, 1].map(() => h("input", { type: "date", required: true }));
    const place = h("div", { class: "stack" });
    const submit = (event) => (event.preventDefault(), attempt(async () => fill(place, made(await ask("GET", path(`/${name}`, { from: from.value, to: to.value }))))));
    const section = h("section", { class: "card stack", "aria-label": t(name) }, h("h2", null, t(name)), h("form", { class: "row end", onSubmit: submit }, field(t("from"), from), field(t("to"), to), h("button", null, t("show"))), place);
    const span = (last) => {
      to.value = last;
      from.value = new Date(Date.parse(last) - 6 * 86_400_000).toISOString().slice(0, 10);
      fill(place);
    };
    return { section, span };
  }

  function kpiTable({ columns, rows, fairness }) {
    if (rows.length === 0) return h("p", { class: "quiet" }, t("no_kpi"));
    const shown = WIDE.map((name) => columns.find((column) => column.name === name)).filter(Boolean);
    return [
      scroll(h("table", { class: "figures" }, h("thead", null, h("tr", null, h("th", null, t("agent")), shown.map((column) => h("th", { class: "number", title: said({ zh: column.formula_zh, en: column.formula }) }, said(column))))), h("tbody", null, rows.map((row) => h("tr", null, h("th", { scope: "row" }, called(row.name)), shown.map((column) => h("td", { class: "number" }, valued(column.kind, row.figures[column.name])))))))),
      fairness != null && h("p", { class: "quiet" }, t("fairness", { n: fairness.toFixed(2) })),
      h("details", null, h("summary", null, t("columns")), h("dl", null, shown.map((column) => [h("dt", null, said(column)), h("dd", null, said({ zh: column.formula_zh, en: column.formula }))]))),
    ];
  }

  function causeTable({ rule, misses, causes: found }) {
    if (misses === 0) return h("p", { class: "quiet" }, t("no_misses"));
    const whose = (seats) => seats.map(([seat, n]) => `${seat ?? t("nobody")} ${n}`).join("、");
    return [
      h("p", { class: "quiet" }, t("misses", { n: misses, rule: valueWord(rule) })),
      scroll(h("table", null, head(["cause", "count", "whose", "todo"]), h("tbody", null, found.map((each) => h("tr", null, h("th", { scope: "row" }, said(each)), h("td", { class: "number" }, String(each.misses)), h("td", null, whose(each.seats)), h("td", null, said({ zh: each.do_zh, en: each.do_en }))))))),
    ];
  }

  fill(
    room,
    h(
      "div",
      { class: "page stack" },
      h("h1", null, t("title")),
      h("form", { class: "row end", onSubmit: (event) => (event.preventDefault(), load()) }, field(t("shop"), shop), field(t("until"), until), field(t("days"), number), h("button", { class: "main" }, t("show")), h("span", { class: "grow" }), tools),
      note,
      today,
      out.section,
      days,
      causes.section,
      kpi.section,
    ),
  );
  shop.addEventListener("change", load);
  load();
  return out.leave;
}

const scroll = (table) => h("div", { class: "scroll", tabindex: "0", role: "group" }, table);
const NUMBERS = ["strict", "own", "bare", "restated", "difference", "strict_difference", "platform", "count"];
const head = (names) => h("thead", null, h("tr", null, names.map((name) => (name ? h("th", { class: NUMBERS.includes(name) ? "number" : null }, t(name)) : h("td")))));

function belowMark(figure, goal) {
  if (goal == null || figure?.rate_low == null || figure.rate_high == null) return "";
  if (figure.rate_high * 100 < goal) return t("below", { goal });
  return figure.rate_low * 100 < goal ? t("maybe_below", { goal }) : "";
}

function penaltyMark(inForce) {
  if (inForce === "yes") return t("penalty");
  return inForce === "undetermined" ? t("maybe_penalty") : "";
}

function valued(kind, figure) {
  const value = figure !== null && typeof figure === "object" ? figure.value : figure;
  if (value == null) return "–";
  if (kind === "rate") return `${(value * 100).toFixed(1)}%`;
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

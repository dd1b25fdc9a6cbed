/* Event profiles as a form: caps, hours, ladder, groups and texts for some days. */

import { h } from "../dom.js";
import { words } from "../words.js";
import { groupHint, groupRows, relaxHint, relaxRows, startRows } from "./groups.js";
import { debtRows, ladderHint, ladderRows } from "./ladder.js";
import { Form, amount, choice, days, hoursField, hoursOf, idField, instead, number, rows, several, text } from "./parts.js";
import { hoursWords, whoWords } from "./values.js";

const t = words({
  title: ["活动预案", "Event profile"],
  add: ["新增", "new"],
  times: ["按店铺所在时区；到点自动生效，到点自动恢复，最长 31 天", "By the shop's own clock; it begins and ends by itself, and lasts 31 days at most"],
  caps_hint: ["越具体的越优先：子账号、分组、全部；“每位客服合计”是一个人全部子账号加起来的上限", "The nearest counts: seat, group, all. An agent's cap is over all their seats"],
  shifts_hint: ["平时班次之外加的时间；只在活动期间有效", "Hours beside the usual shifts, while the event is on"],
  who: ["谁", "Who"],
  how: ["怎么改", "How"],
  add_n: ["增加", "more"],
  to_n: ["改为", "to"],
  percent: ["按百分比 %", "to percent of it"],
  much: ["数量", "Amount"],
  date: ["日期", "Date"],
  every: ["每周的", "On weekdays"],
  on_date: ["某一天", "On a date"],
  any: ["只可用这些（不选为照常）", "Only these (unticked: as usual)"],
  none_approved: ["（还没有批准的版本）", "(no approved version)"],
  own_ladder: ["活动期间用另外的阶梯", "Another ladder while it is on"],
  own_debt: ["活动期间用另外的欠答阶梯", "Another ladder of answers owed"],
  own_groups: ["活动期间用另外的分组规则", "Another table of groups"],
  own_relax: ["活动期间用另外的放宽", "Another relaxation"],
  own_starts: ["活动期间用另外的优先", "Other head starts"],
  more: ["更多（不填为照常）", "More (empty: as usual)"],
});
const NUMBERS = { service_s: [1, 86_400], idle_release_s: [60, 604_800], aftersale_release_s: [60, 604_800], drain_s: [0, 3600], sticky_s: [0, 259_200], grace_s: [0, 3600], debt_after_s: [10, 86_400], debt_seat_s: [0, 60], holds_per_day: [0, 2] };

/** Whom a cap or extra hours can be about, in the shops of the event. */
function whoOptions(all, shops, agents) {
  const seats = all.seats.filter((one) => shops.includes(one.shop));
  const groups = [...new Set(["presale", ...all.shops.filter((one) => shops.includes(one.id)).flatMap((one) => one.groups.map((row) => row.group)), ...seats.flatMap((one) => one.groups)])];
  const people = [...new Set(seats.map((one) => one.agent))];
  const made = [{ of: "*", name: "" }, ...groups.map((name) => ({ of: "group", name })), ...seats.map((one) => ({ of: "seat", name: one.id }))];
  if (agents) made.push({ of: "agent", name: "*" }, ...people.map((name) => ({ of: "agent", name })));
  return made;
}

const idOf = (one) => `${one.of} ${one.name ?? ""}`;

/** Whom it is about. What the event's shops no longer have stays to be seen, and is told as wrong. */
function whoChoice(all, shops, one, agents) {
  const options = whoOptions(all, shops(), agents);
  if (!options.some((each) => idOf(each) === idOf(one))) options.push({ of: one.of, name: one.name ?? "" });
  const made = choice(options.map((each) => [idOf(each), whoWords(each)]), idOf(one), { "aria-label": t("who") });
  return { made, value: () => options.find((each) => idOf(each) === made.value) };
}

const capRows = (all, shops, caps) =>
  rows(
    caps,
    (one) => {
      const who = whoChoice(all, shops, one, true);
      const how = choice([["add", t("add_n")], ["to", t("to_n")], ["percent", t("percent")]], one.to != null ? "to" : one.percent != null ? "percent" : "add", { "aria-label": t("how") });
      const much = number(one.to ?? one.percent ?? one.add, -500, 1000, { required: true, "aria-label": t("much") });
      return { cells: [who.made, how, much], value: () => ({ ...who.value(), [how.value]: Number(much.value) }) };
    },
    () => ({ of: "*", name: "", add: 3 }),
  );

const hourRows = (all, shops, shifts) =>
  rows(
    shifts,
    (one) => {
      const who = whoChoice(all, shops, one, false);
      const kind = choice([["date", t("on_date")], ["days", t("every")]], one.days?.length ? "days" : "date", { "aria-label": t("date") });
      const date = h("input", { type: "date", value: one.date ?? "", "aria-label": t("date") });
      const week = days(one.days ?? []);
      const hours = hoursField(hoursWords(one.hours));
      const turn = () => ([date.hidden, week.box.hidden] = [kind.value !== "date", kind.value !== "days"]);
      kind.addEventListener("change", turn);
      turn();
      return { cells: [who.made, kind, date, week.box, hours], value: () => ({ ...who.value(), hours: hoursOf(hours), ...(kind.value === "date" ? { date: date.value } : { days: week.value() }) }) };
    },
    () => ({ of: "*", name: "", hours: [], date: "" }),
  );

/** A profile to be written; `event` null is a new one, which may begin as a copy of `from`. */
export function eventForm(ctx, event, from = event) {
  const { all } = ctx;
  const form = new Form();
  const told = { ...all.usual.event, ...(from ?? {}) };
  const base = all.shops.find((one) => (told.shops ?? []).includes(one.id)) ?? all.shops[0];
  const shops = several(all.shops.map((one) => [one.id, one.name || one.id]), told.shops ?? (all.shops.length === 1 ? [base.id] : []));
  const wall = (value) => h("input", { type: "datetime-local", required: true, value: (value ?? "").replace(" ", "T") });
  const f = { id: idField(event?.id), name: text(told.name), starts: wall(event?.starts), ends: wall(event?.ends) };
  const caps = capRows(all, shops.value, told.caps ?? []);
  const hours = hourRows(all, shops.value, told.shifts ?? []);
  const only = several(all.holds.map((one) => [one.id, `${one.id}：${one.text}${one.approved ? "" : t("none_approved")}`]), told.replies ?? []);
  const replies = instead(t("any"), told.replies != null, only);
  const own = {
    ladder: instead(t("own_ladder"), told.ladder != null, ladderRows(told.ladder ?? base.ladder)),
    debt_ladder: instead(t("own_debt"), told.debt_ladder != null, debtRows(told.debt_ladder ?? base.debt_ladder)),
    groups: instead(t("own_groups"), told.groups != null, groupRows(told.groups ?? base.groups)),
    relaxations: instead(t("own_relax"), told.relaxations != null, relaxRows(told.relaxations ?? base.relaxations)),
    head_starts: instead(t("own_starts"), told.head_starts != null, startRows(told.head_starts ?? base.head_starts)),
  };
  const hints = { ladder: ladderHint(), groups: groupHint(), relaxations: relaxHint() };
  const numbers = Object.entries(NUMBERS).map(([key, [least, most]]) => [key, number(told[key], least, most)]);
  const parts = [
    h("div", { class: "pair" }, form.field("name", f.name), form.field("id", f.id)),
    form.block("shops", shops),
    h("div", { class: "pair" }, form.field("starts", f.starts), form.field("ends", f.ends)),
    h("p", { class: "quiet" }, t("times")),
    form.block("caps", caps, t("caps_hint")),
    form.block("shifts", hours, t("shifts_hint")),
    form.block("replies", replies),
    Object.entries(own).map(([key, editor]) => form.block(key, editor, hints[key])),
    h("details", null, h("summary", null, t("more")), h("div", { class: "pair" }, numbers.map(([key, control]) => form.field(key, control)))),
  ];
  const made = () => ({
    put: [
      {
        ...told,
        type: "event",
        id: f.id.value.trim(),
        name: f.name.value.trim(),
        shops: shops.value(),
        starts: f.starts.value.replace("T", " "),
        ends: f.ends.value.replace("T", " "),
        caps: caps.value(),
        shifts: hours.value(),
        replies: replies.value(),
        ...Object.fromEntries(Object.entries(own).map(([key, editor]) => [key, editor.value()])),
        ...Object.fromEntries(numbers.map(([key, control]) => [key, amount(control)])),
      },
    ],
  });
  return ctx.sheet(form, `${t("title")} · ${event ? event.name || event.id : t("add")}`, parts, made, event ? null : () => ["event", f.id.value.trim()]);
}

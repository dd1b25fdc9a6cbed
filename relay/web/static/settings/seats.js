/* Seats: who serves where, how many at once, when, and what they work on single dates. */

import { h } from "../dom.js";
import { words } from "../words.js";
import { Form, choice, hoursField, hoursOf, idField, number, rows, several, shiftRows, text } from "./parts.js";
import { hoursWords } from "./values.js";
import { DAYS, dayWord, t as word, valueWord } from "./words.js";

const t = words({
  seats: ["子账号", "Seats"],
  add: ["新增", "new"],
  shifts_hint: ["不填为全天；结束不晚于开始即为次日", "None: always on shift. An end not after the start is next day"],
  groups_hint: ["都不选为全部分组", "None ticked: all groups"],
  days_hint: ["只在这一天代替平时的班次，也先于放假", "What the seat works on that date instead, holidays included"],
  date: ["日期", "Date"],
  off: ["休息", "Off"],
  works: ["上班", "Works"],
  kind: ["上班还是休息", "Works or off"],
  swap: ["换班", "Swap"],
  swap_hint: ["两个子账号在同一天互换；时间可以改", "Two seats change places on one date; the hours can be changed"],
  one: ["第一个子账号", "First seat"],
  other: ["第二个子账号", "Second seat"],
  one_works: ["第一个子账号当天上班的时间", "Hours of the first seat on that date"],
  other_works: ["第二个子账号当天上班的时间", "Hours of the second seat on that date"],
  same: ["请选择本店的另一个子账号", "Choose another seat of the same shop"],
  off_hint: ["不填为休息", "Empty: off"],
  calendar: ["放假和调休", "Holidays and make-up days"],
  closed: ["放假", "Holiday"],
  calendar_hint: ["放假当天不排班；调休当天按所选的星期上班。单个子账号的单日安排优先", "Nobody works on a holiday; a make-up day is worked as that weekday. A seat's own dates come first"],
  as: ["按{day}上班", "worked as {day}"],
});

const dayRows = (exceptions) =>
  rows(
    exceptions,
    (one) => {
      const date = h("input", { type: "date", required: true, value: one.date, "aria-label": t("date") });
      const kind = choice([["off", t("off")], ["works", t("works")]], one.hours?.length ? "works" : "off", { "aria-label": t("kind") });
      const hours = hoursField(hoursWords(one.hours ?? []));
      const turn = () => (hours.hidden = kind.value === "off");
      kind.addEventListener("change", turn);
      turn();
      const swap = one.swap ? h("span", { class: "quiet" }, word("swap_with", { seat: one.swap })) : null;
      return { cells: [date, kind, hours, swap], value: () => ({ date: date.value, hours: kind.value === "off" ? [] : hoursOf(hours), ...(one.swap && { swap: one.swap }) }) };
    },
    () => ({ date: "", hours: [] }),
  );

export function seatForm(ctx, seat) {
  const { all } = ctx;
  const form = new Form();
  const told = { ...all.usual.seat, ...(seat ?? {}) };
  const f = {
    id: idField(seat?.id),
    shop: choice(all.shops.map((one) => [one.id, one.name || one.id]), seat?.shop, { disabled: Boolean(seat) }),
    agent: choice(all.persons.filter((one) => !one.disabled || one.id === seat?.agent).map((one) => [one.id, one.name || one.id]), seat?.agent),
    account: text(told.account),
    cap: number(told.cap, 1, 500, { required: true }),
    weight: number(told.weight, 1, 1_000_000, { required: true }),
    role: choice(["agent", "cs_admin"].map((role) => [role, valueWord(role)]), told.role),
    vendor: text(told.vendor),
  };
  const groupsOf = (shop) => [...new Set(["presale", ...(all.shops.find((one) => one.id === shop)?.groups ?? []).map((row) => row.group), ...told.groups])].map((name) => [name, valueWord(name)]);
  const place = h("div");
  let groups = several(groupsOf(f.shop.value), told.groups);
  const drawGroups = () => {
    groups = several(groupsOf(f.shop.value), told.groups);
    place.replaceChildren(groups.box);
  };
  drawGroups();
  f.shop.addEventListener("change", drawGroups);
  const [shifts, days] = [shiftRows(told.shifts), dayRows(told.exceptions)];
  const parts = [
    h("div", { class: "pair" }, ["id", "shop", "agent", "account", "cap", "weight", "role", "vendor"].map((key) => form.field(key, f[key]))),
    form.block("groups", place, t("groups_hint")),
    form.block("shifts", shifts, t("shifts_hint")),
    form.block("exceptions", days, t("days_hint")),
  ];
  /** Half a swap is none: whoever takes it away here takes it from the other seat as well. */
  const released = (kept) => {
    const gone = told.exceptions.filter((day) => day.swap && !kept.some((one) => one.date === day.date && one.swap === day.swap));
    const isHalf = (other, one) => one.swap === seat.id && gone.some((day) => day.date === one.date && day.swap === other.id);
    return all.seats.filter((other) => other.exceptions.some((one) => isHalf(other, one))).map((other) => ({ ...other, exceptions: other.exceptions.filter((one) => !isHalf(other, one)) }));
  };
  const made = () => ({
    put: [...(seat ? released(days.value()) : []), { ...told, type: "seat", id: f.id.value.trim(), shop: f.shop.value, agent: f.agent.value, account: f.account.value.trim(), cap: Number(f.cap.value), weight: Number(f.weight.value), role: f.role.value, vendor: f.vendor.value.trim(), groups: groups.value(), shifts: shifts.value(), exceptions: days.value() }],
  });
  return ctx.sheet(form, `${t("seats")} · ${seat?.id ?? t("add")}`, parts, made, seat ? null : () => ["seat", f.id.value.trim()]);
}

/** What a seat works on a date by its weekly shifts; a start for whoever swaps. */
function usually(seat, date) {
  const day = DAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7];
  return hoursWords(seat.shifts.filter((one) => one.days.includes(day)));
}

/** Two seats change places on a date: one change, because half a swap is none. */
export function swapForm(ctx) {
  const form = new Form();
  const nameOf = (id) => ctx.all.persons.find((each) => each.id === id)?.name || id;
  const seats = ctx.all.seats.map((each) => [each.id, `${each.account || each.id} · ${nameOf(each.agent)}`]);
  const date = h("input", { type: "date", required: true });
  const [one, other] = [choice(seats), choice(seats, seats[1]?.[0])];
  const [mine, theirs] = [hoursField("", {}), hoursField("", {})];
  const seat = (control) => ctx.all.seats.find((each) => each.id === control.value);
  const suggest = () => {
    if (!date.value) return;
    mine.value = usually(seat(other), date.value);
    theirs.value = usually(seat(one), date.value);
  };
  for (const control of [date, one, other]) control.addEventListener("change", suggest);
  const works = (each, hours, swap) => ({ ...each, exceptions: [...each.exceptions.filter((day) => day.date !== date.value), { date: date.value, hours: hoursOf(hours), swap: swap.id }] });
  const parts = [h("p", { class: "quiet" }, t("swap_hint")), form.field("date", date, undefined, t("date")), h("div", { class: "pair" }, h("div", { class: "stack" }, form.field("one", one, undefined, t("one")), form.field("mine", mine, t("off_hint"), t("one_works"))), h("div", { class: "stack" }, form.field("other", other, undefined, t("other")), form.field("theirs", theirs, t("off_hint"), t("other_works"))))];
  const made = () => {
    if (one.value === other.value || seat(one).shop !== seat(other).shop) throw new Error(t("same"));
    return { put: [works(seat(one), mine, seat(other)), works(seat(other), theirs, seat(one))] };
  };
  return ctx.sheet(form, t("swap"), parts, made);
}

/** A shop's holidays and make-up days, as one list of dates. */
export function calendarForm(ctx, shop) {
  const form = new Form();
  const dates = [...shop.holidays.map((date) => ({ date, as: "" })), ...shop.make_up_days.map((one) => ({ date: one.date, as: one.works_as }))].sort((a, b) => (a.date < b.date ? -1 : 1));
  const made = rows(
    dates,
    (one) => {
      const date = h("input", { type: "date", required: true, value: one.date, "aria-label": t("date") });
      const as = choice([["", t("closed")], ...DAYS.map((day) => [day, t("as", { day: dayWord(day) })])], one.as, { "aria-label": t("kind") });
      return { cells: [date, as], value: () => ({ date: date.value, as: as.value }) };
    },
    () => ({ date: "", as: "" }),
  );
  const block = form.block("holidays", made, t("calendar_hint"), t("calendar"));
  form.places.set("make_up_days", form.places.get("holidays"));
  const body = () => {
    const all = made.value();
    return { put: [{ ...shop, holidays: all.filter((one) => !one.as).map((one) => one.date), make_up_days: all.filter((one) => one.as).map((one) => ({ date: one.date, works_as: one.as })) }] };
  };
  return ctx.sheet(form, `${t("calendar")} · ${shop.name || shop.id}`, [block], body);
}

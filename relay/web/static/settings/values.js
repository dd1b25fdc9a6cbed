/* Values of settings in words, and two of them side by side: what went, what came. */

import { h } from "../dom.js";
import { DAYS, dayWord, keyWord, t, valueWord } from "./words.js";

const list = (items) => items.join("、");
export const hoursWords = (hours) => hours.map((one) => `${one.start}-${one.end}`).join(", ");

/** Three or more days in a row are a range. */
export function daysWords(days) {
  const at = days.map((day) => DAYS.indexOf(day)).sort((a, b) => a - b);
  const parts = [];
  for (let i = 0; i < at.length; ) {
    let j = i;
    while (j + 1 < at.length && at[j + 1] === at[j] + 1) j++;
    if (j - i >= 2) parts.push(`${dayWord(DAYS[at[i]])}–${dayWord(DAYS[at[j]])}`);
    else for (let k = i; k <= j; k++) parts.push(dayWord(DAYS[at[k]]));
    i = j + 1;
  }
  return list(parts);
}

export function whoWords(one) {
  if (one.of === "*") return t("everybody");
  if (one.of === "agent" && one.name === "*") return t("every_agent");
  return t(`of_${one.of}`, { name: one.of === "group" ? valueWord(one.name) : one.name });
}

export function amountWords(one) {
  if (one.to != null) return String(one.to);
  return one.percent != null ? `${one.percent}%` : `${one.add > 0 ? "+" : ""}${one.add}`;
}

function rungWords(key, one) {
  if (key === "debt_ladder") return `${t("owed_after", { n: one.after_s })}: ${valueWord(one.do)}`;
  const when = one.before_s != null ? t("before", { n: one.before_s }) : t("after", { n: one.after_s });
  return `${when}: ${valueWord(one.do)}`;
}

function groupWords(one) {
  const signs = ["order_states", "entries", "keywords"].filter((key) => one[key]?.length).map((key) => t(key, { words: list(one[key]) }));
  if (one.follow_up) signs.push(t("follow_up"));
  if (one.head_start_s) signs.push(`+${one.head_start_s} s`);
  return `${valueWord(one.group)}: ${signs.join("; ")}`;
}

function dateWords(one) {
  const swap = one.swap ? ` · ${t("swap_with", { seat: one.swap })}` : "";
  return `${one.date} ${one.hours?.length ? hoursWords(one.hours) : t("day_off")}${swap}`;
}

/** One item of a list, by its shape. */
function itemWords(key, one) {
  if (typeof one !== "object") return valueWord(String(one));
  if ("role" in one) return `${valueWord(one.role)}@${one.shop}`;
  if ("works_as" in one) return t("works_as", { date: one.date, day: dayWord(one.works_as) });
  if ("tag" in one) return t("waited", { tag: one.tag, n: one.seconds });
  if ("do" in one) return rungWords(key, one);
  if ("of" in one) return `${whoWords(one)} ${one.hours ? `${one.date ?? daysWords(one.days ?? [])} ${hoursWords(one.hours)}` : amountWords(one)}`;
  if ("group" in one) return groupWords(one);
  if ("days" in one) return `${daysWords(one.days)} ${one.start}-${one.end}`;
  if ("date" in one) return dateWords(one);
  if ("after_s" in one) return t("opens", { n: one.after_s, to: (one.to ?? ["*"]).includes("*") ? t("everybody") : list(one.to.map(valueWord)) });
  return JSON.stringify(one);
}

/** A value as the things it consists of, each in words. */
export function itemsOf(key, value) {
  if (Array.isArray(value)) return value.map((one) => itemWords(key, one));
  if (typeof value === "object" && value !== null) return Object.entries(value).map(([name, one]) => `${valueWord(name)}: ${typeof one === "object" && one !== null ? itemsOf(key, one).join("; ") || t("none") : one}`);
  return [];
}

export function valueWords(key, value) {
  if (value === null || value === undefined || value === "") return t("none");
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "object") return itemsOf(key, value).join("; ") || t("none");
  return valueWord(String(value));
}

/** One key that differs. Of a list only what went and what came. */
function keyLine({ key, before, after }, isNew) {
  const head = h("span", { class: "quiet" }, `${keyWord(key)}: `);
  if (isNew) return h("li", { dir: "auto" }, head, valueWords(key, after));
  if (typeof after !== "object" && typeof before !== "object") return h("li", { dir: "auto" }, head, h("del", null, valueWords(key, before)), " → ", h("ins", null, valueWords(key, after)));
  const [old, now] = [itemsOf(key, before ?? []), itemsOf(key, after ?? [])];
  const gone = old.filter((one) => !now.includes(one));
  const come = now.filter((one) => !old.includes(one));
  if (!gone.length && !come.length) return h("li", { dir: "auto" }, head, h("del", null, valueWords(key, before)), " → ", h("ins", null, valueWords(key, after)));
  return h("li", { dir: "auto" }, head, gone.map((one) => h("del", { class: "line" }, one)), come.map((one) => h("ins", { class: "line" }, one)));
}

/** One change: which setting, and each key that differs. */
export function changeWords(change) {
  const what = change.what === "changed" ? "" : ` · ${t(change.what)}`;
  return h(
    "div",
    { class: "difference" },
    h("strong", { dir: "auto" }, `${t(change.sort)} ${change.name || change.id}`),
    h("span", { class: "quiet" }, `${change.name && change.name !== change.id ? ` ${change.id}` : ""}${what}`),
    change.keys.length > 0 && h("ul", null, change.keys.map((one) => keyLine(one, change.what === "added"))),
  );
}

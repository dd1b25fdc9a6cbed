/* What the forms of the settings are made of. A form knows its fields by key, so that what is wrong stands beside it. */

import { field, h } from "../dom.js";
import { words } from "../words.js";
import { DAYS, dayWord, keyWord } from "./words.js";

const t = words({
  add: ["加一行", "Add a row"],
  away: ["删除这一行", "Remove this row"],
  up: ["上移", "Move up"],
  down: ["下移", "Move down"],
  days: ["哪几天", "On which days"],
  start: ["从", "from"],
  end: ["到", "to"],
  hours: ["时间段，如 08:00-12:00, 13:00-17:00", "Hours such as 08:00-12:00, 13:00-17:00"],
  bad_hours: ["时间段应写成 08:00-12:00，多段用逗号隔开：{text}", "Hours read 08:00-12:00, several with commas: {text}"],
});

export const number = (value, least = 0, most = 1_000_000, more = {}) => h("input", { type: "number", min: least, max: most, value: value == null ? "" : String(value), ...more });
export const text = (value, more = {}) => h("input", { maxlength: 256, value: value ?? "", ...more });
export const idField = (value) => text(value, { required: true, pattern: "[a-z0-9][a-z0-9_.\\-]{0,63}", spellcheck: "false", readonly: Boolean(value) });
export const listOf = (input) => input.value.split(/[,，、]/u).map((one) => one.trim()).filter(Boolean);
export const amount = (input) => (input.value === "" ? null : Number(input.value));

export function choice(options, value, more = {}) {
  const made = h("select", more, options.map(([id, word]) => h("option", { value: id }, word)));
  if (value != null && !options.some(([id]) => id === value)) made.append(h("option", { value }, value));
  made.value = value ?? options[0]?.[0] ?? "";
  return made;
}

let boxes = 0;

/** A checkbox with its words. */
export function tick(label, on, more = {}) {
  const box = h("input", { type: "checkbox", id: `tick-${++boxes}`, ...more });
  box.checked = Boolean(on);
  return { box, label: h("label", { class: "plain", for: box.id }, box, " ", label) };
}

/** Several of a few: `[id, words]` each. */
export function several(options, chosen) {
  const ticks = options.map(([id, word]) => [id, tick(word, chosen.includes(id))]);
  return { box: h("div", { class: "row ticks" }, ticks.map(([, one]) => one.label)), value: () => ticks.filter(([, one]) => one.box.checked).map(([id]) => id) };
}

export function hoursOf(input) {
  return listOf(input).map((part) => {
    const found = part.match(/^(\d\d:\d\d)\s*[-–至~]\s*(\d\d:\d\d)$/u);
    if (!found) throw new Error(t("bad_hours", { text: part }));
    return { start: found[1], end: found[2] };
  });
}

/** In a row it names itself; in a field of its own its label does. */
export const hoursField = (value, more = { "aria-label": t("hours") }) => text(value, { ...more, placeholder: "08:00-12:00, 13:00-17:00", size: 24 });
export const days = (chosen) => {
  const made = several(DAYS.map((day) => [day, dayWord(day)]), chosen);
  made.box.setAttribute("role", "group");
  made.box.setAttribute("aria-label", t("days"));
  return made;
};

/**
 * Rows that can be added, removed and, where their order counts, moved. `make(item)` gives `{cells, value}`.
 * @param {any[]} items @param {(item: any) => {cells: any[], value: () => any}} make
 */
export function rows(items, make, blank, { ordered = false, add = "" } = {}) {
  let held = items.map(make);
  const place = h("div", { class: "stack" });
  const plus = h("button", { type: "button", onClick: () => (held.push(make(blank())), draw(), place.lastElementChild?.querySelector("input, select")?.focus()) }, add || t("add"));
  const shift = (at, by) => () => {
    [held[at], held[at + by]] = [held[at + by], held[at]];
    draw();
  };
  const small = (word, mark, deed, off = false) => h("button", { type: "button", class: "small", "aria-label": t(word), title: t(word), disabled: off, onClick: deed }, mark);
  function draw() {
    place.replaceChildren(
      ...held.map((one, at) =>
        h("div", { class: "row one-row" }, one.cells, h("span", { class: "row moves" }, ordered && [small("up", "↑", shift(at, -1), at === 0), small("down", "↓", shift(at, 1), at === held.length - 1)], small("away", "✕", () => ((held = held.filter((other) => other !== one)), draw(), plus.focus())))),
      ),
    );
  }
  draw();
  return { box: h("div", { class: "stack" }, place, h("div", null, plus)), value: () => held.map((one) => one.value()) };
}

/** Weekly stretches of work. */
export const shiftRows = (shifts) =>
  rows(
    shifts,
    (one) => {
      const on = days(one.days);
      const [start, end] = [one.start, one.end].map((value, at) => h("input", { type: "time", required: true, value, "aria-label": t(at ? "end" : "start") }));
      return { cells: [on.box, start, h("span", null, "–"), end], value: () => ({ days: on.value(), start: start.value, end: end.value }) };
    },
    () => ({ days: DAYS.slice(0, 5), start: "09:00", end: "18:00" }),
  );

/** Something that stands in for what is usual only where it is ticked; else null. */
export function instead(label, on, editor) {
  const own = tick(label, on);
  editor.box.hidden = !on;
  own.box.addEventListener("change", () => (editor.box.hidden = !own.box.checked));
  return { box: h("div", { class: "stack" }, own.label, editor.box), value: () => (own.box.checked ? editor.value() : null) };
}

/** A form's fields by key. */
export class Form {
  constructor() {
    this.places = new Map();
  }

  /** A field of this key, named as everywhere. */
  field(key, control, hint, label = keyWord(key)) {
    const box = field(label, control, hint);
    this.places.set(key, { box, control });
    return box;
  }

  /** Several controls of this key under one heading. */
  block(key, editor, hint, label = keyWord(key)) {
    const box = h("fieldset", null, h("legend", null, label), hint && h("p", { class: "quiet" }, hint), editor.box ?? editor);
    this.places.set(key, { box, control: null });
    return box;
  }

  clear() {
    for (const { box, control } of this.places.values()) {
      box.querySelector(":scope > .field-bad")?.remove();
      control?.removeAttribute("aria-invalid");
    }
  }

  /** Put what is wrong with `ids` beside its field; the lines of what has none, or is of another setting, are returned. */
  place(refusal, ids) {
    const rest = [];
    let first = null;
    refusal.findings.forEach((line, at) => {
      const [, id, key] = refusal.paths[at] ?? [];
      const found = ids.includes(id) ? this.places.get(key) : null;
      if (!found) return rest.push(line);
      const words = h("p", { class: "note bad field-bad" }, refusal.sentences[at]);
      found.control?.setAttribute("aria-invalid", "true");
      const legend = found.box.querySelector(":scope > legend");
      if (legend) legend.after(words);
      else found.box.append(words);
      found.box.closest("details")?.setAttribute("open", "");
      first ??= found;
    });
    if (first) {
      (first.control ?? first.box.querySelector("input, select, textarea, button"))?.focus({ preventScroll: true });
      first.box.querySelector(":scope > .field-bad").scrollIntoView({ block: "center" });
    }
    return rest;
  }
}

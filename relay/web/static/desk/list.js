/* The conversations by section, the most urgent first. Rows are kept and moved, never made anew for a tick. */

import { arrange, h, refill, set } from "../dom.js";
import { SECTIONS, clockOf, sorted, span } from "./sections.js";
import { t } from "./words.js";

const SHORT = 20;

export function nameOf(talk) {
  return talk.buyer_name || t("unknown_buyer", { ref: talk.buyer.slice(0, 6) });
}

export function clockWords(clock, section) {
  if (!clock) return "";
  if ("since" in clock) return t(section === "owed" ? "owed_since" : "since", { span: span(clock.since) });
  return clock.left >= 0 ? t("left", { span: span(clock.left) }) : t("over", { span: span(clock.left) });
}

export class List {
  /** @param {{book: any, now: () => number, choose: (key: string) => void}} given */
  constructor({ book, now, choose }) {
    Object.assign(this, { book, now, choose });
    this.rows = new Map();
    this.current = null;
    this.order = [];
    this.parts = new Map(SECTIONS.map((name) => [name, this.part(name)]));
    this.follow = this.part("follow_ups");
    this.empty = h("p", { class: "quiet pad" }, t("none"));
    this.place = h("nav", { class: "list", "aria-label": t("conversations") }, [...this.parts.values()].map((one) => one.place), this.follow.place, this.empty);
  }

  part(name) {
    const count = h("span", { class: "count" });
    const rows = h("ul");
    return { count, rows, place: h("section", { class: `part ${name}`, hidden: true }, h("h2", null, t(name), " ", count), rows) };
  }

  /** Put everything where it belongs now. */
  draw() {
    const found = sorted(this.book.talks.values(), this.now());
    const seen = new Set();
    const held = document.activeElement;
    this.order = [];
    for (const [name, { place, rows, count }] of this.parts) {
      const talks = found[name];
      place.hidden = talks.length === 0;
      count.textContent = talks.length;
      const wanted = talks.map((talk) => {
        seen.add(talk.key);
        this.order.push(talk.key);
        return this.row(talk, name);
      });
      arrange(rows, wanted);
    }
    for (const key of this.rows.keys()) if (!seen.has(key)) this.rows.delete(key);
    this.empty.hidden = this.order.length > 0;
    if (held !== document.activeElement && this.place.contains(held)) held.focus({ preventScroll: true });
    this.drawFollowUps();
    this.tick();
  }

  row(talk, section) {
    let row = this.rows.get(talk.key);
    if (!row) {
      const parts = { name: h("strong"), clock: h("span", { class: "clock number" }), last: h("span", { class: "last quiet" }), marks: h("span", { class: "marks" }) };
      const button = h("button", { class: "talk", onClick: () => this.choose(talk.key) }, h("span", { class: "top" }, parts.name, parts.clock), h("span", { class: "top" }, parts.last, parts.marks));
      row = { ...parts, button, place: h("li", null, button) };
      this.rows.set(talk.key, row);
    }
    const last = talk.messages.at(-1);
    row.talk = talk;
    row.section = section;
    set(row.name, nameOf(talk));
    set(row.last, last?.text ?? "");
    set(row.marks, [talk.questions > 1 ? String(talk.questions) : "", talk.debt && section !== "owed" ? t("owed") : "", talk.drafts.length ? `✎${talk.drafts.length}` : ""].filter(Boolean).join(" "));
    row.button.ariaCurrent = talk.key === this.current ? "true" : null;
    return row.place;
  }

  /** The clocks alone. True if a conversation has changed its section meanwhile. */
  tick() {
    const now = this.now();
    let turned = false;
    for (const row of this.rows.values()) {
      const clock = clockOf(row.talk, row.section, now);
      set(row.clock, clockWords(clock, row.section));
      row.button.classList.toggle("soon", clock?.left >= 0 && clock.left <= 60);
      row.button.classList.toggle("last-seconds", clock?.left >= 0 && clock.left <= SHORT);
      turned ||= row.section === "savable" && !(clock?.left >= 0);
    }
    return turned;
  }

  drawFollowUps() {
    const open = [...this.book.followUps.values()].sort((a, b) => a.due_at - b.due_at);
    this.follow.place.hidden = open.length === 0;
    this.follow.count.textContent = open.length;
    refill(this.follow.rows, open.map((one) => this.followRow(one)));
  }

  followRow(one) {
    const late = one.due_at <= this.now();
    const when = t("due", { when: new Date(one.due_at).toLocaleString([], { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" }) });
    const open = () => this.choose(`${one.shop}/${one.buyer}`, one);
    return h("li", null, h("button", { class: `talk ${late ? "soon" : ""}`, "data-of": one.follow_up, onClick: open }, h("span", { class: "top" }, h("strong", null, one.buyer_name || one.buyer.slice(0, 6)), h("span", { class: "clock" }, when)), h("span", { class: "last quiet" }, t(one.category), " ", one.note ?? "")));
  }

  mark(key) {
    this.current = key;
    for (const [one, row] of this.rows) row.button.ariaCurrent = one === key ? "true" : null;
    this.rows.get(key)?.button.scrollIntoView({ block: "nearest" });
  }

  /** The key of the conversation so many places from this one. */
  beside(key, step) {
    const at = this.order.indexOf(key);
    if (at < 0) return this.order[0];
    return this.order[(at + step + this.order.length) % this.order.length];
  }
}

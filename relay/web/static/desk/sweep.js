/*
 * The closing sweep, before a shift or a day ends: buyers who had the last word today, those first who are owed an
 * answer. An approved closing goes to one buyer at a time, by one key for each that was looked at; there is no "all".
 * A buyer who is owed an answer is opened instead, for a closing answers nothing.
 */

import { fill, h } from "../dom.js";
import { newKey } from "../line.js";
import { clockWords, nameOf } from "./list.js";
import { clockOf, sectionOf } from "./sections.js";
import { t } from "./words.js";

const CHINA = 8 * 3_600_000;
const DAY = 86_400_000;
const LATE_HOUR = 22;
const SEEN_AFTER = 1_500;
const NOT_THERE = ["recalled", "refused", "not_sent"];
const dayOf = (at) => Math.floor((at + CHINA) / DAY);

/** Whether the buyer's is the last word, and of today; today is China's, by which every platform counts. */
export function isOpenToday(talk, now) {
  const last = talk.messages.findLast((one) => !NOT_THERE.includes(one.state));
  return last?.author === "buyer" && dayOf(last.at) === dayOf(now);
}

/** Of these conversations those to be closed with a word: owed an answer first, then who has waited longest. */
export function toClose(talks, now) {
  return [...talks].filter((talk) => isOpenToday(talk, now)).sort((a, b) => Number(Boolean(b.debt)) - Number(Boolean(a.debt)) || a.messages.at(-1).at - b.messages.at(-1).at || (a.key < b.key ? -1 : 1));
}

/** Whether it is time: the shift is ending or over, or the day is. */
export function isTime(seats, now) {
  return seats.some((seat) => seat.draining || !seat.shift_on) || ((now + CHINA) % DAY) / 3_600_000 >= LATE_HOUR;
}

export class Sweep {
  /** @param {{book: any, now: () => number, command: (frame: any) => Promise<any>, open: (key: string) => void}} given */
  constructor({ book, now, command, open }) {
    Object.assign(this, { book, now, command, open });
    this.skipped = new Set();
    this.box = null;
  }

  list() {
    const mine = [...this.book.talks.values()].filter((talk) => talk.seat && this.book.seats.get(talk.seat)?.mine && this.book.mayIn(talk.shop, "answer"));
    return toClose(mine, this.now());
  }

  closings(shop) {
    const now = this.now();
    return [...this.book.replies.values()].filter((one) => one.purpose === "closing" && (!one.shops.length || one.shops.includes(shop)) && (one.valid_from ?? 0) <= now && now < (one.valid_to ?? Infinity));
  }

  start() {
    if (this.box) return;
    const before = document.activeElement;
    this.skipped.clear();
    this.talk = this.seen = this.chosen = null;
    this.count = h("span", { class: "count" });
    this.body = h("div", { class: "stack" });
    this.trouble = h("p", { class: "note bad", role: "alert", hidden: true });
    this.box = h("dialog", { "aria-labelledby": "sweep-title", class: "sweep", onKeydown: (event) => this.key(event) }, h("div", { class: "stack" }, h("h2", { id: "sweep-title" }, t("sweep"), " ", this.count), this.trouble, this.body));
    this.box.addEventListener("close", () => {
      this.box.remove();
      this.box = null;
      if (before?.isConnected) before.focus();
    });
    document.body.append(this.box);
    this.box.showModal();
    this.draw();
  }

  /** After every change of the book. What a buyer writes meanwhile is shown, and asks for another look. */
  draw() {
    if (!this.box) return;
    const left = this.list().filter((talk) => !this.skipped.has(talk.key));
    this.count.textContent = left.length;
    const talk = left.find((one) => one.key === this.talk?.key) ?? left[0] ?? null;
    const last = talk?.messages.at(-1).id;
    if (talk && talk.key === this.talk?.key && last === this.seen && Boolean(talk.debt) === this.owed) return;
    if (talk && talk.key === this.talk?.key) this.tell(last === this.seen ? "" : t("changed"), "warn");
    if (talk?.key !== this.talk?.key) this.at = 0;
    Object.assign(this, { talk, seen: last, owed: Boolean(talk?.debt), asked: null });
    this.show();
  }

  show() {
    const { talk } = this;
    this.chosen = null;
    const button = (words, deed, main = false) => h("button", { class: main ? "main" : null, onClick: deed }, t(words));
    if (!talk) fill(this.body, h("p", null, t("sweep_done")), h("div", { class: "row" }, button("ok", () => this.box.close(), true)));
    else this.showTalk(talk, button);
    this.body.querySelector("button")?.focus(); // else the keys go to the page
  }

  showTalk(talk, button) {
    const closings = this.closings(talk.shop);
    const usable = !talk.debt && closings.length > 0;
    this.chosen = usable ? closings[this.at % closings.length] : null;
    const section = sectionOf(talk, this.now());
    fill(
      this.body,
      h("p", null, h("strong", null, nameOf(talk)), ` · ${this.book.shops.get(talk.shop)?.name ?? talk.shop} · ${clockWords(clockOf(talk, section, this.now()), section)}`),
      h("ol", { class: "lines" }, talk.messages.slice(-4).map((one) => h("li", { class: `msg ${one.author === "buyer" ? "theirs" : "ours"}` }, h("p", { class: "bubble", dir: "auto" }, one.text ?? t("gone"))))),
      talk.debt && h("p", { class: "note warn" }, t("sweep_owed")),
      !talk.debt && closings.length === 0 && h("p", { class: "note warn" }, t("no_closing")),
      this.chosen && h("p", { class: "note" }, h("span", { dir: "auto" }, this.chosen.text), closings.length > 1 && h("span", { class: "quiet line" }, t("sweep_other", { n: closings.length }))),
      h("div", { class: "row" }, usable && button("sweep_send", () => this.send(), true), button("sweep_skip", () => this.skip()), button("sweep_open", () => this.leaveFor(), !usable), button("sweep_end", () => this.box.close())),
    );
  }

  /** One press is one buyer: a key that is held down does nothing more. */
  key(event) {
    const does = { Enter: () => (this.chosen ? this.send() : this.talk ? this.leaveFor() : this.box.close()), s: () => this.skip(), o: () => this.leaveFor(), Tab: null, ArrowDown: () => this.turn(1), ArrowUp: () => this.turn(-1) }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && event.target instanceof HTMLButtonElement && !event.target.classList.contains("main") && !event.repeat) return;
    event.preventDefault();
    if (!event.repeat) does();
  }

  turn(step) {
    const { length } = this.closings(this.talk?.shop);
    if (!length) return;
    this.at = (this.at + step + length) % length;
    this.show();
  }

  async send() {
    const { talk, chosen } = this;
    if (!talk || !chosen || this.asked) return undefined;
    if (this.now() - talk.messages.at(-1).at < SEEN_AFTER) return this.tell(t("changed"), "warn");
    this.asked = talk.key;
    this.tell("");
    try {
      await this.command({ type: "reply", shop: talk.shop, buyer: talk.buyer, text: "", reply: chosen.reply, key: newKey() });
    } catch (error) {
      this.asked = null;
      this.tell(`${nameOf(talk)}: ${error.message}`);
    }
    return this.draw();
  }

  skip() {
    if (!this.talk) return;
    this.skipped.add(this.talk.key);
    this.tell("");
    this.draw();
  }

  leaveFor() {
    const key = this.talk?.key;
    this.box.close();
    if (key) this.open(key);
  }

  tell(text, kind = "bad") {
    this.trouble.className = `note ${kind}`;
    this.trouble.hidden = !text;
    this.trouble.textContent = text;
  }
}

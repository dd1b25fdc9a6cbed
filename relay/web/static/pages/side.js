/*
 * The desk in 360 px, to stand beside the platform's own chat client: what waits and for how long, drafts and quick
 * replies to copy, and nothing that has to be answered here.
 */

import { ask } from "../api.js";
import { Rows, fill, h, say, set } from "../dom.js";
import { Line } from "../line.js";
import { flash, isMuted, mute, sound } from "../signals.js";
import { said } from "../words.js";
import { Book } from "../desk/book.js";
import { clockWords, nameOf } from "../desk/list.js";
import { drawOrders, hasOrders, ordersPlace } from "../desk/orders.js";
import { SECTIONS, clockOf, sorted } from "../desk/sections.js";
import { t } from "../desk/words.js";

export const title = () => t("title");

export function show(room, { go, me }) {
  const side = new Side(room, go, me);
  return () => side.leave();
}

class Side {
  constructor(room, go, me) {
    this.go = go;
    this.me = me;
    this.book = new Book();
    this.opened = null;
    this.now = () => this.book.now(performance.now());
    this.line = new Line({ hear: (frame) => this.hear(frame), said });
    this.head = h("header", { class: "side-head row" });
    this.note = h("div", { role: "status" });
    this.search = h("input", { type: "search", placeholder: t("key_search"), "aria-label": t("key_search"), onInput: () => this.find() });
    this.found = h("ul", { class: "plain-list" });
    this.parts = new Map(SECTIONS.filter((name) => name !== "quiet").map((name) => [name, this.part(name)]));
    fill(room, h("div", { class: "side-panel" }, this.head, this.note, this.search, this.found, h("div", { class: "list" }, [...this.parts.values()].map((one) => one.place))));
    room.classList.add("full");
    this.room = room;
    this.line.addEventListener("state", (event) => this.turned(event.detail));
    this.ticks = setInterval(() => this.tick(), 1000);
  }

  part(name) {
    const count = h("span", { class: "count" });
    const list = h("ul");
    return { count, rows: new Rows(list), place: h("section", { class: `part ${name}`, hidden: true }, h("h2", null, t(name), " ", count), list) };
  }

  leave() {
    this.line.close();
    clearInterval(this.ticks);
    this.room.classList.remove("full");
  }

  hear(frame) {
    if (typeof frame.server_now === "number") this.book.sync(frame.server_now, performance.now());
    const isNew = !this.book.talk(frame);
    const changed = this.book.take(frame);
    const talk = frame.buyer && this.book.talk(frame);
    if (talk && (frame.type === "buyer_wrote" || (frame.type === "assigned" && isNew))) {
      sound("message");
      flash(t("new_message", { buyer: nameOf(talk), text: talk.messages.at(-1)?.text ?? "" }));
    }
    if (talk && frame.type === "ladder" && frame.do !== "badge") {
      sound("urgent");
      say(`${nameOf(talk)} ${t("last_seconds")}`, true);
    }
    if (changed || frame.type === "orders") this.later();
  }

  later() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  turned({ state, desks }) {
    if (state === "out") return this.go("login");
    if (state === "choose") return this.line.choose(desks[0]);
    if (state === "here") this.askOrders(true);
    return fill(this.note, state === "lost" && h("p", { class: "note bad" }, t("lost")));
  }

  draw() {
    this.drawHead();
    this.clocks = [];
    const found = sorted(this.book.talks.values(), this.now());
    for (const [name, { place, count, rows }] of this.parts) {
      place.hidden = found[name].length === 0;
      set(count, String(found[name].length));
      rows.draw(found[name].map((talk) => this.row(talk, name)));
    }
    this.askOrders();
    this.tick();
  }

  async askOrders(anew = false) {
    if (anew) for (const talk of this.book.talks.values()) talk.orders = undefined;
    const talk = this.book.talks.get(this.opened);
    if (!talk || talk.orders !== undefined) return;
    talk.orders = null;
    try {
      this.hear(await this.line.command({ type: "orders", shop: talk.shop, buyer: talk.buyer }));
    } catch (error) {
      if (!error.code) talk.orders = undefined; // the line broke, which is said elsewhere; what is refused stays so
    }
  }

  orders(talk) {
    const place = ordersPlace();
    drawOrders(place, talk.orders, this.now());
    return hasOrders(talk.orders) && place;
  }

  /** Made anew only when it says something else, and never under the hand of who is choosing there. */
  drawHead() {
    const loads = this.book.loads();
    const mine = this.book.mine().map((seat) => [seat, loads.get(seat.seat).open]);
    const says = JSON.stringify([mine, isMuted()]);
    if (says === this.headSays || this.head.contains(document.activeElement)) return;
    this.headSays = says;
    const quiet = h("input", { type: "checkbox", onChange: () => mute(!quiet.checked) });
    quiet.checked = !isMuted();
    const seats = mine.map(([seat, open]) => {
      const choice = h("select", { "aria-label": `${seat.account || seat.seat} ${t("presence")}`, onChange: () => this.line.command({ type: "presence", seat: seat.seat, presence: choice.value }) }, ["online", "away", "offline"].map((one) => h("option", { value: one }, t(one))));
      choice.value = seat.presence;
      return h("span", { class: "row" }, h("span", { class: "number" }, t("load", { open, cap: seat.cap })), choice);
    });
    fill(this.head, seats, h("label", { class: "plain" }, quiet, " ", t("mute")));
  }

  row(talk, section) {
    const open = talk.key === this.opened;
    const inside = open && [talk.messages.slice(-4), talk.drafts, talk.orders, talk.sends];
    const make = () => {
      const parts = { clock: h("span", { class: "clock number" }), name: h("strong"), last: h("span", { class: "last quiet", dir: "auto" }) };
      const button = h("button", { class: "talk", "aria-expanded": String(open), onClick: () => this.toggle(talk.key) }, h("span", { class: "top" }, parts.name, parts.clock), parts.last);
      return { ...parts, place: h("li", null, button, open && this.inside(talk)) };
    };
    const update = ({ clock, name, last }) => {
      this.clocks.push([talk, section, clock]);
      set(name, nameOf(talk));
      set(last, talk.messages.findLast((one) => one.author === "buyer")?.text ?? "");
    };
    return { key: talk.key, from: inside, make, update };
  }

  toggle(key) {
    this.opened = key === this.opened ? null : key;
    this.draw();
  }

  inside(talk) {
    return h("div", { class: "stack pad" }, talk.messages.slice(-4).map((one) => h("p", { class: one.author === "buyer" ? "" : "quiet", dir: "auto" }, one.text ?? t("gone"))), talk.drafts.map((one) => this.copied(one.text ?? "", t("draft_from", { provider: one.provider }))), this.orders(talk), talk.sends.filter((one) => one.ask).map((one) => h("p", { class: "note bad" }, said(one.ask))));
  }

  /** A text with one key to copy it. */
  copied(text, about) {
    return h("div", { class: "row nowrap" }, h("span", { class: "grow", dir: "auto" }, text, h("span", { class: "quiet line" }, about)), h("button", { onClick: () => this.copy(text) }, t("copy")));
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = h("textarea", { class: "unseen", value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    say(t("copied"));
    fill(this.note, h("p", { class: "note good" }, t("copied")));
    setTimeout(() => fill(this.note), 1500);
  }

  find() {
    clearTimeout(this.asking);
    this.asking = setTimeout(async () => {
      const query = this.search.value.trim();
      const shop = this.book.talks.get(this.opened)?.shop ?? this.book.mine()[0]?.shop ?? this.me.shops[0]?.shop ?? "";
      try {
        const { replies } = query ? await ask("GET", `quick-replies?shop=${encodeURIComponent(shop)}&q=${encodeURIComponent(query)}`) : { replies: [] };
        fill(this.found, replies.map((one) => h("li", null, this.copied(one.text, one.reply))));
      } catch (error) {
        fill(this.note, h("p", { class: "note bad" }, error.message));
      }
    }, 150);
  }

  tick() {
    let turned = false;
    for (const [talk, section, place] of this.clocks ?? []) {
      const clock = clockOf(talk, section, this.now());
      set(place, clockWords(clock, section));
      place.classList.toggle("soon", clock?.left >= 0 && clock.left <= 60);
      turned ||= section === "savable" && !(clock?.left >= 0);
    }
    if (turned) this.later();
  }
}

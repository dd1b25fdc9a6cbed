/*
 * The desk in 360 px, to stand beside the platform's own chat client: what waits and for how long, drafts and quick
 * replies to copy, and nothing that has to be answered here.
 */

import { ask } from "../api.js";
import { fill, h, say } from "../dom.js";
import { Line } from "../line.js";
import { flash, isMuted, mute, sound } from "../signals.js";
import { said } from "../words.js";
import { Book } from "../desk/book.js";
import { clockWords, nameOf } from "../desk/list.js";
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
    this.rows = h("div", { class: "list" });
    fill(room, h("div", { class: "side-panel" }, this.head, this.note, this.search, this.found, this.rows));
    room.classList.add("full");
    this.room = room;
    this.line.addEventListener("state", (event) => this.turned(event.detail));
    this.ticks = setInterval(() => this.tick(), 1000);
  }

  leave() {
    this.line.close();
    clearInterval(this.ticks);
    this.room.classList.remove("full");
  }

  hear(frame) {
    if (typeof frame.server_now === "number") this.book.sync(frame.server_now, performance.now());
    const changed = this.book.take(frame);
    const talk = frame.buyer && this.book.talk(frame);
    if (talk && frame.type === "buyer_wrote") {
      sound("message");
      flash(t("new_message", { buyer: nameOf(talk), text: frame.message.text ?? "" }));
    }
    if (talk && frame.type === "ladder" && frame.do !== "badge") {
      sound("urgent");
      say(`${nameOf(talk)} ${t("last_seconds")}`, true);
    }
    if (changed) this.later();
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
    return fill(this.note, state === "lost" && h("p", { class: "note bad" }, t("lost")));
  }

  draw() {
    const quiet = h("input", { type: "checkbox", onChange: () => mute(!quiet.checked) });
    quiet.checked = !isMuted();
    const loads = this.book.loads();
    const seats = this.book.mine().map((seat) => {
      const choice = h("select", { "aria-label": `${seat.seat} ${t("presence")}`, onChange: () => this.line.command({ type: "presence", seat: seat.seat, presence: choice.value }) }, ["online", "away", "offline"].map((one) => h("option", { value: one }, t(one))));
      choice.value = seat.presence;
      return h("span", { class: "row" }, h("span", { class: "number" }, t("load", { open: loads.get(seat.seat).open, cap: seat.cap })), choice);
    });
    if (!this.head.contains(document.activeElement)) fill(this.head, seats, h("label", { class: "plain" }, quiet, " ", t("mute")));
    this.clocks = [];
    const found = sorted(this.book.talks.values(), this.now());
    fill(this.rows, SECTIONS.filter((name) => found[name].length && name !== "quiet").map((name) => h("section", { class: `part ${name}` }, h("h2", null, t(name), " ", h("span", { class: "count" }, found[name].length)), h("ul", null, found[name].map((talk) => this.row(talk, name))))));
    this.tick();
  }

  row(talk, section) {
    const clock = h("span", { class: "clock number" });
    this.clocks.push([talk, section, clock]);
    const open = talk.key === this.opened;
    const toggle = () => {
      this.opened = open ? null : talk.key;
      this.draw();
    };
    const last = talk.messages.findLast((one) => one.author === "buyer")?.text ?? "";
    return h(
      "li",
      null,
      h("button", { class: "talk", "aria-expanded": String(open), onClick: toggle }, h("span", { class: "top" }, h("strong", null, nameOf(talk)), clock), h("span", { class: "last quiet", dir: "auto" }, last)),
      open && h("div", { class: "stack pad" }, talk.messages.slice(-4).map((one) => h("p", { class: one.author === "buyer" ? "" : "quiet", dir: "auto" }, one.text ?? t("gone"))), talk.drafts.map((one) => this.copied(one.text ?? "", t("draft_from", { provider: one.provider })))),
    );
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
      place.textContent = clockWords(clock, section);
      place.classList.toggle("soon", clock?.left >= 0 && clock.left <= 60);
      turned ||= section === "savable" && clock.left < 0;
    }
    if (turned) this.later();
  }
}

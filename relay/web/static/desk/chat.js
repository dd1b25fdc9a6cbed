/* One conversation: its lines, who sent what kind of text, what became of it, and what a person must look at. */

import { arrange, fill, h, refill } from "../dom.js";
import { called } from "../people.js";
import { said } from "../words.js";
import { nameOf } from "./list.js";
import { drawOrders, ordersPlace } from "./orders.js";
import { clockOf, sectionOf, span } from "./sections.js";
import { clockWords } from "./list.js";
import { alertWord, t } from "./words.js";

const time = new Intl.DateTimeFormat("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const TYPING_SHOWN = 8_000;
const OWN_TYPING = 2_000;

/** Whether what relay told of this person's typing is what this very page told relay. */
const isOwn = (talk, at) => talk.own_typing != null && Math.abs(at - talk.own_typing) < OWN_TYPING;

export class Chat {
  /** @param {{book: any, now: () => number, act: (deed: string, talk: any, more?: any) => void}} given */
  constructor({ book, now, act }) {
    Object.assign(this, { book, now, act });
    this.talk = null;
    this.head = h("header", { class: "talk-head" });
    this.notes = h("div", { class: "stack notes" });
    this.lines = h("ol", { class: "lines", "aria-live": "off", tabindex: "0", "aria-label": t("conversations") });
    this.typing = h("p", { class: "quiet typing", role: "status", hidden: true });
    this.orders = ordersPlace();
    this.place = h("section", { class: "chat" }, this.head, this.notes, h("div", { class: "talk-body" }, this.lines, this.orders), this.typing);
    this.shown = new Map();
  }

  show(talk) {
    const other = talk?.key !== this.talk?.key;
    this.talk = talk;
    if (other) {
      this.shown.clear();
      fill(this.lines);
    }
    this.draw(other);
  }

  draw(toEnd = false) {
    const { talk } = this;
    if (!talk) return;
    const atEnd = toEnd || this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 40;
    this.drawHead();
    this.drawNotes();
    const wanted = talk.messages.map((message) => this.line(message));
    const older = talk.complete ? null : this.olderRow();
    if (older) wanted.unshift(older);
    arrange(this.lines, wanted);
    if (atEnd) this.lines.scrollTop = this.lines.scrollHeight;
    this.tick();
  }

  drawHead() {
    const { talk, book } = this;
    const shop = book.shops.get(talk.shop);
    const may = (deed) => book.mayIn(talk.shop, deed);
    this.clock = h("span", { class: "clock number" });
    const button = (deed, key, wanted) => wanted && h("button", { onClick: () => this.act(deed, talk), "aria-keyshortcuts": key }, t(deed));
    refill(
      this.head,
      h("h1", null, nameOf(talk)),
      h("span", { class: "quiet" }, shop?.name ?? talk.shop, talk.seat ? ` · ${this.book.accountOf(talk.seat)}` : ""),
      this.clock,
      h("span", { class: "grow" }),
      button("move", "Alt+M", may("answer") || may("move")),
      button("follow_up", "Alt+U", may("answer")),
      button("settle", null, talk.debt && may("settle")),
      button("hold", "Alt+K", talk.opened_at != null && may("answer")),
      button("note", null, may("answer")),
      button("close", "Alt+W", may("close")),
    );
  }

  drawNotes() {
    const { talk } = this;
    const note = (kind, ...content) => h("div", { class: `note ${kind}` }, content);
    const noted = (of, place) => Object.assign(place.dataset, { of }) && place;
    this.owes = talk.debt ? h("span") : null;
    refill(
      this.notes,
      (talk.notes ?? []).map((one) => noted(one.note, note("paper", h("span", { dir: "auto" }, one.text ?? t("gone")), h("span", { class: "quiet" }, ` ${called(one.by)} ${time.format(one.at)} `), h("button", { onClick: () => this.act("note_change", talk, one) }, t("change")), " ", h("button", { onClick: () => this.act("note_remove", talk, one) }, t("remove"))))),
      talk.debt && note("warn", this.owes),
      talk.guard && note("bad", t("guard", { guard: talk.guard })),
      talk.moving_to && note("", t("moving")),
      this.book.alertsOf(talk.shop, talk.buyer).map((one) => note("warn", t("alert", { what: alertWord(one.what) }))),
      talk.offer && note("", t("offer", { when: time.format(talk.offer.due_at) }), " ", h("button", { onClick: () => this.act("offer_yes", talk) }, t("offer_yes")), " ", h("button", { onClick: () => this.act("offer_no", talk) }, t("offer_no"))),
      talk.sends.filter((one) => one.ask).map((one, n) => noted(one.send, this.unknown(one, n === 0))),
    );
  }

  /** A text of unknown outcome: which one, what to do, and the two words that a person may say of it. */
  unknown(send, first) {
    const { talk } = this;
    const text = talk.messages.find((one) => one.send === send.send)?.text;
    const button = (deed, key) => h("button", { onClick: () => this.act(deed, talk, send), "aria-keyshortcuts": first ? key : null }, t(deed), first && " ", first && h("kbd", { "aria-hidden": "true" }, key));
    return h("div", { class: "note bad" }, text && h("q", { dir: "auto", class: "line" }, text), h("span", null, said(send.ask), " "), button("reached", "Alt+Y"), " ", button("not_reached", "Alt+X"));
  }

  line(message) {
    const from = JSON.stringify([message.state, message.text, message.cut, message.conflict, message.why, message.goods]);
    const known = this.shown.get(message.id);
    if (known?.from === from) return known.place;
    const buyer = message.author === "buyer";
    const sort = () => t(message.kind && message.kind !== "buyer" ? `kind_${message.kind}` : `by_${message.author}`);
    const who = buyer ? nameOf(this.talk) : [sort(), message.by && called(message.by), message.seat && message.seat !== this.talk.seat ? this.book.accountOf(message.seat) : null].filter(Boolean).join(" ");
    const state = message.state === "taken" ? null : h("span", { class: `state ${message.state}` }, t(`state_${message.state}`));
    const text = message.text ?? t("gone");
    const place = h(
      "li",
      { class: `msg ${buyer ? "theirs" : "ours"} ${message.author}` },
      h("span", { class: "who quiet" }, who, " ", h("time", { datetime: new Date(message.at).toISOString() }, time.format(message.at)), " ", state),
      h("p", { class: "bubble", dir: "auto" }, message.state === "recalled" ? h("s", null, text) : text, message.cut && h("span", { class: "quiet" }, t("cut")), message.content && message.content !== "text" && h("span", { class: "quiet" }, ` [${message.content}]`), message.conflict && h("span", { class: "quiet" }, ` ⚠ ${t("conflict")}`), message.goods && h("span", { class: "quiet line" }, t("goods", { id: message.goods }))),
    );
    this.shown.set(message.id, { from, place });
    return place;
  }

  /** Who is writing to this buyer, in words; empty for nobody but this page. */
  writers(talk, now) {
    const found = [...talk.typing].filter(([, one]) => now - one.at < TYPING_SHOWN);
    const others = found.filter(([by]) => by !== this.book.person).map(([, one]) => (one.name ? t("typing", { name: one.name }) : t("typing_somebody")));
    const mine = found.some(([by, one]) => by === this.book.person && !isOwn(talk, one.at));
    return [...others, mine && t("typing_elsewhere")].filter(Boolean).join(" ");
  }

  olderRow() {
    this.older ??= h("li", { class: "older" }, h("button", { onClick: () => this.act("history", this.talk) }, t("history")));
    return this.older;
  }

  /** The clocks alone. */
  tick() {
    const { talk } = this;
    if (!talk || !this.clock) return;
    const now = this.now();
    const section = sectionOf(talk, now);
    const clock = clockOf(talk, section, now);
    this.clock.textContent = clockWords(clock, section) + (clock?.left >= 0 && clock.left <= 20 ? ` ${t("last_seconds")}` : "");
    this.clock.classList.toggle("soon", clock?.left >= 0 && clock.left <= 60);
    if (this.owes) this.owes.textContent = t("owes", { span: span((now - talk.debt.since) / 1000) });
    const typing = this.writers(talk, now);
    if (this.typing.textContent !== typing) this.typing.textContent = typing;
    this.typing.hidden = !typing;
    drawOrders(this.orders, talk.orders, now);
  }
}

/* The agent's page: the list by urgency, one conversation, the composer. Driven by facts; only clocks tick. */

import { Rows, fill, h, refill, say, set } from "../dom.js";
import { Line } from "../line.js";
import { flash, isMuted, mute, sound } from "../signals.js";
import { offerUndo, undo } from "../undo.js";
import { said } from "../words.js";
import { Book } from "../desk/book.js";
import { Chat } from "../desk/chat.js";
import { Composer } from "../desk/composer.js";
import { deeds, keySheet } from "../desk/deeds.js";
import { List, nameOf } from "../desk/list.js";
import { mostUrgent } from "../desk/sections.js";
import { Sweep, isTime } from "../desk/sweep.js";
import { t } from "../desk/words.js";

export const title = () => t("title");

export function show(room, { go }) {
  const desk = new Desk(room, go);
  return () => desk.leave();
}

/** `Alt+n`, by where the key lies: an input method or a Mac makes other letters of it. */
function nameOfKey(event) {
  if (!event.altKey) return event.key;
  return `Alt+${event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key}`;
}

class Desk {
  constructor(room, go) {
    this.room = room;
    this.go = go;
    this.book = new Book();
    this.current = null;
    const now = () => this.book.now(performance.now());
    this.now = now;
    this.line = new Line({ hear: (frame) => this.hear(frame), said });
    const command = (frame) => this.line.command(frame);
    this.deeds = deeds({ book: this.book, command });
    this.list = new List({ book: this.book, now, choose: (key, follow) => this.choose(key, follow) });
    this.chat = new Chat({ book: this.book, now, act: (deed, talk, more) => this.act(deed, talk, more) });
    this.composer = new Composer({ book: this.book, now, command, keys: keySheet, did: (deed, talk, answer) => this.did(deed, talk, null, answer) });
    this.sweep = new Sweep({ book: this.book, now, command, open: (key) => this.choose(key) });
    this.banner = h("div", { class: "banner", role: "status" });
    this.taken = h("div", { class: "banner", role: "status" });
    this.seats = h("div", { class: "seats" });
    this.seatRows = new Rows(this.seats);
    this.blank = h("p", { class: "quiet blank" }, t("choose"));
    this.follow = h("div", { class: "stack notes" });
    this.right = h("div", { class: "talking" }, this.blank);
    fill(room, h("div", { class: "desk" }, h("div", { class: "side" }, this.seats, this.list.place), h("div", { class: "middle" }, this.banner, this.taken, this.right)));
    room.classList.add("full");
    this.line.addEventListener("state", (event) => this.turned(event.detail));
    this.keys = (event) => this.key(event);
    addEventListener("keydown", this.keys);
    this.ticks = setInterval(() => this.tick(), 1000);
    this.draw();
  }

  leave() {
    this.line.close();
    clearInterval(this.ticks);
    removeEventListener("keydown", this.keys);
    this.room.classList.remove("full");
  }

  // --- what comes

  hear(frame) {
    if (typeof frame.server_now === "number") this.book.sync(frame.server_now, performance.now());
    const before = this.current ? this.book.talks.get(this.current) : null;
    const isNew = !this.book.talk(frame);
    const changed = this.book.take(frame);
    this.notice(frame, isNew);
    if (before && !this.book.talks.has(this.current)) this.gone(before);
    if (changed) this.later(changed === "all" || changed === this.current);
    if (frame.type === "orders") this.chat.tick();
  }

  /** Draw once, however many frames came; the open conversation only if one of them concerned it. */
  later(withOpen = false) {
    this.openChanged ||= withOpen;
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  /** A buyer who is new here comes with `assigned`: what they wrote before that was told to no seat. */
  notice(frame, isNew) {
    const talk = frame.buyer && this.book.talk(frame);
    if (!talk) return;
    if ((frame.type === "buyer_wrote" || (frame.type === "assigned" && isNew)) && this.isMine(talk)) {
      const words = t("new_message", { buyer: nameOf(talk), text: talk.messages.at(-1)?.text ?? "" });
      sound("message");
      flash(words);
      if (talk.key !== this.current) say(words);
    }
    if (frame.type === "ladder" && this.isMine(talk) && ["sound", "alert", "wall", "approve"].includes(frame.do)) {
      sound("urgent");
      flash(`${nameOf(talk)} ${t("last_seconds")}`);
      say(`${nameOf(talk)} ${t("last_seconds")}`, true);
    }
  }

  isMine(talk) {
    return talk.seat != null && this.book.seats.get(talk.seat)?.mine === true;
  }

  gone(talk) {
    const kept = this.composer.talk?.key === talk.key && this.composer.text.value;
    this.current = null;
    this.choose(null);
    if (kept) this.composer.kept.set(talk.key, { text: kept, reply: null, draft: null, saw: null });
  }

  turned({ state, why, desks }) {
    if (state === "out") return this.go("login");
    if (state === "here") {
      this.askOrders(true);
      if (this.wasLost) say(t("back"));
      this.wasLost = false;
      this.comeOnline();
    }
    if (state === "lost" && !this.wasLost) {
      this.wasLost = true;
      say(t("lost"), true);
    }
    this.state = { state, why, desks };
    return this.drawBanner();
  }

  /** relay sets a seat offline when its person's last page closes; after a break the agent is where they were. */
  comeOnline() {
    for (const [seat, presence] of Object.entries(this.wanted ?? {})) this.setPresence(seat, presence);
  }

  // --- what is done

  choose(key, follow = null) {
    const talk = key ? this.book.talks.get(key) : null;
    this.current = talk ? key : null;
    this.openFollow = follow;
    this.list.mark(this.current);
    if (talk) this.chat.show(talk);
    this.composer.show(talk);
    this.drawFollow();
    fill(this.right, this.follow, talk ? [this.chat.place, this.composer.place] : follow ? null : this.blank);
    if (talk) {
      this.askOrders();
      this.chat.draw(true);
      this.composer.focus();
    }
  }

  /** Orders are no events: they are asked for with the conversation that is shown, and after a break once more. */
  async askOrders(anew = false) {
    if (anew) for (const talk of this.book.talks.values()) talk.orders = undefined;
    const talk = this.current ? this.book.talks.get(this.current) : null;
    if (!talk || talk.orders !== undefined) return;
    talk.orders = null;
    try {
      this.hear(await this.line.command({ type: "orders", shop: talk.shop, buyer: talk.buyer }));
    } catch (error) {
      if (!error.code) talk.orders = undefined; // the line broke, which is said elsewhere; what is refused stays so
    }
  }

  async act(deed, talk, more) {
    try {
      const answer = await this.deeds[deed](talk, more);
      if (deed === "history") this.older(talk, answer);
      if (deed === "not_reached") this.sendAgain(talk, more);
      if (answer) this.did(deed, talk, more, answer);
      if (deed === "take_back" && talk && this.book.talks.has(talk.key)) this.choose(talk.key);
    } catch (error) {
      this.trouble(error.message);
    }
    this.composer.focus();
  }

  /** What has just been done, with the way back where there is one (docs/console.md). */
  did(deed, talk, more, answer) {
    const words = (buyer) => t(`did_${deed}`, { buyer });
    const offer = (done, back, given) => offerUndo(this.taken, done, () => this.act(back, talk, given));
    if (["close", "move", "settle", "reject"].includes(deed)) return offer(words(nameOf(talk)), "take_back", answer.seq);
    if (deed === "note_remove" && more.text) return offer(t("note_gone"), "note_again", more.text);
    if (deed === "offer_no" && talk.promised) return offer(words(), "follow_up_again", { ...talk.promised, shop: talk.shop, buyer: talk.buyer });
    if (["follow_up_done", "follow_up_drop"].includes(deed) && more.due_at > this.now()) return offer(words(), "follow_up_again", more);
    if (!["follow_up", "offer_yes"].includes(deed)) return undefined;
    const made = [...this.book.followUps.values()].find((one) => one.seq === answer.seq);
    return made && offer(t("did_follow_up", { buyer: nameOf(talk) }), "follow_up_not", made);
  }

  sendAgain(talk, send) {
    const lost = talk.messages.find((one) => one.send === send.send);
    if (lost?.text && !send.machine) this.composer.putBack(talk, lost.text);
  }

  /** What went wrong, where it is seen. */
  trouble(words) {
    if (this.current) this.composer.tell(words);
    else fill(this.taken, h("p", { class: "note bad", role: "alert" }, words));
  }

  /** What a person says of the first text whose outcome nobody knows. */
  looked(talk, deed) {
    const send = talk?.sends.find((one) => one.ask);
    if (send) this.act(deed, talk, send);
  }

  older(talk, answer) {
    const known = new Set(talk.messages.map((one) => one.id));
    talk.messages.unshift(...answer.messages.filter((one) => !known.has(one.id)));
    talk.complete = answer.complete || answer.messages.length === 0;
    this.chat.draw();
  }

  async setPresence(seat, presence) {
    this.wanted = { ...this.wanted, [seat]: presence };
    try {
      await this.line.command({ type: "presence", seat, presence });
    } catch (error) {
      this.trouble(error.message);
    }
  }

  toggle() {
    const mine = this.book.mine();
    const wanted = mine.some((seat) => seat.presence === "online") ? "away" : "online";
    for (const seat of mine) this.setPresence(seat.seat, wanted);
  }

  key(event) {
    if (document.querySelector("dialog[open]")) return;
    const talk = this.current ? this.book.talks.get(this.current) : null;
    const does = {
      F2: () => this.toggle(),
      "Alt+ArrowDown": () => this.choose(this.list.beside(this.current, 1)),
      "Alt+ArrowUp": () => this.choose(this.list.beside(this.current, -1)),
      "Alt+n": () => this.choose(mostUrgent(this.book.talks.values(), this.now())?.key ?? null),
      "Alt+m": () => talk && this.act("move", talk),
      "Alt+k": () => talk && this.act("hold", talk),
      "Alt+u": () => talk && this.act("follow_up", talk),
      "Alt+w": () => talk && this.act("close", talk),
      "Alt+c": () => this.sweep.start(),
      "Alt+z": () => undo(),
      "Alt+y": () => this.looked(talk, "reached"),
      "Alt+x": () => this.looked(talk, "not_reached"),
    }[event.ctrlKey || event.metaKey ? "" : nameOfKey(event)];
    const free = !["INPUT", "TEXTAREA", "SELECT"].includes(document.activeElement?.tagName ?? "");
    if (does) {
      event.preventDefault();
      does();
    } else if (event.key === "?" && free) {
      event.preventDefault();
      keySheet();
    } else if (talk && free && /^[/1-9]$/.test(event.key) && !(event.ctrlKey || event.metaKey || event.altKey)) {
      this.composer.elsewhere(event);
    }
  }

  // --- what is shown

  tick() {
    if (this.list.tick()) this.later();
    this.chat.tick();
  }

  /** The open conversation first: it asks how far it is scrolled, which is known as long as nothing else has moved. */
  draw() {
    if (this.openChanged) this.drawOpen();
    this.openChanged = false;
    this.list.draw();
    this.drawSeats();
    this.drawBanner();
    this.drawFollow();
    this.sweep.draw();
  }

  drawOpen() {
    const talk = this.current ? this.book.talks.get(this.current) : null;
    if (!talk) return;
    this.askOrders();
    this.chat.show(talk);
    this.composer.show(talk);
  }

  drawSeats() {
    const loads = this.book.loads();
    const seats = this.book.mine().map((seat) => this.seatRow(seat, loads.get(seat.seat).open));
    const keys = () => ({ place: h("button", { onClick: () => keySheet() }, "? ", t("keys")) });
    this.seatRows.draw([...seats, this.muteRow(), this.sweepRow(this.sweep.list().length), { key: "keys", make: keys }]);
  }

  seatRow({ seat, account, cap, presence }, open) {
    const make = () => {
      const choice = h("select", { "aria-label": `${seat} ${t("presence")}`, onChange: () => this.setPresence(seat, choice.value) }, ["online", "away", "offline"].map((one) => h("option", { value: one }, t(one))));
      const load = h("span", { class: "quiet number" });
      return { choice, load, place: h("div", null, h("span", null, account || seat), load, choice) };
    };
    const update = (parts) => {
      parts.place.className = `seat-row ${presence}`;
      parts.choice.value = presence;
      set(parts.load, t("load", { open, cap }));
    };
    return { key: `seat ${seat}`, from: account, make, update };
  }

  muteRow() {
    const make = () => {
      const quiet = h("input", { type: "checkbox", onChange: () => mute(!quiet.checked) });
      return { quiet, place: h("label", { class: "plain" }, quiet, " ", t("mute")) };
    };
    return { key: "mute", make, update: ({ quiet }) => (quiet.checked = !isMuted()) };
  }

  sweepRow(open) {
    const make = () => {
      const number = h("span", { class: "number" });
      return { number, place: h("button", { "aria-keyshortcuts": "Alt+C", onClick: () => this.sweep.start() }, t("sweep"), " ", number) };
    };
    const update = ({ number, place }) => {
      set(number, String(open));
      place.classList.toggle("main", open > 0 && isTime(this.book.mine(), this.now()));
    };
    return { key: "sweep", make, update };
  }

  drawBanner() {
    const { state = "connecting", why = "", desks = [] } = this.state ?? {};
    const notes = [];
    if (state === "lost") notes.push(h("p", { class: "note bad" }, t("lost"), why ? ` ${why}` : ""));
    if (state === "connecting") notes.push(h("p", { class: "note" }, t("connecting")));
    if (state === "nothing") notes.push(h("p", { class: "note bad" }, t("nothing", { why })));
    if (state === "choose") notes.push(h("div", { class: "note row" }, t("choose_desk"), desks.map((desk) => h("button", { onClick: () => this.line.choose(desk) }, desk))));
    for (const [shop, what] of this.book.channels) notes.push(h("p", { class: "note warn" }, t(`channel_${what}`, { shop: this.book.shops.get(shop)?.name ?? shop })));
    fill(this.banner, notes);
  }

  drawFollow() {
    const one = this.openFollow && this.book.followUps.get(this.openFollow.follow_up);
    refill(
      this.follow,
      one &&
        h("div", { class: "note row" }, h("span", null, `${t("follow_up")} · ${t(one.category)} · ${one.buyer_name ?? ""} ${one.note ?? ""}`), h("button", { onClick: () => this.act("follow_up_done", null, one) }, t("done")), h("button", { onClick: () => this.act("follow_up_drop", null, one) }, t("drop"))),
    );
  }
}

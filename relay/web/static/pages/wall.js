/*
 * The supervisor's wall: rounds by remaining seconds, the queue with its reason, seats with the slow ones first, today's
 * figure and what may still be missed, open alerts. Every change comes as a fact; figures are asked for after facts
 * that move them.
 */

import { ask } from "../api.js";
import { Rows, fill, h, say, set } from "../dom.js";
import { Line } from "../line.js";
import { called } from "../people.js";
import { sound } from "../signals.js";
import { offerUndo, undo } from "../undo.js";
import { said, words } from "../words.js";
import { Book, keyOf } from "../desk/book.js";
import { deeds } from "../desk/deeds.js";
import { clockWords, nameOf } from "../desk/list.js";
import { clockOf, sorted, span } from "../desk/sections.js";
import { alertWord, t as desk } from "../desk/words.js";
import { startNow } from "../settings/rehearsal.js";

const t = words({
  title: ["看板", "Wall"],
  today: ["今天", "Today"],
  rate: ["达标率", "Rate"],
  without: ["不算自动话术 {rate}", "{rate} without the machine"],
  of: ["{n}/{d}", "{n} of {d}"],
  no_rate: ["今天还没有考核轮次", "No assessed round yet"],
  waiting: ["等待 {n}", "{n} wait"],
  late: ["超时 {n}", "{n} late"],
  owed: ["欠答 {n}", "{n} owed"],
  overnight: ["夜间 {n}", "{n} overnight"],
  alerts: ["提醒", "Alerts"],
  acknowledge: ["知道了", "Acknowledge"],
  seen: ["{by} 已知悉", "seen by {by}"],
  shop_itself: ["店铺", "the shop"],
  rounds: ["等待回复", "Unanswered"],
  none: ["没有", "None"],
  more: ["还有 {n} 个", "{n} more"],
  queue: ["排队", "Queue"],
  place: ["第 {n} 位", "place {n}"],
  minutes: ["约 {n} 分钟", "about {n} min"],
  why: ["没有客服可接：{why}", "No seat takes them: {why}"],
  seats: ["子账号", "Seats"],
  slow: ["最久 {span}", "longest {span}"],
  raise: ["上限 +1", "Cap +1"],
  raised: ["{seat} 上限已改为 {cap}", "{seat} now has a cap of {cap}"],
  call: ["叫回", "Call back"],
  move: ["改派", "Reassign"],
  off_shift: ["不在班", "off shift"],
  events: ["活动预案", "Events"],
  start: ["启动", "Start"],
  end: ["结束", "End"],
  on: ["进行中", "on"],
  seen_now: ["{who} 的提醒已知悉", "The alerts of {who} are acknowledged"],
  called: ["{seat} 已叫回", "{seat} is called back"],
  started: ["{event} 已启动", "{event} is on"],
  ended: ["{event} 已结束", "{event} has ended"],
  new_alert: ["新提醒：{what}", "New alert: {what}"],
  lost: ["连接已断开，正在重连…", "The connection is lost; coming back…"],
});
const SHOWN = 30;
const SOON = 60;
const DRAWN_EVERY = 200;
const MOVES_FIGURE = ["answered", "round_opened", "round_dropped", "closed", "list", "send_ended", "figure_foreseen", "shop_wrote"];
const AFTER_FACTS = 2_000;
const AT_LEAST_EVERY = 60_000;

export const title = () => t("title");

export function show(room, { go }) {
  const wall = new Wall(room, go);
  return () => wall.leave();
}

class Wall {
  constructor(room, go) {
    this.go = go;
    this.book = new Book();
    this.figures = new Map();
    this.rejected = new Map();
    this.reasons = h("div", { class: "stack" });
    this.now = () => this.book.now(performance.now());
    this.line = new Line({ hear: (frame) => this.hear(frame), said });
    this.command = (frame) => this.line.command(frame);
    this.deeds = deeds({ book: this.book, command: this.command });
    this.note = h("div", { role: "status" });
    this.taken = h("div", { role: "status" });
    this.today = h("div", { class: "shops" });
    this.alerts = this.box("alerts");
    this.rounds = this.box("rounds");
    this.queue = this.box("queue");
    this.queue.list.before(this.reasons);
    this.seats = this.box("seats");
    this.events = this.box("events");
    fill(room, h("div", { class: "wall" }, this.note, this.taken, this.today, h("div", { class: "columns" }, h("div", { class: "stack" }, this.alerts.place, this.rounds.place), h("div", { class: "stack" }, this.queue.place, this.seats.place, this.events.place))));
    this.line.addEventListener("state", (event) => this.turned(event.detail));
    this.ticks = setInterval(() => this.tick(), 1000);
    this.keys = (event) => event.altKey && event.code === "KeyZ" && (event.preventDefault(), undo());
    addEventListener("keydown", this.keys);
  }

  leave() {
    this.line.close();
    removeEventListener("keydown", this.keys);
    clearInterval(this.ticks);
    clearTimeout(this.asking);
    clearTimeout(this.drawing);
  }

  box(name) {
    const count = h("span", { class: "count" }, "0");
    const list = h("ul", { class: "plain-list" });
    return { count, list, rows: new Rows(list), place: h("section", { class: "card", "aria-label": t(name) }, h("h2", null, t(name), " ", count), list) };
  }

  hear(frame) {
    if (typeof frame.server_now === "number") this.book.sync(frame.server_now, performance.now());
    const changed = this.book.take(frame);
    for (const one of frame.raised ?? []) this.called(one);
    if (MOVES_FIGURE.includes(frame.type)) this.askFigures();
    if (changed) this.later();
  }

  called(alert) {
    say(t("new_alert", { what: alertWord(alert.what) }), true);
    sound("urgent");
  }

  turned({ state, desks }) {
    if (state === "out") return this.go("login");
    if (state === "choose") return this.line.choose(desks[0]);
    return fill(this.note, state === "lost" && h("p", { class: "note bad" }, t("lost")));
  }

  /** At once after a pause, and then as often as a person can read: a busy shop has hundreds of facts a second. */
  later() {
    this.drawing ??= setTimeout(() => requestAnimationFrame(() => {
      this.drawing = null;
      this.drawnAt = performance.now();
      this.draw();
    }), Math.max(0, (this.drawnAt ?? 0) + DRAWN_EVERY - performance.now()));
  }

  askFigures() {
    this.asking ??= setTimeout(async () => {
      this.asking = null;
      this.asked = performance.now();
      try {
        const { shops } = await ask("GET", "today");
        this.figures = new Map(shops.map((one) => [one.shop, one]));
        this.drawToday();
        await this.askQueues();
      } catch {
        // the line says when relay is gone
      }
    }, AFTER_FACTS);
  }

  /** Why the seats of a shop take nobody, where somebody waits for one. */
  async askQueues() {
    const waiting = new Set([...this.book.talks.values()].filter((talk) => talk.queued).map((talk) => talk.shop));
    for (const shop of waiting) this.rejected.set(shop, (await this.command({ type: "queue", shop })).rejected);
    for (const shop of this.rejected.keys()) if (!waiting.has(shop)) this.rejected.delete(shop);
    this.drawReasons();
  }

  drawReasons() {
    const causes = (found) => Object.entries(found).map(([cause, n]) => `${desk(`why_${cause}`)} ${n}`).join("、");
    fill(this.reasons, [...this.rejected].filter(([, found]) => Object.keys(found).length).map(([shop, found]) => h("p", { class: "note warn" }, `${this.book.shops.get(shop)?.name ?? shop}: ${t("why", { why: causes(found) })}`)));
  }

  attempt(deed) {
    return Promise.resolve(deed()).then(() => fill(this.note), (error) => fill(this.note, h("p", { class: "note bad", role: "alert" }, error.message)));
  }

  /** Say what was done, with its way back. */
  offer(done, back) {
    offerUndo(this.taken, done, () => this.attempt(() => this.command(back)));
  }

  async move(talk) {
    const answer = await this.deeds.move(talk);
    if (answer && talk.seat) this.offer(desk("did_move", { buyer: nameOf(talk) }), { type: "take_back", of: answer.seq });
  }

  tick() {
    if (performance.now() - this.asked >= AT_LEAST_EVERY) this.askFigures();
    for (const [talk, section, place] of this.clocks ?? []) {
      const clock = clockOf(talk, section, this.now());
      set(place, clockWords(clock, section));
      place.classList.toggle("soon", clock?.left != null && clock.left <= SOON);
    }
    for (const [since, place] of this.waits ?? []) set(place, since == null ? "" : t("slow", { span: span((this.now() - since) / 1000) }));
  }

  draw() {
    this.clocks = [];
    this.waits = [];
    const found = sorted(this.book.talks.values(), this.now());
    this.drawToday(found);
    this.drawAlerts();
    this.drawRounds(["late", "savable", "service", "overnight"].flatMap((section) => found[section].map((talk) => [talk, section])));
    this.drawQueue(found.queue);
    this.drawSeats();
    this.drawEvents();
    this.tick();
  }

  drawToday(found = sorted(this.book.talks.values(), this.now())) {
    const count = (section, shop) => found[section].filter((talk) => talk.shop === shop).length;
    fill(this.today, [...this.book.shops.values()].map((shop) => this.shopCard(shop, this.figures.get(shop.shop), count)));
  }

  shopCard(shop, figure, count) {
    const percent = (one) => (one.denominator ? `${(Math.floor((1000 * one.numerator) / one.denominator + 1e-6) / 10).toFixed(1)}%` : "–"); // cut off: 89.96 % is not 90 %
    const rate = figure && figure.denominator > 0;
    return h(
      "section",
      { class: "card today", "aria-label": shop.name },
      h("h2", null, shop.name, shop.event ? ` · ${shop.event}` : ""),
      rate ? h("p", { class: "figure" }, h("strong", null, percent(figure)), " ", h("span", { class: "quiet number" }, t("of", { n: figure.numerator, d: figure.denominator }), " · ", t("without", { rate: percent(figure.without_automation) }))) : h("p", { class: "quiet" }, t("no_rate")),
      figure?.said.map((one) => h("p", { class: one.bad ? "bad-words" : "quiet" }, said(one))),
      h("p", { class: "row number" }, h("span", null, t("waiting", { n: count("savable", shop.shop) + count("service", shop.shop) + count("queue", shop.shop) })), h("span", { class: count("late", shop.shop) ? "bad-words" : "" }, t("late", { n: count("late", shop.shop) })), count("overnight", shop.shop) > 0 && h("span", null, t("overnight", { n: count("overnight", shop.shop) })), h("span", null, t("owed", { n: [...this.book.talks.values()].filter((talk) => talk.shop === shop.shop && talk.debt).length }))),
    );
  }

  drawAlerts() {
    const open = [...this.book.alerts.values()].sort((a, b) => Number(Boolean(a.seen_by)) - Number(Boolean(b.seen_by)) || a.since - b.since);
    const groups = new Map();
    for (const one of open) {
      const key = keyOf(one.shop, one.buyer ?? "");
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    this.list(this.alerts, [...groups].map(([key, ones]) => this.alertRow(key, ones)));
  }

  alertRow(key, ones) {
    const [first] = ones;
    const talk = first.buyer && this.book.talks.get(key);
    const unseen = ones.some((one) => !one.seen_by);
    const who = talk ? nameOf(talk) : first.buyer ? first.buyer.slice(0, 6) : t("shop_itself");
    const about = ` · ${this.book.shops.get(first.shop)?.name ?? first.shop} · ${who}${talk?.seat ? ` · ${this.book.accountOf(talk.seat)}` : ""}`;
    const what = ones.map((one) => alertWord(one.what)).join("、");
    const seen = async () => {
      const { seq } = await this.command({ type: "acknowledge", shop: first.shop, ...(first.buyer && { buyer: first.buyer }) });
      this.offer(t("seen_now", { who }), { type: "take_back", of: seq });
    };
    const make = () => ({ place: h("li", { class: unseen ? "unseen-alert" : "" }, h("span", { class: "grow" }, h("strong", null, what), about), unseen ? this.button("acknowledge", seen) : h("span", { class: "quiet" }, t("seen", { by: called(first.seen_by) })), talk && this.moving(key)) });
    return { key, from: [what, about, unseen, first.seen_by, Boolean(talk)], make };
  }

  /** The conversation as it is when the button is pressed. */
  moving(key) {
    return this.button("move", () => {
      const talk = this.book.talks.get(key);
      return talk && this.move(talk);
    });
  }

  drawRounds(talks) {
    this.list(this.rounds, talks.slice(0, SHOWN).map(([talk, section]) => this.roundRow(talk, section)), talks.length);
  }

  roundRow(talk, section) {
    const make = () => {
      const parts = { clock: h("span", { class: "clock" }), name: h("strong"), seat: h("span"), last: h("span", { class: "quiet", dir: "auto" }) };
      return { ...parts, place: h("li", null, parts.clock, h("span", { class: "grow cut" }, parts.name, " · ", parts.seat, " · ", parts.last), this.moving(talk.key)) };
    };
    const update = ({ clock, name, seat, last }) => {
      this.clocks.push([talk, section, clock]);
      set(name, nameOf(talk));
      set(seat, talk.seat ? this.book.accountOf(talk.seat) : "");
      set(last, talk.messages.findLast((one) => one.author === "buyer")?.text ?? "");
    };
    return { key: talk.key, from: section, make, update };
  }

  drawQueue(talks) {
    this.list(this.queue, talks.slice(0, SHOWN).map((talk) => this.queueRow(talk)), talks.length);
  }

  queueRow(talk) {
    const section = talk.due_at != null && talk.due_at >= this.now() ? "savable" : "queue";
    const make = () => {
      const clock = h("span", { class: "clock" });
      return { clock, place: h("li", null, h("span", { class: "number" }, t("place", { n: talk.place ?? "?" })), h("span", { class: "grow cut" }, h("strong", null, nameOf(talk)), " ", clock, talk.minutes != null && ` · ${t("minutes", { n: talk.minutes })}`), this.moving(talk.key)) };
    };
    return { key: talk.key, from: [talk.place, nameOf(talk), talk.minutes], make, update: ({ clock }) => this.clocks.push([talk, section, clock]) };
  }

  drawSeats() {
    const loads = this.book.loads();
    const seats = [...this.book.seats.values()].sort((a, b) => (loads.get(a.seat).since ?? Infinity) - (loads.get(b.seat).since ?? Infinity) || loads.get(b.seat).open - loads.get(a.seat).open || (a.seat < b.seat ? -1 : 1));
    this.list(this.seats, seats.map((seat) => this.seatRow(seat, loads.get(seat.seat))));
  }

  seatRow(seat, load) {
    const may = (deed) => this.book.mayIn(seat.shop, deed);
    const usual = seat.usual_cap ?? seat.cap;
    const setCap = (cap) => this.command({ type: "set_cap", seat: seat.seat, cap });
    const name = seat.account || seat.seat;
    const setPresence = (presence) => ({ type: "presence", seat: seat.seat, presence });
    const raise = () => setCap(usual + 1).then(() => this.offer(t("raised", { seat: name, cap: usual + 1 }), { type: "set_cap", seat: seat.seat, cap: usual }));
    const call = () => this.command(setPresence("online")).then(() => this.offer(t("called", { seat: name }), setPresence("away")));
    const make = () => {
      const parts = { wait: h("span", { class: "clock" }), bar: h("meter", { min: 0 }), load: h("span") };
      return { ...parts, place: h("li", { class: `seat-row ${seat.presence}` }, h("span", { class: "cut" }, h("strong", null, seat.account || seat.seat), ` ${called(seat.agent)} · ${desk(seat.presence)}${seat.shift_on ? "" : ` · ${t("off_shift")}`} `, parts.wait), h("span", { class: "number row" }, parts.bar, parts.load), h("span", { class: "row" }, may("staff") && this.button("raise", raise), may("presence_others") && seat.presence === "away" && this.button("call", call))) };
    };
    const update = (parts) => {
      const words_ = desk("load", { open: load.open, cap: seat.cap });
      this.waits.push([load.since, parts.wait]);
      if (parts.load.textContent === words_) return;
      set(parts.load, words_);
      parts.bar.max = Math.max(seat.cap, load.open, 1);
      parts.bar.value = load.open;
      parts.bar.setAttribute("aria-label", words_);
    };
    return { key: seat.seat, from: [seat, may("staff"), may("presence_others")], make, update };
  }

  drawEvents() {
    const events = [...this.book.shops.values()].flatMap((shop) => shop.events ?? []);
    const known = [...new Map(events.map((one) => [one.event, one])).values()];
    this.events.place.hidden = known.length === 0;
    this.list(this.events, known.map((one) => this.eventRow(one)));
  }

  eventRow(one) {
    const button = () => (one.on ? this.button("end", () => this.endEvent(one)) : this.button("start", () => this.startEvent(one)));
    return { key: one.event, from: one, make: () => ({ place: h("li", null, h("span", { class: "grow" }, h("strong", null, one.name || one.event), ` ${one.starts} – ${one.ends}`, one.on ? ` · ${t("on")}` : ""), button()) }) };
  }

  startEvent(one) {
    return startNow({ id: one.event, name: one.name }, async (minutes) => {
      await this.command({ type: "start_event", event: one.event, ...(minutes && { minutes }) });
      this.offer(t("started", { event: one.name || one.event }), this.planned(one));
    });
  }

  async endEvent(one) {
    await this.command({ type: "end_event", event: one.event });
    this.offer(t("ended", { event: one.name || one.event }), this.planned(one));
  }

  /** The event with the times that it had. */
  planned(one) {
    return { type: "plan_event", event: one.event, starts: one.starts, ends: one.ends };
  }

  button(words_, deed) {
    return h("button", { onClick: () => this.attempt(deed) }, t(words_));
  }

  /** These rows of a box, of so many. */
  list(box, rows, all = rows.length) {
    const quiet = (key, words_) => ({ key, from: words_, make: () => ({ place: h("li", { class: "quiet" }, words_) }) });
    set(box.count, String(all));
    box.rows.draw([...(rows.length ? rows : [quiet(" none", t("none"))]), ...(all > rows.length ? [quiet(" more", t("more", { n: all - rows.length }))] : [])]);
  }
}

/*
 * The one socket of a page. It comes back by itself, resumes after the last seq it dealt with, and says at once when
 * it is gone. A command is answered or fails; one that relay takes only once (it has a key) is said again after a break.
 */

import { words } from "./words.js";

const t = words({
  lost: ["连接已断开，没有发出，请重试", "The connection is lost; nothing was done, try again"],
  unsure: ["连接断开时正在处理，请先看结果再重复", "The connection broke while it was being done; look before you repeat it"],
});

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
const PING_EVERY = 25_000;
const SILENT_FOR = 15_000;

/** What makes a text go once, however often it is said. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Refused extends Error {
  constructor(frame, message) {
    super(message);
    this.code = frame.code;
  }
}

export class Line extends EventTarget {
  /** @param {{hear: (frame: any) => void, said: (both: any) => string}} given `hear` takes every event, in order. */
  constructor({ hear, said }) {
    super();
    this.hear = hear;
    this.said = said;
    this.seq = null;
    this.desk = null;
    this.state = "connecting";
    this.why = "";
    this.failures = 0;
    this.numbers = 0;
    this.open = new Map();
    this.ended = false;
    this.online = () => this.state === "lost" && this.connect();
    addEventListener("online", this.online);
    this.connect();
  }

  connect() {
    if (this.ended) return;
    clearTimeout(this.later);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = (this.socket = new WebSocket(`${scheme}://${location.host}/agent`));
    socket.onopen = () => this.raw({ type: "hello", ...(this.desk && { desk: this.desk }), ...(this.seq !== null && { since: this.seq }) });
    socket.onmessage = (event) => socket === this.socket && this.take(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.socket && this.closed(event.code, event.reason);
  }

  close() {
    this.ended = true;
    clearTimeout(this.later);
    clearInterval(this.pings);
    removeEventListener("online", this.online);
    this.socket.close();
  }

  /** Choose one of several desks, after `choose`. */
  choose(desk) {
    this.desk = desk;
    this.seq = null;
    if (this.socket.readyState === WebSocket.OPEN && this.state === "choose") this.raw({ type: "hello", desk });
    else this.socket.close();
  }

  /**
   * Ask for something to be done; the answer's frame. Throws Refused, or Error if the line broke meanwhile.
   * @param {{type: string, [key: string]: any}} frame
   */
  command(frame) {
    return new Promise((resolve, reject) => {
      const id = `c${++this.numbers}`;
      const asked = { ...frame, id };
      this.open.set(id, { asked, resolve, reject });
      if (this.state === "here") this.raw(asked);
      else if (!("key" in asked)) this.fail(id, t("lost"));
    });
  }

  raw(frame) {
    this.socket.send(JSON.stringify({ v: 1, ...frame }));
  }

  take(frame) {
    this.heard = performance.now();
    if (frame.id && this.open.has(frame.id)) return this.answer(frame);
    if (frame.type === "error" && frame.code === "choose_desk") return this.now("choose", "", frame.desks);
    if (frame.type === "error") return (this.why = this.said(frame));
    if (frame.type === "welcome") return this.welcome(frame);
    if (typeof frame.seq === "number") this.seq = frame.seq;
    return this.hear(frame);
  }

  answer(frame) {
    const { resolve, reject } = this.open.get(frame.id);
    this.open.delete(frame.id);
    if (frame.type === "refused" || frame.type === "error") reject(new Refused(frame, this.said(frame)));
    else resolve(frame);
  }

  welcome(frame) {
    this.failures = 0;
    this.desk = frame.desk;
    if (frame.resumed) this.hear(frame);
    else this.seq = null;
    this.hear({ ...frame, type: "welcome" });
    this.now("here");
    for (const { asked } of this.open.values()) this.raw(asked);
    clearInterval(this.pings);
    this.pings = setInterval(() => this.ping(), PING_EVERY);
  }

  async ping() {
    if (this.state !== "here") return;
    const asked = performance.now();
    const deaf = setTimeout(() => this.heard < asked && this.socket.close(), SILENT_FOR);
    try {
      this.hear(await this.command({ type: "ping" }));
    } catch {
      // the line broke: that is told elsewhere
    }
    clearTimeout(deaf);
  }

  closed(code, reason) {
    clearInterval(this.pings);
    for (const [id, { asked }] of this.open) if (!("key" in asked)) this.fail(id, t("unsure"));
    if (code === 4401) return this.now("out", reason);
    if (code === 4403) return this.now("nothing", this.why || reason);
    this.now("lost", this.why);
    if (this.ended) return undefined;
    const wait = Math.min(FIRST_WAIT * 2 ** this.failures++, LONGEST_WAIT);
    this.later = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
    return undefined;
  }

  fail(id, message) {
    const { reject } = this.open.get(id);
    this.open.delete(id);
    reject(new Error(message));
  }

  now(state, why = "", desks = []) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, why, desks } }));
  }
}

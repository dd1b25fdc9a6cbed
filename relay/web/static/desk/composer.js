/*
 * Where an agent writes. Each conversation has its own text, which outlives a lost line and a change of conversation.
 * Laws: a text goes to the conversation it was written in; it goes only to the question that its writer has seen, else
 * the first Enter says what has changed; one Enter is one message (its key makes it so), however often it is said.
 */

import { ask } from "../api.js";
import { fill, h, refill, say } from "../dom.js";
import { newKey } from "../line.js";
import { called } from "../people.js";
import { nameOf } from "./list.js";
import { t } from "./words.js";

const SEEN_AFTER = 1_500;
const TYPING_EVERY = 3_500;
const SEARCH_AFTER = 120;

export class Composer {
  /** @param {{book: any, now: () => number, command: (frame: any) => Promise<any>, keys: () => void, did: (deed: string, talk: any, answer: any) => void}} given */
  constructor({ book, now, command, keys, did }) {
    Object.assign(this, { book, now, command, keys, did });
    this.talk = null;
    this.kept = new Map();
    this.picked = null;
    this.found = [];
    this.at = 0;
    this.text = h("textarea", { rows: 3, maxlength: 2000, "aria-describedby": "composer-hint", onInput: () => this.typed(), onKeydown: (event) => this.key(event) });
    this.drafts = h("ul", { class: "drafts", "aria-label": t("drafts") });
    this.results = h("ul", { class: "results", role: "listbox", id: "composer-results", "aria-label": t("replies"), hidden: true });
    this.trouble = h("p", { class: "note bad", role: "alert", hidden: true });
    this.send = h("button", { class: "main", onClick: () => this.submit() }, t("send"));
    this.place = h(
      "div",
      { class: "composer", hidden: true },
      this.drafts,
      this.results,
      this.trouble,
      h("div", { class: "row nowrap" }, this.text, this.send),
      h("p", { class: "quiet", id: "composer-hint" }, t("hint")),
    );
    this.text.setAttribute("aria-controls", this.results.id);
  }

  show(talk) {
    if (this.talk?.key !== talk?.key) this.change(talk);
    this.talk = talk;
    if (!talk) return;
    const may = this.book.mayIn(talk.shop, "answer");
    this.text.disabled = this.send.disabled = !may;
    this.text.setAttribute("aria-label", t("composer", { buyer: nameOf(talk) }));
    this.text.placeholder = may ? t("composer", { buyer: nameOf(talk) }) : t("read_only");
    if (this.picked && !talk.drafts.some((one) => one.draft === this.picked)) this.pick(null);
    this.drawDrafts();
  }

  change(talk) {
    if (this.talk) this.kept.set(this.talk.key, { text: this.text.value, reply: this.reply, draft: this.draft, saw: this.saw });
    const kept = talk ? this.kept.get(talk.key) : null;
    this.place.hidden = !talk;
    this.text.value = kept?.text ?? "";
    this.reply = kept?.reply ?? null;
    this.draft = kept?.draft ?? null;
    this.saw = kept?.saw ?? null;
    this.picked = null;
    this.warned = null;
    this.tell("");
    this.close();
  }

  focus() {
    if (!this.text.disabled) this.text.focus();
  }

  /** One of the composer's keys, pressed beside it where nothing else takes it. Firefox would search the page for `/`. */
  elsewhere(event) {
    const wanted = event.key === "/" || (!this.text.value && this.talk.keys[event.key]);
    if (this.text.disabled || !wanted) return;
    this.focus();
    if (event.key !== "/") return void this.key(event);
    event.preventDefault();
    if (this.text.value) return;
    this.text.value = "/";
    this.typed();
  }

  get busy() {
    return this.text.value !== "";
  }

  // --- typing

  typed() {
    const { value } = this.text;
    this.tell("");
    if (!value) Object.assign(this, { reply: null, draft: null, saw: null });
    else this.saw ??= this.mark();
    if (value.startsWith("/")) {
      this.found = [];
      return this.search(value.slice(1));
    }
    this.close();
    if (value && performance.now() - (this.told ?? -TYPING_EVERY) >= TYPING_EVERY) {
      this.told = performance.now();
      this.talk.own_typing = this.now();
      this.command({ type: "typing", shop: this.talk.shop, buyer: this.talk.buyer }).catch(() => {});
    }
    return undefined;
  }

  /** What the writer has in view: the buyer's and the shop's last words. */
  mark() {
    const last = (of) => this.talk.messages.findLast((one) => (one.author === "buyer") === of && one.state !== "recalled")?.id ?? "";
    return { buyer: last(true), shop: last(false) };
  }

  key(event) {
    if (event.isComposing) return undefined;
    if (this.text.value.startsWith("/") && this.choosing(event)) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (this.next()) return undefined;
      return this.submit();
    }
    if (event.key === "Tab" && !event.shiftKey && this.next()) return event.preventDefault();
    if (this.text.value || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (/^[1-9]$/.test(event.key) && this.talk.keys[event.key]) {
      event.preventDefault();
      return this.pick(this.talk.keys[event.key]);
    }
    if (event.key === "?") return event.preventDefault(), this.keys();
    if (this.picked && event.key.toLowerCase() === "e") return event.preventDefault(), this.edit();
    if (this.picked && event.key === "Escape") return event.preventDefault(), event.stopPropagation(), this.reject();
    return undefined;
  }

  // --- drafts

  pick(draft) {
    this.picked = draft;
    if (draft) this.saw = this.mark();
    this.drawDrafts();
    const one = this.talk?.drafts.find((each) => each.draft === draft);
    if (one) say(`${one.text ?? ""} ${t("approve")}, ${t("edit")}, ${t("reject")}`);
  }

  drawDrafts() {
    const keys = Object.fromEntries(Object.entries(this.talk.keys).map(([key, id]) => [id, key]));
    const button = (words, deed) => h("button", { onClick: deed }, words);
    const held = this.drafts.contains(document.activeElement);
    refill(
      this.drafts,
      this.talk.drafts.map((one) => {
        const picked = one.draft === this.picked;
        const about = `${t("draft_from", { provider: one.provider })}${one.confidence == null ? "" : ` ${Math.round(one.confidence / 10)}%`}${one.reason ? ` · ${one.reason}` : ""}`;
        return h(
          "li",
          { class: picked ? "picked" : "", "data-of": one.draft },
          h("button", { class: "draft", "aria-pressed": String(picked), onClick: () => (this.pick(picked ? null : one.draft), this.focus()) }, h("kbd", null, keys[one.draft] ?? "·"), " ", h("span", { dir: "auto" }, one.text ?? t("gone")), " ", h("span", { class: "quiet" }, about)),
          picked && h("span", { class: "row" }, button(t("approve"), () => this.submit()), button(t("edit"), () => this.edit()), button(t("reject"), () => this.reject())),
        );
      }),
    );
    if (held && !this.drafts.contains(document.activeElement)) this.focus(); // the draft has gone
  }

  edit() {
    const one = this.talk.drafts.find((each) => each.draft === this.picked);
    if (!one?.text) return;
    this.draft = one.draft;
    this.reply = null;
    this.text.value = one.text;
    this.pick(null);
    this.saw = this.mark();
    this.focus();
  }

  async reject() {
    const { talk } = this;
    const draft = this.picked;
    this.pick(null);
    this.focus();
    const answer = await this.attempt({ type: "reject_draft", shop: talk.shop, buyer: talk.buyer, draft, reason: "" });
    if (answer) this.did("reject", talk, answer);
  }

  // --- quick replies

  search(query) {
    clearTimeout(this.later);
    this.later = setTimeout(async () => {
      const { talk } = this;
      const asked = query.trim();
      try {
        const answer = await ask("GET", `quick-replies?shop=${encodeURIComponent(talk.shop)}&q=${encodeURIComponent(asked)}`);
        if (this.talk?.key !== talk.key || this.text.value !== `/${query}`) return;
        this.found = answer.replies;
        this.at = 0;
        this.drawResults();
      } catch (error) {
        this.tell(error.message);
      }
    }, SEARCH_AFTER);
  }

  drawResults() {
    const { found, at } = this;
    this.results.hidden = false;
    fill(
      this.results,
      found.length
        ? found.map((one, n) => h("li", { role: "option", id: `result-${n}`, "aria-selected": String(n === at), onMousedown: (event) => (event.preventDefault(), this.take(one)) }, h("span", { dir: "auto" }, one.text), " ", h("span", { class: "quiet" }, one.reply)))
        : h("li", { class: "quiet" }, t("no_reply")),
    );
    this.text.setAttribute("aria-activedescendant", found.length ? `result-${at}` : "");
    if (found[at]) say(found[at].text);
  }

  choosing(event) {
    if (event.key === "Escape") {
      this.text.value = "";
      this.close();
      event.stopPropagation();
      return true;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.found.length) this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + this.found.length) % this.found.length;
      this.drawResults();
      return true;
    }
    if (event.key !== "Enter" && event.key !== "Tab") return false;
    if (this.found[this.at]) this.take(this.found[this.at]);
    return true; // what was typed here is a search and is never sent
  }

  close() {
    clearTimeout(this.later);
    this.results.hidden = true;
    this.text.removeAttribute("aria-activedescendant");
  }

  /** A quick reply as it would go to this buyer, with the first open slot marked. */
  async take(reply) {
    const { talk } = this;
    this.close();
    const answer = await this.attempt({ type: "fill", shop: talk.shop, buyer: talk.buyer, reply: reply.reply, values: {} });
    if (!answer || this.talk?.key !== talk.key) return;
    this.text.value = answer.text;
    this.reply = { reply: reply.reply, gaps: answer.gaps };
    this.draft = null;
    this.saw = this.mark();
    this.focus();
    if (!this.next()) this.text.setSelectionRange(answer.text.length, answer.text.length);
  }

  /** Mark the next slot that is still to be filled in. */
  next() {
    for (const gap of this.reply?.gaps ?? []) {
      const mark = `{${gap.slot}}`;
      const at = this.text.value.indexOf(mark);
      if (at < 0) continue;
      this.text.setSelectionRange(at, at + mark.length);
      this.tell(t("gap", { slot: document.documentElement.lang === "en" ? gap.en : gap.zh }), "warn");
      return true;
    }
    return false;
  }

  // --- sending

  async submit() {
    const { talk } = this;
    const draft = this.picked ?? this.draft;
    const text = this.picked ? "" : this.text.value.trim();
    if (!text && !this.picked) return this.tell(t("empty"), "warn");
    if (!this.mayGo()) return undefined;
    const frame = { type: "reply", shop: talk.shop, buyer: talk.buyer, text, key: newKey(), ...(draft && { draft }) };
    const kept = { text: this.text.value, reply: this.reply, draft: this.draft, saw: this.saw };
    const follow = talk.keeps;
    if (follow) frame.follow_up = follow;
    Object.assign(this, { reply: null, draft: null, saw: null, warned: null, picked: null });
    this.text.value = "";
    this.tell("");
    this.close();
    talk.said_at = this.now();
    try {
      await this.command(frame);
      talk.keeps = null;
      return say(t("sent"));
    } catch (error) {
      return this.giveBack(talk, kept, error.message);
    }
  }

  /** A text that is known not to have arrived, to be sent again: where nothing else is being written. */
  putBack(talk, text) {
    if (this.talk?.key !== talk.key || this.text.value || this.text.disabled) return;
    Object.assign(this, { reply: null, draft: null, saw: this.mark() });
    this.text.value = text;
    this.tell(t("again"), "warn");
  }

  /** What could not be sent comes back to where it was written. */
  giveBack(talk, kept, why) {
    talk.said_at = null;
    if (this.talk?.key === talk.key && !this.text.value) {
      Object.assign(this, { reply: kept.reply, draft: kept.draft, saw: kept.saw });
      this.text.value = kept.text;
    } else if (this.talk?.key !== talk.key) {
      this.kept.set(talk.key, kept);
    }
    this.tell(`${nameOf(talk)}: ${why}`);
  }

  /** Whether the writer has seen what stands there now; if not, they are told, once per change. */
  mayGo() {
    const now = this.mark();
    const seen = this.saw ?? now;
    const fresh = this.talk.messages.findLast((one) => one.author === "buyer");
    const justCame = fresh && this.now() - fresh.at < SEEN_AFTER && fresh.id !== seen.buyer;
    const what = now.buyer !== seen.buyer || justCame ? "changed" : now.shop !== seen.shop ? "answered_elsewhere" : null;
    if (!what || this.warned === `${now.buyer}/${now.shop}`) return true;
    this.warned = `${now.buyer}/${now.shop}`;
    this.saw = now;
    const last = this.talk.messages.findLast((one) => one.id === now.shop);
    this.tell(t(what, { who: last?.by ? called(last.by) : t("somebody") }), "warn");
    return false;
  }

  async attempt(frame) {
    try {
      return await this.command(frame);
    } catch (error) {
      this.tell(error.message);
      return null;
    }
  }

  tell(text, kind = "bad") {
    this.trouble.className = `note ${kind}`;
    this.trouble.hidden = !text;
    this.trouble.textContent = text;
  }
}

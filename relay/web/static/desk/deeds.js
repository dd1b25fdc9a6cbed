/* What an agent does with a conversation beside answering it: pass on, close, settle, promise, look after a text. */

import { question } from "../dialog.js";
import { field, h } from "../dom.js";
import { newKey } from "../line.js";
import { nameOf } from "./list.js";
import { t } from "./words.js";

const CATEGORIES = ["refund", "exchange", "invoice", "lost_parcel", "compensation", "call_back", "other"];

/** @param {{book: any, command: (frame: any) => Promise<any>}} given */
export function deeds({ book, command }) {
  const of = (talk) => ({ shop: talk.shop, buyer: talk.buyer });
  /** Ask in a dialog; relay's answer to what was then asked for, null if nothing was. */
  const asked = async (title, parts, frame, label = "") => {
    let answer = null;
    await question(title, parts, async () => (answer = await command(frame())), label);
    return answer;
  };
  const reasonField = (needed, hint = t("reason_hint")) => {
    const control = h("input", { maxlength: 200, required: needed });
    return { control, place: field(t("reason"), control, hint) };
  };

  async function move(talk) {
    const { targets } = await command({ type: "targets", ...of(talk) });
    const told = (seat) => [seat.name || seat.agent || "–", seat.account || seat.seat, t("load", { open: seat.load, cap: seat.cap }), t("waits", { n: seat.waiting }), seat.why && t(`why_${seat.why}`)].filter(Boolean).join(" · ");
    const to = h("select", null, h("option", { value: "" }, t("move_any")), targets.map((seat) => h("option", { value: seat.seat, disabled: seat.why && !seat.push }, told(seat))));
    const reason = reasonField(false);
    return asked(`${t("move")} · ${nameOf(talk)}`, [field(t("move_to"), to), reason.place], () =>
      ({ type: "move", ...of(talk), ...(to.value && { to: to.value }), reason: reason.control.value.trim() }));
  }

  function close(talk) {
    const needs = Boolean(talk.debt) || talk.opened_at != null;
    const reason = reasonField(needs);
    return asked(`${t("close_title")} · ${nameOf(talk)}`, [talk.debt && h("p", { class: "note warn" }, t("reason_debt")), reason.place], () =>
      ({ type: "close", ...of(talk), reason: reason.control.value.trim() }));
  }

  function settle(talk) {
    const reason = reasonField(true);
    return asked(`${t("settle_title")} · ${nameOf(talk)}`, [reason.place], () => ({ type: "settle", ...of(talk), reason: reason.control.value.trim() }));
  }

  /** One approved hold, for the question that stands there now. */
  function hold(talk) {
    const now = book.now(performance.now());
    const usable = [...book.replies.values()].filter((one) => one.purpose === "hold" && (!one.shops.length || one.shops.includes(talk.shop)) && (one.valid_from ?? 0) <= now && now < (one.valid_to ?? Infinity));
    const question_ = talk.last_message;
    const list = usable.map((one, n) => {
      const box = h("input", { type: "radio", name: "hold", id: `hold-${n}`, value: String(n), required: true });
      box.checked = one.reply === talk.hold || (n === 0 && !usable.some((each) => each.reply === talk.hold));
      return { one, box, place: h("label", { class: "plain", for: box.id }, box, " ", h("span", { dir: "auto" }, one.text)) };
    });
    const key = newKey();
    return question(`${t("hold_title")} · ${nameOf(talk)}`, [usable.length ? list.map((each) => each.place) : h("p", null, t("no_hold")), h("p", { class: "quiet" }, t("hold_owes"))], usable.length ? () => {
      const { one } = list.find(({ box }) => box.checked);
      return command({ type: "hold", ...of(talk), reply: one.reply, version: one.version, question: question_, key });
    } : null, t("send"));
  }

  function note(talk, old = null) {
    const text = h("textarea", { rows: 3, maxlength: 500, required: true, value: old?.text ?? "" });
    return asked(`${t("note")} · ${nameOf(talk)}`, [field(t("note_title"), text)], () => ({ type: "note", ...of(talk), text: text.value.trim(), ...(old && { replaces: old.note }) }));
  }

  function followUp(talk, offered = false) {
    const category = h("select", null, CATEGORIES.map((one) => h("option", { value: one }, t(one))));
    const when = h("input", { maxlength: 40, value: "" });
    const note = h("textarea", { rows: 2, maxlength: 500 });
    if (offered) category.value = talk.offer.category;
    return asked(`${t("follow_up")} · ${nameOf(talk)}`, [field(t("follow_when"), when), field(t("follow_what"), category), field(t("follow_note"), note)], () =>
      ({ type: "follow_up", ...of(talk), ...(offered && { offered: true }), ...(when.value.trim() && { when: when.value.trim() }), category: category.value, ...(note.value.trim() && { note: note.value.trim() }) }));
  }

  function endFollowUp(one, type) {
    const reason = reasonField(true);
    return asked(t(type === "follow_up_done" ? "done_title" : "drop"), [reason.place], () => ({ type, follow_up: one.follow_up, reason: reason.control.value.trim() }));
  }

  return {
    move,
    close,
    settle,
    hold,
    note: (talk) => note(talk),
    note_change: note,
    note_again: (talk, text) => command({ type: "note", ...of(talk), text }),
    note_remove: (talk, one) => command({ type: "note_remove", ...of(talk), note: one.note }),
    follow_up: (talk) => followUp(talk),
    offer_yes: (talk) => followUp(talk, true),
    offer_no: (talk) => command({ type: "follow_up_dismiss", ...of(talk) }),
    reached: (_, send) => command({ type: "resolve", send: send.send, reached: true }),
    not_reached: (_, send) => command({ type: "resolve", send: send.send, reached: false }),
    follow_up_again: (_, one) => command({ type: "follow_up", shop: one.shop, buyer: one.buyer, due_at: one.due_at, category: one.category, ...(one.owner && { owner: one.owner }), ...(one.note && { note: one.note }) }),
    follow_up_not: (_, one) => command({ type: "follow_up_drop", follow_up: one.follow_up, reason: t("taken_back") }),
    take_back: (_, seq) => command({ type: "take_back", of: seq }),
    follow_up_done: (_, one) => endFollowUp(one, "follow_up_done"),
    follow_up_drop: (_, one) => endFollowUp(one, "follow_up_drop"),
    history: (talk) => command({ type: "history", ...of(talk), before: talk.messages[0]?.seq ?? null }),
  };
}

export function keySheet() {
  const rows = [
    ["Alt+↓ / Alt+↑", "key_next"],
    ["Alt+N", "key_urgent"],
    ["/", "key_search"],
    ["1–9", "key_draft"],
    ["F2", "key_presence"],
    ["Alt+M", "key_move"],
    ["Alt+K", "hold_title"],
    ["Alt+U", "key_follow"],
    ["Alt+W", "key_close"],
    ["Alt+C", "key_sweep"],
    ["Alt+Z", "key_undo"],
    ["Alt+Y", "key_reached"],
    ["Alt+X", "key_not_reached"],
    ["?", "key_sheet"],
  ];
  return question(t("keys"), [h("table", null, h("tbody", null, rows.map(([keys, what]) => h("tr", null, h("td", null, h("kbd", null, keys)), h("td", null, t(what))))))]);
}

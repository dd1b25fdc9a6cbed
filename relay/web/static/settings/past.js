/* What was changed, by whom and when; and going back, which is a change of its own. */

import { ask } from "../api.js";
import { question } from "../dialog.js";
import { fill, h } from "../dom.js";
import { current, words } from "../words.js";
import { changeWords } from "./values.js";

const t = words({
  title: ["改动记录", "Changes"],
  who: ["{at} · {by}", "{at} · {by}"],
  setup: ["初始化", "set up"],
  back: ["恢复到此", "Back to this"],
  bring: ["恢复被删除的", "Bring it back"],
  older: ["更早的", "Older"],
  none: ["没有改动", "No changes"],
});

const when = (at) => new Date(at).toLocaleString(current(), { dateStyle: "medium", timeStyle: "medium" });
const BY = { setup: () => t("setup"), relay: () => "relay" };

function entry(ctx, one, done) {
  const by = one.by_name || BY[one.by]?.() || one.by;
  const back = () => ctx.write({ back_to: [one.seq] }).then((sure) => sure && done()).catch(ctx.fail);
  return h("article", { class: "card row entry" }, h("div", { class: "grow stack" }, h("p", { class: "quiet" }, h("time", { datetime: new Date(one.at).toISOString() }, when(one.at)), " · ", h("span", { dir: "auto" }, by)), changeWords(one)), one.back && h("button", { type: "button", onClick: back }, t(one.what === "removed" ? "bring" : "back")));
}

/** The changes of one setting, or of all, the newest first, a page at a time. */
export function pastList(ctx, { sort = "", id = "" } = {}, done = () => {}) {
  const place = h("div", { class: "stack" });
  const more = h("div");
  async function load(before = "") {
    const { changes, before: next } = await ask("GET", `changes?${new URLSearchParams({ sort, id, before })}`);
    const made = changes.map((one) => entry(ctx, one, done));
    if (before) place.append(...made);
    else fill(place, made.length ? made : h("p", { class: "quiet" }, t("none")));
    fill(more, next != null && h("button", { type: "button", onClick: () => load(String(next)).catch(ctx.fail) }, t("older")));
  }
  return { box: h("div", { class: "stack" }, place, more), load };
}

export async function pastDialog(ctx, sort, id, name) {
  const list = pastList(ctx, { sort, id }, () => list.load());
  await list.load();
  return question(`${t("title")} · ${name || id}`, [h("div", { class: "versions wide-sheet", tabindex: "0" }, list.box)]);
}

export const pastTitle = () => t("title");

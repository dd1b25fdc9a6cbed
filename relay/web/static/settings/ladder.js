/* Ladders: rungs as rows, and what happens at which second. */

import { h } from "../dom.js";
import { said, words } from "../words.js";
import { Form, choice, instead, number, rows } from "./parts.js";
import { valueWord } from "./words.js";

const t = words({
  title: ["催办阶梯", "Ladder"],
  after: ["未回复多少秒", "seconds unanswered"],
  before: ["截止前多少秒", "seconds before the deadline"],
  owed: ["稍等之后多少秒", "seconds after the hold"],
  when: ["什么时候", "When"],
  seconds: ["秒", "Seconds"],
  what: ["做什么", "What happens"],
  hint: ["每轮最多一次“自动发送稍等话术”，须写在截止前至少 5 秒", "At most one machine's hold a round, before the deadline by at least 5 s"],
  own: ["分组“{group}”用自己的阶梯", "The group “{group}” has a ladder of its own"],
  owed_title: ["稍等之后一直没有答复", "After a hold that nobody follows with an answer"],
  during: ["活动期间", "while the event is on"],
});
const ACTIONS = ["badge", "sound", "alert", "approve", "wall", "reroute", "hold"];
const DEBT = ["remind", "alert", "reroute"];

/** Rungs in any order; they are handed in in the order of time, as relay wants them. */
export function ladderRows(rungs) {
  const made = rows(
    rungs,
    (one) => {
      const when = choice([["after", t("after")], ["before", t("before")]], one.before_s != null ? "before" : "after", { "aria-label": t("when") });
      const seconds = number(one.before_s ?? one.after_s, 1, 86_400, { required: true, "aria-label": t("seconds") });
      const action = choice(ACTIONS.map((id) => [id, valueWord(id)]), one.do, { "aria-label": t("what") });
      return { cells: [when, seconds, action], value: () => ({ do: action.value, [`${when.value}_s`]: Number(seconds.value) }) };
    },
    () => ({ do: "badge", after_s: 60 }),
  );
  const at = (one) => (one.before_s != null ? 1e9 - one.before_s : one.after_s);
  return { box: made.box, value: () => made.value().sort((a, b) => at(a) - at(b)) };
}

export function debtRows(rungs) {
  const made = rows(
    rungs,
    (one) => {
      const seconds = number(one.after_s, 1, 86_400, { required: true, "aria-label": t("owed") });
      const action = choice(DEBT.map((id) => [id, valueWord(id)]), one.do, { "aria-label": t("what") });
      return { cells: [seconds, h("span", null, t("owed")), action], value: () => ({ do: action.value, after_s: Number(seconds.value) }) };
    },
    () => ({ do: "remind", after_s: 180 }),
  );
  return { box: made.box, value: () => made.value().sort((a, b) => a.after_s - b.after_s) };
}

export const ladderHint = () => t("hint");

/** The ladders of a shop: its own, those of its groups, that of a debt. */
export function ladderForm(ctx, shop) {
  const form = new Form();
  const whole = ladderRows(shop.ladder);
  const names = [...new Set(["presale", ...shop.groups.map((one) => one.group), ...Object.keys(shop.ladders)])];
  const own = names.map((group) => [group, instead(t("own", { group: valueWord(group) }), group in shop.ladders, ladderRows(shop.ladders[group] ?? shop.ladder))]);
  const debt = debtRows(shop.debt_ladder);
  return ctx.sheet(form, `${t("title")} · ${shop.name || shop.id}`, [form.block("ladder", whole, t("hint")), form.block("ladders", h("div", { class: "stack" }, own.map(([, one]) => one.box))), form.block("debt_ladder", debt)], () => ({
    put: [{ ...shop, ladder: whole.value(), ladders: Object.fromEntries(own.map(([group, one]) => [group, one.value()]).filter(([, value]) => value !== null)), debt_ladder: debt.value() }],
  }));
}

const happenings = (steps) =>
  h("table", null, h("thead", null, h("tr", null, h("th", { class: "number" }, t("seconds")), h("th", null, t("what")))), h("tbody", null, steps.map((step) => h("tr", null, h("td", { class: "number" }, String(step.second)), h("td", { class: step.does ? "" : "quiet" }, said(step))))));

/** What the ladders of a shop do at which second. */
export function foreseen(one, name) {
  const during = one.event ? ` · ${t("during")}` : "";
  return h("section", { class: "stack" }, h("h3", null, `${t("title")} · ${name}${during}`), one.ladders.map((each) => [h("p", { class: "quiet" }, each.groups.map(valueWord).join("、")), happenings(each.happenings)]), one.debt.length > 0 && [h("p", { class: "quiet" }, t("owed_title")), happenings(one.debt)]);
}

/* Shops: rule version with its confirmation, numbers, automatic texts; and a new shop. */

import { ask } from "../api.js";
import { question } from "../dialog.js";
import { field, h } from "../dom.js";
import { called } from "../people.js";
import { said, words } from "../words.js";
import { Form, amount, choice, idField, number, rows, text, tick } from "./parts.js";
import { optionWord } from "./readings.js";
import { keyWord, ruleWord, valueWord } from "./words.js";

const t = words({
  shops: ["店铺", "Shops"],
  add: ["新增", "new"],
  rule_hint: ["换规则或选项后，自动话术退回“只建议”，直到店主重新确认说明", "With another rule or other options machine replies fall back to suggestions until an owner confirms the statement anew"],
  option: ["选项", "Option"],
  value: ["值", "Value"],
  confirmed: ["已由 {by} 于 {on} 核对", "Compared by {by} on {on}"],
  unconfirmed: ["还没有人核对过这个规则版本", "Nobody has compared this version yet"],
  confirm: ["我今天已与平台公告核对过这个规则版本", "I have compared this version with the platform's page today"],
  checked: ["规则版本核对", "Confirmation of the version"],
  numbers: ["接待和提醒", "Reception and reminders"],
  notices: ["自动提示（均由已批准的话术发送）", "Automatic texts (approved ones alone)"],
  figures: ["指标", "Figures"],
  words: ["店铺用语（每行一个）", "The shop's own words (one a line)"],
  hold: ["稍等：不算回复，记一笔欠答", "Holds: they answer nothing, an answer is owed"],
  acknowledgement: ["应答：只是“好的”“嗯”", "Acknowledgements: they answer nothing"],
  thanks: ["买家致谢：不需要回复", "A buyer's thanks: they ask nothing"],
  assist: ["自动话术", "Machine replies"],
  assist_confirm: ["我已阅读，同意在本店发送", "I have read this; they may be sent in this shop"],
  assist_is: ["现在：{mode}", "Now: {mode}"],
  none: ["（未接入）", "(none)"],
  owner_hint: ["您会成为这家店的店主", "You become the owner of this shop"],
});
const NUMBERS = { service_s: [1, 86_400], first_reaction_s: [1, 86_400], idle_release_s: [60, 604_800], aftersale_release_s: [60, 604_800], sticky_s: [0, 259_200], grace_s: [0, 3600], drain_s: [0, 3600], debt_after_s: [10, 86_400], debt_seat_s: [0, 60], follow_up_s: [60, 604_800], follow_up_alert_s: [60, 604_800] };
const FIGURES = { goal_percent: [1, 99], slow_reply_s: [1, 3600], long_reception_s: [60, 86_400] };
const NOTICES = ["greeting", "queue_notice", "after_hours"];
const PLATFORMS = ["taobao", "tmall", "tejia", "kuaishou"];
const MOST_HOLDS = 2;

const PHRASES = ["hold", "acknowledgement", "thanks"];
const lines = (items) => h("textarea", { rows: 4, value: items.join("\n") });
const linesOf = (control) => control.value.split("\n").map((one) => one.trim()).filter(Boolean);

const today = () => new Date().toLocaleDateString("sv-SE");
const channels = (all, value) => choice([["", t("none")], ...all.channels.map((one) => [one, one])], value);
const rules = (all, value) => choice(all.rules.map((one) => [one.id, ruleWord(one.id)]), value);

/** Another platform brings its own rule, which can be changed: a shop must not be left with the rule of another one. */
function followed(all, platform, rule) {
  platform.addEventListener("change", () => {
    rule.value = all.rule_of[platform.value] ?? rule.value;
  });
}

/** Options of the rule that is chosen, each a key and a value. */
function optionRows(all, rule, options) {
  const keys = () => all.rules.find((one) => one.id === rule.value)?.options ?? [];
  const made = rows(
    Object.entries(options),
    ([key, value]) => {
      const name = choice(keys().map((one) => [one, optionWord(one) === one ? one : `${optionWord(one)} · ${one}`]), key, { "aria-label": t("option") });
      const set = text(value, { required: true, "aria-label": t("value") });
      return { cells: [name, set], value: () => [name.value, set.value.trim()] };
    },
    () => [keys()[0] ?? "", ""],
  );
  return { box: made.box, value: () => Object.fromEntries(made.value()) };
}

/** Who compared the version, when and with what. Another rule takes the confirmation along only if it is given anew. */
function confirmation(ctx, form, shop) {
  const now = tick(t("confirm"), false);
  const link = text(shop.rule_confirmed_link, { type: "url" });
  const stands = shop.rule_confirmed_on ? t("confirmed", { by: called(shop.rule_confirmed_by ?? ""), on: shop.rule_confirmed_on }) : t("unconfirmed");
  const box = h("div", { class: "stack" }, h("p", { class: shop.rule_confirmed_on ? "quiet" : "note warn" }, stands), now.label, form.field("rule_confirmed_link", link));
  const value = (same) => {
    if (now.box.checked) return { rule_confirmed_by: ctx.me.person, rule_confirmed_on: today(), rule_confirmed_link: link.value || null };
    if (same) return { rule_confirmed_by: shop.rule_confirmed_by, rule_confirmed_on: shop.rule_confirmed_on, rule_confirmed_link: link.value || null };
    return { rule_confirmed_by: null, rule_confirmed_on: null, rule_confirmed_link: null };
  };
  return { box, value };
}

const same = (a, b) => JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

export function shopForm(ctx, shop) {
  const { all } = ctx;
  const form = new Form();
  const f = { name: text(shop.name), platform: choice(PLATFORMS.map((one) => [one, valueWord(one)]), shop.platform), channel: channels(all, shop.channel), zone: text(shop.zone, { required: true }), rule: rules(all, shop.rule) };
  followed(all, f.platform, f.rule);
  const options = optionRows(all, f.rule, shop.rule_options);
  const checked = confirmation(ctx, form, shop);
  const numbers = Object.entries({ ...NUMBERS, ...FIGURES }).map(([key, [least, most]]) => [key, number(shop[key], least, most, { required: key !== "goal_percent" })]);
  const holds = choice([0, 1, 2].map((one) => [String(one), String(one)]), String(Math.min(shop.holds_per_day, MOST_HOLDS)));
  const notices = NOTICES.map((key) => [key, choice(["off", "platform", "on"].map((one) => [one, valueWord(one)]), shop[key])]);
  const moves = choice(["advise", "auto"].map((one) => [one, valueWord(one)]), shop.moves);
  const phrases = PHRASES.map((key) => [key, lines(shop.phrases[key])]);
  const promises = lines(shop.promises);
  const among = (keys) => h("div", { class: "pair" }, numbers.filter(([key]) => key in keys).map(([key, control]) => form.field(key, control)));
  const parts = [
    h("div", { class: "pair" }, ["name", "platform", "channel", "zone"].map((key) => form.field(key, f[key]))),
    form.field("rule", f.rule, t("rule_hint")),
    form.block("rule_options", options),
    form.block("rule_confirmed_by", checked, undefined, t("checked")),
    h("details", null, h("summary", null, t("numbers")), among(NUMBERS), h("div", { class: "pair" }, form.field("holds_per_day", holds), form.field("moves", moves))),
    h("details", null, h("summary", null, t("notices")), h("div", { class: "pair" }, notices.map(([key, control]) => form.field(key, control)))),
    h("details", null, h("summary", null, t("figures")), among(FIGURES)),
    h("details", null, h("summary", null, t("words")), form.block("phrases", h("div", { class: "pair" }, phrases.map(([key, control]) => field(t(key), control)))), form.field("promises", promises)),
  ];
  const made = () => {
    const kept = f.rule.value === shop.rule && same(options.value(), shop.rule_options);
    return {
      put: [
        {
          ...shop,
          ...Object.fromEntries(Object.entries(f).map(([key, control]) => [key, control.value.trim()])),
          rule_options: options.value(),
          ...checked.value(kept),
          ...(!kept && shop.assist === "assist" && { assist: "suggest" }),
          ...Object.fromEntries([...numbers.map(([key, control]) => [key, amount(control)]), ...notices.map(([key, control]) => [key, control.value])]),
          holds_per_day: Number(holds.value) === Math.min(shop.holds_per_day, MOST_HOLDS) ? shop.holds_per_day : Number(holds.value),
          moves: moves.value,
          phrases: Object.fromEntries(phrases.map(([key, control]) => [key, linesOf(control)])),
          promises: linesOf(promises),
        },
      ],
    };
  };
  return ctx.sheet(form, `${t("shops")} · ${shop.name || shop.id}`, parts, made);
}

/** A new shop, whose owner is whoever makes it. */
export function newShopForm(ctx) {
  const { all, me } = ctx;
  const form = new Form();
  const f = { id: idField(""), name: text(""), desk: choice(all.desks.map((one) => [one.id, one.name || one.id])), platform: choice(PLATFORMS.map((one) => [one, valueWord(one)])), channel: channels(all, ""), rule: rules(all, all.usual.shop.rule) };
  followed(all, f.platform, f.rule);
  const mine = all.persons.find((one) => one.id === me.person);
  const made = () => {
    const shop = { ...all.usual.shop, ...all.at_first.shop, type: "shop", ...Object.fromEntries(Object.entries(f).map(([key, control]) => [key, control.value.trim()])) };
    return { put: [shop, { ...mine, roles: [...mine.roles, { shop: shop.id, role: "owner" }] }] };
  };
  const parts = [h("p", { class: "quiet" }, t("owner_hint")), h("div", { class: "pair" }, Object.entries(f).map(([key, control]) => form.field(key, control)))];
  return ctx.sheet(form, `${t("shops")} · ${t("add")}`, parts, made, () => ["shop", f.id.value.trim()]);
}

/** What counts and what does not, and with an owner's word on it how the machine may act. */
export async function assistForm(ctx, shop) {
  const path = `/assist/${encodeURIComponent(shop.id)}`;
  const stands = await ask("GET", path);
  const mode = choice(["off", "shadow", "suggest", "assist"].map((one) => [one, valueWord(one)]), stands.assist);
  const read = tick(t("assist_confirm"), stands.confirmed);
  const lines = h("div", { class: "statement", tabindex: "0" }, stands.lines.map((line) => h("p", null, said(line))));
  const done = await question(`${t("assist")} · ${shop.name || shop.id}`, [h("p", { class: "quiet" }, t("assist_is", { mode: valueWord(stands.acts_as) })), stands.warnings.map((one) => h("p", { class: "note warn" }, said(one))), lines, read.label, field(keyWord("assist"), mode)], async () => {
    if (read.box.checked && !stands.confirmed) await ask("POST", path, { do: "confirm", statement: stands.statement });
    if (mode.value !== stands.assist) await ask("POST", path, { do: "mode", mode: mode.value });
  });
  if (done) await ctx.saved();
}

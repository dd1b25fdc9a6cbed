/* What a shop still wants before it is served, each with the button that does it. Nothing is shown once all is done. */

import { h } from "../dom.js";
import { words } from "../words.js";

const t = words({
  title: ["还要做的", "Still to do"],
  no_seat: ["{shop} 还没有子账号，收到的消息没有人可分配", "{shop} has no seat: there is nobody to give its buyers to"],
  add_seat: ["新增子账号", "Add a seat"],
  no_password: ["{who} 还没有密码，不能登录网页", "{who} cannot log in here yet"],
  no_passwords: ["还有 {n} 人没有密码，在下面的人员中生成", "{n} more have no password; make theirs under People below"],
  give: ["生成首次密码", "Make a first password"],
  no_channel: ["{shop} 还没有选择渠道，收不到买家的消息", "{shop} has no channel chosen: no buyer's message can come"],
  choose: ["选择渠道", "Choose one"],
  unreached: [
    "{shop} 近来没有收到买家的消息：渠道 {channel} 上的桥可能还没有接好，或已断开。接法见文档 docs/webhook.md（签名消息）、docs/bridge.md（OneBot，接好后用 relay bridge-check 检查）",
    "No buyer of {shop} came lately: the bridge on channel {channel} may not be connected yet, or is lost. docs/webhook.md (signed messages) and docs/bridge.md (OneBot, tried by relay bridge-check) say how",
  ],
  unconfirmed: ["{shop} 的规则版本还没有与平台公告核对，报表会注明“未核对”", "Nobody has compared {shop}'s rule version with the platform's page; reports say so"],
  compare: ["去核对", "Compare"],
  no_machine: ["{shop} 的自动话术还没有开启（可选）：超时前只提醒，不代发“稍等”", "{shop}'s machine is not on (optional): near the deadline it warns, and sends no hold"],
  read: ["看说明", "Read what it does"],
});

const MOST_NAMED = 5;

/**
 * The steps of these settings. `deeds` does them: `seat`, `password(person)`, `shop(shop)`, `assist(shop)`, `button`.
 * @returns {any} a section, or null when nothing is left
 */
export function stepsLeft({ shops, seats, persons, has_password: known, reached }, deeds) {
  const step = (word, given, button, kind = "warn") => h("li", { class: `note ${kind} row` }, h("span", { class: "grow", dir: "auto" }, t(word, given)), button);
  const ofShop = (one) => {
    const shop = one.name || one.id;
    return [
      !seats.some((seat) => seat.shop === one.id) && step("no_seat", { shop }, deeds.button(t("add_seat"), deeds.seat)),
      !one.channel && step("no_channel", { shop }, deeds.button(t("choose"), () => deeds.shop(one))),
      one.channel && !reached.includes(one.id) && step("unreached", { shop, channel: one.channel }),
      !one.rule_confirmed_on && step("unconfirmed", { shop }, deeds.button(t("compare"), () => deeds.shop(one))),
      !one.assist_confirmed_on && step("no_machine", { shop }, deeds.button(t("read"), () => deeds.assist(one)), ""),
    ];
  };
  const without = persons.filter((one) => !one.disabled && one.roles.length && !known.includes(one.id));
  const passwords = without.slice(0, MOST_NAMED).map((one) => step("no_password", { who: one.name || one.id }, deeds.button(t("give"), () => deeds.password(one))));
  if (without.length > MOST_NAMED) passwords.push(step("no_passwords", { n: without.length - MOST_NAMED }));
  const steps = [...passwords, ...shops.flatMap(ofShop)].filter(Boolean);
  return steps.length > 0 && h("section", { class: "stack", "aria-label": t("title") }, h("h2", null, `${t("title")} (${steps.length})`), h("ul", { class: "stack steps" }, steps));
}

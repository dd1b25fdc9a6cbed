/* Groups: who belongs to which, who counts as having waited, and when others may take a buyer. */

import { field, h } from "../dom.js";
import { words } from "../words.js";
import { Form, listOf, number, rows, text, tick } from "./parts.js";

const t = words({
  title: ["分组", "Groups"],
  hint: ["依次看订单状态、入口、关键词，再看是否还有欠答或跟进；都不符合就是售前（presale）。同类条件以上面的一行为准", "Read in this order: the state of the order, the entry point, a keyword, then whether an answer or follow-up is owed; else presale. Among rows of one kind the upper one counts"],
  group: ["分组名（小写字母、数字）", "Name of the group"],
  order_states: ["订单状态（逗号隔开，按通道的写法）", "Order states (commas, as the channel writes them)"],
  entries: ["入口（逗号隔开）", "Entry points (commas)"],
  keywords: ["买家消息里的关键词（逗号隔开）", "Keywords in the buyer's message (commas)"],
  follow_up: ["还有欠答或跟进的买家", "Buyers who are owed an answer or a follow-up"],
  head_start_s: ["视为已经多等（秒）", "Counts as having waited (s)"],
  another: ["新增分组规则", "Add a rule"],
  relax_hint: ["排队的买家等这么久后，也可以分给这些分组的客服；截止前 30 秒一律放开", "After so long in the queue seats of these groups may take the buyer, too; 30 s before the deadline every seat may"],
  after_s: ["等待多少秒后", "After so many seconds"],
  to: ["可接的分组（逗号隔开；不填为全部客服）", "Groups that may (commas; empty: every seat)"],
  starts_hint: ["带有这个标签的消息视为已经多等", "A message with this tag counts as having waited"],
  tag: ["标签，如 vip", "Tag, such as vip"],
  seconds: ["秒", "Seconds"],
  seats: ["子账号服务哪些分组和权重，请在子账号里设置", "Which groups a seat serves, and its weight, is set at the seat"],
});

function groupCard(one) {
  const f = {
    group: text(one.group, { required: true, pattern: "[a-z0-9][a-z0-9_.\\-]{0,63}", spellcheck: "false" }),
    order_states: text((one.order_states ?? []).join(", ")),
    entries: text((one.entries ?? []).join(", ")),
    keywords: text((one.keywords ?? []).join(", "), { maxlength: 2000 }),
    head_start_s: number(one.head_start_s ?? 0, 0, 3600),
  };
  const owed = tick(t("follow_up"), one.follow_up);
  const cells = h("div", { class: "pair grow" }, Object.entries(f).map(([key, control]) => field(t(key), control)), owed.label);
  const value = () => ({ group: f.group.value.trim(), order_states: listOf(f.order_states), entries: listOf(f.entries), keywords: listOf(f.keywords), follow_up: owed.box.checked, head_start_s: Number(f.head_start_s.value) });
  return { cells: [cells], value };
}

export const groupRows = (groups) => rows(groups, groupCard, () => ({ group: "" }), { ordered: true, add: t("another") });
export const groupHint = () => t("hint");
export const relaxHint = () => t("relax_hint");

export function relaxRows(relaxations) {
  const made = rows(
    relaxations,
    (one) => {
      const after = number(one.after_s, 1, 3600, { required: true, "aria-label": t("after_s") });
      const to = text((one.to ?? ["*"]).filter((each) => each !== "*").join(", "), { "aria-label": t("to"), placeholder: t("to") });
      return { cells: [after, h("span", null, t("seconds")), to], value: () => ({ after_s: Number(after.value), to: listOf(to).length ? listOf(to) : ["*"] }) };
    },
    () => ({ after_s: 45 }),
  );
  return { box: made.box, value: () => made.value().sort((a, b) => a.after_s - b.after_s) };
}

export const startRows = (starts) =>
  rows(
    starts,
    (one) => {
      const tag = text(one.tag, { required: true, "aria-label": t("tag"), placeholder: t("tag") });
      const seconds = number(one.seconds, 0, 3600, { required: true, "aria-label": t("seconds") });
      return { cells: [tag, seconds, h("span", null, t("seconds"))], value: () => ({ tag: tag.value.trim(), seconds: Number(seconds.value) }) };
    },
    () => ({ tag: "", seconds: 30 }),
  );

export function groupForm(ctx, shop) {
  const form = new Form();
  const [groups, relax, starts] = [groupRows(shop.groups), relaxRows(shop.relaxations), startRows(shop.head_starts)];
  const parts = [form.block("groups", groups, t("hint")), form.block("relaxations", relax, t("relax_hint")), form.block("head_starts", starts, t("starts_hint")), h("p", { class: "quiet" }, t("seats"))];
  return ctx.sheet(form, `${t("title")} · ${shop.name || shop.id}`, parts, () => ({ put: [{ ...shop, groups: groups.value(), relaxations: relax.value(), head_starts: starts.value() }] }));
}

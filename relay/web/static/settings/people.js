/* People: their roles in each shop, and how many buyers they take over all their seats. */

import { h } from "../dom.js";
import { words } from "../words.js";
import { Form, amount, idField, number, several, text, tick } from "./parts.js";
import { valueWord } from "./words.js";

const t = words({
  persons: ["人员", "People"],
  add: ["新增", "new"],
  login: ["用户名", "Login name"],
  roles: ["角色", "Roles"],
  disabled: ["停用", "Disabled"],
  cap: ["全部店铺合计最多接待（不填不限）", "Cap over all shops (empty: none)"],
});
const ROLES = ["agent", "cs_admin", "approver", "operations", "owner", "auditor"];

export function personForm(ctx, person) {
  const form = new Form();
  const told = { ...ctx.all.usual.person, ...(person ?? {}) };
  const f = { id: idField(person?.id), name: text(told.name), cap: number(told.cap, 1, 500) };
  const off = tick(t("disabled"), told.disabled);
  const held = (shop) => told.roles.filter((one) => one.shop === shop).map((one) => one.role);
  const roles = ctx.all.shops.map((shop) => [shop.id, several(ROLES.map((role) => [role, valueWord(role)]), held(shop.id)), shop.name || shop.id]);
  const parts = [
    h("div", { class: "pair" }, form.field("id", f.id, undefined, t("login")), form.field("name", f.name)),
    roles.map(([shop, boxes, name]) => form.block(`roles ${shop}`, boxes, undefined, `${t("roles")} · ${name}`)),
    form.field("cap", f.cap, undefined, t("cap")),
    off.label,
  ];
  const made = () => ({
    put: [{ ...told, type: "person", id: f.id.value.trim(), name: f.name.value.trim(), cap: amount(f.cap), disabled: off.box.checked, roles: roles.flatMap(([shop, boxes]) => boxes.value().map((role) => ({ shop, role }))) }],
  });
  return ctx.sheet(form, `${t("persons")} · ${person?.name || person?.id || t("add")}`, parts, made, person ? null : () => ["person", f.id.value.trim()]);
}

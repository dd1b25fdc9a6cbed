/* Shops, seats and people: each change is shown as its difference before it is written, and is a fact with who and when. */

import { ask } from "../api.js";
import { question } from "../dialog.js";
import { field, fill, h, say } from "../dom.js";
import { said, words } from "../words.js";

const t = words({
  title: ["设置", "Settings"],
  shops: ["店铺", "Shops"],
  seats: ["子账号", "Seats"],
  persons: ["人员", "People"],
  events: ["活动预案", "Event profiles"],
  add: ["新增", "Add"],
  change: ["修改", "Change"],
  remove: ["删除", "Remove"],
  save: ["保存", "Save"],
  look: ["请核对这些改动", "Look at what changes"],
  nothing: ["没有变化", "Nothing changes"],
  saved: ["已保存，可在台账中查到是谁、何时改的", "Saved; the ledger has who and when"],
  id: ["编号", "Id"],
  name: ["名称", "Name"],
  login: ["用户名", "Login name"],
  platform: ["平台", "Platform"],
  channel: ["通道", "Channel"],
  rule: ["考核规则", "Rule"],
  rule_confirmed: ["已核对规则版本（日期）", "Rule version confirmed on"],
  rule_link: ["公告链接", "Link of the notice"],
  service: ["无考核时的回复时限（秒）", "Own limit where none is assessed (s)"],
  idle: ["空闲多少秒后结束接待", "Idle seconds until a reception ends"],
  holds: ["每位买家每天最多几次自动稍等", "Machine holds per buyer and day"],
  assist: ["自动话术", "Machine replies"],
  off: ["关闭", "off"],
  shadow: ["只记录不发送", "shadow"],
  suggest: ["只建议", "suggest"],
  on: ["超时前发送已批准的稍等", "assist"],
  assist_read: ["查看说明并确认", "Read and confirm"],
  assist_confirm: ["我已阅读，同意在本店发送", "I have read this; they may be sent in this shop"],
  assist_is: ["现在：{mode}", "Now: {mode}"],
  ladder: ["催办阶梯", "Ladder"],
  second: ["秒", "Second"],
  what: ["做什么", "What happens"],
  account: ["平台子账号", "Account on the platform"],
  agent: ["客服", "Agent"],
  cap: ["最多同时接待", "Cap"],
  weight: ["权重（1000 为正常）", "Weight (1000 is normal)"],
  role: ["角色", "Role"],
  groups: ["分组（逗号隔开）", "Groups (commas)"],
  shifts: ["班次，每行如 周一-周五 09:00-18:00；不填为全天", "Shifts, one a line such as mon-fri 09:00-18:00; none: always"],
  roles: ["角色", "Roles"],
  disabled: ["停用", "Disabled"],
  person_cap: ["全部店铺合计最多接待（不填不限）", "Cap over all shops (empty: none)"],
  password: ["生成首次密码", "New password"],
  password_is: ["把这个密码交给 {name}；只显示这一次，首次登录须修改：", "Give this to {name}; it is shown once and must be changed at the first login:"],
  no_password: ["还不能登录网页", "Cannot log in here yet"],
  send_out: ["强制退出", "End sessions"],
  sent_out: ["已退出 {n} 处登录", "{n} sessions ended"],
  agent_role: ["客服", "agent"],
  cs_admin: ["客服管理员", "CS admin"],
  approver: ["审核", "approver"],
  operations: ["运营", "operations"],
  owner: ["店主", "owner"],
  auditor: ["审计", "auditor"],
  bad_shift: ["看不懂班次：{line}", "This shift cannot be read: {line}"],
  from: ["从 {start} 到 {end}", "from {start} to {end}"],
});
const ROLES = ["agent", "cs_admin", "approver", "operations", "owner", "auditor"];
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAYS_ZH = "一二三四五六日";
const roleWord = (role) => t(role === "agent" ? "agent_role" : role);

export const title = () => t("title");

/** "mon-fri 09:00-18:00" or "周一-周五 09:00-18:00" as a shift. */
export function readShift(line) {
  const found = line.trim().match(/^(\S+)\s+(\d\d:\d\d)\s*-\s*(\d\d:\d\d)$/);
  const days = found && readDays(found[1]);
  if (!days) throw new Error(t("bad_shift", { line }));
  return { days, start: found[2], end: found[3] };
}

function readDays(text) {
  const at = (word) => {
    const plain = word.trim().toLowerCase().replace(/^周|^星期/u, "").replace("天", "日");
    return Math.max(DAYS.indexOf(plain), plain.length === 1 ? DAYS_ZH.indexOf(plain) : -1);
  };
  const days = new Set();
  for (const part of text.split(/[,，、]/u)) {
    const [from, to = from] = part.split(/[-–至]/u).map(at);
    if (from < 0 || to < 0) return null;
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(DAYS[day]);
      if (day === to) break;
    }
  }
  return DAYS.filter((day) => days.has(day));
}

export const shiftWords = (shift) => `${shift.days.join(",")} ${shift.start}-${shift.end}`;

export function show(room) {
  const note = h("div", { role: "status" });
  const place = h("div", { class: "stack" });
  let all = { shops: [], seats: [], persons: [], events: [], has_password: [] };

  const fail = (error) => fill(note, h("div", { class: "note bad", role: "alert" }, error.message.split("\n").map((line) => h("span", { class: "line" }, line))));
  const tell = (text) => (fill(note, h("p", { class: "note good" }, text)), say(text));

  async function load() {
    all = await ask("GET", "settings");
    draw();
  }

  /** Say what would change, then do it. */
  async function write(body) {
    const { lines } = await ask("POST", "settings", { ...body, dry_run: true });
    const sure = await question(t("look"), [lines.length ? h("ul", null, lines.map((line) => h("li", { dir: "auto" }, line))) : h("p", null, t("nothing"))], lines.length ? () => ask("POST", "settings", body) : null, t("save"));
    if (!sure) return;
    tell(t("saved"));
    await load();
  }

  /** A form whose parts are asked for, and whose answer goes through the difference. */
  async function form(heading, parts, made) {
    let body = null;
    const asked = await question(heading, parts, async () => {
      body = made();
      await ask("POST", "settings", { ...body, dry_run: true });
    });
    if (asked) await write(body).catch(fail);
  }

  const number = (value, least = 1, most = 100_000) => h("input", { type: "number", min: least, max: most, value: value == null ? "" : String(value) });
  const text = (value, more = {}) => h("input", { maxlength: 128, value: value ?? "", ...more });
  const idField = (value) => text(value, { required: true, pattern: "[a-z0-9][a-z0-9_.\\-]{0,63}", spellcheck: "false", readonly: Boolean(value) });
  const choice = (options, value) => {
    const made = h("select", null, options.map(([id, words]) => h("option", { value: id }, words)));
    made.value = value ?? options[0]?.[0] ?? "";
    return made;
  };

  function shopForm(shop) {
    const f = {
      name: text(shop.name),
      rule_confirmed_on: h("input", { type: "date", value: shop.rule_confirmed_on ?? "" }),
      rule_confirmed_link: text(shop.rule_confirmed_link, { type: "url" }),
      service_s: number(shop.service_s ?? 180),
      idle_release_s: number(shop.idle_release_s ?? 600),
      holds_per_day: number(shop.holds_per_day ?? 3, 0, 2),
    };
    return form(`${t("shops")} · ${shop.name || shop.id}`, [field(t("name"), f.name), field(t("rule_confirmed"), f.rule_confirmed_on), field(t("rule_link"), f.rule_confirmed_link), field(t("service"), f.service_s), field(t("idle"), f.idle_release_s), field(t("holds"), f.holds_per_day)], () => ({
      put: [{ ...shop, name: f.name.value, rule_confirmed_on: f.rule_confirmed_on.value || null, rule_confirmed_link: f.rule_confirmed_link.value || null, service_s: Number(f.service_s.value), idle_release_s: Number(f.idle_release_s.value), holds_per_day: Number(f.holds_per_day.value) }],
    }));
  }

  function seatForm(seat) {
    const f = {
      id: idField(seat?.id),
      shop: choice(all.shops.map((one) => [one.id, one.name || one.id]), seat?.shop),
      agent: choice(all.persons.map((one) => [one.id, one.name || one.id]), seat?.agent),
      account: text(seat?.account),
      cap: number(seat?.cap ?? 5, 1, 1000),
      weight: number(seat?.weight ?? 1000, 1, 100_000),
      role: choice([["agent", roleWord("agent")], ["cs_admin", roleWord("cs_admin")]], seat?.role),
      groups: text((seat?.groups ?? []).join(", ")),
      shifts: h("textarea", { rows: 3, value: (seat?.shifts ?? []).map(shiftWords).join("\n") }),
    };
    return form(`${t("seats")} · ${seat?.id ?? t("add")}`, [field(t("id"), f.id), field(t("shops"), f.shop), field(t("agent"), f.agent), field(t("account"), f.account), field(t("cap"), f.cap), field(t("weight"), f.weight), field(t("role"), f.role), field(t("groups"), f.groups), field(t("shifts"), f.shifts)], () => ({
      put: [{ type: "seat", ...seat, id: f.id.value.trim(), shop: f.shop.value, agent: f.agent.value, account: f.account.value.trim(), cap: Number(f.cap.value), weight: Number(f.weight.value), role: f.role.value, groups: f.groups.value.split(/[,，]/u).map((one) => one.trim()).filter(Boolean), shifts: f.shifts.value.split("\n").filter((line) => line.trim()).map(readShift) }],
    }));
  }

  function personForm(person) {
    const has = (shop, role) => person?.roles?.some((one) => one.shop === shop && one.role === role) ?? false;
    const boxes = all.shops.flatMap((shop) => ROLES.map((role) => {
      const box = h("input", { type: "checkbox", id: `role-${shop.id}-${role}` });
      box.checked = has(shop.id, role);
      return { shop: shop.id, role, box };
    }));
    const f = { id: idField(person?.id), name: text(person?.name), cap: number(person?.cap, 1, 1000), disabled: h("input", { type: "checkbox" }) };
    f.disabled.checked = person?.disabled ?? false;
    const roles = all.shops.map((shop) => h("fieldset", null, h("legend", null, `${t("roles")} · ${shop.name || shop.id}`), boxes.filter((one) => one.shop === shop.id).map(({ role, box }) => h("label", { class: "plain", for: box.id }, box, " ", roleWord(role)))));
    return form(`${t("persons")} · ${person?.name || person?.id || t("add")}`, [field(t("login"), f.id), field(t("name"), f.name), roles, field(t("person_cap"), f.cap), h("label", { class: "plain" }, f.disabled, " ", t("disabled"))], () => ({
      put: [{ type: "person", ...person, id: f.id.value.trim(), name: f.name.value.trim(), cap: f.cap.value ? Number(f.cap.value) : null, disabled: f.disabled.checked, roles: boxes.filter(({ box }) => box.checked).map(({ shop, role }) => ({ shop, role })) }],
    }));
  }

  async function assist(shop) {
    const stands = await ask("GET", `/assist/${encodeURIComponent(shop.id)}`);
    const mode = choice([["off", t("off")], ["shadow", t("shadow")], ["suggest", t("suggest")], ["assist", t("on")]], stands.assist);
    const read = h("input", { type: "checkbox", id: "assist-read" });
    read.checked = stands.confirmed;
    const lines = h("div", { class: "statement", tabindex: "0" }, stands.lines.map((line) => h("p", null, said(line))));
    const done = await question(`${t("assist")} · ${shop.name || shop.id}`, [h("p", { class: "quiet" }, t("assist_is", { mode: stands.acts_as })), stands.warnings.map((one) => h("p", { class: "note warn" }, said(one))), lines, h("label", { class: "plain", for: read.id }, read, " ", t("assist_confirm")), field(t("assist"), mode)], async () => {
      const path = `/assist/${encodeURIComponent(shop.id)}`;
      if (read.checked && !stands.confirmed) await ask("POST", path, { do: "confirm", statement: stands.statement });
      if (mode.value !== stands.assist) await ask("POST", path, { do: "mode", mode: mode.value });
    });
    if (done) {
      tell(t("saved"));
      await load();
    }
  }

  async function ladder(shop) {
    const { ladders } = await ask("GET", `ladders/${encodeURIComponent(shop.id)}`);
    const table = (one) => [h("h3", null, one.groups.join(", ")), h("table", null, h("thead", null, h("tr", null, h("th", { class: "number" }, t("second")), h("th", null, t("what")))), h("tbody", null, one.happenings.map((step) => h("tr", null, h("td", { class: "number" }, String(step.second)), h("td", { class: step.does ? "" : "quiet" }, said(step))))))];
    return question(`${t("ladder")} · ${shop.name || shop.id}`, [h("div", { class: "versions" }, ladders.map(table))]);
  }

  async function password(person) {
    const { password: made } = await ask("POST", `people/${encodeURIComponent(person.id)}/password`);
    await question(t("password"), [h("p", null, t("password_is", { name: person.name || person.id })), h("p", { class: "secret" }, h("code", null, made))]);
    await load();
  }

  const button = (words, deed, kind = "") => h("button", { class: kind, onClick: () => Promise.resolve(deed()).catch(fail) }, t(words));
  const section = (name, add, head, rows) => h("section", { class: "stack", "aria-label": t(name) }, h("div", { class: "row" }, h("h2", null, t(name)), add && button("add", add)), h("div", { class: "scroll" }, h("table", null, h("thead", null, h("tr", null, head.map((one) => h("th", null, one)))), h("tbody", null, rows))));
  const row = (...cells) => h("tr", null, cells.map((one) => h("td", null, one)));
  const shopName = (id) => all.shops.find((one) => one.id === id)?.name || id;

  function draw() {
    fill(
      place,
      section("shops", null, [t("name"), t("platform"), t("rule"), t("assist"), ""], all.shops.map((shop) => row(shop.name || shop.id, shop.platform ?? "taobao", `${shop.rule ?? "taobao_ww3"} ${shop.rule_confirmed_on ? `✓ ${shop.rule_confirmed_on}` : ""}`, t({ assist: "on" }[shop.assist] ?? shop.assist ?? "suggest"), h("div", { class: "row" }, button("change", () => shopForm(shop)), button("assist_read", () => assist(shop)), button("ladder", () => ladder(shop)))))),
      section("persons", () => personForm(null), [t("login"), t("name"), t("roles"), ""], all.persons.map((person) => row(h("span", null, person.id, person.disabled && h("span", { class: "quiet" }, ` ${t("disabled")}`)), person.name ?? "", (person.roles ?? []).map((one) => `${roleWord(one.role)}@${shopName(one.shop)}`).join("、"), h("div", { class: "row" }, button("change", () => personForm(person)), button("password", () => password(person)), all.has_password.includes(person.id) ? button("send_out", async () => tell(t("sent_out", { n: (await ask("POST", `people/${encodeURIComponent(person.id)}/end-sessions`)).ended }))) : h("span", { class: "quiet" }, t("no_password")))))),
      section("seats", () => seatForm(null), [t("id"), t("shops"), t("agent"), t("account"), t("cap"), ""], all.seats.map((seat) => row(seat.id, shopName(seat.shop), seat.agent, seat.account ?? "", String(seat.cap ?? 5), h("div", { class: "row" }, button("change", () => seatForm(seat)), button("remove", () => write({ remove: [{ sort: "seat", id: seat.id }] })))))),
      all.events.length > 0 && section("events", null, [t("name"), t("shops"), ""], all.events.map((event) => row(event.name || event.id, event.shops.map(shopName).join("、"), t("from", { start: event.start ?? "", end: event.end ?? "" })))),
    );
  }

  fill(room, h("div", { class: "page stack" }, h("h1", null, t("title")), note, place));
  load().catch(fail);
}

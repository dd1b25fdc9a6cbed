/*
 * Settings: shops, seats, people, groups, ladders and event profiles as forms. Each change is checked, shown as its
 * difference with what it will do, and written as a fact with who and when, to which one can go back.
 */

import { ask } from "../api.js";
import { question } from "../dialog.js";
import { fill, h, refill, say } from "../dom.js";
import { words } from "../words.js";
import { eventForm } from "../settings/event.js";
import { groupForm } from "../settings/groups.js";
import { foreseen, ladderForm } from "../settings/ladder.js";
import { pastDialog, pastList, pastTitle } from "../settings/past.js";
import { personForm } from "../settings/people.js";
import { endNow, rehearsal, startNow } from "../settings/rehearsal.js";
import { calendarForm, seatForm, swapForm } from "../settings/seats.js";
import { assistForm, newShopForm, shopForm } from "../settings/shop.js";
import { stepsLeft } from "../settings/steps.js";
import { changeWords } from "../settings/values.js";
import { keyWord, valueWord } from "../settings/words.js";

const t = words({
  title: ["设置", "Settings"],
  shops: ["店铺", "Shops"],
  seats: ["子账号", "Seats"],
  persons: ["人员", "People"],
  events: ["活动预案", "Event profiles"],
  add: ["新增", "Add"],
  change: ["修改", "Change"],
  remove: ["删除", "Remove"],
  copy: ["复制", "Copy"],
  save: ["保存", "Save"],
  go_on: ["查看改动", "See what changes"],
  look: ["请核对这些改动", "Look at what changes"],
  nothing: ["没有变化", "Nothing changes"],
  not_yet: ["还没有保存，可以继续修改", "Not saved; you can go on changing it"],
  marked: ["请先改正标红的内容", "Correct what is marked first"],
  saved: ["已保存，可在改动记录中查到是谁、何时改的", "Saved; the changes below have who and when"],
  turned: ["已写入，立即生效", "Done; it holds from now on"],
  taken: ["已有“{id}”，请换一个编号，或修改原来的", "There is a “{id}” already; choose another id, or change that one"],
  groups: ["分组", "Groups"],
  ladder: ["阶梯", "Ladder"],
  preview: ["预览", "Preview"],
  calendar: ["放假调休", "Holidays"],
  assist: ["自动话术", "Machine"],
  swap: ["换班", "Swap"],
  past: ["记录", "Past"],
  start: ["立即开始", "Start now"],
  end: ["立即结束", "End now"],
  ahead: ["未开始", "ahead"],
  on: ["进行中", "on"],
  over: ["已结束", "over"],
  login: ["用户名", "Login name"],
  password: ["生成首次密码", "New password"],
  password_again: [
    "{name} 已有密码。生成后，原密码立即失效，已登录的页面全部退出，须用新密码登录",
    "{name} has a password. A new one ends it at once, and every session of theirs; they log in with the new one",
  ],
  make: ["生成", "Make it"],
  password_is: ["把这个密码交给 {name}；只显示这一次，首次登录须修改：", "Give this to {name}; it is shown once and must be changed at the first login:"],
  no_password: ["还不能登录网页", "Cannot log in here yet"],
  send_out: ["强制退出", "End sessions"],
  sent_out: ["已退出 {n} 处登录", "{n} sessions ended"],
  disabled: ["停用", "Disabled"],
  unconfirmed: ["规则未核对", "not compared"],
  none: ["还没有。大促前可以先写好：上限、班次、阶梯、分组和话术，到点自动生效、自动恢复", "None yet. Write one before a promotion: caps, hours, ladder, groups and texts; it begins and returns by itself"],
});

export const title = () => t("title");

export function show(room, { me }) {
  const note = h("div", { role: "status" });
  const place = h("div", { class: "stack" });
  const ctx = { me, all: null, sheet, write, saved, fail };
  const past = pastList(ctx);

  function fail(error) {
    fill(note, h("div", { class: "note bad", role: "alert" }, error.message.split("\n").map((line) => h("span", { class: "line" }, line))));
    note.scrollIntoView({ block: "nearest" });
  }
  const tell = (text) => (fill(note, h("p", { class: "note good" }, text)), say(text));

  async function load() {
    const all = await ask("GET", "settings");
    const whole = (sort, items) => items.map((one) => ({ ...all.usual[sort], ...one, type: sort }));
    ctx.all = { ...all, shops: whole("shop", all.shops), seats: whole("seat", all.seats), persons: whole("person", all.persons), events: whole("event", all.events) };
    draw();
    await past.load();
  }

  async function saved() {
    tell(t("saved"));
    await load();
  }

  /** Hand in what rests on what was seen at `seq`. Where somebody else was faster, the page shows theirs. */
  async function post(body, seq, more = {}) {
    try {
      return await ask("POST", "settings", { ...body, based_on: seq, ...more });
    } catch (error) {
      if (error.code === "changed_meanwhile") load().catch(fail);
      throw error;
    }
  }

  const dry = (body, seq) => post(body, seq, { dry_run: true });

  /** Show what `body` changes and does, and write it if that is wanted. Resolves to whether it was. */
  async function confirm(body, told, seq) {
    const { changes, preview } = told;
    const shopName = (id) => ctx.all.shops.find((one) => one.id === id)?.name || id;
    const ladders = preview.ladders.filter((one) => one.event || changes.some((change) => change.sort === "shop" && change.id === one.shop && change.keys.some(({ key }) => /ladder|rule|service_s|assist|groups/.test(key))));
    const parts = changes.length
      ? [h("div", { class: "versions wide-sheet", tabindex: "0" }, changes.map(changeWords), Object.values(preview.events).flat().map(rehearsal), ladders.map((one) => foreseen(one, shopName(one.shop))))]
      : [h("p", null, t("nothing"))];
    const sure = await question(t("look"), parts, changes.length ? () => post(body, seq) : null, t("save"));
    if (sure) saved().catch(fail);
    return sure;
  }

  async function write(body) {
    const { seq } = ctx.all;
    return confirm(body, await dry(body, seq), seq);
  }

  /**
   * A form whose fields are asked for; what is wrong stands beside its field, and the form stays until it is saved.
   * `fresh`: of something new, its sort and id, which must not be there yet.
   */
  function sheet(form, heading, parts, made, fresh = null) {
    const { seq } = ctx.all;
    return question(
      heading,
      [h("div", { class: "sheet stack" }, parts)],
      async () => {
        form.clear();
        const [sort, id] = fresh?.() ?? [];
        if (sort && ctx.all[`${sort}s`].some((one) => one.id === id)) throw new Error(t("taken", { id }));
        const body = made();
        let told;
        try {
          told = await dry(body, seq);
        } catch (error) {
          if (!error.findings?.length) throw error;
          const rest = form.place(error, body.put.map((one) => one.id));
          throw new Error(rest.join("\n") || t("marked"));
        }
        if (!(await confirm(body, told, seq))) throw new Error(t(told.changes.length ? "not_yet" : "nothing"));
      },
      t("go_on"),
    );
  }

  /** Who has a password loses it by this: that is asked first. One's own is changed on its page, with the old one. */
  async function password(person) {
    const name = person.name || person.id;
    let made;
    const make = async () => ({ password: made } = await ask("POST", `people/${encodeURIComponent(person.id)}/password`));
    if (!ctx.all.has_password.includes(person.id)) await make();
    else if (!(await question(t("password"), [h("p", { class: "note warn" }, t("password_again", { name }))], make, t("make")))) return;
    await question(t("password"), [h("p", null, t("password_is", { name })), h("p", { class: "secret" }, h("code", null, made))]);
    await load();
  }

  async function sendOut(person) {
    tell(t("sent_out", { n: (await ask("POST", `people/${encodeURIComponent(person.id)}/end-sessions`)).ended }));
  }

  async function ladderPreview(shop) {
    const found = await ask("GET", `ladders/${encodeURIComponent(shop.id)}`);
    return question(t("preview"), [h("div", { class: "versions wide-sheet", tabindex: "0" }, foreseen(found, shop.name || shop.id))]);
  }

  async function turn(deed) {
    if (!(await deed())) return;
    tell(t("turned"));
    await load();
  }

  const pressed = (text, deed, kind = "") => h("button", { class: kind, onClick: () => Promise.resolve(deed()).catch(fail) }, text);
  const button = (word, deed, kind = "") => pressed(t(word), deed, kind);
  const section = (name, buttons, head, rows) => h("section", { class: "stack", "aria-label": t(name) }, h("div", { class: "row" }, h("h2", null, t(name)), buttons), h("div", { class: "scroll" }, h("table", null, h("thead", null, h("tr", null, head.map((one) => h("th", null, one)))), h("tbody", null, rows))));
  const row = (cells, buttons) => h("tr", { "data-of": cells[0].textContent ?? cells[0] }, cells.map((one) => h("td", { dir: "auto" }, one)), h("td", null, h("div", { class: "row" }, buttons)));
  const shopName = (id) => ctx.all.shops.find((one) => one.id === id)?.name || id;
  const personName = (id) => ctx.all.persons.find((one) => one.id === id)?.name || id;
  const pastOf = (sort, one) => button("past", () => pastDialog(ctx, sort, one.id, one.name));

  const shopRow = (shop) =>
    row(
      [shop.name || shop.id, valueWord(shop.platform), h("span", null, valueWord(shop.rule), h("span", { class: "quiet" }, ` ${shop.rule_confirmed_on ? `✓ ${shop.rule_confirmed_on}` : t("unconfirmed")}`)), valueWord(shop.assist)],
      [button("change", () => shopForm(ctx, shop)), button("groups", () => groupForm(ctx, shop)), button("ladder", () => ladderForm(ctx, shop)), button("preview", () => ladderPreview(shop)), button("calendar", () => calendarForm(ctx, shop)), button("assist", () => assistForm(ctx, shop)), pastOf("shop", shop)],
    );
  const personRow = (person) =>
    row(
      [h("span", null, person.id, person.disabled && h("span", { class: "quiet" }, ` ${t("disabled")}`)), person.name, person.roles.map((one) => `${valueWord(one.role)}@${shopName(one.shop)}`).join("、")],
      [button("change", () => personForm(ctx, person)), person.id !== me.person && button("password", () => password(person)), ctx.all.has_password.includes(person.id) ? button("send_out", () => sendOut(person)) : h("span", { class: "quiet" }, t("no_password")), pastOf("person", person)],
    );
  const seatRow = (seat) =>
    row(
      [seat.id, shopName(seat.shop), personName(seat.agent), seat.account, String(seat.cap), seat.groups.map(valueWord).join("、")],
      [button("change", () => seatForm(ctx, seat)), button("remove", () => write({ remove: [{ sort: "seat", id: seat.id }] })), pastOf("seat", seat)],
    );
  const eventRow = (event) =>
    row(
      [event.name || event.id, event.shops.map(shopName).join("、"), `${event.starts} – ${event.ends}`, t(ctx.all.standing[event.id] ?? "ahead")],
      [
        ctx.all.standing[event.id] === "on" ? button("end", () => turn(() => endNow(event)), "danger") : button("start", () => turn(() => startNow(event)), "main"),
        button("change", () => eventForm(ctx, event)),
        button("copy", () => eventForm(ctx, null, event)),
        button("remove", () => write({ remove: [{ sort: "event", id: event.id }] })),
        pastOf("event", event),
      ],
    );

  function draw() {
    const { shops, persons, seats, events } = ctx.all;
    const caption = (keys) => [...keys.map(keyWord), ""];
    refill(
      place,
      stepsLeft(ctx.all, { button: pressed, password, seat: () => seatForm(ctx, null), shop: (shop) => shopForm(ctx, shop), assist: (shop) => assistForm(ctx, shop) }),
      section("shops", button("add", () => newShopForm(ctx)), caption(["name", "platform", "rule", "assist"]), shops.map(shopRow)),
      section("persons", button("add", () => personForm(ctx, null)), [t("login"), ...caption(["name", "roles"])], persons.map(personRow)),
      section("seats", [button("add", () => seatForm(ctx, null)), seats.length > 1 && button("swap", () => swapForm(ctx))], caption(["id", "shop", "agent", "account", "cap", "groups"]), seats.map(seatRow)),
      section("events", button("add", () => eventForm(ctx, null)), [...["name", "shops", "starts"].map(keyWord), "", ""], events.length ? events.map(eventRow) : h("tr", null, h("td", { class: "quiet", colspan: 5 }, t("none")))),
      h("section", { class: "stack", "aria-label": pastTitle() }, h("h2", null, pastTitle()), past.box),
    );
  }

  fill(room, h("div", { class: "page stack settings" }, h("h1", null, t("title")), note, place));
  load().catch(fail);
}

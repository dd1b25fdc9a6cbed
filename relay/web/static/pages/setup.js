/* The very first page: the owner, the first shop, its seats, and what relay will do there. */

import { ask } from "../api.js";
import { field, fill, h, say } from "../dom.js";
import { current, speak, words } from "../words.js";

const t = words({
  title: ["开始使用 relay", "Set up relay"],
  intro: [
    "填写一次，之后都可以在设置页修改。初始化码显示在启动 relay 的窗口里。",
    "Once; everything can be changed later on the settings page. The code stands in the window in which relay was started.",
  ],
  code: ["初始化码", "Code"],
  owner: ["店主用户名", "Owner's login name"],
  owner_hint: ["小写字母、数字、- 和 _，用来登录", "Lower-case letters, digits, - and _; used to log in"],
  owner_name: ["店主称呼", "Owner's name"],
  password: ["密码", "Password"],
  password_hint: ["至少 10 个字符；几个词连起来最好记", "At least 10 characters; a few words are easiest to remember"],
  shop: ["店铺名称", "Shop"],
  platform: ["平台", "Platform"],
  channel: ["聊天通道（config.toml 中的名称）", "Channel (its name in config.toml)"],
  seats: ["子账号与客服", "Sub-accounts and agents"],
  seat_person: ["客服用户名", "Login name"],
  seat_name: ["称呼", "Name"],
  seat_account: ["平台子账号", "Sub-account on the platform"],
  cap: ["最多同时接待", "Most at once"],
  add: ["再加一个", "Add another"],
  remove: ["删除第 {n} 个", "Remove number {n}"],
  does: ["relay 会做什么", "What relay will do"],
  does_1: [
    "每条买家消息先写入台账，再分给最空闲的客服；按平台规则倒计时，60 秒标记、90 秒响铃、120 秒提醒主管。",
    "Each buyer's message is written down first, then goes to the least-loaded agent; the platform's clock is shown: a badge at 60 s, a sound at 90 s, the supervisor at 120 s.",
  ],
  does_2: [
    "现在不会自动发送任何内容。您确认“什么算数”之后，才会在超时前发送下面这两句已批准的话术，并记下还欠买家一个真正的答复。",
    "Nothing is sent by itself now. Only after you have confirmed what counts will relay send one of these approved replies shortly before the deadline, and keep in mind that the buyer is still owed a real answer.",
  ],
  make: ["创建并登录", "Create and log in"],
  made: ["已创建", "Done"],
  other: ["English", "中文"],
  taobao: ["淘宝", "Taobao"],
  tmall: ["天猫", "Tmall"],
  tejia: ["淘特（淘宝特价版）", "Tejia"],
  kuaishou: ["快手", "Kuaishou"],
});
const PLATFORMS = ["taobao", "tmall", "tejia", "kuaishou"];
const NAME = "[a-z0-9][a-z0-9_.\\-]{0,63}";

export const title = () => t("title");

export function show(room, { again, go }) {
  const given = { channels: [], holds: {} };
  const code = h("input", { inputmode: "numeric", autocomplete: "one-time-code", required: true });
  const owner = h("input", { autocomplete: "username", required: true, pattern: NAME, spellcheck: "false", value: "boss" });
  const ownerName = h("input", { autocomplete: "name", maxlength: 64 });
  const password = h("input", { type: "password", autocomplete: "new-password", required: true, minlength: 10 });
  const shop = h("input", { required: true, maxlength: 64 });
  const platform = h("select", null, PLATFORMS.map((one) => h("option", { value: one }, t(one))));
  const channel = h("select");
  const holds = h("ul");
  const trouble = h("p", { class: "note bad", role: "alert", hidden: true });
  const seats = h("div", { class: "stack" });
  const make = h("button", { class: "main" }, t("make"));
  const other = current() === "en" ? "zh-CN" : "en";
  const rows = [];

  function addSeat() {
    const n = rows.length + 1;
    const row = {
      person: h("input", { required: true, pattern: NAME, spellcheck: "false", value: `agent${n}` }),
      name: h("input", { maxlength: 64 }),
      account: h("input", { maxlength: 128 }),
      cap: h("input", { type: "number", min: 1, max: 1000, value: "5", required: true }),
    };
    const remove = h("button", { type: "button", "aria-label": t("remove", { n }), onClick: () => drop(row) }, "✕");
    row.place = h(
      "div",
      { class: "row seat" },
      field(t("seat_person"), row.person),
      field(t("seat_name"), row.name),
      field(t("seat_account"), row.account),
      field(t("cap"), row.cap),
      remove,
    );
    rows.push(row);
    seats.append(row.place);
    return row;
  }

  function drop(row) {
    rows.splice(rows.indexOf(row), 1);
    row.place.remove();
    more.focus();
  }

  const more = h("button", { type: "button", onClick: () => addSeat().person.focus() }, t("add"));

  async function submit(event) {
    event.preventDefault();
    make.disabled = true;
    trouble.hidden = true;
    const wish = {
      owner: owner.value.trim(),
      owner_name: ownerName.value.trim(),
      password: password.value,
      shop: shop.value.trim(),
      platform: platform.value,
      channel: channel.value,
      seats: rows.map((row) => ({
        person: row.person.value.trim(),
        name: row.name.value.trim(),
        account: row.account.value.trim(),
        cap: Number(row.cap.value),
      })),
    };
    try {
      await ask("POST", "setup", { code: code.value.trim(), wish });
      say(t("made"));
      return await go("settings"); // where what is still to do stands
    } catch (error) {
      fill(trouble, error.message.split("\n").map((line) => h("span", { class: "line" }, line)));
      trouble.hidden = false;
      trouble.scrollIntoView({ block: "center" });
    }
    make.disabled = false;
  }

  fill(
    room,
    h(
      "form",
      { class: "card stack wide", onSubmit: submit },
      h("div", { class: "row" }, h("h1", null, t("title")), h("button", { type: "button", lang: other, onClick: () => (speak(other), again()) }, t("other"))),
      h("p", { class: "quiet" }, t("intro")),
      field(t("code"), code),
      h("div", { class: "pair" }, field(t("owner"), owner, t("owner_hint")), field(t("owner_name"), ownerName)),
      field(t("password"), password, t("password_hint")),
      h("div", { class: "pair" }, field(t("shop"), shop), field(t("platform"), platform)),
      field(t("channel"), channel),
      h("h2", null, t("seats")),
      seats,
      h("div", null, more),
      h("h2", null, t("does")),
      h("p", null, t("does_1")),
      h("p", null, t("does_2")),
      holds,
      trouble,
      make,
    ),
  );
  addSeat();
  addSeat();
  code.focus();
  ask("GET", "setup").then((answer) => {
    Object.assign(given, answer);
    fill(channel, given.channels.map((one) => h("option", { value: one }, one)));
    fill(holds, Object.values(given.holds).map((text) => h("li", { lang: "zh-CN" }, text)));
  });
}

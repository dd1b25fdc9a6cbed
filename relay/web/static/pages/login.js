/* Coming in. */

import { ask } from "../api.js";
import { field, fill, h } from "../dom.js";
import { current, speak, words } from "../words.js";

const t = words({
  title: ["登录", "Log in"],
  person: ["用户名", "Name"],
  password: ["密码", "Password"],
  enter: ["登录", "Log in"],
  forgot: [
    "忘记密码：请店主在设置页，或在 relay 所在电脑上运行 relay password 用户名",
    "Forgotten? The owner gives a new one on the settings page, or `relay password NAME` on relay's machine",
  ],
  other: ["English", "中文"],
});

export const title = () => t("title");

export function show(room, { again }) {
  const person = h("input", { name: "person", autocomplete: "username", required: true, spellcheck: "false" });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const trouble = h("p", { class: "note bad", role: "alert", hidden: true });
  const enter = h("button", { class: "main" }, t("enter"));
  const other = current() === "en" ? "zh-CN" : "en";

  async function submit(event) {
    event.preventDefault();
    enter.disabled = true;
    trouble.hidden = true;
    try {
      await ask("POST", "login", { person: person.value, password: password.value });
      return await again();
    } catch (error) {
      fill(trouble, error.message);
      trouble.hidden = false;
      password.value = "";
      password.focus();
    }
    enter.disabled = false;
  }

  fill(
    room,
    h(
      "form",
      { class: "card stack narrow", onSubmit: submit },
      h("div", { class: "row" }, h("h1", null, `relay · ${t("title")}`)),
      field(t("person"), person),
      field(t("password"), password),
      trouble,
      enter,
      h("p", { class: "quiet" }, t("forgot")),
      h("button", { type: "button", lang: other, onClick: () => (speak(other), again()) }, t("other")),
    ),
  );
  person.focus();
}

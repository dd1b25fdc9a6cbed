/* One's own password. */

import { ask } from "../api.js";
import { field, fill, h } from "../dom.js";
import { words } from "../words.js";

const t = words({
  title: ["修改密码", "Change the password"],
  must: ["这个密码是别人设置的，请先改成只有您知道的", "Somebody else made this password; choose one that only you know"],
  old: ["原密码", "Old password"],
  new: ["新密码", "New password"],
  hint: ["至少 10 个字符；几个词连起来最好记", "At least 10 characters; a few words are easiest to remember"],
  twice: ["再输一次新密码", "The new password again"],
  differ: ["两次输入的新密码不同", "The two new passwords differ"],
  save: ["保存", "Save"],
  back: ["返回", "Back"],
  ends: ["保存后，您在其他电脑上的登录会退出", "Your sessions on other computers end with it"],
});

export const title = () => t("title");

export function show(room, { me, go }) {
  const old = h("input", { type: "password", autocomplete: "current-password", required: true });
  const fresh = h("input", { type: "password", autocomplete: "new-password", required: true, minlength: 10 });
  const twice = h("input", { type: "password", autocomplete: "new-password", required: true });
  const trouble = h("p", { class: "note bad", role: "alert", hidden: true });
  const user = h("input", { class: "unseen", autocomplete: "username", value: me.person, tabindex: "-1", readonly: true });
  user.setAttribute("aria-hidden", "true");

  async function submit(event) {
    event.preventDefault();
    trouble.hidden = true;
    try {
      if (fresh.value !== twice.value) throw new Error(t("differ"));
      await ask("POST", "password", { old: old.value, new: fresh.value });
      go("");
    } catch (error) {
      fill(trouble, error.message);
      trouble.hidden = false;
    }
  }

  fill(
    room,
    h(
      "form",
      { class: "card stack narrow", onSubmit: submit },
      h("h1", null, t("title")),
      me.must_change ? h("p", { class: "note warn" }, t("must")) : null,
      user,
      field(t("old"), old),
      field(t("new"), fresh, t("hint")),
      field(t("twice"), twice),
      trouble,
      h("p", { class: "quiet" }, t("ends")),
      h(
        "div",
        { class: "row" },
        h("button", { class: "main" }, t("save")),
        me.must_change ? null : h("button", { type: "button", onClick: () => go("") }, t("back")),
      ),
    ),
  );
  old.focus();
}

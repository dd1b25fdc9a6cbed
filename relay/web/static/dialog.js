/* A question to the person: a form in a dialog that keeps the focus, and gives it back. */

import { h } from "./dom.js";
import { words } from "./words.js";

const t = words({ ok: ["确定", "OK"], cancel: ["取消", "Cancel"] });

/**
 * Ask with these parts; `done` does the deed with the form and may throw, which is shown. Resolves to whether it was done.
 * @param {string} title @param {any[]} parts @param {(() => Promise<any>) | null} done
 */
export function question(title, parts, done = null, label = "") {
  const before = document.activeElement;
  const trouble = h("p", { class: "note bad", role: "alert", hidden: true });
  const ok = done && h("button", { class: "main" }, label || t("ok"));
  const heading = h("h2", { id: "dialog-title" }, title);
  const cancel = h("button", { type: "button", onClick: () => box.close() }, done ? t("cancel") : t("ok"));
  let did = false;

  async function submit(event) {
    event.preventDefault();
    if (ok.disabled) return;
    ok.disabled = true;
    try {
      await done();
      did = true;
      box.close();
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
      ok.disabled = false;
    }
  }

  const form = h("form", { class: "stack", onSubmit: submit }, heading, parts, trouble, h("div", { class: "row" }, ok, cancel));
  const box = h("dialog", { "aria-labelledby": heading.id }, form);
  document.body.append(box);
  box.showModal();
  return new Promise((resolve) => {
    box.addEventListener("close", () => {
      box.remove();
      (before?.isConnected ? before : document.getElementById("room"))?.focus();
      resolve(did);
    });
  });
}

/*
 * Taking back what was just done, for a while and where it can be: the deed is undone by a deed of its own. One key
 * (Alt+Z) takes back the newest that stands there.
 */

import { fill, h, say } from "./dom.js";
import { words } from "./words.js";

const t = words({ undo: ["撤销", "Undo"], key: ["Alt+Z 撤销", "Alt+Z takes it back"] });
const OFFERED_FOR = 12_000;
let open = null;

/**
 * Say what was done, with a button that undoes it.
 * @param {Element} place @param {string} done @param {() => any} back
 */
export function offerUndo(place, done, back) {
  const over = () => {
    told.remove();
    if (open === take) open = null;
  };
  const take = () => {
    over();
    back();
  };
  const told = h("p", { class: "note row undo" }, h("span", { dir: "auto" }, done), " ", h("button", { onClick: take, "aria-keyshortcuts": "Alt+Z" }, t("undo"), " ", h("kbd", { "aria-hidden": "true" }, "Alt+Z")));
  fill(place, told);
  open = take;
  say(`${done} ${t("key")}`);
  setTimeout(over, OFFERED_FOR);
}

/** Take back what is offered; nothing happens where nothing is. */
export function undo() {
  open?.();
}

/* Taking back what was just done, for a while and where it can be: the deed is undone by a deed of its own. */

import { fill, h } from "./dom.js";
import { words } from "./words.js";

const t = words({ undo: ["撤销", "Undo"] });
const OFFERED_FOR = 12_000;

/**
 * Say what was done, with a button that undoes it.
 * @param {Element} place @param {string} done @param {() => any} back
 */
export function offerUndo(place, done, back) {
  const take = () => {
    told.remove();
    back();
  };
  const told = h("p", { class: "note row" }, done, " ", h("button", { onClick: take }, t("undo")));
  fill(place, told);
  setTimeout(() => told.remove(), OFFERED_FOR);
}

/* What has changed between two texts, piece by piece: words of Latin letters whole, everything else by character. */

import { h } from "./dom.js";

const MOST = 2_000;

function pieces(text) {
  return text.slice(0, MOST).match(/[A-Za-z0-9_{}]+|\s+|./gsu) ?? [];
}

/** @returns {{kind: "same" | "out" | "in", text: string}[]} */
export function difference(before, after) {
  const [a, b] = [pieces(before), pieces(after)];
  const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
  const found = [];
  const add = (kind, text) => (found.at(-1)?.kind === kind ? (found.at(-1).text += text) : found.push({ kind, text }));
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add("same", a[i++]);
      j++;
    } else if (i < a.length && (j === b.length || longest[i + 1][j] >= longest[i][j + 1])) add("out", a[i++]);
    else add("in", b[j++]);
  }
  return found;
}

export function shown(before, after) {
  const name = { same: "span", out: "del", in: "ins" };
  return h("p", { class: "difference", dir: "auto" }, difference(before, after).map(({ kind, text }) => h(name[kind], null, text)));
}

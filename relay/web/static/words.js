/* The two languages of the console. Each page brings its own words, under the same keys in both. */

const KEY = "relay.language";
let language = localStorage.getItem(KEY) ?? "";

export const chosen = () => language !== "";
export const current = () => language || "zh-CN";

/** @param {string} wanted @param {boolean} [keep] */
export function speak(wanted, keep = true) {
  language = wanted === "en" ? "en" : "zh-CN";
  if (keep) localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
}

/**
 * The words of one room: `{key: [Chinese, English]}` becomes a function that says `key` in the language of now.
 * `{name}` in a sentence is filled from the second argument.
 * @param {Record<string, [string, string]>} table
 */
export function words(table) {
  return (key, filling = {}) => {
    const pair = table[key];
    if (!pair) throw new Error(`no words for ${key}`);
    const sentence = pair[current() === "en" ? 1 : 0];
    return sentence.replace(/\{(\w+)\}/g, (_, name) => String(filling[name] ?? ""));
  };
}

/** Of something that relay said in both languages. */
export const said = (both) => (current() === "en" ? both.en : both.zh);

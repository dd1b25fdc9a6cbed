/* Making elements. Whatever a person wrote becomes text and nothing else: there is no way to give markup here. */

/**
 * An element with attributes, listeners (`onClick`) and children. False, null and undefined children are left out;
 * an attribute that is false or null is not set, true sets it empty.
 * @param {string} name
 * @param {Record<string, any> | null} [given]
 * @param {...any} children
 * @returns {any}
 */
export function h(name, given, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given ?? {})) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2).toLowerCase(), value);
    else if (key === "value") made.value = value;
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, String(value));
  }
  made.append(...children.flat(Infinity).filter((one) => one != null && one !== false));
  return made;
}

/** @param {Element} place @param {...any} children */
export function fill(place, ...children) {
  place.replaceChildren(...children.flat(Infinity).filter((one) => one != null && one !== false));
}

let numbers = 0;

/** A label, its control and a hint, tied together for those who do not see them. */
export function field(label, control, hint) {
  const id = (control.id ||= `field-${++numbers}`);
  const about = hint ? h("span", { class: "quiet", id: `${id}-hint` }, hint) : null;
  if (about) control.setAttribute("aria-describedby", about.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, about);
}

/** Say something to those who listen: politely, or at once. */
export function say(text, atOnce = false) {
  const place = document.getElementById(atOnce ? "called" : "spoken");
  if (!place) return;
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}

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

/**
 * Make these the children, in this order, and touch only those that come, go or move: whatever is put in anew is laid
 * out and painted anew, though it looks as before.
 * @param {Element} place @param {Element[]} wanted
 */
export function arrange(place, wanted) {
  const staying = new Set(wanted);
  for (const one of [...place.children]) if (!staying.has(one)) one.remove();
  let at = place.firstElementChild;
  for (const one of wanted) {
    if (at && at !== one && at.nextElementSibling === one) {
      at.remove(); // it stands further back now, and comes in there
      at = one;
    }
    if (at === one) at = one.nextElementSibling;
    else place.insertBefore(one, at);
  }
}

/**
 * Rows that stay as long as they say the same: a click needs the button that it began on, and whoever listens is not
 * read everything again. A row is `{key, from, make, update}`: it is made anew when `from` has changed, `make` gives
 * its parts with the element as `place`, and `update` is given the parts at every drawing.
 */
export class Rows {
  /** @param {Element} place */
  constructor(place) {
    this.place = place;
    this.known = new Map();
  }

  /** @param {{key: string, from?: any, make: () => {place: Element}, update?: (parts: any) => void}[]} wanted */
  draw(wanted) {
    const held = this.place.contains(document.activeElement) ? document.activeElement : null;
    const heldIn = held && [...this.known].find(([, { parts }]) => parts.place.contains(held));
    const nth = heldIn ? [...heldIn[1].parts.place.querySelectorAll("button")].indexOf(held) : -1;
    const before = this.known;
    this.known = new Map();
    for (const { key, from = null, make, update } of wanted) {
      const says = JSON.stringify(from);
      const had = before.get(key);
      const one = had?.says === says ? had : { says, parts: make() };
      update?.(one.parts);
      this.known.set(key, one);
    }
    arrange(this.place, [...this.known.values()].map((one) => one.parts.place));
    if (!held || document.activeElement === held) return;
    const same = this.known.get(heldIn?.[0])?.parts.place.querySelectorAll("button")[nth];
    if (!same) this.place.tabIndex = -1; // its row has gone: a key that is held down must not press another row's button
    (same ?? this.place).focus({ preventScroll: true });
  }
}

/** Change a text only if it is another one: what is the same need not be laid out again. */
export function set(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** As `fill`, for what is drawn again while somebody may be at it with the keyboard: who was on a control stays on it. */
export function refill(place, ...children) {
  const controls = () => [...place.querySelectorAll("a, button, input, select, textarea")];
  const held = place.contains(document.activeElement) ? document.activeElement : null;
  const at = controls().indexOf(held);
  fill(place, ...children);
  if (at < 0) return;
  const alike = controls().filter((one) => called(one) === called(held));
  const same = alike.find((one) => one === controls()[at]) ?? (alike.length === 1 ? alike[0] : null);
  same?.focus({ preventScroll: true });
}

/** By what a control is known again: what its row is of (`data-of`) and what it says, whatever it counts. */
function called(control) {
  const row = control.closest("[data-of]");
  const says = row === control ? "" : control.getAttribute("aria-label") ?? control.textContent.replace(/\d+/g, "");
  return `${control.tagName} ${row?.dataset.of ?? ""} ${says}`;
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

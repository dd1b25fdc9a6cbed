/* Being noticed without asking for permission: a tone and a title that flashes while the page is out of sight. */

const KEY = "relay.muted";
let muted = localStorage.getItem(KEY) === "1";
let context = null;
const ends = { message: 0, urgent: 0 };
let flashing = null;
let plain = "";

export const isMuted = () => muted;

export function mute(wanted) {
  muted = wanted;
  localStorage.setItem(KEY, wanted ? "1" : "0");
}

/** One that still sounds is not begun again: a busy desk would hear a buzz, and pay for each tone in it. @param {"message" | "urgent"} kind */
export function sound(kind) {
  if (muted) return;
  try {
    context ??= new AudioContext();
    const start = context.currentTime;
    if (start < ends[kind]) return;
    for (const [at, pitch] of kind === "urgent" ? [[0, 880], [0.18, 880], [0.36, 1175]] : [[0, 660]]) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, start + at);
      volume.gain.exponentialRampToValueAtTime(0.2, start + at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.16);
      tone.connect(volume).connect(context.destination);
      tone.start(start + at);
      tone.stop(start + at + 0.17);
      ends[kind] = start + at + 0.17;
    }
  } catch {
    // a browser without sound, or before the first key: the page shows it all the same
  }
}

export function flash(text) {
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  if (!flashing) plain = document.title;
  clearInterval(flashing);
  let on = false;
  flashing = setInterval(() => (document.title = (on = !on) ? text : plain), 900);
}

function calm() {
  if (!flashing) return;
  clearInterval(flashing);
  flashing = null;
  document.title = plain;
}
addEventListener("focus", calm);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && calm());

/*
 * The order of work: which section a conversation stands in, and what its clock says. Pure.
 * savable: the platform's deadline is ahead. service: only the shop's own clock runs. late: a deadline has passed.
 * overnight: asked outside the hours, which have not opened. owed: held, and the real answer is due. quiet: nothing waits.
 */

export const SECTIONS = ["savable", "service", "late", "overnight", "owed", "queue", "quiet"];

export function sectionOf(talk, now) {
  if (talk.queued) return "queue";
  if (talk.opened_at != null) {
    if (talk.due_at != null) return talk.due_at >= now ? "savable" : "late";
    if (talk.service_from != null && talk.service_from > now) return "overnight";
    if (talk.service_due_at != null) return talk.service_due_at >= now ? "service" : "late";
    return "service";
  }
  return talk.debt ? "owed" : "quiet";
}

/** The instant by which a section is ordered, the most urgent first. */
export function urgency(talk, section) {
  switch (section) {
    case "savable":
      return talk.due_at;
    case "service":
      return talk.service_due_at ?? talk.opened_at;
    case "late":
      return -(talk.due_at ?? talk.service_due_at); // the one just missed first: others wait longer anyway
    case "overnight":
      return talk.opened_at;
    case "owed":
      return talk.debt.since;
    case "queue":
      return talk.place ?? Infinity;
    default:
      return -(talk.messages.at(-1)?.at ?? 0);
  }
}

/** What the clock shows: seconds left (negative: late by), or of a debt and the like how long since. */
export function clockOf(talk, section, now) {
  const due = section === "savable" ? talk.due_at : section === "service" ? talk.service_due_at : null;
  if (due != null) return { left: Math.ceil((due - now) / 1000) };
  if (section === "late") return { left: -Math.floor((now - (talk.due_at ?? talk.service_due_at)) / 1000) };
  if (section === "owed") return { since: Math.floor((now - talk.debt.since) / 1000) };
  if (talk.opened_at != null) return { since: Math.floor((now - talk.opened_at) / 1000) };
  return null;
}

/** 185 s as 3:05; from an hour on 1:02:05. */
export function span(seconds) {
  const whole = Math.abs(Math.trunc(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const ON_ITS_WAY = ["intended", "sending", "waiting"];
const LEAVING = 3_000;

/** Whether an answer of this page or of a colleague is on its way to a buyer who has said nothing since. */
function isAnswered(talk, now) {
  const last = talk.messages.at(-1);
  if (last && last.author === "human" && ON_ITS_WAY.includes(last.state)) return true;
  if (talk.said_at == null || now - talk.said_at >= LEAVING) return false;
  return (talk.messages.findLast((one) => one.author === "buyer")?.at ?? 0) <= talk.said_at;
}

/** Whom to turn to next: the most urgent to whom no answer is on its way. */
export function mostUrgent(talks, now) {
  const found = sorted(talks, now);
  const order = SECTIONS.flatMap((name) => found[name]);
  return order.find((talk) => !isAnswered(talk, now)) ?? order[0] ?? null;
}

/** All conversations by section, each in order. */
export function sorted(talks, now) {
  const found = Object.fromEntries(SECTIONS.map((one) => [one, []]));
  for (const talk of talks) found[sectionOf(talk, now)].push(talk);
  for (const [name, list] of Object.entries(found)) list.sort((a, b) => urgency(a, name) - urgency(b, name) || (a.key < b.key ? -1 : 1));
  return found;
}

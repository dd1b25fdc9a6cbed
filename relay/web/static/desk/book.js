/*
 * What this person may see of the desk, kept by the events alone. Pure: no clock, no page, no socket.
 * `take(frame)` returns what changed: the keys of conversations, or "all".
 */

export const keyOf = (shop, buyer) => `${shop}/${buyer}`;
const ENDED = ["confirmed", "refused", "not_sent", "unknown"];
const MOST_LINES = 400;

export class Book {
  constructor() {
    this.clear();
    this.offset = 0;
    this.person = "";
  }

  clear() {
    this.shops = new Map();
    this.seats = new Map();
    this.replies = new Map();
    this.talks = new Map();
    this.followUps = new Map();
    this.alerts = new Map();
    this.channels = new Map();
  }

  /** How many conversations each seat has, how many of them wait, and what is on its way to it. */
  loads() {
    const found = new Map([...this.seats.keys()].map((seat) => [seat, { open: 0, waiting: 0, coming: 0, since: null }]));
    for (const talk of this.talks.values()) {
      const on = found.get(talk.seat);
      if (on) {
        on.open += 1;
        if (talk.opened_at != null) {
          on.waiting += 1;
          on.since = Math.min(on.since ?? Infinity, talk.opened_at);
        }
      }
      const to = found.get(talk.moving_to);
      if (to) to.coming += 1;
    }
    return found;
  }

  /** The open alerts about a buyer, or about a shop itself. */
  alertsOf(shop, buyer = null) {
    return [...this.alerts.values()].filter((one) => one.shop === shop && (one.buyer ?? null) === buyer);
  }

  /** How far relay's clock is ahead of this page's monotonic one, in ms. */
  sync(serverNow, monotonic) {
    this.offset = serverNow - monotonic;
  }

  now(monotonic) {
    return this.offset + monotonic;
  }

  /** What the platform calls a seat; its id where this page does not know it. */
  accountOf(seat) {
    return this.seats.get(seat)?.account || seat;
  }

  mayIn(shop, deed) {
    return this.shops.get(shop)?.may.includes(deed) ?? false;
  }

  mine() {
    return [...this.seats.values()].filter((seat) => seat.mine);
  }

  take(frame) {
    for (const one of frame.raised ?? []) this.alerts.set(one.alert, { ...one, shop: frame.shop });
    for (const id of frame.over ?? []) this.alerts.delete(id);
    let changed = TAKERS[frame.type]?.(this, frame) ?? null;
    if (frame.gone) changed = gone(this, frame);
    return changed ?? (frame.raised || frame.over ? "all" : null);
  }

  talk(frame) {
    return this.talks.get(keyOf(frame.shop, frame.buyer));
  }
}

/** Takers of events about a conversation that is here; they return nothing, the conversation has changed. */
function talks(change) {
  return (book, frame) => {
    const talk = book.talk(frame);
    if (!talk) return null;
    change(talk, frame, book);
    return keyOf(frame.shop, frame.buyer);
  };
}

function line(talk, message) {
  const at = talk.messages.findIndex((one) => one.id === message.id);
  if (at >= 0) talk.messages[at] = { ...talk.messages[at], ...message };
  else talk.messages.push(message);
  if (talk.messages.length > MOST_LINES) talk.messages.shift();
}

function send(talk, frame, status, more = {}) {
  const mine = talk.messages.find((one) => one.send === frame.send);
  if (mine) Object.assign(mine, { state: status, ...more });
  const known = talk.sends.find((one) => one.send === frame.send);
  if (known) Object.assign(known, { status, ask: frame.ask ?? null });
  else if (status !== "confirmed") talk.sends.push({ send: frame.send, status, machine: frame.machine ?? false, seat: frame.seat, ask: frame.ask ?? null });
  if (status === "confirmed" || status === "not_sent") talk.sends = talk.sends.filter((one) => one.send !== frame.send);
}

function round(talk, frame) {
  talk.opened_at = frame.opened_at;
  talk.due_at = frame.due_at ?? null;
  talk.questions = frame.questions ?? talk.questions;
  talk.service_from = frame.service_from ?? null;
  talk.service_due_at = frame.service_due_at ?? null;
}

function calm(talk) {
  Object.assign(talk, { opened_at: null, due_at: null, service_from: null, service_due_at: null, questions: 0, rungs: [] });
}

function order(talk, frame) {
  if (!frame.order) return;
  const place = new Map(frame.order.map((id, at) => [id, at]));
  talk.drafts = talk.drafts.filter((one) => place.has(one.draft)).sort((a, b) => place.get(a.draft) - place.get(b.draft));
  for (const [key, id] of Object.entries(talk.keys)) if (!place.has(id)) delete talk.keys[key];
}

/** Each draft keeps the key beside which it stood as long as it lives. */
function keyed(talk) {
  const had = new Set(Object.values(talk.keys));
  for (const { draft } of talk.drafts) {
    if (had.has(draft)) continue;
    const free = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((key) => !(key in talk.keys));
    if (free) talk.keys[free] = draft;
  }
}

function whole(book, conversation) {
  const key = keyOf(conversation.shop, conversation.buyer);
  const before = book.talks.get(key);
  const talk = { key, keys: {}, rungs: [], typing: new Map(), orders: before?.orders, ...structuredClone(conversation) };
  keyed(talk);
  book.talks.set(key, talk);
  for (const one of talk.follow_ups ?? []) book.followUps.set(one.follow_up, one);
  for (const one of book.alertsOf(talk.shop, talk.buyer)) book.alerts.delete(one.alert);
  for (const one of talk.alerts ?? []) book.alerts.set(one.alert, { ...one, shop: talk.shop, buyer: talk.buyer });
  return key;
}

function gone(book, frame) {
  for (const one of book.alertsOf(frame.shop, frame.buyer)) book.alerts.delete(one.alert);
  book.talks.delete(keyOf(frame.shop, frame.buyer));
  return "all";
}

function followUp(book, frame) {
  if (frame.now) book.followUps.set(frame.follow_up, { ...frame.now, seq: frame.seq, late: frame.type === "follow_up_due" });
  const talk = book.talk(frame);
  if (talk) talk.offer = frame.type === "follow_up_made" && frame.offered ? null : talk.offer;
  return talk ? talk.key : "all";
}

function seatChange(change) {
  return (book, frame) => {
    const seat = book.seats.get(frame.seat);
    if (!seat) return null;
    change(seat, frame);
    return "all";
  };
}

const TAKERS = {
  welcome(book, frame) {
    book.person = frame.person;
    book.shops = new Map(frame.shops.map((one) => [one.shop, one]));
    book.seats = new Map(frame.seats.map((one) => [one.seat, { ...one }]));
    return "all";
  },
  list(book, frame) {
    if (frame.part === 0) {
      book.clear();
      book.shops = new Map(frame.shops.map((one) => [one.shop, one]));
      book.seats = new Map(frame.seats.map((one) => [one.seat, { ...one }]));
      book.replies = new Map(frame.replies.map((one) => [one.reply, one]));
      for (const { shop, alert } of frame.alerts) book.alerts.set(alert.alert, { ...alert, shop, buyer: null });
    }
    for (const one of frame.conversations) whole(book, one);
    for (const one of frame.follow_ups) book.followUps.set(one.follow_up, one);
    return "all";
  },
  buyer_wrote: talks((talk, frame) => {
    line(talk, frame.message);
    talk.questions = frame.questions ?? talk.questions;
    if (frame.buyer_name) talk.buyer_name = frame.buyer_name;
    talk.guard = frame.guard || null;
    talk.last_message = frame.last_message ?? talk.last_message;
  }),
  shop_wrote: talks((talk, frame) => {
    const mine = frame.echo_of && talk.messages.find((one) => one.send === frame.echo_of);
    if (!mine) line(talk, frame.message);
  }),
  recalled: talks((talk, frame) => {
    const gone = talk.messages.find((one) => one.id === frame.message);
    if (gone) gone.state = "recalled";
    talk.questions = frame.questions ?? talk.questions;
  }),
  typed: talks((talk, frame) => talk.typing.set(frame.by ?? "", { at: frame.at, name: frame.name ?? frame.by ?? "" })),
  orders(book, frame) {
    const talk = book.talk(frame);
    if (talk) talk.orders = frame;
    return null; // nothing else of the conversation has changed
  },
  reply_intended: talks((talk, frame) => {
    line(talk, frame.message);
    talk.typing.delete(frame.message.by);
    if (frame.message.send) send(talk, { ...frame, send: frame.message.send }, "intended");
    if (frame.draft) order(talk, { order: talk.drafts.map((one) => one.draft).filter((id) => id !== frame.draft) });
  }),
  draft_offered: talks((talk, frame) => {
    talk.drafts.push(frame.draft);
    order(talk, frame);
    keyed(talk);
  }),
  draft_void: talks((talk) => Object.assign(talk, { drafts: [], keys: {} })),
  draft_rejected: talks(order),
  hold_intended: talks((talk, frame) => !frame.shadow && line(talk, frame.message)),
  hold_withheld: talks((talk, frame) => (talk.withheld = frame.why)),
  notice_intended: talks((talk, frame) => !frame.shadow && line(talk, frame.message)),
  send_started: talks((talk, frame) => send(talk, frame, "sending", frame.text ? { text: frame.text } : {})),
  send_requeued: talks((talk, frame) => send(talk, frame, "waiting")),
  send_ended: talks((talk, frame) => {
    const status = frame.retry_at ? "waiting" : ENDED.includes(frame.outcome) ? frame.outcome : "unknown";
    send(talk, frame, status, { why: frame.why });
  }),
  ladder: talks((talk, frame) => {
    talk.rungs = [...new Set([...talk.rungs, frame.do])];
    talk.hold = frame.hold ?? talk.hold ?? null;
  }),
  overnight: talks((talk, frame) => round(talk, { ...frame, due_at: talk.due_at })),
  round_opened: talks((talk, frame) => {
    round(talk, frame);
    talk.rungs = [];
  }),
  round_moved: talks(round),
  answered: talks(calm),
  round_dropped: talks(calm),
  debt_opened: talks((talk, frame) => (talk.debt = { since: frame.since ?? frame.at, remind_at: frame.remind_at, times: 0 })),
  debt_reminded: talks((talk, frame) => talk.debt && Object.assign(talk.debt, { times: frame.times, remind_at: frame.next_at })),
  debt_settled: talks((talk) => (talk.debt = null)),
  debt_closed: talks((talk) => (talk.debt = null)),
  follow_up_offered: talks((talk, frame) => {
    talk.offer = { owner: frame.owner, due_at: frame.due_at, category: frame.category, named: frame.named };
  }),
  follow_up_dismissed: talks((talk) => Object.assign(talk, { promised: talk.offer, offer: null })),
  follow_up_made: followUp,
  follow_up_changed: followUp,
  follow_up_due: followUp,
  follow_up_done: (book, frame) => (book.followUps.delete(frame.follow_up), "all"),
  follow_up_dropped: (book, frame) => (book.followUps.delete(frame.follow_up), "all"),
  assigned(book, frame) {
    return whole(book, frame.conversation);
  },
  queued(book, frame) {
    return whole(book, frame.conversation);
  },
  transfer_requested: talks((talk, frame) => (talk.moving_to = frame.to)),
  transfer_ended: talks((talk) => (talk.moving_to = null)),
  move_advised: talks((talk, frame) => (talk.advised = frame.to)),
  left: gone,
  closed: gone,
  guard_lifted: talks((talk) => (talk.lifted = true)),
  note_written: talks((talk, frame) => (talk.notes = [...talk.notes.filter((one) => one.note !== frame.replaces), frame.note])),
  note_removed: talks((talk, frame) => (talk.notes = talk.notes.filter((one) => one.note !== frame.note))),
  presence: seatChange((seat, frame) => (seat.presence = frame.presence)),
  shift_turned: seatChange((seat, frame) => Object.assign(seat, { shift_on: frame.on, draining: frame.draining })),
  flapping_began: seatChange((seat) => (seat.flapping = true)),
  flapping_ended: seatChange((seat) => (seat.flapping = false)),
  overdrawn: seatChange((seat, frame) => Object.assign(seat, { overdrawn: true, cap: frame.cap })),
  grace_ended: seatChange((seat) => (seat.grace_until = null)),
  channel_connected: (book, frame) => (book.channels.delete(frame.shop), "all"),
  channel_lost: (book, frame) => (book.channels.set(frame.shop, "lost"), "all"),
  channel_silent: (book, frame) => (book.channels.set(frame.shop, "silent"), "all"),
  channel_heard: (book, frame) => (book.channels.delete(frame.shop), "all"),
  acknowledged(book, frame) {
    for (const id of frame.alerts) if (book.alerts.has(id)) book.alerts.get(id).seen_by = frame.by;
    return "all";
  },
  taken_back(book, frame) {
    for (const id of frame.alerts) if (book.alerts.has(id)) book.alerts.get(id).seen_by = null;
    const talk = frame.draft && book.talk(frame);
    if (talk) {
      talk.drafts.push(frame.draft);
      order(talk, frame);
      keyed(talk);
    }
    return "all";
  },
  quick_reply: (book, frame) => (frame.usable ? book.replies.set(frame.reply.reply, frame.reply) : book.replies.delete(frame.reply.reply), "all"),
  quick_reply_removed: (book, frame) => (book.replies.delete(frame.reply), "all"),
};

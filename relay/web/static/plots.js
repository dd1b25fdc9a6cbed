/*
 * What a report draws, by plotly, from numbers that relay counted: each plot is a picture, a sentence and a table that
 * say the same. The console imports this module, and `relay report --html` carries it in its page, so it asks for nothing.
 *
 * Laws: a day without a rate is a gap and no zero; rates run from 0 to 100 %, counts from 0; where something is
 * undetermined its range is drawn; names are text, also where plotly would read tags. The pages' policy holds: no image
 * made at run time (so the heat map is made of bars), and plotly's rules of style go into a sheet that is there already.
 */

const GREEN = "#2e8b57", RED = "#c0392b", GREY = "#9aa3ad", AMBER = "#d9a400", BLUE = "#1f5fa8", LIGHT = "#e08e45", INK = "#1d2733";
const GRID = "#e6eaef";
const FONT = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif';
const WIDTH = 686;
const DAY = 86400000;
const HOURS = [...Array(24).keys()];

const WORDS = {
  rate: ["每日", "Per day"],
  asked: ["买家消息的时段", "When buyers write"],
  waits: ["等待时间", "Waits"],
  causes: ["未达标原因", "Causes of misses"],
  seats: ["子账号对比", "Seats compared"],
  ladder: ["催办后的结局", "How rounds ended after each rung"],
  nothing: ["没有数据", "nothing to show"],
  numbers: ["数据表", "The numbers"],
  strict: ["从严", "strict"],
  own: ["本店口径", "default"],
  bare: ["从严不含自动", "strict without automation"],
  range: ["区间", "range"],
  restated: ["有变更", "restated"],
  yes: ["处罚生效", "penalty in force"],
  undetermined: ["处罚未定", "penalty undetermined"],
  threshold: ["门槛", "threshold"],
  day: ["日期", "day"],
  mark: ["标记", "mark"],
  mean_day: ["每日平均", "mean a day"],
  hour: ["北京时间（点）", "hour of the day in Beijing"],
  o_clock: ["时", "hour"],
  entries: ["轮次", "entries"],
  hit: ["及时", "hit"],
  miss: ["未达标", "miss"],
  other: ["其他", "other"],
  deadline: ["时限", "deadline"],
  never: ["未答", "unanswered"],
  never_short: ["未答", "never"],
  wait: ["等待", "wait"],
  cause: ["原因", "cause"],
  misses: ["未达标", "misses"],
  seat: ["子账号", "seat"],
  agent: ["客服", "agent"],
  within: ["30 秒应答率", "answers within 30 s"],
  interval: ["95 % 区间", "95 % interval"],
  mean: ["平均响应", "mean response"],
  answers: ["轮数", "answers"],
  rung: ["到达", "rung reached"],
  in_time: ["时限内答复", "in time"],
  late: ["超时答复", "late"],
  dropped: ["未答而止", "dropped"],
  open: ["仍未答", "open"],
};
const SENTENCES = {
  rate_said: ["{days} 天有轮次；最低 {low}（{low_day}），最高 {high}（{high_day}）", "days with rounds: {days}; lowest {low} ({low_day}), highest {high} ({high_day})"],
  below: ["{n} 天低于门槛 {goal}", "days below the threshold of {goal}: {n}"],
  penalised: ["{n} 天处罚生效", "days with the penalty in force: {n}"],
  unsure: ["{n} 天处罚未定", "days with the penalty undetermined: {n}"],
  asked_said: ["最忙：{day} {hour}:00，每日平均 {n} 条", "Busiest: {day} {hour}:00, {n} messages on a mean day"],
  waits_said: ["{n} 轮：及时 {hit}，未达标 {miss}，其他 {other}；其中未答 {never}", "{n} entries: {hit} in time, {miss} missed, {other} other; {never} of them unanswered"],
  limit_said: ["时限 {s} 秒", "the deadline is {s} s"],
  causes_said: ["{n} 轮未达标；最多的原因：{cause}（{top}）", "{n} missed; most often: {cause} ({top})"],
  seats_said: ["{n} 个子账号；最高 {best} {high}（n={most}），最低 {worst} {low}（n={least}）", "{n} seats; highest {best} {high} (n={most}), lowest {worst} {low} (n={least})"],
  ladder_said: ["{rung}：{n} 轮中 {k} 轮在时限内答复", "{rung}: {k} of {n} rounds answered in time"],
};
const WEEKDAYS = [["周一", "Mon"], ["周二", "Tue"], ["周三", "Wed"], ["周四", "Thu"], ["周五", "Fri"], ["周六", "Sat"], ["周日", "Sun"]];
const ENDS = [["in_time", GREEN], ["late", RED], ["dropped", GREY], ["open", AMBER]];

/** Says a word or sentence of WORDS, filled, or a pair of both languages; `joint` stands between them. */
const speaker = (say) => (word, filling = {}, joint = word in SENTENCES ? " / " : " ") => {
  const [zh, en] = typeof word === "string" ? WORDS[word] ?? SENTENCES[word] : word;
  const filled = (sentence) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(filling[name] ?? ""));
  return say(filled(zh), filled(en), joint);
};

/** Plotly reads tags in labels; a name must stay a name. */
const text = (name) => String(name).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
/** Cut off and not rounded, as everywhere: 89.996 % is not 90 %. */
const percent = (value) => (value === null ? "–" : `${(Math.floor(value * 10000 + 1e-9) / 100).toFixed(2)}%`);
const seconds = (value) => (value === null ? "–" : `${value.toFixed(1)} s`);
const stamp = (at) => new Date(at).toISOString().slice(0, 19);
const sum = (counts) => counts.reduce((a, b) => a + b, 0);
const most = (rows, of) => rows.reduce((best, one) => (of(one) > of(best) ? one : best));
const counts = { rangemode: "tozero", gridcolor: GRID, tickformat: ",d" };
const small = (words) => ({ text: words, font: { size: 11 } });

const rate = {
  draw(shop, w) {
    const x = shop.days.map((day) => day.date);
    const traces = [line(shop, "default", w("own"), "#f3c79f", 6, w), line(shop, "strict", w("strict"), BLUE, 2, w)];
    if (shop.days.some((day) => day.strict && day.bare !== null && day.bare !== day.strict.rate)) {
      traces.unshift({ x, y: shop.days.map((day) => day.bare), name: w("bare"), mode: "lines+markers", connectgaps: false, line: { color: GREY, width: 1.5, dash: "dot" }, marker: { size: 4 } });
    }
    const shapes = shop.penalty.map((one) => ({
      type: "rect", yref: "paper", y0: 0, y1: 1, x0: stamp(Date.parse(one.date) - DAY / 2), x1: stamp(Date.parse(one.date) + DAY / 2),
      fillcolor: one.in_force === "yes" ? RED : AMBER, opacity: 0.14, line: { width: 0 }, layer: "below",
    }));
    for (const [force, color] of [["yes", RED], ["undetermined", AMBER]]) {
      if (shop.penalty.some((one) => one.in_force === force)) traces.push({ x: [null], y: [null], name: w(force), mode: "markers", marker: { symbol: "square", size: 12, color, opacity: 0.3 } });
    }
    if (shop.threshold !== null) { // its name in the legend: a label would lie over the points
      const dashed = { color: RED, width: 1.5, dash: "dash" };
      shapes.push({ type: "line", xref: "paper", x0: 0, x1: 1, y0: shop.threshold, y1: shop.threshold, line: dashed });
      traces.push({ x: [null], y: [null], name: `${w("threshold")} ${percent(shop.threshold)}`, mode: "lines", line: dashed });
    }
    const first = Date.parse(x[0]), end = Date.parse(x.at(-1));
    const last = Math.max(end, ...shop.penalty.map((one) => Date.parse(one.date)));
    const y = shop.mean ? { rangemode: "tozero", ticksuffix: " s" } : { range: [0, 1.04], tickformat: ".0%", dtick: 0.2 };
    const few = last - first <= 12 * DAY;
    return [traces, {
      shapes, yaxis: { gridcolor: GRID, zeroline: true, ...y },
      xaxis: { type: "date", range: [stamp(first - 0.7 * DAY), stamp(last + 0.7 * DAY)], tickformat: "%m-%d", ...(few ? { dtick: DAY, tick0: x[0] } : {}) },
    }];
  },
  has: (shop) => shop.days.length > 0,
  say(shop, w) {
    const unit = shop.mean ? seconds : percent, known = shop.days.filter((day) => day.strict);
    if (!known.length) return "";
    const low = most(known, (day) => -day.strict.rate), high = most(known, (day) => day.strict.rate);
    const said = w("rate_said", { days: known.length, low: unit(low.strict.rate), low_day: low.date, high: unit(high.strict.rate), high_day: high.date });
    const below = known.filter((day) => day.strict.rate < shop.threshold).length;
    const forced = (force) => shop.penalty.filter((one) => one.in_force === force).length;
    const more = [shop.threshold !== null && w("below", { n: below, goal: percent(shop.threshold) }), forced("yes") && w("penalised", { n: forced("yes") }), forced("undetermined") && w("unsure", { n: forced("undetermined") })];
    return [said, ...more].filter(Boolean).join(" · ");
  },
  rows(shop, w) {
    const unit = shop.mean ? seconds : percent, penalty = new Map(shop.penalty.map((one) => [one.date, one.in_force]));
    const figure = (one) => (one ? `${one.of} ${unit(one.rate)}` : "–");
    const range = (one) => (one && one.low !== one.high ? `${unit(one.low)} – ${unit(one.high)}` : "");
    const mark = (day) => [penalty.has(day.date) && w(penalty.get(day.date)), day.restated > 0 && w("restated")].filter(Boolean).join("、");
    return [["day", "strict", "range", "bare", "own", "mark"].map((one) => w(one)), shop.days.map((day) => [day.date, figure(day.strict), range(day.strict), day.strict ? unit(day.bare) : "–", figure(day.default), mark(day)])];
  },
};

function line(shop, key, name, color, width, w) {
  const points = shop.days.map((day) => day[key]);
  const reach = (way) => points.map((one) => (one && one[way] !== null ? Math.abs(one[way] - one.rate) : 0));
  return {
    x: shop.days.map((day) => day.date), y: points.map((one) => (one ? one.rate : null)), name,
    mode: "lines+markers", connectgaps: false, line: { color, width }, marker: { size: width + 4 },
    customdata: points.map((one, at) => (one ? one.of + (shop.days[at].restated ? `，${w("restated")}` : "") : "")),
    hovertemplate: `%{x|%Y-%m-%d}: %{y${shop.mean ? ":.2f} s" : ":.2%}"} (%{customdata})<extra>${name}</extra>`,
    error_y: points.some((one) => one && one.low !== one.high) ? { type: "data", array: reach("high"), arrayminus: reach("low"), symmetric: false, color, thickness: 1 } : undefined,
  };
}

const asked = {
  draw(shop, w) {
    const cells = shop.asked.flatMap((row, day) => HOURS.filter(() => row.days).map((hour) => ({ day, hour, count: row.hours[hour], days: row.days })));
    return [[{
      type: "bar", x: cells.map((one) => one.hour), base: cells.map((one) => one.day - 0.47), y: cells.map(() => 0.94), width: 0.94, showlegend: false,
      marker: {
        color: cells.map((one) => one.count / one.days), cmin: 0, colorscale: [[0, "#f4f6f8"], [0.5, "#f0b07a"], [1, "#b3401a"]],
        showscale: true, colorbar: { title: small(w("mean_day")), thickness: 12 }, line: { width: 0 },
      },
      customdata: cells.map((one) => [text(w(WEEKDAYS[one.day])), one.count / one.days, one.count, one.days]), textposition: "none",
      hovertemplate: "%{customdata[0]} %{x}:00 – %{customdata[1]:.2f} (%{customdata[2]} ÷ %{customdata[3]})<extra></extra>",
    }], {
      yaxis: { range: [6.5, -0.5], showgrid: false, zeroline: false, tickvals: WEEKDAYS.map((_, day) => day), ticktext: WEEKDAYS.map((day) => w(day)), ticklen: 0 },
      xaxis: { range: [-0.5, 23.5], dtick: 2, tick0: 0, showgrid: false, zeroline: false, title: small(w("hour")) }, margin: { l: 74, r: 20, t: 14, b: 44 },
    }];
  },
  has: (shop) => shop.asked.some((row) => sum(row.hours) > 0),
  say(shop, w) {
    const cells = shop.asked.flatMap((row, day) => row.days ? HOURS.map((hour) => ({ day, hour, mean: row.hours[hour] / row.days })) : []);
    const { day, hour, mean } = most(cells, (one) => one.mean);
    return w("asked_said", { day: w(WEEKDAYS[day]), hour, n: mean.toFixed(1) });
  },
  rows: (shop, w) => [
    [w("o_clock"), ...WEEKDAYS.map((day) => w(day))],
    HOURS.map((hour) => [`${hour}:00`, ...shop.asked.map((row) => (row.days ? (row.hours[hour] / row.days).toFixed(2) : "–"))]),
  ],
};

const SORTS = [["hit", GREEN], ["miss", RED], ["other", GREY]];
const all = (row) => row.hit + row.miss + row.other;

function spans({ bins, width_s: width }, w) {
  const short = (value) => String(+value.toFixed(1)), beyond = bins.length - 1;
  return [...bins.map((_, place) => (place < beyond ? `${short(place * width)}–${short((place + 1) * width)} s` : `> ${short(beyond * width)} s`)), w("never")];
}

const waits = {
  draw(shop, w) {
    const { bins, never, width_s: width, limit_s: limit } = shop.waits;
    const beyond = bins.length - 1, end = beyond * width;
    const rows = [...bins, never], x = [...bins.map((_, place) => (place < beyond ? (place + 0.5) * width : end + 2 * width)), end + 5 * width];
    const traces = SORTS.map(([key, color]) => ({
      type: "bar", name: w(key), x, y: rows.map((row) => row[key]), width: rows.map((_, place) => (place < beyond ? width : 2 * width)),
      marker: { color, line: { color: "#fff", width: 0.5 } }, text: spans(shop.waits, w), textposition: "none", hovertemplate: `%{text}: %{y}<extra>${w(key)}</extra>`,
    })).filter((trace) => trace.y.some((count) => count));
    const ticks = [...Array(7).keys()].map((step) => (step * end) / 6);
    const mark = limit === null ? {} : {
      shapes: [{ type: "line", yref: "paper", y0: 0, y1: 1, x0: limit, x1: limit, line: { color: INK, width: 2, dash: "dash" } }],
      annotations: [{ x: limit, yref: "paper", y: 1, xanchor: "left", yanchor: "top", showarrow: false, text: ` ${w("deadline")} ${limit} s`, font: { size: 11 } }],
    };
    return [traces, {
      barmode: "stack", ...mark, showlegend: true, yaxis: { ...counts, title: small(w("entries")) },
      xaxis: { range: [0, end + 7 * width], showgrid: false, tickangle: 0, tickvals: [...ticks, end + 2 * width, end + 5 * width], ticktext: [...ticks.slice(0, -1).map((one) => `${+one.toFixed(1)}`), "", `>${end} s`, w("never_short", {}, "<br>")] },
    }];
  },
  has: (shop) => [...shop.waits.bins, shop.waits.never].some(all),
  say(shop, w) {
    const rows = [...shop.waits.bins, shop.waits.never], of = (key) => sum(rows.map((row) => row[key]));
    const said = w("waits_said", { n: sum(rows.map(all)), hit: of("hit"), miss: of("miss"), other: of("other"), never: all(shop.waits.never) });
    return shop.waits.limit_s === null ? said : `${said} · ${w("limit_said", { s: shop.waits.limit_s })}`;
  },
  rows(shop, w) {
    const names = spans(shop.waits, w);
    const rows = [...shop.waits.bins, shop.waits.never].map((row, place) => [names[place], row.hit, row.miss, row.other, all(row)]);
    return [[w("wait"), w("hit"), w("miss"), w("other")], rows.filter((row) => row[4]).map((row) => row.slice(0, 4))];
  },
};

const name = (one, w) => w([one.zh, one.en]);
/** As an axis has it: where both languages are told, one below the other. */
const onTwoLines = (one, w) => text(w([one.zh, one.en], {}, "\n")).replace("\n", "<br>");

const causes = {
  draw: (shop, w) => [[{
    type: "bar", orientation: "h", x: shop.causes.map((one) => one.misses), y: shop.causes.map((one) => onTwoLines(one, w)), width: 0.6,
    marker: { color: BLUE }, text: shop.causes.map((one) => one.misses), textposition: "outside", cliponaxis: false, hoverinfo: "skip",
  }], { margin: { l: 190, r: 50, t: 10, b: 34 }, yaxis: { autorange: "reversed", ticklabelstandoff: 6 }, xaxis: counts }, Math.max(170, 60 + 40 * shop.causes.length)],
  has: (shop) => shop.causes.length > 0,
  say: (shop, w) => w("causes_said", { n: sum(shop.causes.map((one) => one.misses)), cause: name(shop.causes[0], w), top: shop.causes[0].misses }),
  rows: (shop, w) => [[w("cause"), w("misses")], shop.causes.map((one) => [name(one, w), one.misses])],
};

const ranked = (shop) => shop.seats.filter((one) => one.within_30s !== null).sort((a, b) => b.within_30s - a.within_30s);

const seats = {
  draw(shop, w) {
    const shown = ranked(shop), y = shown.map((_, place) => place);
    const label = (one) => text(one.name.length > 16 ? `${one.name.slice(0, 15)}…` : one.name);
    const reach = (way) => shown.map((one) => (one[way] === null ? 0 : Math.abs(one[way] - one.within_30s)));
    return [[{
      type: "bar", orientation: "h", y, x: shown.map((one) => one.within_30s), marker: { color: BLUE }, showlegend: false,
      error_x: { type: "data", symmetric: false, color: INK, thickness: 1, array: reach("high"), arrayminus: reach("low") },
      customdata: shown.map((one) => [text(one.name), one.of]), hovertemplate: "%{customdata[0]}: %{x:.1%}, n=%{customdata[1]}<extra></extra>",
    }, {
      type: "scatter", mode: "markers", xaxis: "x2", y, x: shown.map((one) => one.mean_s), marker: { color: LIGHT, size: 10, symbol: "diamond" },
      showlegend: false, hovertemplate: "%{x:.1f} s<extra></extra>",
    }], {
      margin: { l: 190, r: 24, t: 10, b: 50 },
      yaxis: { ticklabelstandoff: 6, tickvals: y, ticktext: shown.map((one) => `${label(one)} (n=${one.of})`), range: [shown.length - 0.5, -0.5] },
      xaxis: { domain: [0, 0.6], range: [0, 1.04], tickformat: ".0%", gridcolor: GRID, title: small(`${w("within")} (${w("interval")})`) },
      xaxis2: { domain: [0.66, 1], rangemode: "tozero", ticksuffix: " s", gridcolor: GRID, title: small(w("mean")) },
    }, Math.max(180, 80 + 28 * shown.length)];
  },
  has: (shop) => ranked(shop).length > 0,
  say(shop, w) {
    const shown = ranked(shop), [best, worst] = [shown[0], shown.at(-1)];
    return w("seats_said", { n: shown.length, best: best.name, high: percent(best.within_30s), most: best.of, worst: worst.name, low: percent(worst.within_30s), least: worst.of });
  },
  rows: (shop, w) => [
    [w("seat"), w("agent"), w("within"), w("interval"), w("answers"), w("mean")],
    ranked(shop).map((one) => [one.name, one.agent, percent(one.within_30s), `${percent(one.low)} – ${percent(one.high)}`, one.of, seconds(one.mean_s)]),
  ],
};

const ladder = {
  draw: (shop, w) => [ENDS.map(([end, color], place) => ({
    type: "bar", orientation: "h", name: w(end), x: shop.rungs.map((one) => one.ends[place]), y: shop.rungs.map((one) => onTwoLines(one, w)),
    marker: { color }, hovertemplate: `%{x}<extra>${w(end)}</extra>`,
  })).filter((trace) => trace.x.some((count) => count)), {
    barmode: "stack", showlegend: true, margin: { l: 190, r: 24, t: 10, b: 34 }, yaxis: { autorange: "reversed", ticklabelstandoff: 6 }, xaxis: counts, legend: { orientation: "h", y: -0.12, traceorder: "normal" },
  }, Math.max(200, 90 + 40 * shop.rungs.length)],
  has: (shop) => shop.rungs.length > 0,
  say: (shop, w) => [...new Set([shop.rungs[0], shop.rungs.at(-1)])].map((one) => w("ladder_said", { rung: name(one, w), n: sum(one.ends), k: one.ends[0] })).join(" · "),
  rows: (shop, w) => [[w("rung"), ...ENDS.map(([end]) => w(end))], shop.rungs.map((one) => [name(one, w), ...one.ends])],
};

const PLOTS = { rate, asked, waits, causes, seats, ladder };

const made = (element, words, ...children) => {
  const one = document.createElement(element);
  if (words !== null) one.textContent = words;
  one.append(...children);
  return one;
};

function table([heads, rows]) {
  const head = made("tr", null, ...heads.map((one) => Object.assign(made("th", one), { scope: "col" })));
  const row = ([first, ...rest]) => made("tr", null, Object.assign(made("th", first), { scope: "row" }), ...rest.map((one) => Object.assign(made("td", String(one)), { className: "number" })));
  return made("table", null, made("thead", null, head), made("tbody", null, ...rows.map(row)));
}

/** A plot's figure, and what is still to be drawn in it. */
function figureOf(key, plot, shop, w, { id, open }) {
  const place = made("div", null);
  const figure = made("figure", null, made("figcaption", w(key)), place);
  figure.id = `${key}-${id}`;
  if (!plot.has(shop)) return [figure, () => place.replaceWith(made("p", w("nothing")))];
  const said = plot.say(shop, w), numbers = made("div", null, table(plot.rows(shop, w)));
  const label = { role: "group", tabIndex: 0, ariaLabel: `${w(key)} · ${w("numbers")}`, className: "numbers" };
  figure.append(made("p", said), Object.assign(made("details", null, made("summary", w("numbers")), Object.assign(numbers, label)), { open }));
  Object.assign(place, { role: "img", ariaLabel: `${w(key)}: ${said}` });
  return [figure, async () => {
    const [traces, layout, height = 270] = plot.draw(shop, w);
    await globalThis.Plotly?.newPlot(place, traces, {
      width: WIDTH, height, margin: { l: 64, r: 20, t: 14, b: 48 }, font: { family: FONT, size: 12, color: INK },
      legend: { orientation: "h", y: -0.16, traceorder: "normal" }, paper_bgcolor: "#fff", plot_bgcolor: "#fff", ...layout,
    }, { displayModeBar: false, responsive: false });
  }];
}

/**
 * Fill `place` with the figures of a shop; without plotly they have their sentences and tables.
 * @param {Element} place
 * @param {any} shop as `relay.cli.handing.plotted` has it
 * @param {(zh: string, en: string, joint: string) => string} say
 * @param {{id?: string | number, open?: boolean}} [how] what the ids end with; whether the tables are open
 */
export async function show(place, shop, say, { id = 0, open = false } = {}) {
  const w = speaker(say);
  const figures = Object.entries(PLOTS).map(([key, plot]) => figureOf(key, plot, shop, w, { id, open }));
  place.replaceChildren(...figures.map(([figure]) => figure));
  for (const [, draw] of figures) await draw();
}

// Paints what relay counted. Every number is in #data; nothing is reckoned here but the mean of an hour.
"use strict";
(() => {
  const GREEN = "#2e8b57", RED = "#c0392b", GREY = "#9aa3ad", AMBER = "#d9a400", BLUE = "#1f5fa8", LIGHT = "#e08e45";
  const FONT = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif';
  const WEEKDAYS = ["周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat", "周日 Sun"];
  const DAY = 86400000;
  // Plotly reads tags in labels; a name must stay a name.
  const text = (name) => String(name).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const percent = (value) => (value === null ? "–" : (Math.floor(value * 10000 + 1e-9) / 100).toFixed(2) + " %");
  const stamp = (at) => new Date(at).toISOString().slice(0, 19);

  function draw(name, number, traces, layout, height = 270) {
    const place = document.querySelector(`#${name}-${number} > div`);
    const whole = {
      width: 686, height, margin: { l: 64, r: 20, t: 14, b: 48 }, font: { family: FONT, size: 12, color: "#1d2733" },
      legend: { orientation: "h", y: -0.16, traceorder: "normal" }, paper_bgcolor: "#fff", plot_bgcolor: "#fff", ...layout,
    };
    Plotly.newPlot(place, traces, whole, { displayModeBar: false, responsive: false });
  }

  function none(name, number) {
    const said = document.createElement("p");
    said.textContent = "没有数据 / nothing to show";
    document.querySelector(`#${name}-${number} > div`).replaceWith(said);
  }

  function line(shop, key, name, colour, width) {
    const points = shop.days.map((day) => day[key]);
    const ranged = points.some((one) => one && one.low !== one.high);
    const up = points.map((one) => (one && one.high !== null ? Math.max(one.high - one.rate, 0) : 0));
    const down = points.map((one) => (one && one.low !== null ? Math.max(one.rate - one.low, 0) : 0));
    return {
      x: shop.days.map((day) => day.date), y: points.map((one) => (one ? one.rate : null)), name,
      mode: "lines+markers", connectgaps: false, line: { color: colour, width }, marker: { size: width + 4 },
      customdata: points.map((one, at) => (one ? one.of + (shop.days[at].restated ? "，有变更 restated" : "") : "")),
      hovertemplate: "%{x|%Y-%m-%d}: %{y" + (shop.mean ? ":.2f} s" : ":.2%}") + " (%{customdata})<extra>" + name + "</extra>",
      error_y: ranged ? { type: "data", array: up, arrayminus: down, symmetric: false, color: colour, thickness: 1 } : undefined,
    };
  }

  function rate(shop, number) {
    if (!shop.days.length) return none("rate", number);
    const traces = [line(shop, "default", "本店口径 default", "#f3c79f", 6), line(shop, "strict", "从严 strict", BLUE, 2)];
    if (shop.days.some((day) => day.strict && day.bare !== null && day.bare !== day.strict.rate)) {
      traces.unshift({
        x: shop.days.map((day) => day.date), y: shop.days.map((day) => day.bare), name: "从严不含自动 strict without automation",
        mode: "lines+markers", connectgaps: false, line: { color: GREY, width: 1.5, dash: "dot" }, marker: { size: 4 },
      });
    }
    const shapes = shop.penalty.map((one) => ({
      type: "rect", yref: "paper", y0: 0, y1: 1, x0: stamp(Date.parse(one.date) - DAY / 2), x1: stamp(Date.parse(one.date) + DAY / 2),
      fillcolor: one.in_force === "yes" ? RED : AMBER, opacity: 0.14, line: { width: 0 }, layer: "below",
    }));
    for (const [force, name, colour] of [["yes", "处罚生效 penalty in force", RED], ["undetermined", "处罚未定 penalty undetermined", AMBER]]) {
      if (shop.penalty.some((one) => one.in_force === force)) {
        traces.push({ x: [null], y: [null], name, mode: "markers", marker: { symbol: "square", size: 12, color: colour, opacity: 0.3 } });
      }
    }
    if (shop.threshold !== null) { // a line of its own and its name in the legend: a label would lie over the points
      const line = { color: RED, width: 1.5, dash: "dash" };
      shapes.push({ type: "line", xref: "paper", x0: 0, x1: 1, y0: shop.threshold, y1: shop.threshold, line });
      traces.push({ x: [null], y: [null], name: `门槛 threshold ${percent(shop.threshold)}`, mode: "lines", line });
    }
    const first = Date.parse(shop.days[0].date), end = Date.parse(shop.days.at(-1).date);
    const last = Math.max(end, ...shop.penalty.map((one) => Date.parse(one.date)));
    const y = shop.mean ? { rangemode: "tozero", ticksuffix: " s" } : { range: [0, 1.04], tickformat: ".0%", dtick: 0.2 };
    const few = last - first <= 12 * DAY;
    draw("rate", number, traces, {
      shapes, yaxis: { gridcolor: "#e6eaef", zeroline: true, ...y },
      xaxis: { type: "date", range: [stamp(first - 0.7 * DAY), stamp(last + 0.7 * DAY)], tickformat: "%m-%d", ...(few ? { dtick: DAY, tick0: shop.days[0].date } : {}) },
    });
  }

  function asked(shop, number) {
    const total = shop.asked.reduce((sum, row) => sum + row.hours.reduce((a, b) => a + b, 0), 0);
    if (!total) return none("asked", number);
    const z = shop.asked.map((row) => row.hours.map((count) => (row.days ? count / row.days : null)));
    draw("asked", number, [{
      type: "heatmap", z, x: [...Array(24).keys()], y: WEEKDAYS, zmin: 0, xgap: 1, ygap: 1, hoverongaps: false,
      customdata: shop.asked.map((row) => row.hours.map((count) => [count, row.days])),
      colorscale: [[0, "#f4f6f8"], [0.5, "#f0b07a"], [1, "#b3401a"]],
      colorbar: { title: { text: "每日平均<br>mean a day", font: { size: 11 } }, thickness: 12 },
      hovertemplate: "%{y} %{x}:00 – %{z:.2f} (%{customdata[0]} ÷ %{customdata[1]})<extra></extra>",
    }], {
      yaxis: { autorange: "reversed", showgrid: false }, margin: { l: 74, r: 20, t: 14, b: 44 },
      xaxis: { dtick: 2, showgrid: false, zeroline: false, title: { text: "北京时间 hour of the day in Beijing", font: { size: 11 } } },
    });
  }

  function waits(shop, number) {
    const { bins, never, width_s: width, limit_s: limit } = shop.waits;
    const beyond = bins.length - 1, end = beyond * width;
    const at = (place) => (place < beyond ? (place + 0.5) * width : end + 2 * width);
    const rows = [...bins, never], x = [...bins.map((_, place) => at(place)), end + 5 * width];
    if (!rows.some((row) => row.hit + row.miss + row.other)) return none("waits", number);
    const span = (place) => (place === rows.length - 1 ? "未答 unanswered" : place === beyond ? `> ${end} s` : `${place * width}–${(place + 1) * width} s`);
    const traces = [["hit", "及时 hit", GREEN], ["miss", "未达标 miss", RED], ["other", "其他 other", GREY]].map(([key, name, colour]) => ({
      type: "bar", name, x, y: rows.map((row) => row[key]), width: rows.map((_, place) => (place < beyond ? width : 2 * width)),
      marker: { color: colour, line: { color: "#fff", width: 0.5 } }, text: rows.map((_, place) => span(place)), textposition: "none",
      hovertemplate: "%{text}: %{y}<extra>" + name + "</extra>",
    })).filter((trace) => trace.y.some((count) => count));
    const ticks = [...Array(7).keys()].map((step) => (step * end) / 6);
    const mark = limit === null ? {} : {
      shapes: [{ type: "line", yref: "paper", y0: 0, y1: 1, x0: limit, x1: limit, line: { color: "#1d2733", width: 2, dash: "dash" } }],
      annotations: [{ x: limit, yref: "paper", y: 1, xanchor: "left", yanchor: "top", showarrow: false, text: ` 时限 deadline ${limit} s`, font: { size: 11 } }],
    };
    draw("waits", number, traces, {
      barmode: "stack", ...mark, yaxis: { gridcolor: "#e6eaef", rangemode: "tozero", tickformat: ",d", title: { text: "轮次 entries", font: { size: 11 } } },
      xaxis: { range: [0, end + 7 * width], showgrid: false, tickvals: [...ticks, at(beyond), end + 5 * width],
        ticktext: [...ticks.slice(0, -1).map((one) => `${+one.toFixed(1)}`), "", `>${end} s`, "未答<br>never"] },
    });
  }

  function causes(shop, number) {
    if (!shop.causes.length) return none("causes", number);
    draw("causes", number, [{
      type: "bar", orientation: "h", x: shop.causes.map((one) => one.misses), y: shop.causes.map((one) => `${one.zh}<br>${one.en}`),
      width: 0.6, marker: { color: BLUE }, text: shop.causes.map((one) => one.misses), textposition: "outside", cliponaxis: false, hoverinfo: "skip",
    }], {
      margin: { l: 190, r: 50, t: 10, b: 34 }, yaxis: { autorange: "reversed" },
      xaxis: { rangemode: "tozero", gridcolor: "#e6eaef", tickformat: ",d" },
    }, Math.max(170, 60 + 40 * shop.causes.length));
  }

  function seats(shop, number) {
    const shown = shop.seats.filter((one) => one.within_30s !== null).sort((a, b) => b.within_30s - a.within_30s);
    if (!shown.length) return none("seats", number);
    const label = (one) => text(one.name.length > 16 ? one.name.slice(0, 15) + "…" : one.name);
    const y = shown.map((_, place) => place);
    draw("seats", number, [{
      type: "bar", orientation: "h", y, x: shown.map((one) => one.within_30s), marker: { color: BLUE }, showlegend: false,
      error_x: { type: "data", symmetric: false, color: "#1d2733", thickness: 1, array: shown.map((one) => one.high === null ? 0 : Math.max(one.high - one.within_30s, 0)),
        arrayminus: shown.map((one) => one.low === null ? 0 : Math.max(one.within_30s - one.low, 0)) },
      customdata: shown.map((one) => [text(one.name), one.of]), hovertemplate: "%{customdata[0]}: %{x:.1%}, n=%{customdata[1]}<extra></extra>",
    }, {
      type: "scatter", mode: "markers", xaxis: "x2", y, x: shown.map((one) => one.mean_s), marker: { color: LIGHT, size: 10, symbol: "diamond" },
      showlegend: false, hovertemplate: "%{x:.1f} s<extra></extra>",
    }], {
      margin: { l: 190, r: 24, t: 10, b: 50 },
      yaxis: { autorange: "reversed", tickvals: y, ticktext: shown.map((one) => `${label(one)} (n=${one.of})`), range: [shown.length - 0.5, -0.5] },
      xaxis: { domain: [0, 0.6], range: [0, 1.04], tickformat: ".0%", gridcolor: "#e6eaef", title: { text: "30 秒应答率（95 % 区间）answers within 30 s", font: { size: 11 } } },
      xaxis2: { domain: [0.66, 1], rangemode: "tozero", ticksuffix: " s", gridcolor: "#e6eaef", title: { text: "平均响应 mean response", font: { size: 11 } } },
    }, Math.max(180, 80 + 28 * shown.length));
  }

  function ladder(shop, number) {
    if (!shop.rungs.length) return none("ladder", number);
    const names = ["时限内答复 in time", "超时答复 late", "未答而止 dropped", "仍未答 open"], colours = [GREEN, RED, GREY, AMBER];
    draw("ladder", number, names.map((name, end) => ({
      type: "bar", orientation: "h", name, x: shop.rungs.map((one) => one.ends[end]), y: shop.rungs.map((one) => one.name.replace(" ", "<br>")),
      marker: { color: colours[end] }, hovertemplate: "%{x}<extra>" + name + "</extra>",
    })).filter((trace) => trace.x.some((count) => count)), {
      barmode: "stack", margin: { l: 190, r: 24, t: 10, b: 34 }, yaxis: { autorange: "reversed" },
      xaxis: { rangemode: "tozero", gridcolor: "#e6eaef", tickformat: ",d" }, legend: { orientation: "h", y: -0.12, traceorder: "normal" },
    }, Math.max(200, 90 + 40 * shop.rungs.length));
  }

  JSON.parse(document.getElementById("data").textContent).forEach((shop, number) => {
    for (const plot of [rate, asked, waits, causes, seats, ladder]) plot(shop, number);
  });
  document.documentElement.dataset.drawn = "yes";
})();

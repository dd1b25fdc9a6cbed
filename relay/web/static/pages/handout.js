/*
 * What is taken out of the report page: plots to look at, and files, of the shop and days that are shown above. A child of
 * relay makes them by the code of `relay report`, on a press; how far it is stands there, and whoever waits may stop it.
 */

import { follow } from "../api.js";
import { fill, h, say } from "../dom.js";
import { show as draw } from "../plots.js";
import { current, said, words } from "../words.js";

const t = words({
  title: ["图与文件", "Plots and files"],
  hint: ["与上方相同的店铺和日期，与 relay report 相同的算法；会读取整本台账", "The shop and days shown above, reckoned as relay report does; the whole ledger is read"],
  plots: ["画图", "Draw the plots"],
  xlsx: ["Excel 工作簿", "Excel workbook"],
  html: ["网页（带图）", "Page with plots"],
  csv: ["CSV 表", "CSV table"],
  table: ["CSV 表", "Table for the CSV"],
  no_rounds: ["不含逐轮明细：该明细供店主与审计下载", "Without the single rounds: those are for owner and auditor"],
  stop: ["停止", "Stop"],
  stopped: ["已停止", "Stopped"],
  starting: ["正在开始…", "Starting…"],
  waiting: ["等待其他报表完成…", "Waiting for other reports…"],
  facts: ["正在读取事实 {done}/{of}", "Reading facts {done}/{of}"],
  messages: ["正在读取消息 {done}", "Reading messages {done}"],
  judging: ["正在核算…", "Judging…"],
  writing: ["正在写入…", "Writing…"],
  by: ["按 {version} 判定，台账截至 {at}", "As {version} judges; the ledger as of {at}"],
  drawing: ["正在画图…", "Drawing…"],
  drawn: ["图已画好", "The plots are drawn"],
  fetched: ["已生成，正在下载", "Made; the download begins"],
  no_plotly: ["图由 plotly 绘制，这里没有安装：在运行 relay 的电脑上执行 pip install 'relay-desk[reports]' 并重启 relay；以下为同样的数据", "The plots are drawn by plotly, which is not installed here: run pip install 'relay-desk[reports]' on relay's computer and start relay again. The same numbers stand below"],
});
const TABLES = {
  days: ["每日", "Days"], rounds: ["轮次", "Rounds"], summary: ["汇总", "Summary"], causes: ["原因", "Causes"],
  seats: ["子账号", "Seats"], agents: ["客服", "Agents"], hours: ["时段", "Hours"], ladder: ["催办", "Ladder"],
};
const tableWord = words(TABLES);
/** Where plotly puts its rules: a sheet that is there needs no style made at run time. */
const SHEET = "plotly.js-style-global";

/**
 * @param {() => {shop: string, until: string, days: number, rounds: boolean}} shown what the page shows, and whether
 *   single rounds may be taken out
 */
export function handout(shown) {
  const note = h("div", { role: "status" });
  const place = h("div", { class: "plots" });
  const notes = h("div", { class: "stack" });
  const buttons = [];
  const button = (word, deed) => (buttons.push(h("button", { onClick: () => attempt(deed) }, t(word))), buttons.at(-1));
  const table = h("select", { "aria-label": t("table") });
  const limits = h("p", { class: "quiet" });
  let going = null;

  async function attempt(deed) {
    going = new AbortController();
    for (const one of buttons) one.disabled = true;
    try {
      await deed(going.signal);
    } catch (error) {
      const stopped = error.name === "AbortError";
      fill(note, h("p", { class: stopped ? "note" : "note bad", role: stopped ? null : "alert" }, stopped ? t("stopped") : error.message));
    } finally {
      going = null;
      for (const one of buttons) one.disabled = false;
    }
  }

  const bar = h("progress");
  const stage = h("span");
  const stop = h("button", { onClick: () => going?.abort() }, t("stop"));
  bar.setAttribute("aria-label", t("title"));

  function step({ stage: name, done = 0, of = 0 }) {
    stage.textContent = t(name, { done: done.toLocaleString(), of: of.toLocaleString() });
    if (of > 0) Object.assign(bar, { max: of, value: done });
    else bar.removeAttribute("value");
    if (!stage.isConnected) fill(note, h("div", { class: "row" }, bar, stage, stop));
  }

  function make(kind, signal) {
    const { shop, until, days } = shown();
    step({ stage: "starting" });
    return follow(`reports/${encodeURIComponent(shop)}/made`, { kind, until, days, table: table.value || "days" }, step, signal);
  }

  async function plots(signal) {
    const { plots: found, plotly } = await make("plots", signal);
    step({ stage: "drawing" });
    await sheet();
    if (plotly) await import(plotly);
    const at = new Date(found.as_of + 8 * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
    fill(notes, h("p", { class: "quiet" }, t("by", { version: found.shop.version, at })), !plotly && h("p", { class: "note warn" }, t("no_plotly")), found.shop.notes.map((one) => h("p", { class: "note warn" }, half(one))));
    place.classList.toggle("undrawn", !plotly);
    await draw(place, found.shop, (zh, en) => said({ zh, en }), { open: true });
    fill(note);
    say(t("drawn"));
  }

  async function file(kind, signal) {
    const { shop } = shown();
    const { key } = await make(kind, signal);
    fill(note, h("p", { class: "note good" }, t("fetched")));
    location.assign(`/console/api/reports/${encodeURIComponent(shop)}/made/${key}`);
  }

  const section = h(
    "section",
    { class: "card stack handout", "aria-label": t("title") },
    h("h2", null, t("title")),
    h("p", { class: "quiet" }, t("hint")),
    h("div", { class: "row" }, button("plots", plots), h("span", { class: "grow" }), button("xlsx", (signal) => file("xlsx", signal)), button("html", (signal) => file("html", signal)), h("span", { class: "row nowrap" }, table, button("csv", (signal) => file("csv", signal)))),
    limits,
    note,
    notes,
    place,
  );

  return {
    section,
    /** The page shows something else: what was drawn is of before. */
    turned() {
      going?.abort();
      const { rounds } = shown();
      fill(place);
      fill(notes);
      fill(note);
      fill(table, Object.keys(TABLES).filter((name) => rounds || name !== "rounds").map((name) => h("option", { value: name }, tableWord(name))));
      fill(limits, !rounds && t("no_rounds"));
    },
    leave: () => going?.abort(),
  };
}

/** The half of "Chinese / English" that is read. */
const half = (both) => both.split(" / ")[current() === "en" ? 1 : 0] ?? both;

function sheet() {
  const known = document.getElementById(SHEET);
  if (known) return Promise.resolve();
  const link = h("link", { id: SHEET, rel: "stylesheet", href: new URL("../plots.css", import.meta.url).href });
  return new Promise((resolve) => {
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", resolve, { once: true });
    document.head.append(link);
  });
}

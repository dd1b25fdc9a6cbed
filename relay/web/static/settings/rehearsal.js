/* An event before it happens: what it changes, rehearsed by the server; and beginning or ending it now. */

import { ask } from "../api.js";
import { question } from "../dialog.js";
import { field, fill, h } from "../dom.js";
import { said, words } from "../words.js";
import { amount, number } from "./parts.js";
import { keyWord } from "./words.js";

const t = words({
  rehearsal: ["预演", "Dry run"],
  from_to: ["{starts} 开始，{ends} 自动恢复（{zone}，{hours} 小时）", "From {starts}; all is as before at {ends} ({zone}, {hours} h)"],
  then: ["接着是活动 {then}", "followed at once by {then}"],
  places: ["接待位合计", "Places in all"],
  usual: ["平时", "usually"],
  during: ["活动期间", "during the event"],
  on_shift: ["{span} 在班子账号", "Seats on shift {span}"],
  places_in: ["{span} 接待位", "Places {span}"],
  holds: ["机器可用的稍等话术", "Holds the machine may use"],
  back: ["结束后右边一列全部恢复为左边一列，不需要任何操作", "At the end the right column is the left one again; nobody has to do anything"],
  start: ["立即开始 {name}", "Start {name} now"],
  minutes: ["持续多少分钟（不填则到预定结束）", "For how many minutes (empty: as planned)"],
  end: ["立即结束 {name}，各项恢复为平时的设置？", "End {name} now? All is as usual from then on"],
  begin: ["开始", "Start"],
  finish: ["结束", "End"],
});

const clock = (iso) => iso.slice(0, 16).replace("T", " ");

/** What the event does in one shop, beside what is usual there. */
export function rehearsal(shop) {
  const row = (label, usual, during) => usual !== during && h("tr", null, h("th", { scope: "row" }, label), h("td", null, h("span", { dir: "auto" }, usual)), h("td", null, h("span", { dir: "auto" }, during)));
  const span = (one) => `${clock(one.start).slice(5)} – ${clock(one.end).slice(5)}`;
  const hours = shop.hours.flatMap((one) => [row(t("on_shift", { span: span(one) }), String(one.seats), String(one.seats_during)), row(t("places_in", { span: span(one) }), String(one.places), String(one.places_during))]);
  const rows_ = [
    row(t("places"), String(shop.places), String(shop.places_during)),
    [...shop.seats, ...shop.agents].map((one) => row(`${keyWord("cap")} ${one.key}`, one.usual, one.during)),
    hours,
    shop.keys.map((one) => row(keyWord(one.key), one.usual, one.during)),
    row(t("holds"), shop.holds.join("、") || "–", shop.holds_during.join("、") || "–"),
  ];
  return h(
    "section",
    { class: "stack" },
    h("h3", null, `${t("rehearsal")} · ${shop.name || shop.shop}`),
    h("p", null, t("from_to", { starts: clock(shop.starts), ends: clock(shop.ends), zone: shop.starts.slice(19), hours: shop.hours_long }), shop.then ? ` ${t("then", { then: shop.then })}` : ""),
    shop.cautions.map((one) => h("p", { class: "note warn" }, said(one))),
    h("table", null, h("thead", null, h("tr", null, h("td", null), h("th", null, t("usual")), h("th", null, t("during")))), h("tbody", null, rows_.flat(2).filter(Boolean))),
    h("p", { class: "quiet" }, t("back")),
  );
}

const turn = (id, told) => ask("POST", `events/${encodeURIComponent(id)}`, told);

/** Begin it now: what that does stands beneath the minutes, and changes with them. `deed` begins it, given the minutes. */
export function startNow({ id, name }, deed = (minutes) => turn(id, { do: "start", minutes })) {
  const minutes = number(null, 1, 44_640);
  const does = h("div", { class: "stack wide-sheet", "aria-live": "polite" });
  let asked = 0;
  const foreseen = () => turn(id, { do: "start", minutes: amount(minutes), dry_run: true }).then((told) => told.rehearsal.map(rehearsal));
  const look = async () => {
    const mine = ++asked;
    const told = await foreseen().catch((error) => h("p", { class: "note warn" }, error.message));
    if (mine === asked) fill(does, told);
  };
  minutes.addEventListener("change", look);
  look();
  return question(t("start", { name: name || id }), [field(t("minutes"), minutes), does], () => deed(amount(minutes)), t("begin"));
}

export function endNow({ id, name }) {
  return question(t("end", { name: name || id }), [], () => turn(id, { do: "end" }), t("finish"));
}

/*
 * The auditor's page: the rounds of a day, one round to the second with its clause and what another reading would say,
 * the facts with their hashes, verification and export. Texts only on request, which is written down first.
 */

import { ask } from "../api.js";
import { field, fill, h, say } from "../dom.js";
import { said, words } from "../words.js";
import { readingWord } from "../settings/readings.js";
import { ruleWord, valueWord } from "../settings/words.js";

const t = words({
  title: ["轮次", "Rounds"],
  shop: ["店铺", "Shop"],
  day: ["日期", "Day"],
  show: ["查看", "Show"],
  find: ["轮次、买家或消息（如 r12、m12、买家名）", "A round, buyer or message (such as r12, m12, a name)"],
  filter: ["筛选判定", "Verdict"],
  all: ["全部", "all"],
  hit: ["达标", "hit"],
  miss: ["未达标", "miss"],
  excluded: ["不计", "excluded"],
  counted: ["计入", "counted"],
  pending: ["未结束", "pending"],
  undetermined: ["无法确定", "undetermined"],
  id: ["轮次", "Round"],
  opened: ["开始", "Opened"],
  answered: ["有效回复", "Answered"],
  wait: ["等待（秒）", "Wait (s)"],
  verdict: ["判定", "Verdict"],
  clause: ["为什么（条款）", "Why (clause)"],
  number: ["序号", "Seq"],
  buyer: ["买家", "Buyer"],
  none: ["这一天没有轮次", "No round on this day"],
  by_rule: ["口径：{rule}", "as {rule} judges"],
  count: ["{n} 轮，达标 {hit}，未达标 {miss}", "{n} rounds, {hit} hits, {miss} misses"],
  more: ["还有 {n} 轮未显示", "{n} more are not shown"],
  back: ["返回列表", "Back to the list"],
  other: ["换一种口径", "Another reading"],
  cause: ["原因", "Cause"],
  todo: ["怎么办", "What to do"],
  seats: ["分配时谁可以接", "Who could have taken them"],
  ladder: ["催办阶梯", "Ladder"],
  sends: ["发送", "Sends"],
  timeline: ["经过（北京时间）", "Timeline (China time)"],
  hash: ["哈希", "Hash"],
  texts: ["查看聊天内容（会记录是谁看的）", "Show the texts (who looked is written down)"],
  gone: ["（已删除）", "(erased)"],
  verify: ["校验台账", "Verify the ledger"],
  verifying: ["正在校验…", "Verifying…"],
  sound: ["台账完好：{heads}", "The ledger is unaltered: {heads}"],
  flaw: ["台账不符", "The ledger does not fit"],
  export: ["导出本店（附证明）", "Export this shop with its proof"],
  loading: ["正在读取台账…", "Reading the ledger…"],
  chosen: ["由其接待", "taken by it"],
  loads: ["待回复 {waiting}，接待中 {open}", "{waiting} waiting, {open} open"],
});
/** What the ledger calls them, in a person's words. */
const WORDS = {
  Queued: ["进入排队", "Queued"],
  Assigned: ["分配", "Assigned"],
  TransferRequested: ["请平台转接", "Transfer asked of the platform"],
  MoveAdvised: ["建议转接", "A move advised"],
  least_loaded: ["最空闲", "least loaded"],
  sticky: ["上次的客服", "had this buyer before"],
  debt: ["仍欠答复", "owes the answer"],
  fallback: ["其他客服都不能接", "nobody else could"],
  platform: ["平台分配", "placed by the platform"],
  manual: ["主管指定", "a supervisor's word"],
  transfer: ["客服转接", "passed on"],
  rescue: ["救援", "rescued"],
  follow_up: ["有跟进", "has a follow-up"],
  taken_back: ["操作撤销", "taken back"],
  eligible: ["可接", "could take them"],
  no_agent: ["没有客服", "no agent"],
  offline: ["离线", "offline"],
  away: ["小休", "on a break"],
  off_shift: ["不在班", "off shift"],
  draining: ["即将下班", "about to leave"],
  flapping: ["连接不稳", "unstable line"],
  full: ["已满", "full"],
  agent_full: ["客服合计已满", "agent full over all seats"],
  other_group: ["不接这个分组", "another group"],
  reply: ["客服回复", "reply"],
  hold: ["稍等", "hold"],
  notice: ["自动通知", "notice"],
  confirmed: ["已送达", "delivered"],
  refused: ["被平台拒绝", "refused by the platform"],
  not_sent: ["没有发出", "not sent"],
  unknown: ["不确定是否送达", "unknown whether it arrived"],
  after: ["{n} 秒", "at {n} s"],
  before: ["截止前 {n} 秒", "{n} s before the deadline"],
};
const spoken = words(WORDS);
const word = (name) => (name in WORDS ? spoken(name) : valueWord(name ?? ""));
const VERDICTS = ["hit", "miss", "excluded", "counted", "pending", "undetermined"];

export const title = () => t("title");

const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
/** A reading as the ledger names it: the rule, then each option that is set. */
const titleWord = (title) => {
  const [rule, ...options] = title.split(" ");
  return [ruleWord(rule), ...options.map(readingWord)].join(" · ");
};
const plain = (instant) => (instant ? instant.replace("T", " ").replace("+08:00", "") : "–");

export function show(room, { me }) {
  const mine = me.shops.filter((one) => one.roles.some((role) => role === "owner" || role === "auditor"));
  const shop = h("select", null, mine.map((one) => h("option", { value: one.shop }, one.name)));
  const day = h("input", { type: "date", value: today() });
  const what = h("input", { type: "search" });
  const verdict = h("select", { onChange: () => list() }, h("option", { value: "" }, t("all")), VERDICTS.map((one) => h("option", { value: one }, t(one))));
  const note = h("div", { role: "status" });
  const place = h("div", { class: "stack" });
  let found = null;

  const fail = (error) => fill(note, h("p", { class: "note bad", role: "alert" }, error.message));
  async function attempt(deed) {
    fill(note, h("p", { class: "note" }, t("loading")));
    try {
      await deed();
      fill(note);
    } catch (error) {
      fail(error);
    }
  }

  const load = () => attempt(async () => {
    found = await ask("GET", `rounds/${encodeURIComponent(shop.value)}?day=${encodeURIComponent(day.value)}`);
    list();
  });

  const open = (name) => attempt(async () => {
    const story = await ask("GET", `story?what=${encodeURIComponent(name)}`);
    fill(place, h("div", null, h("button", { onClick: () => list() }, t("back"))), story.threads.map((thread) => threadOf(story.desk, thread)));
    place.querySelector("button")?.focus();
  });

  async function verify() {
    fill(note, h("p", { class: "note" }, t("verifying")));
    try {
      const { heads, flaws } = await ask("POST", "verify");
      const sound = t("sound", { heads: heads.map((one) => `${one.desk} ${one.seq} ${one.hash.slice(0, 16)}`).join(" · ") });
      say(flaws.length ? t("flaw") : sound, true);
      fill(note, flaws.length ? h("div", { class: "note bad" }, h("strong", null, t("flaw")), flaws.map((one) => h("span", { class: "line" }, `${one.desk} ${one.seq}: ${said(one)}`))) : h("p", { class: "note good" }, sound));
    } catch (error) {
      fail(error);
    }
  }

  function list() {
    if (!found) return;
    const rows = found.rounds.filter((one) => !verdict.value || one.verdict === verdict.value);
    const count = (name) => found.rounds.filter((one) => one.verdict === name).length;
    fill(
      place,
      h("p", { class: "quiet" }, t("by_rule", { rule: titleWord(found.rule) }), " · ", t("count", { n: found.rounds.length, hit: count("hit"), miss: count("miss") }), found.more > 0 && ` · ${t("more", { n: found.more })}`),
      rows.length === 0 ? h("p", { class: "quiet" }, t("none")) : h("div", { class: "scroll" }, h("table", null, h("thead", null, h("tr", null, ["id", "opened", "answered", "wait", "verdict", "clause", "buyer"].map((one) => h("th", { class: one === "wait" ? "number" : null }, t(one))))), h("tbody", null, rows.map(row)))),
    );
  }

  function row(one) {
    const name = one.id ?? `${one.buyer}@${one.opened}`;
    return h("tr", null, h("td", null, h("button", { class: "link", onClick: () => open(name) }, one.id ?? "–")), h("td", null, plain(one.opened)), h("td", null, plain(one.answered)), h("td", { class: "number" }, one.wait_s == null ? "–" : String(one.wait_s)), h("td", { class: one.verdict === "miss" ? "bad-words" : "" }, t(one.verdict)), h("td", null, said(one), h("span", { class: "quiet" }, ` ${one.clause}`)), h("td", null, h("button", { class: "link", onClick: () => open(one.buyer) }, one.buyer.slice(0, 8))));
  }

  function threadOf(desk, thread) {
    const texts = new Map();
    const timeline = h("div", { class: "scroll" });
    const draw = () => fill(timeline, h("table", null, h("thead", null, h("tr", null, h("th", null, t("number")), h("th", null, t("timeline")), h("th", null, ""), h("th", null, t("hash")))), h("tbody", null, thread.timeline.map((one) => momentOf(one, thread.hashes[one.seq], texts)))));
    const look = () => attempt(async () => {
      const answer = await ask("POST", `texts/${encodeURIComponent(desk)}/${encodeURIComponent(thread.shop)}/${encodeURIComponent(thread.buyer)}`);
      for (const [seq, text] of Object.entries(answer.texts)) texts.set(Number(seq), text);
      draw();
    });
    draw();
    return h("section", { class: "stack" }, thread.told.map(storyOf), h("div", { class: "row" }, h("h2", null, t("timeline")), h("button", { onClick: look }, t("texts"))), timeline);
  }

  function momentOf(one, hash, texts) {
    const text = texts.get(one.seq);
    return h("tr", null, h("td", { class: "number" }, String(one.seq)), h("td", null, clock.format(one.at)), h("td", null, h("strong", null, said(one)), text != null && h("span", { class: "line", dir: "auto" }, text)), h("td", { class: "hash quiet", title: hash }, (hash ?? "").slice(0, 12)));
  }

  /** `badge+60`: sixty seconds after the question; `hold-20`: twenty before the deadline. */
  function rungOf(name) {
    const [, action, sign, seconds] = /^(\w+)([+-])(\d+)$/u.exec(name) ?? [];
    return action ? `${spoken(sign === "+" ? "after" : "before", { n: seconds })} ${word(action)}` : name;
  }

  const candidateOf = (one) => h("span", { class: "line quiet" }, [one.seat, word(one.why), t("loads", one), one.chosen && t("chosen")].filter(Boolean).join(" · "));

  function storyOf(story) {
    const section = (name, content) => content && [h("h3", null, t(name)), content];
    const bullet = (list, made) => list.length > 0 && h("ul", null, list.map((one) => h("li", null, made(one))));
    return h(
      "article",
      { class: "card stack" },
      h("h2", null, `${story.id ?? ""} · `, h("span", { class: story.verdict === "miss" ? "bad-words" : "" }, t(story.verdict)), ` · ${plain(story.opened)} → ${plain(story.answered)} · ${story.wait_s ?? "–"} s`),
      h("p", null, h("strong", null, said(story)), h("span", { class: "quiet" }, ` ${story.clause}`)),
      story.cause && section("todo", h("p", null, said({ zh: story.do_zh, en: story.do_en }))),
      section("other", bullet(story.others, (one) => `${readingWord(one.option)}: ${one.verdict ? t(one.verdict) : "–"} · ${said(one)}${one.clause ? ` ${one.clause}` : ""}`)),
      section("seats", bullet(story.decisions, (one) => [[clock.format(one.at), word(one.what), word(one.reason)].filter(Boolean).join(" · "), one.candidates.map(candidateOf)])),
      section("ladder", bullet(story.ladder, (one) => `${rungOf(one.rung)}: ${said(one)}`)),
      section("sends", bullet(story.sends, (one) => [one.send, word(one.kind), one.reply, word(one.outcome)].filter(Boolean).join(" · "))),
    );
  }

  fill(
    room,
    h(
      "div",
      { class: "page stack" },
      h("h1", null, t("title")),
      h("form", { class: "row end", onSubmit: (event) => (event.preventDefault(), load()) }, field(t("shop"), shop), field(t("day"), day), field(t("filter"), verdict), h("button", { class: "main" }, t("show")), h("span", { class: "grow" }), h("button", { type: "button", onClick: verify }, t("verify")), h("button", { type: "button", onClick: () => location.assign(`/console/api/export/${encodeURIComponent(shop.value)}`) }, t("export"))),
      h("form", { class: "row end", onSubmit: (event) => (event.preventDefault(), open(what.value.trim())) }, h("div", { class: "grow" }, field(t("find"), what)), h("button", null, t("show"))),
      note,
      place,
    ),
  );
  load();
}

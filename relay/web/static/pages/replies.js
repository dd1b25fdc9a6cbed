/*
 * Quick replies: what waits for approval, beside what is in force, with what speaks against it and how it reads; what was
 * refused, with the reason; and the emergency stop.
 */

import { ask } from "../api.js";
import { shown } from "../diff.js";
import { question } from "../dialog.js";
import { field, fill, h, refill, say } from "../dom.js";
import { called } from "../people.js";
import { said, words } from "../words.js";

const t = words({
  title: ["话术", "Quick replies"],
  pending: ["待审核", "To approve"],
  in_force: ["使用中", "In force"],
  drafts: ["草稿", "Drafts"],
  none: ["没有", "None"],
  propose: ["新话术", "New reply"],
  change: ["修改", "Change"],
  approve: ["批准", "Approve"],
  refuse: ["不批准", "Refuse"],
  elsewhere_too: ["也用于您不能审核的店铺，须由这些店铺都能审核的人处理", "It is also for shops that you do not approve for: whoever approves for all of them decides"],
  refuse_why: ["原因（{author} 会看到）", "Why ({author} will read it)"],
  the_author: ["起草人", "its author"],
  refused: ["未批准", "Refused"],
  refused_by: ["{by} 没有批准：{why}", "Refused by {by}: {why}"],
  again: ["修改后再送审", "Change and hand in again"],
  propose_this: ["以这一版重新送审", "Propose this text again"],
  as_seen: ["买家会看到（示例）", "As a buyer will see it (example)"],
  checks_none: ["检查：没有发现问题", "Checks: nothing speaks against it"],
  checks: ["检查发现", "The checks say"],
  check_refuse: ["不能用", "not fit"],
  check_warn: ["请留意", "look at it"],
  status_draft: ["草稿", "draft"],
  status_pending: ["待审核", "to approve"],
  status_approved: ["已批准", "approved"],
  status_retired: ["已停用", "retired"],
  approved_by: ["{by} 批准", "approved by {by}"],
  retire: ["停用", "Retire"],
  hand_in: ["送审", "Hand in"],
  stop: ["紧急停用", "Stop"],
  lift: ["恢复", "Lift"],
  stop_all: ["全部自动话术紧急停用", "Stop every machine reply"],
  lift_all: ["恢复自动话术", "Let machine replies go on"],
  stopped: ["已紧急停用", "Stopped"],
  id: ["编号", "Id"],
  text: ["内容", "Text"],
  text_hint: ["变量写作 {buyer_name|亲}；批准后即为不可改的一个版本", "Slots as {buyer_name|亲}; an approved version never changes"],
  purpose: ["用途", "Purpose"],
  shops: ["店铺（不选为全部）", "Shops (none: all)"],
  hold: ["稍等（超时前）", "Hold (near the deadline)"],
  answer: ["答复", "Answer"],
  greeting: ["欢迎语", "Greeting"],
  queue_notice: ["排队提示", "Queue notice"],
  after_hours: ["非工作时间", "After hours"],
  closing: ["结束语", "Closing"],
  by: ["{author} 起草", "by {author}"],
  version: ["第 {n} 版", "version {n}"],
  new_text: ["新话术，之前没有", "New: there was none before"],
  changes: ["与使用中的第 {n} 版相比", "Compared with version {n} in force"],
  did_propose: ["“{id}”已送审", "“{id}” is handed in"],
  did_approve: ["“{id}”第 {n} 版已批准，现在可用", "Version {n} of “{id}” is approved and in force"],
  did_refuse: ["“{id}”第 {n} 版没有批准，起草人会看到原因", "Version {n} of “{id}” is refused; its author reads why"],
  did_retire: ["“{id}”第 {n} 版已停用", "Version {n} of “{id}” is retired"],
  did_stop: ["“{id}”已紧急停用", "“{id}” is stopped"],
  did_lift: ["“{id}”已恢复", "“{id}” goes on"],
  did_stop_all: ["全部自动话术已紧急停用", "Every machine reply is stopped"],
  did_lift_all: ["自动话术已恢复", "Machine replies go on"],
  sure_stop: ["立即停止所有自动发送的话术，人工发送不受影响。", "Every text that relay sends by itself stops at once; people send as before."],
  history: ["历史版本", "Versions"],
  search: ["搜索", "Search"],
});
const PURPOSES = ["hold", "answer", "greeting", "queue_notice", "after_hours", "closing"];

export const title = () => t("title");

export function show(room, { me }) {
  const note = h("div", { role: "status" });
  const place = h("div", { class: "stack" });
  const filter = h("input", { type: "search", "aria-label": t("search"), placeholder: t("search"), onInput: () => draw() });
  let replies = [];
  const roles = new Set(me.shops.flatMap((one) => one.roles));
  const may = { approve: roles.has("owner") || roles.has("approver"), stop: ["owner", "agent", "cs_admin"].some((one) => roles.has(one)) };

  async function load() {
    replies = (await ask("GET", "/replies")).replies;
    draw();
  }

  async function act(body) {
    try {
      await ask("POST", "/replies", body);
      const did = t(`did_${body.do}${body.reply ? "" : "_all"}`, { id: body.reply, n: body.version });
      fill(note, h("p", { class: "note good" }, did));
      say(did);
      await load();
    } catch (error) {
      fill(note, h("div", { class: "note bad", role: "alert" }, error.message.split("\n").map((line) => h("span", { class: "line" }, line))));
      throw error;
    }
  }

  const quiet = (body) => act(body).catch(() => {});

  function propose(old = null) {
    const id = h("input", { required: true, pattern: "[a-z0-9][a-z0-9_.\\-]{0,63}", spellcheck: "false", value: old?.id ?? "" });
    id.readOnly = Boolean(old);
    const text = h("textarea", { rows: 4, required: true, maxlength: 2000, value: old?.text ?? "" });
    const purpose = h("select", null, PURPOSES.map((one) => h("option", { value: one }, t(one))));
    purpose.value = old?.purpose ?? "answer";
    const boxes = me.shops.map(({ shop, name }) => [shop, h("input", { type: "checkbox", id: `shop-${shop}` }), name]);
    for (const [shop, box] of boxes) box.checked = old?.shops.includes(shop) ?? false;
    return question(
      t(old ? "change" : "propose"),
      [field(t("id"), id), field(t("text"), text, t("text_hint")), field(t("purpose"), purpose), h("fieldset", null, h("legend", null, t("shops")), boxes.map(([shop, box, name]) => h("label", { class: "plain", for: `shop-${shop}` }, box, " ", name)))],
      () => act({ do: "propose", reply: id.value.trim(), text: text.value, purpose: purpose.value, shops: boxes.filter(([, box]) => box.checked).map(([shop]) => shop) }),
      t("hand_in"),
    );
  }

  const refusal = (one) => one.refused_by && h("p", { class: "note warn", dir: "auto" }, t("refused_by", { by: called(one.refused_by), why: one.refused_why }));

  async function versions(one) {
    const { replies: all } = await ask("GET", `/replies/${encodeURIComponent(one.id)}`);
    const about = (each) => [t("version", { n: each.version }), t(`status_${each.status}`), each.author && t("by", { author: called(each.author) }), each.approved_by && t("approved_by", { by: called(each.approved_by) })].filter(Boolean).join(" · ");
    const again = (each) => h("button", { type: "button", onClick: () => propose(each) }, t("propose_this"));
    return question(`${t("history")} · ${one.id}`, [h("div", { class: "versions", tabindex: "0" }, all.toReversed().map((each) => h("div", { class: "card stack" }, h("p", { class: "quiet" }, about(each)), h("p", { dir: "auto" }, each.text), refusal(each), each.status === "retired" && h("div", null, again(each)))))]);
  }

  /** Turn it down with a reason, which its author reads. */
  function refuse(one) {
    const why = h("textarea", { rows: 3, required: true, maxlength: 500 });
    return question(`${t("refuse")} · ${one.id}`, [h("p", { dir: "auto" }, one.text), field(t("refuse_why", { author: one.author ? called(one.author) : t("the_author") }), why)], () => act({ do: "refuse", reply: one.id, version: one.version, why: why.value }), t("refuse"));
  }

  /** What speaks against a text that waits, and how it reads with its slots filled in. */
  function judged(one) {
    const weight = (each) => t(each.severity === "refuse" ? "check_refuse" : "check_warn");
    const lines = (one.checks ?? []).map((each) => h("li", null, h("strong", null, weight(each)), ` ${said(each)}`, each.matched && [": ", h("mark", { dir: "auto" }, each.matched)]));
    return [
      one.slots.length > 0 && h("p", { dir: "auto" }, h("span", { class: "quiet" }, `${t("as_seen")} `), one.sample),
      lines.length ? h("div", { class: "note warn" }, t("checks"), h("ul", null, lines)) : h("p", { class: "quiet" }, t("checks_none")),
    ];
  }

  function card(one, buttons, compared) {
    const shops = one.shops.map((shop) => me.shops.find((each) => each.shop === shop)?.name ?? shop).join("、");
    return h(
      "article",
      { class: `card stack ${one.stopped ? "is-stopped" : ""}`, "data-of": `${one.id} ${one.version}` },
      h("div", { class: "row" }, h("strong", null, one.id), h("span", { class: "quiet" }, [t("version", { n: one.version }), t(one.purpose), shops, one.author ? t("by", { author: called(one.author) }) : ""].filter(Boolean).join(" · ")), one.stopped && h("span", { class: "note bad" }, t("stopped"))),
      compared,
      h("div", { class: "row" }, buttons, h("button", { onClick: () => versions(one) }, t("history"))),
    );
  }

  function draw() {
    const wanted = filter.value.trim().toLowerCase();
    const fits = (one) => !wanted || one.id.includes(wanted) || one.text.toLowerCase().includes(wanted);
    const approved = new Map(replies.filter((one) => one.status === "approved").map((one) => [one.id, one]));
    const pending = replies.filter((one) => one.status === "pending" && fits(one));
    const drafts = replies.filter((one) => one.status === "draft" && fits(one));
    const refused = replies.filter((one) => one.refused_by && fits(one)).sort((a, b) => (b.author === me.person) - (a.author === me.person));
    const button = (words, body, kind = "") => h("button", { class: kind, onClick: () => quiet(body) }, t(words));
    const compare = (one) => {
      const before = approved.get(one.id);
      return before ? [h("p", { class: "quiet" }, t("changes", { n: before.version })), shown(before.text, one.text)] : [h("p", { class: "quiet" }, t("new_text")), h("p", { dir: "auto" }, one.text)];
    };
    const section = (name, list, made) => [h("h2", null, t(name), " ", h("span", { class: "count" }, list.length)), list.length ? list.map(made) : h("p", { class: "quiet" }, t("none"))];
    refill(
      place,
      section("pending", pending, (one) => card(one, one.may_approve ? [button("approve", { do: "approve", reply: one.id, version: one.version }, "main"), h("button", { onClick: () => refuse(one) }, t("refuse"))] : may.approve && h("span", { class: "quiet" }, t("elsewhere_too")), [compare(one), judged(one)])),
      refused.length > 0 && section("refused", refused, (one) => card(one, h("button", { onClick: () => propose(one) }, t("again")), [compare(one), refusal(one)])),
      section("drafts", drafts, (one) => card(one, [h("button", { onClick: () => propose(one) }, t("change")), button("hand_in", { do: "propose", reply: one.id }, "main")], [compare(one), judged(one)])),
      section("in_force", [...approved.values()].filter(fits), (one) =>
        card(one, [h("button", { onClick: () => propose(one) }, t("change")), one.may_approve && button("retire", { do: "retire", reply: one.id, version: one.version }), may.stop && (one.stopped ? one.may_approve && button("lift", { do: "lift", reply: one.id }) : button("stop", { do: "stop", reply: one.id }, "danger"))], h("p", { dir: "auto" }, one.text))),
    );
  }

  const stopAll = () => question(t("stop_all"), [h("p", null, t("sure_stop"))], () => act({ do: "stop" }), t("stop_all"));
  fill(
    room,
    h(
      "div",
      { class: "page stack" },
      h("div", { class: "row" }, h("h1", null, t("title")), h("span", { class: "grow" }), h("button", { class: "main", onClick: () => propose() }, t("propose")), may.stop && h("button", { class: "danger", onClick: stopAll }, t("stop_all")), may.approve && h("button", { onClick: () => quiet({ do: "lift" }) }, t("lift_all"))),
      filter,
      note,
      place,
    ),
  );
  load().catch((error) => fill(note, h("p", { class: "note bad", role: "alert" }, error.message)));
}

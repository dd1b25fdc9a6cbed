/* A buyer's orders beside their conversation, as the shop told relay of them. */

import { fill, h } from "../dom.js";
import { current, words } from "../words.js";

const t = words({
  orders: ["订单", "Orders"],
  created: ["待付款", "Not paid yet"],
  paid: ["已付款，待发货", "Paid, to ship"],
  shipped: ["已发货", "Shipped"],
  finished: ["交易成功", "Finished"],
  closed: ["已关闭", "Closed"],
  refunded: ["已退款", "Refunded"],
  items: ["{n} 件", "{n} item(s)"],
  made: ["{age}前下单 · {when}", "{age} ago · {when}"],
  payment: ["付款 {when}", "paid {when}"],
  unpaid: ["未付款", "no payment"],
  asked: ["买家在问这个", "Asked about"],
  mentioned: ["买家提到的订单号 {number}", "Order that the buyer wrote about: {number}"],
  more: ["共 {n} 个，这里是最新的 {shown} 个", "{n} in all; the newest {shown} are here"],
  reading: ["还在读取导入的订单…", "Still reading the imported orders…"],
  days: ["{n} 天", "{n} d"],
  hours: ["{n} 小时", "{n} h"],
  minutes: ["{n} 分钟", "{n} min"],
});
const MINUTE = 60_000;
const time = new Intl.DateTimeFormat("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
const yuan = new Intl.NumberFormat("zh-CN", { style: "currency", currency: "CNY" });

function age(since, now) {
  const minutes = Math.max(0, Math.floor((now - since) / MINUTE));
  if (minutes >= 2 * 1440) return t("days", { n: Math.floor(minutes / 1440) });
  return minutes >= 120 ? t("hours", { n: Math.floor(minutes / 60) }) : t("minutes", { n: minutes });
}

/** An instant that is no date, as an older import may have left one, is shown as it is. */
const when = (at) => (Number.isNaN(new Date(at).getTime()) ? String(at) : time.format(at));

function card(one, now) {
  return h(
    "li",
    { class: `order ${one.status}${one.asked ? " asked" : ""}` },
    one.asked && h("span", { class: "tag" }, t("asked")),
    h("span", { class: "top" }, h("strong", null, t(one.status)), h("span", { class: "number" }, yuan.format(one.amount_fen / 100))),
    h("span", { class: "quiet line" }, [one.items ? t("items", { n: one.items }) : null, one.paid_at ? t("payment", { when: when(one.paid_at) }) : t("unpaid")].filter(Boolean).join(" · ")),
    h("span", { class: "quiet line" }, t("made", { when: when(one.created_at), age: age(one.created_at, now) })),
  );
}

/** Whether there is anything to show of what relay said. */
export const hasOrders = (told) => Boolean(told && (told.orders.length || told.order_no || !told.complete));

/** @param {Element} place @param {any} told the frame `orders`, or nothing yet @param {number} now */
export function drawOrders(place, told, now) {
  place.hidden = !hasOrders(told);
  const key = JSON.stringify([told, current(), Math.floor(now / MINUTE)]);
  if (place.hidden || place.drawn === key) return;
  place.drawn = key;
  fill(
    place,
    h("h2", null, t("orders"), " ", h("span", { class: "count" }, told.total)),
    told.order_no && h("p", { class: "quiet" }, h("span", { dir: "auto" }, t("mentioned", { number: told.order_no }))),
    !told.complete && h("p", { class: "quiet" }, t("reading")),
    h("ul", null, told.orders.map((one) => card(one, now))),
    told.total > told.orders.length && h("p", { class: "quiet" }, t("more", { n: told.total, shown: told.orders.length })),
  );
}

export const ordersPlace = () => h("aside", { class: "orders", hidden: true, tabindex: "0", "aria-label": t("orders") });

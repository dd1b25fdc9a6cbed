/* The frame of every page: who is here, which pages are theirs, and the one that the address names. */

import { Refusal, ask } from "./api.js";
import { fill, h } from "./dom.js";
import { meet } from "./people.js";
import { chosen, current, speak, words } from "./words.js";

const t = words({
  desk: ["接待", "Desk"],
  wall: ["看板", "Wall"],
  replies: ["话术", "Replies"],
  reports: ["报表", "Reports"],
  rounds: ["轮次", "Rounds"],
  settings: ["设置", "Settings"],
  pages: ["页面", "Pages"],
  logout: ["退出", "Log out"],
  other: ["English", "中文"],
  skip: ["跳到内容", "Skip to content"],
  nothing: ["您没有可以打开的页面，请联系店主", "No page is open to you; ask the shop's owner"],
  retry: ["再试一次", "Try again"],
  account: ["{name} · 修改密码", "{name} · change password"],
});

/** Pages that stand alone, without the bar. `side` is the bar's desk in 360 px. */
const ALONE = ["login", "setup", "password", "side"];
const KNOWN = [...ALONE, "desk", "wall", "replies", "reports", "rounds", "settings"];
const place = document.getElementById("relay");

/** What a page is given: who is here, the rest of the address, and how to go elsewhere. */
let me = null;
let leave = null;
let drawn = false;

export function go(path) {
  history.pushState(null, "", `/console/${path}`);
  return show();
}

/** Not by the address: a change of it draws the page anew. */
function skip(event) {
  event.preventDefault();
  document.getElementById("room").focus();
}

async function show() {
  leave?.();
  leave = null;
  const [, , name = "", rest = ""] = location.pathname.split("/");
  try {
    me = await whoIsHere(name);
    if (me === undefined) return undefined;
    return await open(pageOf(name), rest);
  } catch (error) {
    if (error instanceof Refusal) return failed(error);
    throw error;
  }
}

/** The person; null for nobody; undefined where this sends the browser to another page. */
async function whoIsHere(name) {
  const setup = await needsSetup(name);
  if (setup) return name === "setup" ? null : void go("setup");
  try {
    const person = await ask("GET", "me");
    meet(person.colleagues);
    if (!chosen()) speak(person.language, false);
    if (person.must_change && name !== "password") return void go("password");
    if (name === "login" || name === "setup") return void go("");
    return person;
  } catch (error) {
    if (error instanceof Refusal && error.code === "no_session") return name === "login" ? null : void go("login");
    throw error;
  }
}

let founded = false;

async function needsSetup(name) {
  if (founded && name !== "setup") return false;
  const { needed } = await ask("GET", "setup");
  founded = !needed;
  return needed;
}

function pageOf(name) {
  if (KNOWN.includes(name) && (ALONE.includes(name) || me?.pages.includes(name))) return name;
  return me?.pages[0] ?? "";
}

async function open(name, rest) {
  if (!name) return fill(place, bar(""), h("main", { class: "room" }, h("p", { class: "narrow note" }, t("nothing"))));
  const page = await brought(name);
  const room = h("main", { class: "room", id: "room", tabindex: "-1" });
  document.title = `${page.title()} · relay`;
  fill(place, ALONE.includes(name) ? null : bar(name), room);
  leave = page.show(room, { me, rest, go, again: show }) ?? null;
  if (drawn && document.activeElement === document.body) room.focus(); // what had the focus went with the page before
  drawn = true;
}

/** The page's own module. One that is gone belongs to an older relay: the browser asks for the new one, once. */
async function brought(name) {
  try {
    const page = await import(`./pages/${name}.js`);
    sessionStorage.removeItem("relay.reloaded");
    return page;
  } catch (error) {
    if (sessionStorage.getItem("relay.reloaded")) throw error;
    sessionStorage.setItem("relay.reloaded", "1");
    location.reload();
    return new Promise(() => {});
  }
}

function bar(name) {
  const other = current() === "en" ? "zh-CN" : "en";
  return h(
    "header",
    { class: "bar" },
    h("a", { class: "skip", href: "#room", onClick: skip }, t("skip")),
    h("strong", null, "relay"),
    h("nav", { "aria-label": t("pages") }, (me?.pages ?? []).map((page) => link(page, page === name))),
    h("span", { class: "grow" }),
    h("a", { href: "/console/password", onClick: inside("password") }, t("account", { name: me?.name ?? "" })),
    h("button", { lang: other, onClick: () => (speak(other), show()) }, t("other")),
    h("button", { onClick: logOut }, t("logout")),
  );
}

function link(page, here) {
  return h("a", { href: `/console/${page}`, "aria-current": here ? "page" : null, onClick: inside(page) }, t(page));
}

const inside = (path) => (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(path);
};

async function logOut() {
  await ask("POST", "logout");
  location.assign("/console/login");
}

function failed(error) {
  const again = h("button", { class: "main", onClick: show }, t("retry"));
  fill(place, h("main", { class: "narrow stack" }, h("p", { class: "note bad", role: "alert" }, error.message), again));
  again.focus();
}

speak(current(), false);
addEventListener("popstate", show);
show();

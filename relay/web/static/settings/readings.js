/* The options of a rule and their values in words: another reading of the same chats (docs/rules.md). */

import { words } from "../words.js";

const OPTIONS = {
  bundle: ["整套口径", "bundle"],
  cross_day: ["次日才回复", "an answer on a later day"],
  window_on: ["时段外开始的轮次", "a round opened outside the hours"],
  robot_only: ["只有机器人回复", "only a robot answered"],
  robot_turn: ["机器人的回复", "a robot's text"],
  robot_transparent: ["不影响判定的机器人", "robots that change nothing"],
  assist_providers: ["智能辅助算有效的机器人", "whose assist texts are valid"],
  thread: ["一个会话", "a thread"],
  unit: ["一个人次", "a person"],
  last_word_required: ["当天最后一句须是商家的", "the shop must have the day's last word"],
  person_hit: ["一个人次算及时", "a person-time is in time"],
  clock: ["等待从何时算起", "a wait starts"],
  queued: ["排队中的消息", "messages in the queue"],
  agent: ["只看一个子账号", "one seat alone"],
  limit_s: ["时限（秒）", "limit in seconds"],
  limit_inclusive: ["正好等于时限算及时", "exactly the limit is in time"],
  as_of: ["截止到", "as of"],
};
const VALUES = {
  "bundle=default": ["通常口径", "the usual bundle"],
  "bundle=strict": ["最严格的口径", "the strict bundle"],
  "cross_day=exclude": ["不计", "not counted"],
  "cross_day=miss": ["算未达标", "a miss"],
  "window_on=opening": ["不计", "not counted"],
  "window_on=first_in_window_message": ["从时段内第一问算起", "timed from the first question inside"],
  "robot_only=excluded": ["不计", "not counted"],
  "robot_only=miss": ["算未达标", "a miss"],
  "robot_turn=closes": ["结束这一轮", "closes the round"],
  "robot_turn=transparent": ["当作没有", "changes nothing"],
  "thread=buyer": ["按买家", "one a buyer"],
  "thread=buyer_sub_account": ["按买家和子账号", "one a buyer and seat"],
  "unit=buyer": ["按买家", "one a buyer"],
  "unit=buyer_account": ["按买家和子账号", "one a buyer and seat"],
  "person_hit=all": ["每一轮都及时", "all rounds are"],
  "person_hit=first": ["第一轮及时", "the first round is"],
  "person_hit=any": ["任一轮及时", "any round is"],
  "clock=per_message": ["每条消息自己", "with each message"],
  "clock=run_first": ["连续提问的第一条", "with the first of a run"],
  "queued=excluded": ["不计", "not counted"],
  "queued=from_entry": ["从进入接待列表算起", "from entering a list"],
  true: ["是", "yes"],
  false: ["否", "no"],
};
const options = words(OPTIONS);
const values = words(VALUES);

export const optionWord = (key) => (key in OPTIONS ? options(key) : key);

/** @param {string} set `key=value` */
export function readingWord(set) {
  const [key, value] = set.split(/=(.*)/su);
  if (value === undefined) return set;
  const named = [set, value].find((one) => one in VALUES);
  const told = named ? values(named) : value;
  return key === "bundle" ? told : `${optionWord(key)} = ${told}`;
}

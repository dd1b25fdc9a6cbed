/* Asking relay. What it refuses is thrown as a Refusal, with the sentence in the language of now. */

import { said, words } from "./words.js";

const t = words({
  unreachable: ["连不上 relay，请检查网络后再试", "relay cannot be reached; check the network and try again"],
  broken: ["relay 的回答无法理解（{status}）", "relay's answer cannot be understood ({status})"],
});

export class Refusal extends Error {
  /** `raw`: the findings as relay told them, each with the path of what it is about. */
  constructor(code, message, status, findings = [], raw = []) {
    super(message);
    this.code = code;
    this.status = status;
    this.findings = findings;
    this.paths = raw.map((one) => one.path ?? []);
    this.sentences = raw.map((one, at) => (one.zh ? said(one) : findings[at]));
  }
}

/**
 * @param {string} method
 * @param {string} path below /console/api, or from the root with a leading slash
 * @param {any} [body]
 */
export async function ask(method, path, body) {
  const response = await reached(method, path, body);
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new Refusal("broken", t("broken", { status: response.status }), response.status);
  }
  if (response.ok) return answer;
  throw refusal(answer, response.status);
}

/**
 * Ask for what takes long: how far it is goes to `hear`, line by line, and what was made comes back.
 * @param {string} path @param {any} body @param {(step: any) => void} hear @param {AbortSignal} signal ends it
 */
export async function follow(path, body, hear, signal) {
  const response = await reached("POST", path, body, signal);
  if (!response.ok) throw refusal(await response.json(), response.status);
  let rest = "";
  let made = null;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done && made) return made;
    if (done) throw new Refusal("unreachable", t("unreachable"), 0);
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const one of lines.map((text) => JSON.parse(text))) {
      if (one.wrong) throw refusal(one.wrong, response.status);
      if (one.made) made = one.made;
      else hear(one);
    }
  }
}

async function reached(method, path, body, signal) {
  try {
    return await fetch(path.startsWith("/") ? path : `/console/api/${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal("unreachable", t("unreachable"), 0);
  }
}

function refusal(answer, status) {
  const findings = (answer.findings ?? []).map((one) => (typeof one === "string" ? one : `${one.where}: ${said(one)}`));
  const message = findings.join("\n") || (answer.zh ? said(answer) : answer.error) || String(status);
  return new Refusal(answer.code ?? "", message, status, findings, answer.findings ?? []);
}

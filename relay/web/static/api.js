/* Asking relay. What it refuses is thrown as a Refusal, with the sentence in the language of now. */

import { said, words } from "./words.js";

const t = words({
  unreachable: ["连不上 relay，请检查网络后再试", "relay cannot be reached; check the network and try again"],
  broken: ["relay 的回答无法理解（{status}）", "relay's answer cannot be understood ({status})"],
});

export class Refusal extends Error {
  constructor(code, message, status, findings = []) {
    super(message);
    this.code = code;
    this.status = status;
    this.findings = findings;
  }
}

/**
 * @param {string} method
 * @param {string} path below /console/api, or from the root with a leading slash
 * @param {any} [body]
 */
export async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(path.startsWith("/") ? path : `/console/api/${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
    });
  } catch {
    throw new Refusal("unreachable", t("unreachable"), 0);
  }
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new Refusal("broken", t("broken", { status: response.status }), response.status);
  }
  if (response.ok) return answer;
  const findings = (answer.findings ?? []).map((one) => (typeof one === "string" ? one : `${one.where}: ${said(one)}`));
  const message = findings.join("\n") || (answer.zh ? said(answer) : answer.error) || String(response.status);
  throw new Refusal(answer.code ?? "", message, response.status, findings);
}

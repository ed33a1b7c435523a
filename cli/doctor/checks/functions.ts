import type { ErrorCode } from "../../../shared/errors.ts";
import { failed, type Finding, OK, unchecked } from "../../checks.ts";
import { type Answer, ask, codeOf } from "../../connection/http.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { type Check, lacking, type Subject } from "../subject.ts";

interface Expected {
  name: string;
  method: "GET" | "POST";
  /** What it answers to a call without credentials. */
  code: ErrorCode;
  /** Whether browsers call it. */
  browser: boolean;
}

const EXPECTED: Expected[] = [
  { name: "validate-widget", method: "POST", code: "invalid_request", browser: true },
  { name: "tab-fetch", method: "GET", code: "missing_session", browser: true },
  { name: "tab-action", method: "POST", code: "missing_session", browser: true },
  { name: "tab-answer", method: "POST", code: "missing_session", browser: true },
  { name: "realtime-publish", method: "POST", code: "missing_api_key", browser: false },
  { name: "events", method: "GET", code: "missing_api_key", browser: true },
  { name: "mail-inbound", method: "POST", code: "invalid_api_key", browser: false },
  { name: "mail-unsubscribe", method: "POST", code: "invalid_request", browser: false },
  { name: "invite-member", method: "POST", code: "missing_session", browser: true },
  { name: "deliver", method: "POST", code: "missing_api_key", browser: false },
  { name: "api", method: "GET", code: "missing_api_key", browser: false },
];
const DEPLOY = `${HEDDLE} deploy --only functions`;
const LEFT_OUT = unchecked("left out with init --without");
const ORIGIN = "https://doctor.example";

/** One check for each function: it boots, answers as its version should, and browsers may read the answer. */
export const functions: Check[] = EXPECTED.map((expected) => ({
  id: `function-${expected.name}`,
  title: `The function ${expected.name} answers`,
  run(subject: Subject) {
    // A function of that name is the owner's own.
    if (subject.leftOut.includes(expected.name)) return Promise.resolve(LEFT_OUT);
    return subject.url ? callFunction(subject.url, expected) : Promise.resolve(lacking(subject, "--url"));
  },
}));

async function callFunction(url: string, { name, method, code, browser }: Expected): Promise<Finding> {
  const address = `${url}/functions/v1/${name}`;
  const answer = await ask(address, {
    method,
    headers: { "content-type": "application/json", "origin": ORIGIN },
    ...(method === "POST" ? { body: "{}" } : {}),
  });
  if (codeOf(answer) !== code || !answer.headers.has("x-request-id")) return wrongAnswer(name, answer);
  if (!browser) return OK;
  const preflight = await ask(address, {
    method: "OPTIONS",
    headers: {
      "origin": ORIGIN,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization,content-type",
    },
  });
  const readable = [answer, preflight].every(({ headers }) =>
    headers.get("access-control-allow-origin") === "*"
  );
  if (!readable || preflight.status >= 300) {
    return failed("browsers may not call it: its CORS headers are missing", `Deploy it again: ${DEPLOY}`);
  }
  const allowed = preflight.headers.get("access-control-allow-headers")?.toLowerCase().split(/\s*,\s*/) ?? [];
  if (["*", "authorization"].every((name) => allowed.includes(name))) return OK;
  return failed(
    "pages that add headers of their own to every request, as monitoring does, may not call it",
    `Deploy it again: ${DEPLOY}`,
  );
}

function wrongAnswer(name: string, answer: Answer): Finding {
  const code = codeOf(answer);
  if (answer.status === 404) return failed("it is not deployed", `Deploy it: ${DEPLOY}`);
  if (answer.status === 401 && /^(?:UNAUTHORIZED|401$)/.test(code || "401")) {
    return failed(
      "the platform asks for a JWT before it",
      `Deploy it without that check: ${DEPLOY} --replace ${name}`,
    );
  }
  if (answer.status >= 500) {
    return failed(
      `it does not run: status ${answer.status}${code ? `, ${code}` : ""}`,
      `Read its log (Dashboard → Edge Functions → ${name}), then deploy it again: ${DEPLOY}`,
    );
  }
  return failed(
    `its answer is not that of this version: status ${answer.status}${code ? `, ${code}` : ""}`,
    `Deploy it again: ${DEPLOY}`,
  );
}

/** What `validate-widget` answers for an agent that does not exist. */
export async function askForNobody(url: string): Promise<Answer> {
  return await ask(`${url}/functions/v1/validate-widget`, {
    method: "POST",
    headers: { "content-type": "application/json", "origin": ORIGIN },
    body: JSON.stringify({ agentId: crypto.randomUUID(), userToken: "x" }),
  });
}

export const functionsReachDatabase: Check = {
  id: "functions-database",
  title: "The functions reach the database",
  async run(subject) {
    const { url } = subject;
    if (!url) return lacking(subject, "--url");
    const code = codeOf(await askForNobody(url));
    if (code === "agent_not_found") return OK;
    // A function that does not run is another check's fault.
    if (code !== "internal") return unchecked("validate-widget did not get that far");
    return failed(
      "validate-widget answers with an internal error",
      "Check that heddle_api is exposed and the migrations are applied, then read the function's log.",
    );
  },
};

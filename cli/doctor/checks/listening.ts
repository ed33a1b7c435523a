import { failed, type Finding, OK, unchecked, worst } from "../../checks.ts";
import { ask } from "../../connection/http.ts";
import { readPolicy, RECEIVE } from "../policies.ts";
import { openSocket, wellFormedName } from "../realtime.ts";
import { asVisitor, type Check, type Subject } from "../subject.ts";

export const listening: Check = {
  id: "listen",
  title: "Visitors join their channels and hear broadcasts",
  async run(subject) {
    return worst(await readPolicy(subject.sql, RECEIVE), await joinAndHear(subject));
  },
};

async function joinAndHear(subject: Subject): Promise<Finding> {
  const visitor = asVisitor(subject);
  if ("status" in visitor) return visitor;
  const { url, publishableKey } = visitor;
  const { secretKey, patienceMs } = subject;
  const socket = await openSocket(url, publishableKey);
  if (!socket) return unchecked("no socket could be opened");
  try {
    const topic = wellFormedName();
    const joined = await socket.join(topic, { private: true });
    if (!joined.ok) {
      return failed(
        `a join was refused: ${joined.reason.replace(topic, "…")}`,
        "Check that Realtime is enabled, then run the statements of the realtime_policies migration again.",
      );
    }
    if (!secretKey) return OK;
    const { status } = await ask(
      `${url}/realtime/v1/api/broadcast/${encodeURIComponent(topic)}/events/doctor?private=true`,
      { method: "POST", headers: serverHeaders(secretKey), body: "{}" },
    );
    if (status === 401 || status === 403) return unchecked("the secret key may not broadcast");
    if (status === 202 && await socket.receives("doctor", patienceMs)) return OK;
    return failed(
      status === 202 ? "a broadcast did not arrive" : `Realtime answered a broadcast with status ${status}`,
      "Look at status.supabase.com and at the project's Realtime logs, then try again.",
    );
  } finally {
    socket.close();
  }
}

function serverHeaders(key: string): Record<string, string> {
  return {
    "apikey": key,
    "content-type": "application/json",
    ...(key.startsWith("sb_") ? {} : { authorization: `Bearer ${key}` }),
  };
}

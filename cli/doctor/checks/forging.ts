import { failed, type Finding, OK, unchecked, worst } from "../../checks.ts";
import { ask } from "../../connection/http.ts";
import { NOBODY_WRITES, readPolicies } from "../policies.ts";
import { openSocket, wellFormedName } from "../realtime.ts";
import { asVisitor, type Check, type Subject } from "../subject.ts";

export const forging: Check = {
  id: "forge",
  title: "Nobody with the publishable key broadcasts to visitors",
  async run(subject) {
    const guards = await readPolicies(subject.sql, NOBODY_WRITES);
    return worst(guards, await byRest(subject), await bySocket(subject));
  },
};

async function byRest(subject: Subject): Promise<Finding> {
  const visitor = asVisitor(subject);
  if ("status" in visitor) return visitor;
  const { url, publishableKey } = visitor;
  const topic = encodeURIComponent(wellFormedName());
  const { status } = await ask(`${url}/realtime/v1/api/broadcast/${topic}/events/forged?private=true`, {
    method: "POST",
    headers: { "apikey": publishableKey, "content-type": "application/json" },
    body: "{}",
  });
  if (status === 202) return forged("REST");
  return status === 403 ? OK : unchecked(`Realtime answered with status ${status}`);
}

async function bySocket(subject: Subject): Promise<Finding> {
  const visitor = asVisitor(subject);
  if ("status" in visitor) return visitor;
  const { url, publishableKey } = visitor;
  const { silenceMs } = subject;
  const sockets = await Promise.all([openSocket(url, publishableKey), openSocket(url, publishableKey)]);
  try {
    const [forger, victim] = sockets;
    if (!forger || !victim) return unchecked("no socket could be opened");
    const topic = wellFormedName();
    const joins = await Promise.all([forger, victim].map((socket) => socket.join(topic, { private: true })));
    if (joins.some(({ ok }) => !ok)) return unchecked("the channel could not be joined");
    const heard = victim.receives("forged", silenceMs);
    const taken = await forger.broadcast(topic, "forged", silenceMs);
    return taken || await heard ? forged("the socket") : OK;
  } finally {
    for (const socket of sockets) socket?.close();
  }
}

function forged(route: string): Finding {
  return failed(
    `a broadcast was forged over ${route}`,
    "Run the statements of the realtime_policies migration again: its restrictive policy stops this whatever other policies say.",
  );
}

import { advice, failed, type Finding, OK, unchecked, worst } from "../../checks.ts";
import { BROADCASTS_ONLY, readPolicy } from "../policies.ts";
import { malformedName, openSocket } from "../realtime.ts";
import { asVisitor, type Check, type Subject } from "../subject.ts";
import { hasStoreTab } from "./inbox.ts";

export const malformedNames: Check = {
  id: "malformed",
  title: "Nobody joins a visitor channel whose name is malformed",
  async run(subject) {
    return worst(await readPolicy(subject.sql, BROADCASTS_ONLY), await tryToJoin(subject));
  },
};

async function tryToJoin(subject: Subject): Promise<Finding> {
  const visitor = asVisitor(subject);
  if ("status" in visitor) return visitor;
  const socket = await openSocket(visitor.url, visitor.publishableKey);
  if (!socket) return unchecked("no socket could be opened");
  const { ok, reason } = await socket.join(malformedName(), { private: true });
  socket.close();
  if (ok) {
    return failed(
      "a malformed name could be joined",
      "Run the statements of the realtime_policies migration again, and remove your own select policies that allow everybody.",
    );
  }
  return reason.startsWith("Unauthorized") ? OK : unchecked(`Realtime answered the join with: ${reason}`);
}

/** Used by nothing, and not shaped like a visitor's channel. */
const TOPIC = "heddle-doctor";

export const publicAccess: Check = {
  id: "public-access",
  title: "Strangers can't use up Realtime's limits on public channels",
  async run(subject) {
    const visitor = asVisitor(subject);
    if ("status" in visitor) return visitor;
    const socket = await openSocket(visitor.url, visitor.publishableKey);
    if (!socket) return unchecked("no socket could be opened");
    const { ok, reason } = await socket.join(TOPIC, { private: false });
    socket.close();
    if (!ok) {
      return reason.startsWith("PrivateOnly") ? OK : unchecked(`Realtime answered the join with: ${reason}`);
    }
    if (await hasStoreTab(subject)) {
      return failed(
        "public channels are allowed, and Heddle keeps conversations here: a flood of one silences visitors and team alike",
        'Switch "Allow public access" off under Realtime → Settings.',
      );
    }
    return advice(
      "public channels are allowed, which Heddle does not use",
      'Unless something else of yours does, switch "Allow public access" off under Realtime → Settings.',
    );
  },
};

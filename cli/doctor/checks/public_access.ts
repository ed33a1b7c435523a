import { asVisitor, type Check, OK, unchecked } from "../check.ts";
import { openSocket } from "../socket.ts";

/** Nobody's, and no visitor channel's shape. */
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
    return {
      status: "advice",
      found: "public channels are allowed, which Heddle does not use",
      fix: 'Unless something else of yours does, switch "Allow public access" off under Realtime → Settings.',
    };
  },
};

import { malformedName } from "../channels.ts";
import { asVisitor, type Check, failed, type Finding, OK, type Subject, unchecked, worst } from "../check.ts";
import { BROADCASTS_ONLY, readPolicy } from "../policies.ts";
import { openSocket } from "../socket.ts";

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
      "Run the statements of the realtime_policies migration again, and take back select policies of your own that let everybody in.",
    );
  }
  return reason.startsWith("Unauthorized") ? OK : unchecked(`Realtime answered the join with: ${reason}`);
}

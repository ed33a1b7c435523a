import type { TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { type Accepted, createOutbox, type Outbox } from "../../client/sync/outbox.ts";
import { createWritings } from "../../client/sync/writings.ts";
import { entryOf, type Message, readMessage } from "../../shared/events.ts";
import type { Project } from "./project.ts";

const WRITING_KEY = "heddle.inbox.writing";

export interface OutboxesSetup {
  environment: Environment;
  /** The operator's session. */
  scope: Scope;
  project: Project;
  agentId: string;
  userId: string;
  onProblem: TellProblem;
}

/** What an operator has written, by conversation, on this page and on earlier ones. */
export function createOutboxes({ environment, scope, project, agentId, userId, onProblem }: OutboxesSetup) {
  const all = new Map<string, Outbox<Accepted>>();
  const writings = createWritings(environment, WRITING_KEY, userId);
  const placeOf = (itemId: string | null) => ({ tabId: agentId, itemId });

  const make = (id: string) =>
    createOutbox<Accepted>({
      environment,
      scope,
      viewer: "operator",
      itemId: id,
      keeper: {
        read: (itemId) => writings.read(placeOf(itemId)),
        keep: (itemId, writing) => !scope.ended && writings.keep(placeOf(itemId), writing),
        alone: (clientId, run) => environment.exclusively(`${WRITING_KEY}:${clientId}`, run),
      },
      async send({ clientId, body }) {
        const args = { p_conversation_id: id, p_client_id: clientId, p_body: body };
        const result = await project.call<{ message: object }>("inbox_post", args, { message: {} });
        if (!result.ok) return result;
        const message: Message | null = readMessage(result.value.message);
        return { ok: true, value: message ? { entry: entryOf(message) } : {} };
      },
      onAccepted: () => undefined,
      onChange: () => undefined,
      onProblem,
      // The store knows an entry by its client id.
      isIdempotent: () => true,
    });

  function of(id: string): Outbox<Accepted> {
    const outbox = all.get(id) ?? make(id);
    all.set(id, outbox);
    return outbox;
  }

  // What earlier pages have not sent goes out now.
  for (const { tabId, itemId } of writings.places()) if (tabId === agentId && itemId) of(itemId);

  return {
    of,
    flush() {
      for (const outbox of all.values()) outbox.flush();
    },
  };
}

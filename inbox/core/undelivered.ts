import type { Result } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import type { Project } from "./project.ts";

/** What was given up, or an answer by mail that is held. `at` is ISO 8601. */
export interface Undelivered {
  id: string;
  /** `email`, `push`, `webhook`; or `reply`: an answer that may be somebody else's. */
  kind: string;
  /** The rule, the event's type, or the subject. */
  what: string;
  /** Of a reply: from whom. None: they are gone. */
  to?: string | null;
  why: string;
  at: string;
  tries: number;
  conversationId?: string | null;
  /** Of a reply. */
  text?: string | null;
}

type Checked = Pick<Undelivered, "id" | "kind" | "what" | "why" | "at" | "tries">;

const LIST: Shape<{ undelivered: Checked[] }> = {
  undelivered: [{ id: "", kind: "", what: "", why: "", at: "", tries: 0 }],
};

/** What nobody got, for owners: each is sent again, or taken from the list. */
export function createUndelivered({ project, agentId }: { project: Project; agentId: string }) {
  const change = (name: string, ids: string[]) =>
    project.call<{ count: number }>(name, { p_agent_id: agentId, p_ids: ids }, { count: 0 });
  return {
    list: (): Promise<Result<{ undelivered: Undelivered[] }>> =>
      project.call<{ undelivered: Checked[] }>("inbox_undelivered", { p_agent_id: agentId }, LIST),
    /** Has it sent again; a reply is added to its conversation. */
    retry: (ids: string[]) => change("inbox_retry_undelivered", ids),
    dismiss: (ids: string[]) => change("inbox_dismiss_undelivered", ids),
  };
}

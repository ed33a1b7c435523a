import type { Growth, Typing } from "../../shared/passing.ts";
import type { TopicFilter } from "../../shared/topics.ts";
import { fits, type Shape } from "../http/transport.ts";

/**
 * What is told and kept by nobody: that somebody is writing, and by what a message has grown that is written while it is read. No
 * position holds it; what was missed is not told again.
 */
export type PassingEvent =
  /** `userId`: of an operator, where Realtime tells it. */
  | { type: "typing"; data: Typing & { userId?: string } }
  | { type: "message_stream"; data: Growth };

const TYPING: Shape<Typing & { userId?: string }> = {
  conversationId: "",
  role: "",
  "name?": "",
  "userId?": "",
};
const GROWTH: Shape<Growth> = {
  conversationId: "",
  messageId: "",
  index: 0,
  offset: 0,
  delta: "",
  "done?": "",
};

/** `null` for all else. */
export function readPassing({ type, data }: { type?: unknown; data?: unknown }): PassingEvent | null {
  if (type === "typing" && fits<Typing & { userId?: string }>(data, TYPING)) return { type, data };
  if (type === "message_stream" && fits<Growth>(data, GROWTH)) return { type, data };
  return null;
}

/** Whether it is of what any filter lets through, in the team of an organisation. Rooms are told of as conversations are. */
export function concerns(
  { type, data }: PassingEvent,
  orgId: string,
  filters: readonly TopicFilter[],
): boolean {
  const told: Required<Record<keyof TopicFilter, readonly string[]>> = {
    orgId: [orgId],
    source: ["conversations", "rooms"],
    resource: ["conversation", "room"],
    event: [type],
    resourceId: [data.conversationId],
  };
  return filters.length === 0 ||
    filters.some((filter) =>
      (Object.keys(filter) as (keyof TopicFilter)[]).every((field) =>
        told[field].includes(filter[field] ?? "")
      )
    );
}

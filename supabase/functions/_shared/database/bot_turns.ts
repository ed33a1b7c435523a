import * as z from "zod";
import type { Envelope, StreamEnd } from "../../../../shared/events.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { callDatabase, DatabaseError } from "./call_database.ts";
import type { Json } from "./database_types.ts";

const turnSchema = z.object({
  forSeq: z.number(),
  /** Of the answer: its idempotency key. */
  clientId: z.string(),
  agentId: z.string(),
  /** The secrets are `whsec_` and base64. */
  bot: z.object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    secret: z.string(),
    /** That was replaced and still counts. */
    previousSecret: z.string().nullable(),
  }),
  conversation: z.looseObject({ id: z.string() }),
  endUser: z.unknown(),
  message: z.unknown(),
  /** Oldest first. */
  history: z.array(z.unknown()),
  /** Whether who reads along has asked this, and may. */
  reads: z.boolean(),
});

/** A visitor's message that a bot is to answer, with all that the bot is told. */
export type BotTurn = z.infer<typeof turnSchema>;

/** Who reads along: the store says, with all that it is told, whether they still may. */
export interface ReaderId {
  endUser: string;
  sessionVersion: number;
}

const envelope = z.object({
  v: z.literal(1),
  id: z.string(),
  type: z.string(),
  at: z.string(),
  data: z.record(z.string(), z.unknown()),
});

const beginSchema = z.discriminatedUnion("stopped", [
  z.object({ stopped: z.literal(true) }),
  z.object({ stopped: z.literal(false), seq: z.number(), event: envelope, reads: z.boolean() }),
]);
const eventSchema = z.object({ event: envelope.optional(), reads: z.boolean().default(false) });
const growSchema = z.object({ stopped: z.boolean(), reads: z.boolean().default(false) });
const json = (reader: ReaderId | null) => reader as unknown as Json;

/** The turn that is next in a conversation, taken; `null` if there is none, or somebody is at one. Throws `item_not_found`. */
export async function takeTurn(
  { agentId, conversationId, endUserId = null, reader = null }: {
    agentId: string;
    conversationId: string;
    /** If given, a visitor who must take part. */
    endUserId?: string | null;
    reader?: ReaderId | null;
  },
): Promise<BotTurn | null> {
  try {
    const answer = await callDatabase("bot_take", {
      p_agent_id: agentId,
      p_conversation_id: conversationId,
      p_end_user: endUserId,
      p_reader: json(reader),
    });
    return answer === null ? null : turnSchema.parse(answer);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== "PT404") throw error;
    throw new HeddleError("item_not_found", "This visitor has no such conversation.", { cause: error });
  }
}

/** Begins the answer with its first words. `stopped`: nobody wants one any more. */
export async function beginAnswer(
  { conversation, forSeq, clientId }: BotTurn,
  text: string,
  reader: ReaderId | null,
) {
  return beginSchema.parse(
    await callDatabase("bot_begin", {
      p_conversation_id: conversation.id,
      p_for_seq: forSeq,
      p_client_id: clientId,
      p_text: text,
      p_reader: json(reader),
    }),
  );
}

/** Tells those in a conversation, on the names that its channel has by now. */
export async function tellConversation(
  conversationId: string,
  { type, data }: Pick<Envelope, "type" | "data">,
): Promise<void> {
  await callDatabase("stream_tell", {
    p_conversation_id: conversationId,
    p_type: type,
    p_data: data as Json,
  });
}

/** Keeps what an answer has grown by, and tells it. `stopped`: nobody wants more of it. */
export async function growAnswer(
  { conversation }: BotTurn,
  seq: number,
  { index, offset, delta }: { index: number; offset: number; delta: string },
  reader: ReaderId | null,
) {
  return growSchema.parse(
    await callDatabase("stream_grow", {
      p_conversation_id: conversation.id,
      p_seq: seq,
      p_index: index,
      p_offset: offset,
      p_delta: delta,
      p_reader: json(reader),
    }),
  );
}

/** The answer is whole, or will not be. `message:updated`, as visitors hear it. */
export async function endAnswer(
  { conversation }: BotTurn,
  seq: number,
  { text, done, reader }: { text: string; done: StreamEnd; reader: ReaderId | null },
) {
  return eventSchema.parse(
    await callDatabase("stream_end", {
      p_conversation_id: conversation.id,
      p_seq: seq,
      p_text: text,
      p_done: done,
      p_reader: json(reader),
    }),
  );
}

/** Ends the turn; `text` is an answer that came at once, `done` whether all of it is there. `message:new` for that, as visitors hear it. */
export async function endTurn(
  { conversation, forSeq, clientId }: BotTurn,
  { outcome, text = null, needsHuman = false, done = "stop", reader = null }: {
    outcome: "answered" | "failed";
    text?: string | null;
    needsHuman?: boolean;
    done?: "stop" | "cancelled";
    reader?: ReaderId | null;
  },
) {
  return eventSchema.parse(
    await callDatabase("bot_done", {
      p_conversation_id: conversation.id,
      p_for_seq: forSeq,
      p_client_id: clientId,
      p_outcome: outcome,
      p_text: text,
      p_needs_human: needsHuman,
      p_done: done,
      p_reader: json(reader),
    }),
  );
}

/** Tells the agent's team at once of what its rules are about; without it that comes with the database's next round. */
export async function notifyTeam(agentId: string): Promise<void> {
  await callDatabase("notify", { p_agent_id: agentId });
}

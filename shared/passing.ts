/** What is told in passing and kept by nobody. No zod, and no types of it: apps that subscribe have these types too. */

export const MESSAGE_ROLES = ["USER", "AGENT", "BOT", "SYSTEM"] as const;
export type MessageRole = (typeof MESSAGE_ROLES)[number];

export const STREAM_ENDS = ["stop", "cancelled", "error"] as const;
export type StreamEnd = (typeof STREAM_ENDS)[number];

/** Somebody is writing. */
export interface Typing {
  conversationId: string;
  role: MessageRole;
  name?: string;
}

/** By what a message with the status `streaming` has grown. */
export interface StreamFrame {
  messageId: string;
  /** Counts the frames of a message. */
  index: number;
  /** Where `delta` begins in the text, in UTF-16 code units. What was told before may be told again. */
  offset: number;
  delta: string;
  /** In the last one: it ended by itself, somebody stopped it, or something went wrong. */
  done?: StreamEnd;
}

/** The same of a conversation's message. */
export interface Growth extends StreamFrame {
  conversationId: string;
}

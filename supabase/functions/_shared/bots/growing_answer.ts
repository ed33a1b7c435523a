import type { Envelope, StreamEnd } from "../../../../shared/events.ts";
import { isBlank } from "../../../../shared/text.ts";
import { beginAnswer, type BotTurn, endAnswer, growAnswer, type ReaderId } from "../database/bot_turns.ts";
import { createPace, type Pace, wholeLength } from "./pace.ts";

/** Milliseconds between frames: to who asked, to others while who asked does not need them, to the store and the team. */
const READER_MS = 50;
const BESIDE_READER_MS = 250;
const STORE_MS = 1000;
/** What a message may hold. */
const MAX_BYTES = 65_536;

/** Who reads the answer as it is written. */
export interface Reader {
  readonly id: ReaderId;
  /** False once they went away. */
  readonly isOpen: boolean;
  send(event: Envelope): void;
  close(): void;
}

/** What the store has answered; whoever may not read along any more hears nothing from here on. */
export function pass(reader: Reader | null, { event, reads }: { event?: Envelope; reads: boolean }): void {
  if (!reads) reader?.close();
  else if (event) reader?.send(event);
}

export interface AnswerOptions {
  reader: Reader | null;
  /** Tells those in the conversation. What does not reach them is told again by what comes later. */
  tell(conversationId: string, event: Pick<Envelope, "type" | "data">): Promise<unknown>;
  /** Nobody wants more of it. */
  onStopped(): void;
  /** A call of the database failed; it is tried again. */
  onProblem(error: unknown): void;
}

/** An answer while a bot writes it. */
export interface GrowingAnswer {
  readonly hasBegun: boolean;
  /** Resolves once it has begun, if this was the first to see. */
  add(text: string): Promise<void>;
  /** Hands out what is left, and makes it a message like all others. */
  end(done: StreamEnd): Promise<void>;
}

export function createGrowingAnswer(turn: BotTurn, options: AnswerOptions): GrowingAnswer {
  const { reader, onStopped } = options;
  let text = "";
  let begun: { seq: number; paces: Pace[] } | null = null;

  async function begin() {
    const first = wholeOf(text);
    const answer = await beginAnswer(turn, first.toWellFormed(), reader && reader.id);
    if (answer.stopped) return onStopped();
    pass(reader, answer);
    begun = { seq: answer.seq, paces: createPaces(turn, answer.seq, first, options) };
  }

  return {
    get hasBegun() {
      return begun !== null;
    },
    async add(more) {
      const whole = text + more.replaceAll("\0", "");
      text = cutToMessage(whole);
      if (text !== whole) onStopped();
      if (begun) { for (const pace of begun.paces) pace.grow(text); }
      else if (!isBlank(wholeOf(text))) await begin();
    },
    async end(done) {
      if (!begun) return;
      await Promise.all(begun.paces.map((pace) => pace.finish()));
      const whole = { text: text.toWellFormed(), done, reader: reader && reader.id };
      pass(reader, await endAnswer(turn, begun.seq, whole));
    },
  };
}

function wholeOf(text: string): string {
  return text.slice(0, wholeLength(text));
}

/** Three who hear of it: who asked, as often as anybody can read; others, at what that costs; the store, with the team. */
function createPaces(
  turn: BotTurn,
  seq: number,
  begun: string,
  { reader, tell, onStopped, onProblem }: AnswerOptions,
): Pace[] {
  const conversationId = turn.conversation.id;
  let index = 0;
  const frame = (offset: number, delta: string) => ({
    type: "message_stream",
    data: { conversationId, messageId: String(seq), index: index++, offset, delta: delta.toWellFormed() },
  });
  const readers = createPace({
    begun,
    everyMs: () => READER_MS,
    send(offset, delta) {
      reader?.send(envelope(frame(offset, delta)));
      return Promise.resolve(true);
    },
  });
  const others = createPace({
    begun,
    everyMs: () => reader?.isOpen ? BESIDE_READER_MS : READER_MS,
    async send(offset, delta) {
      await tell(conversationId, frame(offset, delta)).catch(() => undefined);
      return true;
    },
  });
  const store = createPace({
    begun,
    everyMs: () => STORE_MS,
    beats: true,
    async send(offset, delta) {
      try {
        const { stopped, reads } = await growAnswer(
          turn,
          seq,
          frame(offset, delta).data,
          reader && reader.id,
        );
        if (stopped) onStopped();
        else pass(reader, { reads });
        return true;
      } catch (error) {
        onProblem(error);
        return false;
      }
    },
  });
  return reader ? [readers, others, store] : [others, store];
}

export function envelope({ type, data }: Pick<Envelope, "type" | "data">): Envelope {
  return { v: 1, id: crypto.randomUUID(), type, at: new Date().toISOString(), data };
}

/** The beginning of a text that a message can hold, no character cut in two; all of it where it can. */
export function cutToMessage(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_BYTES));
  return text.slice(0, read);
}

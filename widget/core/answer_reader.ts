import type { TabAnswerRequest } from "../../shared/api/tab_answer.ts";
import { type Envelope, readEnvelope } from "../../shared/envelope.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Calls } from "./api.ts";

const DATA = "data: ";

export interface AnswerReading {
  calls: Pick<Calls, "follow">;
  /** The open thread's. */
  scope: Scope;
  request: TabAnswerRequest;
  /** `null` for what is no envelope. */
  onEvent(event: Envelope | null): void;
}

/** Reads a bot's answer while it is written. What the stream does not bring, broadcasts and fetches do. */
export async function readAnswer({ calls, scope, request, onEvent }: AnswerReading): Promise<void> {
  await calls.follow(request, async ({ body }) => {
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    while (reader) {
      const { done, value } = await reader.read();
      if (done || scope.ended) return;
      const lines = `${rest}${value}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith(DATA)) onEvent(readEnvelope(JSON.parse(line.slice(DATA.length))));
      }
    }
  }, scope.signal);
}

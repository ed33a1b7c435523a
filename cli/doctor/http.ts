import { jsonIn } from "../connection/json.ts";
import { Failure, messageOf } from "../errors.ts";

const ANSWER_MS = 20_000;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Asks and reads the whole answer; throws a `Failure` when none comes. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    throw new Failure(`${new URL(url).origin} does not answer (${messageOf(error)}).`);
  }
}

/** `error.code` or `code` of a JSON answer. */
export function codeOf({ text }: Answer): string {
  const body = jsonIn(text) as { error?: { code?: unknown }; code?: unknown } | null | undefined;
  return String(body?.error?.code ?? body?.code ?? "");
}

/** Seconds of `max-age`; 0 without one. */
export function maxAgeOf({ headers }: Answer): number {
  return Number(/max-age=(\d+)/.exec(headers.get("cache-control") ?? "")?.[1] ?? 0);
}

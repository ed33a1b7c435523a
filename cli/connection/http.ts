import { CliError, messageOf } from "../errors.ts";

const ANSWER_MS = 20_000;
const RETRY_AFTER_MS = 500;

/** Whether a URL is of a server on the same machine. */
export function isLoopback({ hostname }: URL): boolean {
  return ["localhost", "[::1]"].includes(hostname) || /^127(?:\.\d+){3}$/.test(hostname);
}

/** Whether nobody on the network can read a key on its way to a server: by https, or because it never leaves the machine. */
export function keepsSecrets(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}

/** An answer that was read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Sends a request and reads the whole answer. Rejects as `fetch` does. */
export async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The same within 20 s; throws a `CliError` when no answer comes. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  return await send(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) }).catch((error: unknown) => {
    throw new CliError("unreachable", `${new URL(url).origin} does not answer (${messageOf(error)}).`);
  });
}

/** Tries once more after a network failure or a status of 500 or more: only for requests that may be made twice. */
export async function withRetry(request: () => Promise<Answer>): Promise<Answer> {
  const first = await request().catch(() => null);
  if (first !== null && first.status < 500) return first;
  await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
  return await request();
}

/** What a text holds as JSON; `undefined` where it is something else, such as a proxy's page. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `error.code` or `code` of a JSON answer; empty without one. */
export function codeOf({ text }: Answer): string {
  const body = jsonIn(text) as { error?: { code?: unknown }; code?: unknown } | null | undefined;
  return String(body?.error?.code ?? body?.code ?? "");
}

/** Seconds of `max-age`; 0 without one. */
export function maxAgeOf({ headers }: Answer): number {
  return Number(/max-age=(\d+)/.exec(headers.get("cache-control") ?? "")?.[1] ?? 0);
}

import { Misuse } from "../errors.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ORIGIN = /^https?:\/\/(?:\*\.)?[a-z0-9.-]+(?::\d+)?$/;
const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/i;

/** An id as the list commands print it. */
export function id(text: string | undefined, what: string): string {
  if (text !== undefined && UUID.test(text)) return text.toLowerCase();
  throw new Misuse(`${what} must be an id such as a0000000-0000-4000-8000-000000000001.`);
}

export function optionalId(text: string | undefined, what: string): string | null {
  return text === undefined ? null : id(text, what);
}

/** A page's origin, exactly as browsers send it: without the port that its protocol has anyway. */
export function origin(text: string): string {
  if (ORIGIN.test(text)) return text.replace(/^(https:.*):443$|^(http:.*):80$/, "$1$2");
  throw new Misuse(
    `"${text}" is no origin: https://shop.example and https://*.shop.example are, without a path.`,
  );
}

/** The host that a connector is bound to, as the URLs of webhooks have it. */
export function host(text: string | undefined): string {
  if (text !== undefined && HOST.test(text)) return text.toLowerCase().replace(/:443$/, "");
  throw new Misuse("--host must be host or host:port, such as shop.example.");
}

/** A webhook's URL as it is called. */
export function webhookUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.href.length > 2048) {
    throw new Misuse(
      "--webhook must be a URL of at most 2048 characters that begins with https://, or with http:// for a server of this machine.",
    );
  }
  if (url.username || url.password) {
    throw new Misuse(
      "--webhook must not hold a user or password: store them with connector add --kind basic.",
    );
  }
  return url.href;
}

/** Whether a URL is of a server on the same machine. */
export function isLoopback({ hostname }: URL): boolean {
  return ["localhost", "[::1]"].includes(hostname) || /^127(?:\.\d+){3}$/.test(hostname);
}

/** A text for people to read, on one line. */
export function label(text: string, what: string): string {
  if (text.trim() !== "" && [...text].length <= 120 && !/\p{Cc}/u.test(text)) return text;
  throw new Misuse(`${what} must be 1 to 120 characters on one line, not blank.`);
}

/** Where an access token is sent to. */
export function managementUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "https:" || url?.hostname === "127.0.0.1") return url.origin;
  throw new Misuse("--management-url must be an https address.");
}

/** One of a few words. */
export function oneOf(text: string | undefined, words: readonly string[], what: string): string {
  if (text !== undefined && words.includes(text)) return text;
  throw new Misuse(`${what} must be one of ${words.join(", ")}.`);
}

export function wholeNumber(text: string, what: string, least = 0): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Misuse(`${what} must be a whole number from ${least} to 999999.`);
}

export function required(text: string | undefined, what: string): string {
  if (text) return text;
  throw new Misuse(`${what} is missing.`);
}

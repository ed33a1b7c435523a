import { lowercaseUuid } from "../../shared/ids.ts";
import {
  CONNECTOR_HOST_PATTERN,
  CREDENTIAL_HEADER_PATTERN,
  MAX_LABEL_CHARACTERS,
  MAX_WEBHOOK_URL_CHARACTERS,
  ORIGIN_PATTERN,
} from "../../shared/management.ts";
import { VISITOR_FIELDS, type VisitorField } from "../../shared/tabs.ts";
import { inboxAddress, parsedUrl } from "../../shared/web_address.ts";
import type { Terminal } from "../command.ts";
import { keepsSecrets } from "../connection/http.ts";
import { usageError } from "../errors.ts";

/** Below these anybody gets a name: `com`, `co.uk`, and the like. */
const SUFFIX =
  /^(?:[a-z0-9-]+|(?:ac|co|com|edu|gob|gouv|gov|ltd|me|mil|ne|net|nom|or|org|plc|sch)\.[a-z]{2})$/;
/** As the column `email` of `heddle.members` checks it. */
const MAX_EMAIL_CHARACTERS = 320;
/** Hosts of other people's sites. */
const SHARED_HOSTS = new Set(
  `github.io gitlab.io pages.dev workers.dev vercel.app netlify.app web.app firebaseapp.com herokuapp.com onrender.com fly.dev
  railway.app deno.dev surge.sh azurewebsites.net azurestaticapps.net cloudfront.net amplifyapp.com supabase.co myshopify.com
  webflow.io wixsite.com wordpress.com blogspot.com ngrok.app ngrok-free.app trycloudflare.com
  s3.amazonaws.com blob.core.windows.net r2.dev translate.goog googleusercontent.com lovable.app replit.app framer.app`
    .split(/\s+/),
);
/** Servers take headers of 8 KiB or more, all of them together. */
const MAX_CREDENTIAL_BYTES = 4096;

/** An id as the list commands print it. */
export function id(text: string | undefined, what: string): string {
  const parsed = lowercaseUuid.safeParse(text?.toLowerCase());
  if (parsed.success) return parsed.data;
  throw usageError(`${what} must be an id such as a0000000-0000-4000-8000-000000000001.`);
}

export function optionalId(text: string | undefined, what: string): string | null {
  return text === undefined ? null : id(text, what);
}

/** A page's origin, exactly as browsers send it: without the port that its protocol has anyway. */
export function origin(text: string): string {
  const named = namedOrigin(text);
  const [, domain] = /^https?:\/\/\*\.([^:]+)/.exec(named) ?? [];
  if (domain !== undefined && domain !== "localhost" && (SUFFIX.test(domain) || SHARED_HOSTS.has(domain))) {
    throw usageError(
      `"${text}" would let other people's sites embed the widget: name a domain of your own, such as https://*.shop.example.`,
    );
  }
  return named;
}

/** The same of one that an agent may have already, whatever it covers. */
export function namedOrigin(text: string): string {
  if (ORIGIN_PATTERN.test(text)) return text.replace(/^(https:.*):443$|^(http:.*):80$/, "$1$2");
  throw usageError(
    `"${text}" is not an origin, such as https://shop.example or https://*.shop.example: it begins with https:// or http:// and has no path.`,
  );
}

/** The host that a connector is bound to, as the URLs of webhooks write it. */
export function host(text: string | undefined): string {
  const host = text?.toLowerCase() ?? "";
  if (CONNECTOR_HOST_PATTERN.test(host)) return host.replace(/:443$/, "");
  throw usageError("--host must be host or host:port, such as shop.example.");
}

/** The name of a header for a credential. The database knows the names that are reserved. */
export function credentialHeader(text: string): string {
  const name = text.toLowerCase();
  if (CREDENTIAL_HEADER_PATTERN.test(name)) return name;
  throw usageError("--header must be the name of a header, such as x-api-key.");
}

/** A webhook's URL, as it will be requested. */
export function webhookUrl(text: string): string {
  const url = parsedUrl(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.href.length > MAX_WEBHOOK_URL_CHARACTERS) {
    throw usageError(
      `--webhook must be a URL of at most ${MAX_WEBHOOK_URL_CHARACTERS} characters that begins with https://, or with http:// for a server of this machine.`,
    );
  }
  if (url.username || url.password) {
    throw usageError(
      "--webhook must not hold a user or password: store them with connector add --kind basic.",
    );
  }
  return url.href;
}

/** A text for people to read, on one line. */
export function label(text: string, what: string): string {
  if (text.trim() !== "" && [...text].length <= MAX_LABEL_CHARACTERS && !/\p{Cc}/u.test(text)) return text;
  throw usageError(`${what} must be 1 to ${MAX_LABEL_CHARACTERS} characters on one line, not blank.`);
}

/** Where an access token is sent to. */
export function managementUrl(text: string): string {
  const url = parsedUrl(text);
  if (url && keepsSecrets(url)) return url.origin;
  throw usageError("--management-url (HEDDLE_MANAGEMENT_URL) must be an https address.");
}

/** An e-mail address as Supabase Auth keeps it. Whether there is such a mailbox only a mail can tell. */
export function emailAddress(text: string): string {
  const address = text.trim().toLowerCase();
  if (/^[^@\s]+@[^@\s]+$/.test(address) && address.length <= MAX_EMAIL_CHARACTERS) return address;
  throw usageError("--email must be an address such as ada@shop.example.");
}

/** One of the values that are allowed. */
export function oneOf<T extends string>(text: string | undefined, allowed: readonly T[], what: string): T {
  const value = allowed.find((value) => value === text);
  if (value !== undefined) return value;
  throw usageError(`${what} must be one of ${allowed.join(", ")}.`);
}

export function wholeNumber(text: string, what: string, least = 0): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
  throw usageError(`${what} must be a whole number from ${least} to 999999.`);
}

export function required(text: string | undefined, what: string): string {
  if (text) return text;
  throw usageError(`${what} is missing.`);
}

/** A connector's value: `-` reads standard input, which does not appear in the list of processes. */
export async function credential(given: string, terminal: Terminal): Promise<string> {
  const value = given === "-" ? (await terminal.readInput()).trim() : given;
  if (value === "") {
    throw usageError("Standard input holds no credential: --value - < token.txt reads a file.");
  }
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > MAX_CREDENTIAL_BYTES) {
    throw usageError(
      `A credential of ${bytes} bytes does not fit into a header: perhaps it is the wrong file.`,
    );
  }
  return value;
}

/** What a store tab asks anonymous visitors for, as an option lists it: `name,email`, or `none`. */
export function visitorFields(text: string): VisitorField[] {
  if (text === "none") return [];
  const given = text.split(",").map((field) => oneOf(field.trim(), VISITOR_FIELDS, "--ask"));
  return VISITOR_FIELDS.filter((field) => given.includes(field));
}

/** The inbox's address, if one is given: of a folder it ends with a slash. */
export function inboxUrl(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const address = inboxAddress(given);
  if (address !== null) return address;
  throw usageError("--inbox-url must be the inbox's address, such as https://inbox.shop.example/.");
}

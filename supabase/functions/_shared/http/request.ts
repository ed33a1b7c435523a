import type * as z from "zod";
import { givenTwice, HeddleError } from "../../../../shared/errors.ts";
import { beginningOf } from "../../../../shared/text.ts";
import { parseJson } from "./body.ts";
import { deadline, readBytes, within } from "./in_time.ts";

const MAX_BYTES = 64 * 1024;
/** Time for a whole body, so that nobody can hold an isolate by sending one byte at a time. */
const MAX_MS = 10_000;
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** The request's JSON body, as `parse` reads it. Throws `unsupported_media_type`, `payload_too_large` or `invalid_json`. */
export async function readJsonBody(
  request: Request,
  { withinMs = MAX_MS, maxBytes = MAX_BYTES, parse = parseJson } = {},
): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? "")) {
    throw new HeddleError("unsupported_media_type", "Send the body as application/json.");
  }
  return parse(await readBody(request, { withinMs, maxBytes }));
}

/** The request's body as it came. Throws `unsupported_media_type` for an encoded one, `payload_too_large`, or `invalid_json` where it does not arrive whole. */
export async function readBody(
  request: Request,
  { withinMs = MAX_MS, maxBytes = MAX_BYTES } = {},
): Promise<Uint8Array> {
  demandNoEncoding(request.headers);
  const { signal, end } = deadline(withinMs);
  try {
    if (isKnownToBeShort(request.headers, maxBytes)) return await allBytes(request, signal);
    return await readBytes(request.body, maxBytes, signal);
  } catch (cause) {
    if (cause instanceof HeddleError) throw cause;
    // The caller went away while sending, or took too long: nothing failed here.
    throw new HeddleError("invalid_json", "The body must arrive whole.", { cause });
  } finally {
    end();
  }
}

/** RFC 9110, 12.5.3: `Accept-Encoding` says what would be read. */
function demandNoEncoding(headers: Headers): void {
  const encoding = headers.get("content-encoding")?.trim() ?? "";
  if (encoding === "" || encoding.toLowerCase() === "identity") return;
  throw new HeddleError(
    "unsupported_media_type",
    `Send the body as it is, without Content-Encoding: ${beginningOf(encoding, 40)}.`,
    { headers: { "accept-encoding": "identity" } },
  );
}

/**
 * Whoever serves HTTP lets no more come than a length that was announced, unless the body comes in chunks
 * (RFC 9112, 6.3).
 */
function isKnownToBeShort(headers: Headers, maxBytes: number): boolean {
  const length = headers.get("content-length") ?? "";
  return /^\d{1,6}$/.test(length) && Number(length) <= maxBytes && !headers.has("transfer-encoding");
}

/** In one piece, which takes half the time of reading a stream. */
async function allBytes(request: Request, signal: AbortSignal): Promise<Uint8Array> {
  return new Uint8Array(await within(signal, request.arrayBuffer()));
}

/**
 * `value` as the schema describes it. Throws `invalid_request`, with one issue for each field that broke it.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: path.map(String).join("."),
    message,
  }));
  throw new HeddleError("invalid_request", "The request must follow the schema of this endpoint.", {
    issues,
  });
}

/**
 * The query parameters as an object, empty ones and those of `lists`, which may come several times, left out. Throws
 * `invalid_request` for any other that comes twice.
 */
export function queryOf(request: Request, lists: readonly string[] = []): Record<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URL(request.url).searchParams) {
    if (value === "" || lists.includes(name)) continue;
    if (query.has(name)) throw givenTwice(name);
    query.set(name, value);
  }
  return Object.fromEntries(query);
}

/** The token of `Authorization: Bearer …`, or `null`. */
export function bearerToken(request: Request): string | null {
  const match = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "");
  return match?.[1] ?? null;
}

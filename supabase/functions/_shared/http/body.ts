import { HeddleError } from "../../../../shared/errors.ts";
import { InvalidJson, parseJson } from "../json/parse.ts";
import { readBytes, TooManyBytes } from "./read_bytes.ts";

const MAX_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** The request's JSON body. Throws `unsupported_media_type`, `payload_too_large` or `invalid_json`. */
export async function readJsonBody(request: Request): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? "")) {
    throw new HeddleError("unsupported_media_type", "Send the body as application/json.");
  }
  try {
    return parseJson(await readBytes(request.body, MAX_BYTES));
  } catch (error) {
    if (error instanceof TooManyBytes) {
      throw new HeddleError("payload_too_large", "The body must hold at most 64 KiB.");
    }
    if (error instanceof InvalidJson) throw new HeddleError("invalid_json", `The body ${error.message}.`);
    throw error;
  }
}

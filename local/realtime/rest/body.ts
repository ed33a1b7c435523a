import { asObject, isObject, type JsonObject } from "../json.ts";
import { html } from "./answers.ts";

const MAX_BODY_BYTES = 8_000_000;

/** A request's body after parsing. Content types that are not parsed leave an empty object, as does none. */
export type Body =
  | { type: "json"; value: JsonObject; bytes: Uint8Array<ArrayBuffer> }
  | { type: "binary"; bytes: Uint8Array<ArrayBuffer> }
  | { type: "unsupported" };

/** Reads a body, or gives the answer that refuses it: 413 when too long, 400 when it is not JSON. */
export async function readBody(request: Request): Promise<Body | Response> {
  const bytes = await request.bytes();
  if (bytes.length > MAX_BODY_BYTES) return html(413, "Request Entity Too Large");

  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (contentType === "application/octet-stream") return { type: "binary", bytes };
  if (contentType === undefined) return jsonBody({});
  if (contentType !== "application/json") return { type: "unsupported" };
  if (bytes.length === 0) return jsonBody({});
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? { type: "json", value, bytes } : jsonBody({ _json: value });
  } catch {
    return html(400, "Bad Request");
  }
}

export function asJson(body: Body): JsonObject {
  return asObject(body.type === "json" ? body.value : {});
}

function jsonBody(value: JsonObject): Body {
  return { type: "json", value, bytes: new TextEncoder().encode(JSON.stringify(value)) };
}

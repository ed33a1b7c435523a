import type { Sql } from "postgres";
import { restError } from "./errors.ts";
import { callFunction } from "./function_call.ts";
import { Signatures } from "./signatures.ts";

const RPC_PATH = /^\/rest\/v1\/rpc\/([^/]+)$/;
const EXTRA_SEARCH_PATH = ["public", "extensions"];
const ANONYMOUS_ROLE = "anon";

export interface RestOptions {
  /** Connections as `authenticator`. */
  sql: Sql;
  /** Schemas that are exposed; the first is the default. */
  schemas: [string, ...string[]];
}

/** Answers a request whose keys the proxy has already turned into verified claims. */
export type RestHandler = (request: Request, claims: Record<string, unknown>) => Promise<Response>;

/** PostgREST's function calls, `POST /rest/v1/rpc/<function>`. Other paths of PostgREST answer 404. */
export function createRestHandler({ sql, schemas }: RestOptions): RestHandler {
  const signatures = new Signatures(sql);

  return async (request, claims) => {
    const { pathname } = new URL(request.url);
    const name = RPC_PATH.exec(pathname)?.[1];
    if (name === undefined) {
      return restError(404, "PGRST125", "The local stack answers only POST /rest/v1/rpc/<function>");
    }
    if (request.method !== "POST") {
      const message = `The local stack answers only POST on functions, not ${request.method}`;
      return restError(405, "PGRST101", message);
    }
    const schema = request.headers.get("content-profile") ?? schemas[0];
    if (!schemas.includes(schema)) {
      return restError(406, "PGRST106", `Invalid schema: ${schema}`, {
        hint: `Only the following schemas are exposed: ${schemas.join(", ")}`,
      });
    }
    const body = await request.text() || "{}";
    const given = argumentNames(body);
    if (given === null) return restError(400, "PGRST102", "Empty or invalid json");
    return await callFunction({ sql, signatures }, { schema, name, given, body }, {
      role: typeof claims.role === "string" ? claims.role : ANONYMOUS_ROLE,
      claims,
      method: request.method,
      path: pathname.replace("/rest/v1", ""),
      headers: Object.fromEntries(request.headers),
      searchPath: [schema, ...EXTRA_SEARCH_PATH].map((part) => `"${part}"`).join(", "),
    });
  };
}

/** Keys of a JSON object, `null` for anything else. */
function argumentNames(body: string): string[] | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return null;
    return Object.keys(parsed);
  } catch {
    return null;
  }
}

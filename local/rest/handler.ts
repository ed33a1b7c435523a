import type { Sql } from "postgres";
import { callStatement } from "./call_statement.ts";
import { type DatabaseError, databaseErrorResponse, restError } from "./errors.ts";
import { matching, type Signature, Signatures } from "./signatures.ts";
import { type RequestSettings, runAs } from "./transaction.ts";

const RPC_PATH = /^\/rest\/v1\/rpc\/([^/]+)$/;
const EXTRA_SEARCH_PATH = ["public", "extensions"];
const ANONYMOUS_ROLE = "anon";
/** What Postgres says of a function that was dropped, or changed, after it was looked up. */
const OUTDATED_SIGNATURE = new Set(["42883", "42725", "42P13", "0A000"]);
const JSON_TYPE = "application/json; charset=utf-8";

export interface RestOptions {
  /** Connections as `authenticator`. */
  sql: Sql;
  /** Schemas that are exposed; the first is the default. */
  schemas: [string, ...string[]];
}

/** Answers a request whose keys the gateway has already turned into verified claims. */
export type RestHandler = (request: Request, claims: Record<string, unknown>) => Promise<Response>;

/** PostgREST's function calls, `POST /rest/v1/rpc/<function>`, and nothing else of it. */
export function createRestHandler({ sql, schemas }: RestOptions): RestHandler {
  const signatures = new Signatures(sql);

  return async (request, claims) => {
    const { pathname } = new URL(request.url);
    const name = RPC_PATH.exec(pathname)?.[1];
    if (name === undefined) {
      return restError(404, "PGRST125", "The local stack answers only POST /rest/v1/rpc/<function>");
    }
    if (request.method !== "POST") {
      return restError(
        405,
        "PGRST101",
        `The local stack answers only POST on functions, not ${request.method}`,
      );
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
    const call = { schema, name: decodeURIComponent(name), given, body };
    return await answer({ sql, signatures }, call, {
      role: typeof claims.role === "string" ? claims.role : ANONYMOUS_ROLE,
      claims,
      method: request.method,
      path: pathname.replace("/rest/v1", ""),
      headers: Object.fromEntries(request.headers),
      searchPath: [schema, ...EXTRA_SEARCH_PATH].map((part) => `"${part}"`).join(", "),
    });
  };
}

interface Call {
  schema: string;
  name: string;
  given: string[];
  /** A JSON object. */
  body: string;
}

type Caller = Omit<RequestSettings, "readOnly">;

async function answer(
  { sql, signatures }: { sql: Sql; signatures: Signatures },
  call: Call,
  caller: Caller,
  isRetry = false,
): Promise<Response> {
  const { schema, name, given, body } = call;
  const candidates = matching(await signatures.find(schema, name), given);
  const [signature, another] = candidates;
  const lookAgain = () => {
    signatures.forget(schema, name);
    return answer({ sql, signatures }, call, caller, true);
  };
  if (!signature) return isRetry ? notFound(call) : await lookAgain();
  if (another) return ambiguous(call, candidates);

  try {
    const statement = callStatement({ schema, name, given, signature });
    const result = await runAs(sql, { ...caller, readOnly: !signature.volatile }, statement, body);
    if (signature.returnsVoid) return new Response(null, { status: 204 });
    return new Response(result ?? "null", {
      headers: { "content-type": JSON_TYPE, "content-profile": schema },
    });
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    if (OUTDATED_SIGNATURE.has(error.code) && !isRetry) return await lookAgain();
    return databaseErrorResponse(error, caller.role);
  }
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

function notFound({ schema, name, given }: Call): Response {
  const parameters = given.length > 0 ? `(${[...given].sort().join(", ")})` : " without parameters";
  return restError(
    404,
    "PGRST202",
    `Could not find the function ${schema}.${name}${parameters} in the schema cache`,
    { details: `Searched for the function ${schema}.${name}${parameters}, but no matches were found.` },
  );
}

function ambiguous({ schema, name }: Call, candidates: Signature[]): Response {
  const described = candidates.map(({ parameters }) =>
    `${schema}.${name}(${parameters.map((parameter) => `${parameter.name} => ${parameter.type}`).join(", ")})`
  );
  return restError(
    300,
    "PGRST203",
    `Could not choose the best candidate function between: ${described.join(", ")}`,
    { hint: "Try renaming the parameters or the function itself in the database" },
  );
}

function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && error.name === "PostgresError" && "code" in error;
}

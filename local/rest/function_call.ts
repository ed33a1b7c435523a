import type { Sql } from "postgres";
import { databaseErrorResponse, isConnectionError, isDatabaseError, restError } from "./errors.ts";
import { matching, type Signature, type Signatures } from "./signatures.ts";
import { callStatement, type FunctionRequest, type RequestSettings, runAs } from "./sql.ts";

const JSON_TYPE = "application/json; charset=utf-8";
/** What Postgres says of a function that was dropped, or changed, after it was looked up. */
const OUTDATED = new Set(["42883", "42725", "0A000"]);

export type Caller = Omit<RequestSettings, "readOnly">;

interface Database {
  sql: Sql;
  signatures: Signatures;
}

interface Attempt {
  response: Response;
  /** Whether an outdated cache entry may have caused the error. */
  mayBeOutdated: boolean;
}

/** Calls a function and answers as PostgREST does. A call that finds no matching function is tried once more after a fresh lookup. */
export async function callFunction(
  database: Database,
  request: FunctionRequest,
  caller: Caller,
): Promise<Response> {
  const first = await attempt(database, request, caller);
  if (!first.mayBeOutdated) return first.response;
  database.signatures.forget(request.schema, request.name);
  const { response } = await attempt(database, request, caller);
  return response;
}

async function attempt(
  { sql, signatures }: Database,
  request: FunctionRequest,
  caller: Caller,
): Promise<Attempt> {
  const { schema, name, given } = request;
  try {
    const candidates = matching(await signatures.find(schema, name), given);
    const [signature, another] = candidates;
    if (!signature) return { response: notFound(request), mayBeOutdated: true };
    if (another) return { response: ambiguous(request, candidates), mayBeOutdated: true };
    const statement = callStatement(request, signature);
    const result = await runAs(sql, { ...caller, readOnly: !signature.volatile }, statement);
    return { response: success(schema, signature, result), mayBeOutdated: false };
  } catch (error) {
    if (isDatabaseError(error)) {
      return { response: databaseErrorResponse(error, caller.role), mayBeOutdated: OUTDATED.has(error.code) };
    }
    if (!isConnectionError(error)) throw error;
    return { response: restError(503, "PGRST001", "Database connection error"), mayBeOutdated: false };
  }
}

function success(schema: string, { returnsVoid }: Signature, result: string | null): Response {
  if (returnsVoid) return new Response(null, { status: 204 });
  return new Response(result ?? "null", {
    headers: { "content-type": JSON_TYPE, "content-profile": schema },
  });
}

function notFound({ schema, name, given }: FunctionRequest): Response {
  const parameters = given.length > 0 ? `(${[...given].sort().join(", ")})` : " without parameters";
  return restError(
    404,
    "PGRST202",
    `Could not find the function ${schema}.${name}${parameters} in the schema cache`,
    { details: `Searched for the function ${schema}.${name}${parameters}, but no matches were found.` },
  );
}

function ambiguous({ schema, name }: FunctionRequest, candidates: Signature[]): Response {
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

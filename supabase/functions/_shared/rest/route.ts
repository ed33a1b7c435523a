import { HeddleError } from "../../../../shared/errors.ts";
import { type Operation, type OperationName, OPERATIONS } from "../../../../shared/rest/operations.ts";

interface Route {
  name: OperationName;
  operation: Operation;
  /** Of the path's parts, decoded and checked. */
  params: Record<string, unknown>;
}

const ROUTES = (Object.entries(OPERATIONS) as [OperationName, Operation][])
  .map(([name, operation]) => ({ name, operation, parts: operation.path.slice(1).split("/") }));

/**
 * What a request asks for. Throws `item_not_found` for a path that leads nowhere, one with an id that nothing can have
 * included, and `method_not_allowed`.
 */
export function routeOf(request: Request): Route {
  const given = partsBelow("api", new URL(request.url).pathname);
  const found = ROUTES.filter(({ parts }) =>
    parts.length === given.length && parts.every((part, n) => isPlace(part) || part === given[n])
  );
  const hit = found.find(({ operation }) => operation.method === request.method);
  if (hit) return { ...hit, params: paramsOf(hit.operation, hit.parts, given) };
  if (found.length === 0) throw nothingThere();
  const methods = found.map(({ operation }) => operation.method);
  const allow = methods.flatMap((method) => method === "GET" ? [method, "HEAD"] : [method]).join(", ");
  throw new HeddleError("method_not_allowed", `Use ${methods.join(" or ")}.`, { headers: { allow } });
}

/** The function sees its own name before the rest of the path. */
function partsBelow(name: string, pathname: string): string[] {
  const [, ...parts] = pathname.split("/");
  const below = parts.slice(parts.indexOf(name) + 1);
  // One slash at the end says the same.
  return below.at(-1) === "" ? below.slice(0, -1) : below;
}

function isPlace(part: string): boolean {
  return part.startsWith("{");
}

function paramsOf(operation: Operation, parts: string[], given: string[]): Record<string, unknown> {
  const named = parts.flatMap((part, n) =>
    isPlace(part) ? [[part.slice(1, -1), decoded(given[n] ?? "")]] : []
  );
  const params = operation.params.safeParse(Object.fromEntries(named));
  if (!params.success) throw nothingThere();
  return params.data;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw nothingThere();
  }
}

function nothingThere(): HeddleError {
  return new HeddleError("item_not_found", "The path must be one of the API's, with an id that can be one.");
}

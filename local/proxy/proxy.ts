import type { AuthHandler } from "../auth/handler.ts";
import type { FunctionPool } from "../functions/pool.ts";
import { type Realtime, realtimePath } from "../realtime/server.ts";
import type { RestHandler } from "../rest/handler.ts";
import { refuseSecretInBrowser, rolesAllowedTo } from "./browser_keys.ts";
import { callerToken, type LocalKeys, refuseWithoutKey, verifiedClaims } from "./keys.ts";
import { isFromForeignPage, namesThisMachine, refuseForeignPage } from "./origins.ts";
import { servePublicFile } from "./storage.ts";

interface ProxyParts {
  keys: LocalKeys;
  functions: FunctionPool;
  auth: AuthHandler;
  rest: RestHandler;
  realtime: Realtime;
  widgetDir: string;
  /** Mounts the test controls under `/_local/`. */
  control: boolean;
}

type Handler = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => Response | Promise<Response>;

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS",
  "access-control-allow-headers":
    "authorization, apikey, content-type, x-client-info, accept-profile, content-profile, x-supabase-api-version",
  "access-control-expose-headers": "x-total-count, link, x-supabase-api-version",
  "access-control-max-age": "3600",
};

/** What browsers and other servers open without a key of the project. */
const OPEN_AUTH_PATHS = ["/verify", "/.well-known/jwks.json"];

/** Routes the public paths of a Supabase project to the parts that answer them. */
export function createProxy(parts: ProxyParts): Handler {
  const { keys, functions, auth, rest, realtime, widgetDir, control } = parts;

  return async (request, info) => {
    const { pathname } = new URL(request.url);

    if (!namesThisMachine(request)) return new Response("not found", { status: 404 });

    const functionPath = below("/functions/v1", pathname);
    if (functionPath) return functions.handle(request, functionPath, info.remoteAddr.hostname);

    const refusal = request.method === "OPTIONS" ? null : refuseSecretInBrowser(request, keys);
    if (refusal) return withCors(refusal);

    const filePath = below("/storage/v1/object/public/heddle", pathname);
    if (filePath) return servePublicFile(request, widgetDir, filePath);

    const pathOfRealtime = realtimePath(pathname);
    if (pathOfRealtime) {
      if (request.method === "OPTIONS") return preflight();
      const answer = await realtime.handle(request, {
        path: pathOfRealtime,
        token: callerToken(request, keys),
        allowsRole: rolesAllowedTo(request),
      });
      return answer.status === 101 ? answer : withCors(answer);
    }

    const authPath = below("/auth/v1", pathname);
    if (authPath) {
      if (request.method === "OPTIONS") return preflight();
      const isOpen = OPEN_AUTH_PATHS.includes(authPath);
      if (isFromForeignPage(request) && !(isOpen && request.method === "GET")) {
        return withCors(refuseForeignPage());
      }
      const refusal = isOpen ? null : await refuseWithoutKey(request, keys);
      return withCors(
        refusal ?? await auth(request, {
          path: authPath,
          token: callerToken(request, keys),
          address: info.remoteAddr.hostname,
        }),
      );
    }

    if (below("/rest/v1", pathname)) {
      if (request.method === "OPTIONS") return preflight();
      return withCors(isFromForeignPage(request) ? refuseForeignPage() : await callRest(request));
    }

    if (control && pathname === "/_local/realtime") return realtime.control(request);
    return Response.json({ message: `no route matches ${pathname}` }, { status: 404 });
  };

  async function callRest(request: Request): Promise<Response> {
    const token = callerToken(request, keys);
    if (!token) return Response.json({ message: "No API key found in request" }, { status: 401 });
    const claims = await verifiedClaims(token, keys);
    if (claims) return rest(request, claims);
    const message = "JWT cryptographic operation failed";
    return Response.json({ code: "PGRST301", details: null, hint: null, message }, { status: 401 });
  }
}

/** The rest of `pathname` below `prefix`, with its leading slash; `null` if it lies elsewhere. */
function below(prefix: string, pathname: string): string | null {
  return pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : null;
}

function preflight(): Response {
  return new Response(null, { status: 204, headers: CORS });
}

function withCors(answer: Response): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(CORS)) headers.set(name, value);
  return new Response(answer.body, { status: answer.status, headers });
}

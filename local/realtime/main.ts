/**
 * Realtime alone, as a process for tests: `{"listening": port}` is its first line. The test controls answer
 * at `/_local/realtime`; callers bring JWTs, since no proxy translates keys here. The
 * database's URL, as Realtime's role, comes as HEDDLE_LOCAL_REALTIME_DATABASE_URL.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { LOCAL_JWT_SECRET } from "../config.ts";
import { outliveLostConnections } from "../connections.ts";
import { createRealtime, realtimePath } from "./server.ts";
import { settingsFrom } from "./settings.ts";

const STOP_MS = 2000;

const { values: flags } = parseArgs({
  args: Deno.args,
  options: {
    /** A plan or JSON of `Settings`; the back-offs are 0 unless it says otherwise. */
    settings: { type: "string", default: "" },
    /** JSON: a list of the project's public keys. */
    jwks: { type: "string", default: "[]" },
  },
});

outliveLostConnections((line) => console.error(line));

const realtime = createRealtime({
  databaseUrl: Deno.env.get("HEDDLE_LOCAL_REALTIME_DATABASE_URL") ?? "",
  keys: { secret: LOCAL_JWT_SECRET, jwks: JSON.parse(flags.jwks) },
  settings: { connectBackoffMs: 0, joinBackoffMs: 0, ...settingsFrom(flags.settings) },
  logger: (line) => console.error(line),
});

await realtime.ready;
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ listening: port })),
}, (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/_local/realtime") return realtime.control(request);
  return realtime.handle(request, { path: realtimePath(pathname) ?? pathname, token: tokenOf(request) });
});

async function stop(): Promise<never> {
  setTimeout(() => Deno.exit(0), STOP_MS); // a client that does not answer a close would keep its socket open
  await realtime.close();
  await server.shutdown();
  Deno.exit(0);
}

Deno.addSignalListener("SIGTERM", stop);
process.stdin.on("end", stop).resume(); // the test that started it has ended

function tokenOf(request: Request): string | null {
  const authorization = request.headers.get("authorization")?.replace(/^bearer\s+/i, "");
  return authorization ?? request.headers.get("apikey") ?? new URL(request.url).searchParams.get("apikey");
}

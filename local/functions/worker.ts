/**
 * Hosts one edge function in a process of its own, as Supabase's edge runtime hosts it in an isolate of its
 * own: `deno run -A worker.ts <entry>`. Prints `{"listening": port}` first; what follows on stdout is the
 * function's own log. Ends when its standard input closes, so that it never outlives the stack.
 */
import { pathToFileURL } from "node:url";

interface EdgeFunction {
  default: { fetch(request: Request): Response | Promise<Response> };
}

const [entry] = Deno.args;
if (!entry) throw new Error("worker.ts needs the function's entry file");

const pending = new Set<Promise<unknown>>();
Object.assign(globalThis, {
  EdgeRuntime: {
    waitUntil(work: Promise<unknown>) {
      pending.add(work);
      work.catch((error) => console.error(error)).finally(() => pending.delete(work));
    },
  },
});

// An isolate at Supabase does not keep idle connections for minutes either.
const client = Deno.createHttpClient({ poolIdleTimeout: 5_000 });
const { fetch } = globalThis;
globalThis.fetch = (input, init) => fetch(input, { client, ...init });

const { default: edgeFunction } = await import(pathToFileURL(entry).href) as EdgeFunction;

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ listening: port })),
}, (request) => edgeFunction.fetch(request));

for await (const _ of Deno.stdin.readable) { /* only its end matters */ }
await server.shutdown();
await Promise.allSettled(pending);
Deno.exit(0);

/** A gateway as a process. Prints JSON lines: `{"listening": port}` once it serves, then its log. Ends on SIGINT and SIGTERM. */
import process from "node:process";
import { outliveLostConnections } from "./database.ts";
import { startGateway } from "./gateway.ts";
import { readSettings } from "./settings.ts";

const log = (what: string, error?: unknown) =>
  console.error(JSON.stringify({
    at: new Date().toISOString(),
    what,
    ...(error === undefined ? {} : { error: error instanceof Error ? error.message : String(error) }),
  }));

outliveLostConnections(log);
const gateway = await startGateway(readSettings((name) => process.env[name]), { log });
console.log(JSON.stringify({ listening: gateway.port }));

let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, async () => {
    if (isStopping) return;
    isStopping = true;
    await gateway.stop();
    process.exit(0);
  });
}

import { execFileSync } from "node:child_process";
import postgres from "postgres";
import { Terminal } from "./terminal.ts";

/** `npm start` in a terminal, on free ports and with its data in the folder; later flags win. */
export function npmStart(dataDir: string, flags = ""): Terminal {
  return new Terminal(npmStartCommand(dataDir, flags));
}

export function npmStartCommand(dataDir: string, flags = ""): string {
  return `npm start --silent -- --api-port 0 --database-port 0 --mail-port 0 --shop-port 0 --inbox-port 0 --gateway-port 0 --data-dir '${dataDir}' ${flags}`;
}

/** What `npm run status -- --json` prints of the one that runs from the folder. */
export function statusOf(dataDir: string) {
  return JSON.parse(execFileSync("npm", ["run", "-s", "status", "--", "--json", "--data-dir", dataDir], {
    encoding: "utf8",
  }));
}

export async function query(dbUrl: string, text: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => undefined, connect_timeout: 3, fetch_types: false });
  try {
    return [...await sql.unsafe(text)];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

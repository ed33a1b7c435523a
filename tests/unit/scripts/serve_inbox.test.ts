import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveInbox } from "../../../scripts/serve_inbox.mjs";

const dir = mkdtempSync(join(tmpdir(), "heddle-serve-"));
let server: Awaited<ReturnType<typeof serveInbox>>;

beforeAll(async () => {
  writeFileSync(join(dir, "index.html"), "<title>Inbox</title>");
  server = await serveInbox({ dir, port: 0, url: "http://127.0.0.1:54321/", publishableKey: "key" });
});

afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});

/** As `curl --path-as-is` asks: `fetch` would rewrite the path. */
function ask(path: string): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    }).on("error", reject).end();
  });
}

it("goes on after addresses that are none", async () => {
  const strange = ["//", "//?a", "///", "/\\", "//[", "http://[", "*", "/%", "//a:b:c/", "/../../etc/passwd"];
  for (const path of strange) expect((await ask(path)).status, path).toBe(404);
  expect((await ask("/?a#b")).status).toBe(200);
});

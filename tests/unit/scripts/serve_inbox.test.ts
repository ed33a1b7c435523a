import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { headersFile } from "../../../scripts/inbox_headers.mjs";
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
function ask(
  path: string,
  sent: Record<string, string> = {},
): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: sent }, (response) => {
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

it("is not served under a foreign name that resolves to this machine", async () => {
  const status = async (host: string) => (await ask("/", { host })).status;
  expect(await status("elsewhere.example:54325")).toBe(404);
  expect(await status("evil.localhost")).toBe(404);
  expect(await status("localhost:54325")).toBe(200);
});

it("lets no page frame the inbox, and the inbox talk to its project alone", async () => {
  for (const path of ["/", "/config.json", "/missing"]) {
    const { headers } = await ask(path);
    expect(headers, path).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
    const policy = String(headers["content-security-policy"]).split("; ");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self' http://127.0.0.1:54321 ws://127.0.0.1:54321");
    expect(policy).toContain("frame-ancestors 'none'");
  }
});

it("gives static hosts the same headers in a file", () => {
  const [paths, policy, ...others] = headersFile().trimEnd().split("\n");
  expect(paths).toBe("/*");
  expect(policy).toMatch(
    /^ {2}content-security-policy: .*connect-src 'self' https: wss:; .*frame-ancestors 'none'$/,
  );
  expect(others).toContain("  x-frame-options: DENY");

  const docs = readFileSync(new URL("../../../docs/inbox.md", import.meta.url), "utf8");
  for (const header of [policy, ...others]) expect(docs).toContain(`\n${header?.trim()}\n`);
});

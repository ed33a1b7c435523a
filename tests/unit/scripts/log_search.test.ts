import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KNOWN_SECRETS, searchLogs } from "../../../scripts/log_search.mjs";

const SIGNATURE = "0123456789abcdef".repeat(4);
const VISITOR_SECRET = "5c".repeat(32);
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-logs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function search(lines: string[], known: Record<string, string>[] = []) {
  writeFileSync(join(folder, "stack.1.log"), lines.join("\n"));
  writeFileSync(join(folder, KNOWN_SECRETS), known.map((secret) => `${JSON.stringify(secret)}\n`).join(""));
  return searchLogs(folder);
}

describe("the search of the logs", () => {
  const planted: [string, string][] = [
    ["an API key", "refused hdl_local_demo_key_of_a_shop"],
    ["a webhook secret", "signed with whsec_bG9jYWwtZGVtby13ZWJob29r"],
    ["a secret key of the project", "apikey: sb_secret_N7UND0UgjKTVK"],
    ["a session, userToken or other JWT", `GET /tab-fetch?session=${JWT}&x=1`],
    ["a whole channel name", `POST /api/broadcast/conv-7-${SIGNATURE}/events/refresh`],
    ["a password in a URL", "could not reach postgres://postgres:hunter2@127.0.0.1:5432/x"],
    ["a credential of a header", "authorization: Basic YW5uOmFubi1hbm4tYW5u"],
    ["a webhook signature", `webhook-signature: v1,${"A".repeat(43)}=`],
  ];

  it.each(planted)("finds %s by its shape", (what, line) => {
    expect(search(["nothing here", line]).hits).toEqual([
      { file: "stack.1.log", line: 2, what, text: expect.any(String) },
    ]);
  });

  it("finds the secrets that a test knew, as they are and as a URL holds them", () => {
    const known = [{ what: "a signing secret", value: "my own & only secret" }];
    const lines = ["my own & only secret", "GET /?x=my%20own%20%26%20only%20secret"];
    expect(search(lines, known).hits.map(({ what, line }) => [what, line])).toEqual([
      ["a signing secret", 1],
      ["a signing secret", 2],
    ]);
  });

  it("tells a visitorToken from other words by its tag", () => {
    const dated = randomBytes(23);
    const tag = createHmac("sha256", VISITOR_SECRET).update(dated).digest().subarray(0, 16);
    const token = Buffer.concat([dated, tag]).toString("base64url");
    const lines = [`token=${token}`, `token=${randomBytes(39).toString("base64url")}`];
    const known = { what: "a visitor secret", value: VISITOR_SECRET, proves: "a visitorToken" };
    expect(search(lines, [known]).hits).toMatchObject([{ what: "a visitorToken", line: 1 }]);
    expect(search([VISITOR_SECRET], [known]).hits).toMatchObject([{ what: "a visitor secret", line: 1 }]);
  });

  it("does not repeat what it has found", () => {
    for (const { text } of search(planted.map(([, line]) => line)).hits) {
      expect(text).not.toMatch(/hdl_local_demo|eyJzdWIi|hunter2|bG9jYWw/);
      expect(text).not.toContain(SIGNATURE);
    }
  });

  it("finds nothing in what may be logged", () => {
    const lines = [
      `{"channels":["conv-7-…"],"etag":"W/\\"${"a".repeat(27)}\\"","code":"invalid_api_key"}`,
      "Send the session as a bearer token. x-api-key begins with hdl_",
      "GET http://127.0.0.1:54321/functions/v1/tab-fetch?tabId=b0000000-0000-4000-8000-000000000001",
    ];
    expect(search(lines)).toEqual({ files: 1, lines: 3, hits: [] });
  });
});

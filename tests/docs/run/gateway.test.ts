import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GATEWAY_ERRORS } from "../../../shared/api/gateway.ts";
import { subscribe, type Subscription } from "heddle/client";
import { sharedBrowser } from "../../support/browser.ts";
import { curl } from "../../support/curl.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { addEvent, makeEventKey } from "../../support/event_readers.ts";
import { connect } from "../../support/gateway_client.ts";
import { listen } from "../../support/listen.ts";
import { type JsonProcess, runDeno, runNode } from "../../support/process.ts";
import { snippets } from "../support/documents.ts";

const DOCUMENT = "docs/gateway.md";
const LOCAL = "http://127.0.0.1:54330";
const { follow } = await import(new URL("../../../docs/examples/node/follow.mjs", import.meta.url).href);

let database: TestDatabase;
let gateway: JsonProcess;
let url: string;
let key: string;
beforeAll(async () => {
  database = await createDatabase();
  key = await makeEventKey(database.sql);
  gateway = runDeno(["gateway/main.ts"], environment(database.url));
  url = `http://127.0.0.1:${await gateway.event<number>("listening")}`;
});

function environment(databaseUrl: string) {
  return {
    SUPABASE_DB_URL: databaseUrl,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEY: "none",
    HEDDLE_GATEWAY_PORT: "0",
  };
}
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

describe(DOCUMENT, () => {
  const [ticket = "", asking = "", building = ""] = snippets(DOCUMENT, "sh");
  const [subscribing = ""] = snippets(DOCUMENT, "js");
  const [role = ""] = snippets(DOCUMENT, "sql");
  const text = readFileSync(DOCUMENT, "utf8");

  it("gets a ticket and asks for events", async () => {
    for (const line of [ticket, asking]) {
      const { status, body } = await curl(line.replace(LOCAL, url).replace("<events-key>", key));
      expect({ line, status }).toEqual({ line, status: 200 });
      expect(Object.keys(JSON.parse(body)).sort()).toEqual(
        line === ticket ? ["expiresAt", "ticket"] : ["cursor", "events"],
      );
    }
  });

  it("names every error code with what it closes with", () => {
    for (const [code, close] of Object.entries(GATEWAY_ERRORS)) {
      expect(text, code).toContain(`\`${code}\``);
      if (close !== null) expect(text).toContain(String(close));
    }
  });

  it("follows with heddle/client as it shows", async () => {
    const heard: string[] = [];
    const made = subscribing.replace(/^import .*$/m, "")
      .replace("https://events.example.com", url)
      .replace("process.env.HEDDLE_EVENTS_KEY", JSON.stringify(key))
      .replace("await loadPosition()", "null")
      .replace('["conversation:<id>", "events.<org>.billing.*.*.*"]', "[]");
    const run = new Function("subscribe", "console", "savePosition", `${made}\nreturn subscription;`);
    const positions: string[] = [];
    const subscription: Subscription = run(
      subscribe,
      { log: (type: string) => heard.push(type) },
      (position: string) => positions.push(position),
    );
    await expect.poll(() => subscription.position()).not.toBeNull();
    await addEvent(database.sql, "shown");
    await expect.poll(() => heard).toEqual(["thing.changed"]);
    expect(positions).toEqual([expect.any(String)]);
    subscription.close();
  });

  it("is built into one file that Node runs, as the role that it names and nobody more", async () => {
    const outDir = mkdtempSync(join(tmpdir(), "heddle-gateway-"));
    try {
      const [, script = "", ...args] = building.trim().split(" ");
      const { status, stderr } = spawnSync(process.execPath, [script, ...args.slice(0, -1), outDir], {
        encoding: "utf8",
      });
      expect({ status, stderr }).toMatchObject({ status: 0 });
      await database.sql.unsafe(
        role.replaceAll("heddle_gateway", `gateway_${database.name}`).replace("<password>", "p"),
      );
      const roleUrl = new URL(database.url);
      [roleUrl.username, roleUrl.password] = [`gateway_${database.name}`, "p"];
      const built = runNode([join(outDir, "main.mjs")], environment(roleUrl.href));
      const client = await connect(`http://127.0.0.1:${await built.event<number>("listening")}`, {
        token: key,
      });
      await client.ask({ type: "subscribe" });
      await addEvent(database.sql, "built");
      await expect.poll(() => client.events().map(({ type }) => type)).toEqual(["thing.changed"]);
      client.drop();
      await built.stop();
      expect(built.output()).not.toMatch(/failed|crashed|hdl_/);
    } finally {
      rmSync(outDir, { recursive: true });
      await database.sql.unsafe(`drop owned by gateway_${database.name}; drop role gateway_${database.name}`);
    }
  });
});

it("docs/examples/node/follow.mjs handles each event once, and keeps the cursor", async () => {
  const ending = new AbortController();
  const handled: string[] = [];
  const kept: string[] = [];
  const run = (since: string | null) =>
    follow(
      { url: `${url}/v1/events`, apiKey: key, since, signal: ending.signal },
      (event: { topic: string }) => Promise.resolve(handled.push(event.topic.split(".").at(-1) ?? "")),
      (cursor: string) => Promise.resolve(kept.push(cursor)),
    );
  const following = run(null);
  await expect.poll(() => kept.length).toBe(1);
  for (const id of ["f1", "f2"]) await addEvent(database.sql, id);
  await expect.poll(() => handled).toEqual(["f1", "f2"]);
  ending.abort();
  await following;
  expect(kept.length).toBeGreaterThan(1);
  const stale = Buffer.from("0123456789ab~1:1:").toString("base64url");
  const another = new AbortController();
  await expect(
    follow(
      { url: `${url}/v1/events`, apiKey: key, since: stale, signal: another.signal },
      () => undefined,
      () => undefined,
    ),
  ).rejects.toMatchObject({ code: "cursor_expired" });
});

it("docs/examples/browser/events.html lists each event once, also after its connection was lost", async () => {
  const html = readFileSync("docs/examples/browser/events.html", "utf8").replace(LOCAL, url);
  const site = await listen(createServer(async (request, response) => {
    if (request.url !== "/ticket") {
      response.setHeader("content-type", "text/html");
      return void response.end(html);
    }
    const authorization = `Bearer ${key}`;
    const answer = await fetch(`${url}/v1/tickets`, { method: "POST", headers: { authorization } });
    response.end(await answer.text());
  }));
  const page = await (await sharedBrowser()).newPage();
  await page.addInitScript(() => {
    const sockets: WebSocket[] = [];
    let subscribed = 0;
    Object.assign(globalThis, { lose: () => sockets.at(-1)?.close(), subscribedTimes: () => subscribed });
    globalThis.WebSocket = class extends WebSocket {
      constructor(address: string | URL) {
        super(address);
        sockets.push(this);
        this.addEventListener("message", ({ data }) => {
          if (String(data).includes('"subscribed"')) subscribed++;
        });
      }
    };
  });
  const subscribed = () => page.evaluate<number>("subscribedTimes()");
  const shown = () => page.locator("li").count();
  await page.goto(site.url);
  await expect.poll(subscribed).toBe(1);
  await addEvent(database.sql, "p1");
  await expect.poll(shown).toBe(1);
  await page.evaluate("lose()");
  await addEvent(database.sql, "p2");
  await expect.poll(shown).toBe(2);
  await addEvent(database.sql, "p3");
  await expect.poll(shown).toBe(3);
  expect(await subscribed()).toBe(2);
  await page.close();
  await site.stop();
});

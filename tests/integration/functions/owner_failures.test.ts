import { createServer } from "node:net";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../shared/errors.ts";
import {
  type FakeOwner,
  type OwnerAnswer,
  ownerBytes,
  ownerJson,
  startFakeOwner,
} from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { verifiedIdentity } from "../../support/verify_webhook.ts";
import { expectError } from "./support/errors.ts";
import { signIn, type Visitor } from "./support/visitor.ts";

const MEBIBYTE = 1024 * 1024;
/** Long enough for every answer that does come, on a busy machine too. */
const TRY_MS = 1_500;

let owner: FakeOwner;
let stack: TestStack;
let visitor: Visitor;

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({
    ownerUrl: owner.url,
    functionsEnv: { HEDDLE_WEBHOOK_TIMEOUT_MS: String(TRY_MS), HEDDLE_WEBHOOK_BUDGET_MS: "5000" },
  });
  visitor = await signIn(stack, owner.url);
});

afterAll(async () => {
  await stack.stop();
  await owner.stop();
});

const click = () => visitor.tabAction({ action: "item_clicked", tabId: stack.tabs.messaging, itemId: "7" });
const list = () => visitor.tabFetch(`tabId=${stack.tabs.messaging}`);
const write = () =>
  visitor.tabAction({
    action: "create_item",
    tabId: stack.tabs.messaging,
    itemId: "7",
    clientId: "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11",
    body: "hello",
  });

/** What the owner can read of a failure: written after the visitor's answer, so it may take a moment. */
async function expectIssue(action: string, kind: string): Promise<void> {
  const issue = async () => {
    const rows = await stack.sql`
      select host, detail, count from heddle.widget_issues
      where agent_id = ${stack.agent.id} and tab_id = ${stack.tabs.messaging}
        and action = ${action} and kind = ${kind}`;
    return rows[0];
  };
  await expect.poll(issue).toBeTruthy();
  const row = await issue();
  expect(row?.detail).toMatch(/\S/);
  expect(row?.detail).not.toContain("/heddle/");
  expect(row?.host).not.toContain("/");
}

const endless: OwnerAnswer = () => undefined;

const slowDrip: OwnerAnswer = (_, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), TRY_MS / 8);
  response.on("close", () => clearInterval(timer));
};

const brokenOff: OwnerAnswer = (_, response) => {
  response.writeHead(200, { "content-length": "1000" }).write("[");
  setImmediate(() => response.destroy());
};

const redirect: OwnerAnswer = (_, response) =>
  response.writeHead(302, { location: `${owner.url}/elsewhere` }).end();

const bomb = gzipSync(Buffer.alloc(200 * MEBIBYTE, " "));
const html = { headers: { "content-type": "text/html" } };

const failures: [string, OwnerAnswer, ErrorCode, string][] = [
  [
    "answers 400 with a message",
    ownerJson({ message: "We are closed." }, 400),
    "source_rejected",
    "rejected",
  ],
  ["answers 401", ownerJson({ message: "bad signature" }, 401), "source_failed", "unauthorized"],
  ["answers 403", ownerJson({}, 403), "source_failed", "unauthorized"],
  ["answers 404", ownerJson({ message: "none" }, 404), "item_not_found", "not_found"],
  ["answers 409", ownerJson({}, 409), "conflict", "conflict"],
  ["answers 422", ownerJson({ message: "Too long." }, 422), "source_rejected", "rejected"],
  ["answers 429", ownerJson({}, 429), "source_failed", "error_status"],
  ["answers 500", ownerBytes("Traceback: /home/app", { status: 500 }), "source_failed", "error_status"],
  [
    "answers an HTML page",
    ownerBytes("<!doctype html><title>Welcome</title>", html),
    "source_invalid",
    "not_json",
  ],
  ["answers nothing at all", ownerBytes(""), "source_invalid", "empty"],
  ["answers broken JSON", ownerBytes('{"items": ['), "source_invalid", "not_json"],
  ["answers JSON of no known shape", ownerJson("hello"), "source_invalid", "invalid_shape"],
  [
    "answers an id that lost digits",
    ownerBytes('[[{"id":9007199254740993}]]'),
    "source_invalid",
    "invalid_shape",
  ],
  ["answers 5 MB", ownerBytes(`["${"x".repeat(5 * MEBIBYTE)}"]`), "source_invalid", "too_large"],
  [
    "answers a gzip bomb",
    ownerBytes(bomb, { headers: { "content-encoding": "gzip" } }),
    "source_invalid",
    "too_large",
  ],
  ["redirects", redirect, "source_failed", "redirect"],
  ["never answers", endless, "source_timeout", "timeout"],
  ["drips its answer slowly", slowDrip, "source_timeout", "timeout"],
  ["breaks its answer off", brokenOff, "source_failed", "unreachable"],
];

describe.each(failures)("an owner who %s", (_, answer, code, kind) => {
  it("gives a reader a clear error, and reads of it", async () => {
    owner.answer(answer);
    const [thread, items] = await Promise.all([click(), list()]);
    expectError(thread, code);
    expectError(items, code);
    await expectIssue("item_clicked", kind);
    await expectIssue("get_items", kind);
  });
});

describe("an owner's failure", () => {
  it("to write is one although the status says otherwise", async () => {
    for (
      const answer of [
        ownerBytes("<!doctype html><title>Oops</title>", html),
        ownerJson({ success: "false" }),
      ]
    ) {
      owner.answer(answer);
      expectError(await write(), "source_invalid");
    }
    await expectIssue("create_item", "not_json");
    await expectIssue("create_item", "invalid_shape");
  });

  it("to write is none because of an empty list of errors", async () => {
    owner.answer(ownerJson({ success: true, errors: [], messages: [], result: { id: "m1", body: "hello" } }));
    expect(await write()).toMatchObject({ status: 200, body: { entry: { id: "m1" } } });
  });

  it("that is a refusal with status 200 reaches the visitor in the owner's words, and brings no channel", async () => {
    for (const read of [list, click, write]) {
      owner.answer(ownerJson({ ok: "no", error: "Closed until Monday.", items: [] }));
      const answer = await read();
      expectError(answer, "source_rejected");
      expect(answer.body.error?.message).toBe("Closed until Monday.");
      expect(JSON.stringify(answer.body)).not.toMatch(/[0-9a-f]{64}/);
    }
    await expectIssue("get_items", "rejected");
  });

  it("is none to the visitor who wrote, but told to the owner, if the answer is a list", async () => {
    await stack.sql`delete from heddle.widget_issues`;
    owner.answer(ownerJson({ items: [{ id: "1", title: "Order 1" }] }));
    expect((await write()).status).toBe(200);
    await expectIssue("create_item", "invalid_shape");
  });

  it("shows the visitor the owner's own words only where they are meant for the visitor", async () => {
    owner.answer(ownerJson({ message: "Too <b>long</b>." }, 422));
    expect((await write()).body.error?.message).toBe("Too <b>long</b>.");
    owner.answer(ownerJson({ message: "secret stack trace" }, 500));
    expect((await write()).body.error?.message).not.toContain("secret");
  });

  it("is counted in one row for each kind and hour", async () => {
    owner.answer(ownerJson({}, 418));
    for (let round = 0; round < 3; round++) await write();
    const counted = async () => {
      const rows = await stack.sql`
        select sum(count)::int as count, count(distinct hour)::int as hours, count(*)::int as rows
        from heddle.widget_issues where action = 'create_item' and detail like '%418%'`;
      return rows[0];
    };
    // The hour may turn while the test runs; the rows are as many as the hours.
    await expect.poll(async () => (await counted())?.count).toBeGreaterThanOrEqual(3);
    const row = await counted();
    expect(row?.rows).toBe(row?.hours);
  });

  it("never lets a write be sent twice", async () => {
    owner.answer(brokenOff);
    const before = owner.requests.length;
    expectError(await write(), "source_failed");
    expect(owner.requests).toHaveLength(before + 1);
  });

  it("lets a read be sent twice, each time with an identity of its own", async () => {
    owner.answer((request, response) => {
      owner.answer(ownerJson([]));
      brokenOff(request, response);
    });
    const before = owner.requests.length;
    expect((await list()).status).toBe(200);
    const [first, second, third] = owner.requests.slice(before);
    const ids = await Promise.all(
      [first, second].map(async (request) =>
        (await verifiedIdentity(request?.headers ?? {}, stack.agent)).jti
      ),
    );
    expect(new Set(ids).size).toBe(2);
    expect(third).toBeUndefined();
  });

  it("is not followed where it points", async () => {
    owner.answer(redirect);
    await list();
    expect(owner.requests.some(({ target }) => target === "/elsewhere")).toBe(false);
  });
});

describe("a webhook's address", () => {
  const pointTo = (url: string) =>
    stack.sql`
      update heddle.tab_actions set url = ${url}, connector_id = null
      where tab_id = ${stack.tabs.messaging} and action = 'get_items'`;

  it.each([
    "http://shop.example/hook",
    "https://10.0.0.1/hook",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/hook",
    "https://[::ffff:127.0.0.1]/hook",
    "https://2130706434/hook",
    "https://localhost/hook",
    "http://0.0.0.0/hook",
    "https://user:password@shop.example/hook",
  ])("may not be %s", async (url) => {
    await stack.sql`delete from heddle.widget_issues`;
    await pointTo(url);
    expectError(await list(), "source_failed");
    await expectIssue("get_items", "target_refused");
  });

  it("may lead to a dead host, which is a clear error", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    await stack.sql`delete from heddle.widget_issues`;
    await pointTo(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hook`);
    expectError(await list(), "source_failed");
    await expectIssue("get_items", "unreachable");
  });

  it("may be a name that leads nowhere, which is a clear error too", async () => {
    await pointTo("https://shop.invalid/hook");
    const answer = await list();
    expect(["source_failed", "source_timeout"]).toContain(answer.body.error?.code);
  });
});

describe("a connector", () => {
  it("that is bound to another host keeps its credential, and the webhook is not called without it", async () => {
    await stack
      .sql`update heddle.connectors set host = 'elsewhere.example' where agent_id = ${stack.agent.id}`;
    await stack.sql`
      update heddle.tab_actions set url = ${`${owner.url}/hook`}, connector_id = c.id
      from heddle.connectors c
      where tab_id = ${stack.tabs.messaging} and action = 'get_items' and c.agent_id = ${stack.agent.id}`;
    const before = owner.requests.length;
    expect((await list()).body.error?.code).toBe("source_failed");
    expect(owner.requests).toHaveLength(before);
  });
});

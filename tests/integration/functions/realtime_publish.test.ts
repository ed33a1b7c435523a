import { createHash, createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denoPath } from "../../../scripts/deno.mjs";
import { drainBuckets } from "../../support/database.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { type FaultyProject, startFaultyProject } from "./support/faulty_project.ts";
import { type Answer, answerOf, callFunction, postJson } from "./support/visitor.ts";
import { bootFunction, functionEnv, type FunctionWorker } from "./support/worker.ts";

let stack: TestStack;
let project: FaultyProject;
let worker: FunctionWorker;

beforeAll(async () => {
  stack = await startStack();
  project = await startFaultyProject(stack.apiUrl);
  worker = await bootFunction(denoPath(), "realtime-publish", {
    ...functionEnv(stack),
    SUPABASE_URL: project.url,
  });
});

afterAll(async () => {
  await worker.stop();
  await project.stop();
  await stack.stop();
});

const publish = (body: unknown, key = stack.agent.apiKey) =>
  callFunction(stack, "realtime-publish", postJson(body, key ? { "x-api-key": key } : {}));

/** Through the project whose Realtime fails as told. */
async function publishThere(body: unknown): Promise<Answer> {
  return await answerOf(await fetch(worker.url, postJson(body, { "x-api-key": stack.agent.apiKey })));
}

function signed(base: string, secret = stack.agent.signingSecret): string {
  return `${base}-${createHmac("sha256", secret).update(base).digest("hex")}`;
}

async function addKey(key: string): Promise<void> {
  const hash = createHash("sha256").update(key).digest("hex");
  await stack.sql`
    insert into heddle.api_keys (agent_id, name, key_hash) values (${stack.agent.id}, ${key}, ${hash})`;
}

const userBase = (id: string) => `agent-${stack.agent.id}-user-${id}`;

describe("realtime-publish", () => {
  it("answers the names of the channels that Realtime accepted", async () => {
    const { status, headers, body } = await publish({
      endUserId: "a b|🌿",
      endUserIds: ["2", "a b|🌿"],
      conversationId: "7:x",
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      ok: true,
      channels: [signed(userBase("a b|🌿")), signed(userBase("2")), signed("conv-7:x")],
    });
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it.each([[{ endUserId: "1" }], [{ conversationId: "1" }], [{ endUserIds: ["1"] }]])(
    "takes %j",
    async (body) => {
      expect((await publish(body)).body).toMatchObject({ ok: true, channels: [expect.any(String)] });
    },
  );

  it("takes a hundred visitors at once, with the longest ids", async () => {
    const endUserIds = Array.from({ length: 100 }, (_, index) => `${"y".repeat(125)}${100 + index}`);
    const { status, body } = await publish({ endUserIds });
    expect(status).toBe(200);
    expect(body.channels).toHaveLength(100);
  });

  it("notes that the key was used", async () => {
    await publish({ endUserId: "1" });
    const lastUse = async () => {
      const [row] = await stack.sql`
        select last_used_at from heddle.api_keys where agent_id = ${stack.agent.id} and revoked_at is null`;
      return row?.last_used_at;
    };
    await expect.poll(lastUse).toBeInstanceOf(Date);
  });

  it.each([
    [{}],
    [{ endUserIds: [] }],
    [{ endUserId: "" }],
    [{ endUserId: 7 }],
    [{ endUserId: "a\u0000b" }],
    [{ conversationId: "y".repeat(129) }],
    [{ endUserIds: Array(101).fill("1") }],
    [[]],
    [null],
  ])("does not take %j", async (body) => expectError(await publish(body), "invalid_request"));

  it.each([
    [{}, ["endUserId"]],
    [{ endUserId: 7, conversationId: "" }, ["endUserId", "conversationId"]],
    [{ endUserIds: ["1", "", 3] }, ["endUserIds.1", "endUserIds.2"]],
    [{ endUserIds: Array(101).fill("1") }, ["endUserIds"]],
    [{ enduserid: "pia", conversationId: "1042" }, ["enduserid"]],
  ])("names each field of %j that breaks the schema", async (body, paths) => {
    const { issues = [] } = (await publish(body)).body.error ?? {};
    expect(issues.map(({ path }) => path)).toEqual(paths);
    for (const { message } of issues) expect(message).toMatch(/\S/);
  });

  it("answers what no server should send as such", async () => {
    expectError(await publish("{"), "invalid_json");
    expectError(await publish(`"${"x".repeat(128 * 1024)}"`), "payload_too_large");
    expectError(await callFunction(stack, "realtime-publish"), "method_not_allowed");
    expectError(await callFunction(stack, "realtime-publish", { method: "OPTIONS" }), "method_not_allowed");
    const untyped = { method: "POST", headers: { "x-api-key": stack.agent.apiKey }, body: "{}" };
    expectError(await callFunction(stack, "realtime-publish", untyped), "unsupported_media_type");
  });
});

describe("an event", () => {
  const refresh = { v: 1, id: expect.any(String), type: "refresh", at: expect.any(String), data: {} };
  const event = { type: "x-order:paid", data: { private: false, text: "🌿".repeat(1000) } };

  it("goes to the conversation under its own name, in our envelope, and lists refresh", async () => {
    project.broadcasts();
    const { status, body } = await publishThere({ endUserId: "1", conversationId: "7", event });
    expect([status, body.channels]).toEqual([200, [signed(userBase("1")), signed("conv-7")]]);
    expect(project.sent).toHaveLength(2);
    expect(project.sent).toEqual(expect.arrayContaining([
      { topic: signed("conv-7"), event: event.type, envelope: { ...refresh, ...event } },
      { topic: signed(userBase("1")), event: "refresh", envelope: refresh },
    ]));
  });

  it("goes through the database as it is, too", async () => {
    project.broadcasts({ status: 429, body: { message: "Too many requests" } });
    expect((await publishThere({ conversationId: "7", event })).status).toBe(200);
    const envelope = { ...refresh, ...event };
    expect(project.sent).toEqual([
      { topic: signed("conv-7"), event: event.type, envelope },
      { topic: signed("conv-7"), event: event.type, envelope },
    ]);
  });

  it.each([200, 429])("holds text that both routes take, at a Realtime that answers %i", async (status) => {
    const halves = { type: "x-a", data: { text: "half \ud83d x", "k\ud83d": "\udc00" } };
    project.broadcasts({ status, body: { message: "x" } });
    expect((await publishThere({ conversationId: "7", event: halves })).status).toBe(200);
    const data = { text: "half \ufffd x", "k\ufffd": "\ufffd" };
    for (const { envelope } of project.sent) expect(envelope).toMatchObject({ type: "x-a", data });
    expect(project.sent.length).toBeGreaterThan(0);
  });

  it.each([
    [{ endUserId: "1", event }, ["conversationId"]],
    [{ conversationId: "7", event: { ...event, data: { deep: [{ text: "a\0b" }] } } }, [
      "event.data.deep.0.text",
    ]],
    [{ conversationId: "7", event: { ...event, data: { deep: { "a\0b": 1 } } } }, ["event.data.deep"]],
    [{ conversationId: "7", event: { type: "refresh" } }, ["event.type"]],
    [{ conversationId: "7", event: { type: "message:new", data: { message: { id: "1" } } } }, [
      "event.data.message.text",
      "event.data.message.role",
      "event.data.message.createdAt",
    ]],
    [{ conversationId: "7", event: { ...event, data: { text: "x".repeat(65_537) } } }, ["event.data"]],
  ])("that can't be sent is refused, each field named", async (body, paths) => {
    const answer = await publish(body);
    expectError(answer, "invalid_request");
    expect(answer.body.error?.issues?.map(({ path }) => path)).toEqual(paths);
  });
});

describe("an API key", () => {
  it("is needed, and must be known", async () => {
    expectError(await publish({ endUserId: "1" }, ""), "missing_api_key");
    expectError(await publish({ endUserId: "1" }, "hdl_unknown"), "invalid_api_key");
    expectError(await publish({ endUserId: "1" }, stack.secretKey), "invalid_api_key");
  });

  it("works as soon as it is made, and not once it is revoked", async () => {
    await addKey("hdl_second");
    await stack.sql`
      select heddle_api.revoke_api_key(id) from heddle.api_keys where name = 'hdl_second'`;
    expectError(await publish({ endUserId: "1" }, "hdl_second"), "invalid_api_key");
    await addKey("hdl_third");
    expect((await publish({ endUserId: "1" }, "hdl_third")).status).toBe(200);
  });

  it("that is invented is refused for a while after 120 others from its address, good ones never", async () => {
    const from = (address: string, key: string) =>
      fetch(worker.url, postJson({ endUserId: "1" }, { "x-api-key": key, "x-forwarded-for": address }));
    const guess = (address: string) => from(address, `hdl_${randomUUID()}`);
    const statuses = new Set<number>();
    for (let round = 0; round < 20 && !statuses.has(429); round++) {
      for (const { status } of await Promise.all(Array.from({ length: 10 }, () => guess("203.0.113.9")))) {
        statuses.add(status);
      }
    }
    expect([...statuses].sort()).toEqual([401, 429]);
    await drainBuckets(stack.sql);
    const refused = await answerOf(await guess("203.0.113.9"));
    expectError(refused, "rate_limited");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await guess("203.0.113.10")).status).toBe(401);

    await addKey("hdl_not_seen_yet");
    for (const key of ["hdl_not_seen_yet", stack.agent.apiKey]) {
      expect((await from("203.0.113.9", key)).status).toBe(200);
    }
  });
});

describe("when Realtime", () => {
  const missingPartition = { status: 422, body: { message: "Missing messages partition" } };

  it("is just making its partitions, the message is sent again", async () => {
    project.broadcasts(missingPartition, { status: 500 });
    expect((await publishThere({ conversationId: "7" })).status).toBe(200);
    expect(project.topics).toEqual(Array(3).fill(signed("conv-7")));
  });

  it("does not recover, the message goes through the database", async () => {
    project.broadcasts(missingPartition, missingPartition, missingPartition);
    project.calls.length = 0;
    expect((await publishThere({ conversationId: "7" })).status).toBe(200);
    expect(project.calls).toEqual(["/rest/v1/rpc/broadcast"]);
    expect([...await stack.sql`select from realtime.messages`]).toEqual([]);
  });

  it("and the database do not recover, the caller gets 503 with Retry-After", async () => {
    project.broadcasts(missingPartition, missingPartition, missingPartition);
    project.database = "down";
    const answer = await publishThere({ conversationId: "7" });
    project.database = "up";
    expectError(answer, "realtime_unavailable");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("refuses one channel of several, nothing is claimed to have worked", async () => {
    project.broadcasts({ status: 202 }, { status: 403, body: { message: "Unauthorized" } });
    expectError(await publishThere({ endUserId: "1", conversationId: "7" }), "realtime_unavailable");
  });

  it("and the database are at their limits, the caller gets 429 with Retry-After", async () => {
    project.broadcasts({
      status: 429,
      body: { message: "Too many requests" },
      headers: { "retry-after": "9" },
    });
    project.database = "down";
    const answer = await publishThere({ conversationId: "7" });
    project.database = "up";
    expectError(answer, "rate_limited");
    expect(answer.headers.get("retry-after")).toBe("9");
  });
});

describe("while the signing secret is rotated", () => {
  it("both names are published to, and the current one is answered", async () => {
    const [row] = await stack.sql`
      select heddle_api.rotate_signing_secret(${stack.agent.id}, '1 hour', '60 seconds') as rotated`;
    // The isolate under test has not seen the agent since: a key of its own makes it look the secrets up.
    const key = "hdl_after_the_rotation";
    await addKey(key);
    project.broadcasts();
    const response = await fetch(worker.url, postJson({ conversationId: "7" }, { "x-api-key": key }));
    const current = signed("conv-7", row?.rotated.secret);
    expect(await response.json()).toEqual({ ok: true, channels: [current] });
    expect([...project.topics].sort()).toEqual([current, signed("conv-7")].sort());
  });
});

describe("a Realtime without the endpoint", () => {
  it("is asked once; publishes go through the database", async () => {
    project.broadcasts({ status: 404, body: "Not Found" });
    project.calls.length = 0;
    for (let n = 0; n < 3; n++) expect((await publishThere({ conversationId: "7" })).status).toBe(200);
    expect(project.calls).toEqual(Array(3).fill("/rest/v1/rpc/broadcast"));
    expect(project.sent).toHaveLength(4);
  });
});

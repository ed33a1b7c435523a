import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeEventAnswer } from "../../../shared/api/events.ts";
import { DEMO_ORG } from "../../support/event_readers.ts";
import { listen, type Listening } from "../../support/listen.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { verifiedBody } from "../../support/verify_webhook.ts";
import { expectError } from "./support/errors.ts";
import { callFunction, postJson } from "./support/visitor.ts";

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

let stack: TestStack;
let receiver: Listening;
let url: string;
let received: Received[];
let answer: { status: number; headers?: Record<string, string>; body?: string };
let respond: (response: ServerResponse) => unknown;
beforeAll(async () => {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    respond(response);
  });
  receiver = await listen(server);
  url = `${receiver.url}/hook`;
  stack = await startStack();
});
afterAll(async () => {
  await stack?.stop();
  await receiver?.stop();
});
beforeEach(async () => {
  await stack.sql`delete from heddle.webhooks`;
  await stack.sql`delete from heddle.deliveries`;
  received = [];
  answer = { status: 204 };
  respond = (response) => response.writeHead(answer.status, answer.headers).end(answer.body);
});

async function addWebhook(to: string, topics: object[] | null = null) {
  const [row] = await stack.sql<{ id: string; secret: string }[]>`
    insert into heddle.webhooks (org_id, url, topics)
    values (${DEMO_ORG}, ${to}, ${topics && stack.sql.json(topics as never)}) returning id, secret`;
  return row ?? { id: "", secret: "" };
}
const happen = (resourceId: string) =>
  callFunction(
    stack,
    "events",
    postJson({ source: "billing", resource: "invoice", event: "paid", resourceId, data: { total: 12.5 } }, {
      "x-api-key": stack.eventsKey,
    }),
  );
const deliveries = async (status: string) => [
  ...await stack.sql`
    select attempts, last_error, answer, extract(epoch from due - now())::integer as wait
    from heddle.deliveries where status = ${status} and attempts > 0 and lease is null order by id`,
];

describe("an event", () => {
  it("is sent to the webhooks that want it, signed as Standard Webhooks says", async () => {
    const { secret } = await addWebhook(url, [{ source: "billing" }]);
    await addWebhook(url, [{ source: "shipping" }]);
    const written = writeEventAnswer.parse((await happen("inv.7")).body);
    await expect.poll(() => received).toHaveLength(1);
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    expect(headers).toMatchObject({ "webhook-id": written.id, "content-type": "application/json" });
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    expect(headers["webhook-signature"]).toBe(
      `v1,${createHmac("sha256", key).update(content).digest("base64")}`,
    );
    expect(JSON.parse(body)).toEqual({
      v: 1,
      ...written,
      timestamp: written.at,
      data: { total: 12.5 },
    });
    expect(verifiedBody({ headers, body }, { webhookSecret: secret, id: "" })).toEqual(JSON.parse(body));
    await expect.poll(() => deliveries("sent")).toMatchObject([{
      attempts: 1,
      answer: { status: 204, body: "" },
    }]);
  });

  it("is a CloudEvent for a webhook that wants those, signed all the same", async () => {
    const { id, secret } = await addWebhook(url, [{ source: "billing" }]);
    await stack.sql`update heddle.webhooks set format = 'cloudevents' where id = ${id}`;
    const written = writeEventAnswer.parse((await happen("inv.7")).body);
    await expect.poll(() => received).toHaveLength(1);
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    expect(headers["content-type"]).toBe("application/cloudevents+json");
    expect(verifiedBody({ headers, body }, { webhookSecret: secret, id: "" })).toEqual({
      specversion: "1.0",
      id: written.id,
      source: `/orgs/${DEMO_ORG}`,
      type: "invoice.paid",
      subject: "billing/invoice/inv%2E7",
      time: written.at,
      datacontenttype: "application/json",
      data: { total: 12.5 },
    });
  });

  it("carries two signatures while the former secret is still good", async () => {
    const { id } = await addWebhook(url);
    const former = `whsec_${randomBytes(32).toString("base64")}`;
    await stack.sql`
      update heddle.webhooks set secret_previous = ${former}, secret_previous_until = now() + interval '1 hour'
      where id = ${id}`;
    await happen("rotated");
    await expect.poll(() => received).toHaveLength(1);
    expect(String(received[0]?.headers["webhook-signature"]).split(" ")).toHaveLength(2);
    expect(() => verifiedBody(received[0] as Received, { webhookSecret: former, id: "" })).not.toThrow();
  });

  it("has the same id at every try", async () => {
    answer = { status: 503, headers: { "retry-after": "1" }, body: `busy${"x".repeat(2000)}` };
    await addWebhook(url);
    await happen("again");
    await expect.poll(() => received).toHaveLength(2);
    expect(received[0]?.headers["webhook-id"]).toBe(received[1]?.headers["webhook-id"]);
    expect(received[0]?.body).toBe(received[1]?.body);
    answer = { status: 200 };
    await expect.poll(() => deliveries("sent")).toHaveLength(1);
  });
});

describe("an answer", () => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    [
      "has a body that is broken",
      (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip"),
    ],
    ["has a body that goes quiet", (response) => response.writeHead(200).write("begun")],
    ["has a body that never ends", (response) => {
      const timer = setInterval(() => response.write("x"), 100);
      response.on("close", () => clearInterval(timer));
    }],
  ])("of 2xx that %s is success: the status says it", async (_, given) => {
    respond = given;
    await addWebhook(url);
    await happen("odd");
    await expect.poll(() => deliveries("sent")).toMatchObject([{ attempts: 1, answer: { status: 200 } }]);
    expect(received).toHaveLength(1);
  });

  it("of 410 switches the webhook off: nothing more is sent, and the list says why", async () => {
    answer = { status: 410 };
    const { id } = await addWebhook(url);
    await happen("first");
    const state = async () => {
      const [row] = await stack.sql`select heddle_api.list_webhooks(${stack.agent.id}) as list`;
      return row?.list.find((each: { id: string }) => each.id === id);
    };
    await expect.poll(state).toMatchObject({ on: false, offReason: "The webhook answered 410: it is gone." });
    for (const name of ["second", "third", "fourth"]) await happen(name);
    await callFunction(stack, "deliver", postJson({}, { authorization: `Bearer ${stack.secretKey}` }));
    expect(received).toHaveLength(1);
    answer = { status: 204 };
    await stack.sql`select heddle_api.switch_webhook(${stack.agent.id}, ${id}, true)`;
    expect(await state()).toMatchObject({ on: true, offReason: null, failingSince: null });
    await happen("fifth");
    await expect.poll(() => received).toHaveLength(2);
  });
});

describe("a try failed", () => {
  it.each([
    [{ status: 500, body: "no\0pe" }, "queued", "The webhook answered 500.", 500],
    [
      { status: 302, headers: { location: "/hook" } },
      "queued",
      "The webhook answered with a redirect; redirects are not followed.",
      302,
    ],
    [{ status: 410 }, "dead", "The webhook answered 410: it is gone.", 410],
    [
      { status: 503, headers: { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" } },
      "queued",
      "The webhook answered 503.",
      503,
    ],
    [
      { status: 503, headers: { "content-encoding": "gzip" }, body: "no gzip" },
      "queued",
      "The webhook answered 503.",
      503,
    ],
    [{ status: 503, headers: { "retry-after": "0.5" } }, "queued", "The webhook answered 503.", 503],
  ])("that was answered with %j", async (given, status, error, code) => {
    answer = given;
    await addWebhook(url);
    await happen("failing");
    await expect.poll(() => deliveries(status)).toMatchObject([
      { attempts: 1, last_error: error, answer: { status: code, ms: expect.any(Number) } },
    ]);
    expect(received).toHaveLength(1);
  });

  it.each([
    ["http://10.0.0.1/hook", "The webhook URL must use https"],
    ["https://10.0.0.1/hook", "The webhook's host must have public addresses only"],
    ["https://[::1]/hook", "The webhook's host must have public addresses only"],
    ["http://127.0.0.1:9/hook", "No connection to the webhook's host."],
  ])("that could not reach %s", async (to, error) => {
    await addWebhook(to);
    await happen("nowhere");
    await expect.poll(() => deliveries("queued")).toMatchObject([
      { last_error: expect.stringContaining(error), answer: { status: null } },
    ]);
  });
});

describe("the worker", () => {
  it("is called by nobody but the project and its database", async () => {
    const call = (headers: Record<string, string>) => callFunction(stack, "deliver", postJson({}, headers));
    expectError(await call({}), "missing_api_key");
    expectError(await call({ authorization: "Bearer hdw_guessed" }), "invalid_api_key");
    expectError(await call({ authorization: `Bearer ${stack.publishableKey}` }), "invalid_api_key");
    const [worker] = await stack.sql`select key from heddle.delivery_worker`;
    for (const key of [worker?.key, stack.secretKey]) {
      expect(await call({ authorization: `Bearer ${key}` })).toMatchObject({
        status: 200,
        body: { tried: 0 },
      });
    }
    expect([...await stack.sql`select url from heddle.delivery_worker`]).toEqual([{ url: stack.apiUrl }]);
  });
});

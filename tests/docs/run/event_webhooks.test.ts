import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listen, type Listening } from "../../support/listen.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { snippets } from "../support/documents.ts";

const PAGE = "docs/event_webhooks.md";

let stack: TestStack;
let receiver: Listening;
const received: { headers: IncomingHttpHeaders; body: string }[] = [];
beforeAll(async () => {
  receiver = await listen(createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    response.writeHead(204).end();
  }));
  stack = await startStack();
});
afterAll(async () => {
  await stack?.stop();
  await receiver?.stop();
});

/** Not the synchronous one: the receiver is in this process. */
async function bash(command: string): Promise<string> {
  const child = spawn("bash", ["-c", command], {
    env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => stdout += chunk);
  child.stderr.on("data", (chunk) => stderr += chunk);
  const [code] = await once(child, "close");
  expect(code, `${command}\n${stderr}`).toBe(0);
  return stdout;
}

it(`${PAGE} keeps a webhook as printed, and checks its signature`, async () => {
  const lines = snippets(PAGE, "sh").join("\n").trim().split("\n");
  const answers: unknown[] = [];
  let webhookId = "";
  let secret = "";
  for (const line of lines) {
    const command = line.replace("npm run heddle --", "node scripts/heddle.mjs")
      .replace("<agent-id>", stack.agent.id).replace("<webhook-id>", webhookId)
      .replace("https://shop.example", receiver.url);
    const isHeddle = command !== line;
    const answer = JSON.parse(await bash(isHeddle ? `${command} --json` : command));
    answers.push(answer);
    if (line.includes("webhook add")) ({ id: webhookId, secret } = answer);
    if (line.includes("webhook test")) await expect.poll(() => received).toHaveLength(1);
  }
  const id = webhookId;
  expect(answers).toMatchObject([
    { id, topics: [{ source: "conversations" }] },
    [{ id, host: new URL(receiver.url).host, on: true }],
    { id, deliveryId: expect.any(Number) },
    [{ type: "webhook.test" }],
    [],
    { id, on: true },
    { id, replayed: 0 },
    { id, secret: expect.stringMatching(/^whsec_/) },
    { id, removed: true },
    { tried: 0 },
  ]);

  const [code = ""] = snippets(PAGE, "js");
  const [{ headers, body } = { headers: {}, body: "" }] = received;
  const compute = new Function("createHmac", "secret", "headers", "body", `${code}; return signature;`);
  expect(compute(createHmac, secret, headers, body)).toBe(headers["webhook-signature"]);
  const [shown = "{}"] = snippets(PAGE, "json");
  const keys = Object.keys(JSON.parse(shown)).filter((key) => key !== "topic");
  expect(Object.keys(JSON.parse(body)).sort()).toEqual(keys.sort());
});

import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import process from "node:process";
import { signatureProblem } from "./webhook.mjs";

const { PORT, HEDDLE_WEBHOOK_SECRET = "" } = process.env;

createServer(async (request, response) => {
  const [status, answer] = await answerTo(request).catch((error) => {
    console.error(error);
    return [500, { message: "Something went wrong on our side." }];
  });
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(PORT), "127.0.0.1");

/** @param {import("node:http").IncomingMessage} request */
async function answerTo(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = "", url: target = "", headers } = request;
  const body = Buffer.concat(chunks);

  const problem = signatureProblem({ method, target, headers, body }, HEDDLE_WEBHOOK_SECRET);
  if (problem) return [401, { message: problem }];
  return answerOf(new URL(target, "http://shop").searchParams, body);
}

/** Messages by visitor and clientId. Your own tables stand here. */
const threads = new Map();

/**
 * Each visitor has one conversation, whose id is the visitor's.
 *
 * @param {URLSearchParams} query
 * @param {Buffer} body
 */
function answerOf(query, body) {
  const visitor = query.get("endUserId") ?? "";
  const item = { id: visitor, title: `Hello ${visitor}` };
  const thread = threads.get(visitor) ?? new Map();
  const action = query.get("action");
  if (action === "get_items") return [200, { items: [item] }];
  if ((query.get("itemId") ?? visitor) !== visitor) {
    return [404, { message: "There is no such conversation." }];
  }
  if (action === "item_clicked") return [200, { item, entries: [...thread.values()] }];
  if (action !== "create_item") return [400, { message: `There is no ${action} here.` }];

  const { clientId, body: text } = JSON.parse(body.toString());
  const written = { author: { role: "visitor" }, body: text, createdAt: new Date().toISOString() };
  const entry = thread.get(clientId) ?? { id: clientId, clientId, ...written }; // sent again: the one that is there
  threads.set(visitor, thread.set(clientId, entry));
  return [200, { item, entry }];
}

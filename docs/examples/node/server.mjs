import { createServer } from "node:http";
import process from "node:process";
import { text } from "node:stream/consumers";
import { verifiedCall } from "./webhook.mjs";

const { PORT, HEDDLE_AGENT_ID = "", HEDDLE_WEBHOOK_SECRET = "" } = process.env;
const agent = { agentId: HEDDLE_AGENT_ID, webhookSecret: HEDDLE_WEBHOOK_SECRET };

createServer(async (request, response) => {
  const [status, answer] = await answerTo(request);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(PORT), "127.0.0.1");

/** @param {import("node:http").IncomingMessage} request */
async function answerTo(request) {
  const { method = "", headers } = request;
  const body = await text(request);
  let call;
  try {
    call = await verifiedCall({ method, headers, body }, agent);
  } catch (problem) {
    if (problem instanceof SyntaxError) return [400, { message: "The body must be JSON." }];
    return [401, { message: String(problem) }];
  }
  return answerOf(call);
}

/** Messages by visitor and clientId. Your own tables stand here. */
const threads = new Map();

/**
 * Each visitor has one conversation, whose id is the visitor's.
 *
 * @param {Record<string, any>} call
 */
function answerOf({ action, endUser, itemId, clientId, body }) {
  const visitor = endUser.id;
  const item = { id: visitor, title: `Hello ${visitor}` };
  const thread = threads.get(visitor) ?? new Map();
  if (action === "get_items") return [200, { items: [item] }];
  if ((itemId ?? visitor) !== visitor) return [404, { message: "There is no such conversation." }];
  if (action === "item_clicked") return [200, { item, entries: [...thread.values()] }];
  if (action !== "create_item") return [400, { message: `There is no ${action} here.` }];

  const written = { author: { role: "visitor" }, body, createdAt: new Date().toISOString() };
  const entry = thread.get(clientId) ?? { id: clientId, clientId, ...written }; // sent again: the one that is there
  threads.set(visitor, thread.set(clientId, entry));
  return [200, { item, entry }];
}

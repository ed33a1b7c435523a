import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import process from "node:process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { publish } from "./publish.mjs";
import { verifiedCall } from "./webhook.mjs";

const { PORT, HEDDLE_AGENT_ID = "", HEDDLE_WEBHOOK_SECRET = "" } = process.env;
const { HEDDLE_URL = "", HEDDLE_API_KEY = "" } = process.env;
const agent = { agentId: HEDDLE_AGENT_ID, webhookSecret: HEDDLE_WEBHOOK_SECRET };

/** Messages by visitor and clientId. Your own tables stand here. */
const threads = new Map();
/** Who wrote last. */
let latest = "";

createServer(async (request, response) => {
  const [status, answer] = await answerTo(request);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(PORT), "127.0.0.1", () => console.log("Type an answer to who wrote last, and Enter."));

// Your operators' page stands here, behind its sign-in.
createInterface({ input: process.stdin }).on("line", reply);

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

/**
 * Each visitor has one conversation, whose id is the visitor's.
 *
 * @param {Record<string, any>} call
 */
function answerOf({ action, endUser, itemId, clientId, body }) {
  const visitor = endUser.id;
  const item = { id: visitor, title: "Your messages" };
  const thread = threads.get(visitor) ?? new Map();
  if (action === "get_items") return [200, { items: [item] }];
  if ((itemId ?? visitor) !== visitor) return [404, { message: "There is no such conversation." }];
  if (action === "item_clicked") return [200, { item, entries: [...thread.values()] }];
  if (action !== "create_item") return [400, { message: `There is no ${action} here.` }];

  const known = thread.get(clientId); // sent again: the one that is there
  if (known) return [200, { item, entry: known }];
  const written = { author: { role: "visitor" }, body, createdAt: new Date().toISOString() };
  const entry = { id: clientId, clientId, ...written };
  threads.set(visitor, thread.set(clientId, entry));
  latest = visitor;
  console.log(`${visitor}: ${JSON.stringify(body)}`);
  return [200, { item, entry }];
}

/** @param {string} body what an operator writes */
function reply(body) {
  const thread = threads.get(latest);
  if (!thread) return;
  const [id, createdAt] = [randomUUID(), new Date().toISOString()];
  thread.set(id, { id, author: { role: "operator", name: "Shop" }, body, createdAt });
  // After the write, so that the fetch finds it. If it fails, the message comes with the widget's next fetch.
  publish({ url: HEDDLE_URL, apiKey: HEDDLE_API_KEY }, { endUserId: latest, conversationId: latest })
    .catch((problem) => console.error(problem.message));
}

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
  const query = new URL(target, "http://shop").searchParams;
  return [200, itemsOf(query.get("endUserId"))];
}

/**
 * Your own tables stand here.
 *
 * @param {string | null} endUserId
 */
function itemsOf(endUserId) {
  return [{ id: "1042", title: `Hello ${endUserId}` }];
}

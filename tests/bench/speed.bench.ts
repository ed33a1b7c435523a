import { resolve } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { type JsonProcess, runDeno, runNode } from "../support/process.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { post } from "./support/http.ts";
import { inTurns, median, perSecond, quantile, report } from "./support/measures.ts";
import { joinRoom, subscribe, type Subscriber } from "./support/subscriber.ts";
import { broadcastByRest, publish } from "./support/routes.ts";

const LOAD = { connections: 32, seconds: 2 };
const ROUNDS = 5;
const SAMPLES = 1200;
const WARM_UP = 300;
let stack: TestStack;
let bareDatabase: TestDatabase;
let bare: JsonProcess;
let socketio: JsonProcess;

beforeAll(async () => {
  stack = await startStack();
  bareDatabase = await createDatabase();
  bare = runDeno([
    "local/main.ts",
    "--port=0",
    "--mail-port=0",
    `--functions-dir=${resolve("tests/bench/functions")}`,
  ], bareDatabase.env);
  socketio = runNode([resolve("tests/bench/support/socketio_server.mjs")]);
});

afterAll(async () => {
  await socketio.stop();
  await bare.stop();
  await bareDatabase.drop();
  await stack.stop();
});

test("from a publish to a subscriber's callback", async () => {
  const stale = { conversationId: "1042" };
  const [topic = ""] = await publish(stack, stale);
  const room = { room: topic, message: {} };
  const socketioUrl = `http://127.0.0.1:${await socketio.event<number>("listening")}`;
  const [heard, heardInRoom] = await Promise.all([subscribe(stack, topic), joinRoom(socketioUrl, topic)]);
  const sides = {
    rest: () => time(heard, () => broadcastByRest(stack, [topic])),
    heddle: () => time(heard, () => publish(stack, stale)),
    socketio: () => time(heardInRoom, () => post(socketioUrl, room)),
  };
  await inTurns(WARM_UP, sides);
  const { rest, heddle, socketio: emitted } = await inTurns(SAMPLES, sides);
  for (const [name, share] of [["p50", 0.5], ["p99", 0.99]] as const) {
    report(`publish_to_callback_${name}`, quantile(heddle, share), quantile(rest, share));
    report(`publish_to_callback_socketio_${name}`, quantile(heddle, share), quantile(emitted, share));
  }
  heard.close();
  heardInRoom.close();
});

test("publishes a second, beside a bare function that makes two POSTs to Realtime", async () => {
  const { apiUrl } = await bare.event<{ apiUrl: string }>("ready");
  const stale = { endUserId: "ada", conversationId: "1042" };
  const topics = await publish(stack, stale);
  const rates = await inTurns(ROUNDS, {
    bare: () => perSecond(LOAD, () => post(`${apiUrl}/functions/v1/bare`, { topics })),
    heddle: () => perSecond(LOAD, () => publish(stack, stale)),
  });
  report("publishes_per_second", median(rates.heddle), median(rates.bare));
});

/** Milliseconds from the start of `send` to the callback; both have ended when it resolves. */
async function time(subscriber: Subscriber, send: () => Promise<unknown>): Promise<number> {
  const callback = subscriber.next();
  const from = performance.now();
  const [at] = await Promise.all([callback, send()]);
  return at - from;
}

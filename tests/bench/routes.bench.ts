import { afterAll, beforeAll, test } from "vitest";
import { startStack, type TestStack } from "../support/stack.ts";
import { inTurns, median, perSecond, report } from "./support/measures.ts";
import { broadcastByDatabase, broadcastByRest, publish } from "./support/routes.ts";
import { type Listener, listenTo } from "./support/subscriber.ts";

/** How many publishes are in flight at a time. */
const LOADS = [1, 8, 32] as const;
const SECONDS = 1.5;
const ROUNDS = 5;
const WARM_UP_SECONDS = 0.5;

let stack: TestStack;
let listener: Listener;
let topics: string[];

beforeAll(async () => {
  stack = await startStack();
  topics = await publish(stack, { endUserId: "ada", conversationId: "1042" });
  listener = await listenTo(stack, topics);
});

afterAll(async () => {
  listener.close();
  await stack.stop();
});

test.each(LOADS)(
  "a publish to a list and a thread, by the database and by REST: %i in flight",
  async (load) => {
    const callbacks = { rest: [] as number[], database: [] as number[] };
    const side = (route: keyof typeof callbacks, send: typeof broadcastByRest) => async () => {
      const { rate, callback } = await drive(load, SECONDS, send);
      callbacks[route].push(callback);
      return rate;
    };
    await drive(load, WARM_UP_SECONDS, broadcastByRest);
    await drive(load, WARM_UP_SECONDS, broadcastByDatabase);
    const rates = await inTurns(ROUNDS, {
      rest: side("rest", broadcastByRest),
      database: side("database", broadcastByDatabase),
    });
    report(`database_publishes_per_second_${load}`, median(rates.database), median(rates.rest));
    report(`database_to_callback_p50_${load}`, median(callbacks.database), median(callbacks.rest));
  },
);

/** Publishes a second, and the median of the milliseconds from a publish's start to the later one of its two callbacks. */
async function drive(
  connections: number,
  seconds: number,
  send: typeof broadcastByRest,
): Promise<{ rate: number; callback: number }> {
  const callbacks: Promise<number>[] = [];
  const rate = await perSecond({ connections, seconds }, async () => {
    const id = crypto.randomUUID();
    const from = performance.now();
    callbacks.push(listener.heard(id).then((at) => at - from));
    await send(stack, topics, id);
  });
  return { rate, callback: median(await Promise.all(callbacks)) };
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient, type WildAnswer, type WildRequest } from "./support/client.ts";
import { breaches } from "./support/contract.ts";
import { goodOwner, moodyOwner } from "./support/owner_answers.ts";
import { type FunctionName, FUNCTIONS, generatedRequest } from "./support/requests.ts";
import { validCall } from "./support/valid_calls.ts";
import { startWorld, type World } from "./support/world.ts";

const REQUESTS = 10_000;
const AT_ONCE = 24;
/** Buckets are emptied so often that most requests are looked at, and some meet their limit all the same. */
const BETWEEN_BUCKETS = 2_500;
const SHOWN = 5;
/** `npm run test:robustness -- --seed=<seed> generated` makes the same requests again. */
const SEED = Number(process.env.ROBUSTNESS_SEED ?? Math.floor(Math.random() * 2 ** 32));

let world: World;
let client: Client;

beforeAll(async () => {
  world = await startWorld();
  client = createClient(world.stack.apiUrl);
});
afterAll(async () => {
  client.close();
  await world.stop();
});

/** A request that broke the contract, with all that is needed to make it again. */
interface Breach {
  index: number;
  breaches: string[];
  request: unknown;
  answer: unknown;
}

async function callMany(name: FunctionName): Promise<{ found: Breach[]; seen: Map<string, number> }> {
  const found: Breach[] = [];
  const seen = new Map<string, number>();
  let next = 0;
  async function callOn() {
    while (next < REQUESTS) {
      const index = next++;
      if (index % BETWEEN_BUCKETS === 0) await world.stack.sql`truncate heddle.rate_buckets`;
      const request = generatedRequest(world, name, SEED, index);
      const answer = await client.send(request).catch((error: Error): WildAnswer => (
        { status: 0, headers: {}, text: String(error) }
      ));
      const broken = breaches(name, request, answer, world.secrets);
      if (broken.length > 0) found.push({ index, breaches: broken, ...printable(request, answer) });
      const kind = `${answer.status} ${/"code":"(\w+)"/.exec(answer.text)?.[1] ?? ""}`.trim();
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, callOn));
  return { found, seen };
}

function printable(request: WildRequest, answer: WildAnswer) {
  const cut = (text: string) =>
    text.length > 500 ? `${text.slice(0, 500)}… (${text.length} characters)` : text;
  return {
    request: { ...request, body: request.body && cut(Buffer.from(request.body).toString("latin1")) },
    answer: { ...answer, text: cut(answer.text) },
  };
}

async function ordinaryCall(name: FunctionName): Promise<number> {
  await world.stack.sql`truncate heddle.rate_buckets`;
  world.owner.answer(goodOwner);
  return (await client.send(validCall(world, name))).status;
}

describe(`ten thousand generated requests (seed ${SEED})`, () => {
  it.each(FUNCTIONS)("to %s get only what the contract names, and leave it working", async (name) => {
    world.owner.answer(moodyOwner);
    const { found, seen } = await callMany(name);

    const shown = found.slice(0, SHOWN).map((breach) => JSON.stringify(breach));
    expect(shown, `${found.length} of ${REQUESTS}`).toEqual([]);
    // They are worth something only if many get through, and the others fail in many ways.
    const succeeded = [...seen].filter(([kind]) => kind < "4").reduce((sum, [, count]) => sum + count, 0);
    expect(succeeded, JSON.stringify([...seen])).toBeGreaterThan(REQUESTS / 10);
    expect(seen.size, JSON.stringify([...seen])).toBeGreaterThan(7);
    expect(await ordinaryCall(name)).toBe(200);
  });
});

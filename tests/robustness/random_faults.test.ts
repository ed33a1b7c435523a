import { afterAll, expect, it } from "vitest";
import { type Shopper, useShop } from "../e2e/support/shop.ts";
import { eventually } from "../support/shop_page.ts";
import { expectOwnersData } from "./random_faults/agreement.ts";
import { createOwner, type Customers } from "./random_faults/owner.ts";
import { createParts } from "./random_faults/parts.ts";
import { CONVERSATIONS, planSteps, type Step, type Visitor } from "./random_faults/plan.ts";
import { createScreen, type ShopScreen } from "./random_faults/screen.ts";
import { countDone, outcomeWords, runLanes, seconds, wordsOf } from "./support/lanes.ts";
import { comesTrueOn } from "./support/comes_true.ts";
import { type OwnCluster, startOwnCluster } from "./support/own_cluster.ts";

const MINUTE = 60_000;
/** `npm run test:robustness -- --faults=<minutes> --seed=<seed>` repeats a run. */
const { ROBUSTNESS_FAULTS_MINUTES, ROBUSTNESS_SEED } = process.env;
const DURATION = Number(ROBUSTNESS_FAULTS_MINUTES ?? 1 / 6) * MINUTE;
const SEED = Number(ROBUSTNESS_SEED ?? 60619);
/** For what begins before the faults, and for the screens to catch up afterwards. */
const AROUND = 15 * MINUTE;

let cluster: OwnCluster;
afterAll(() => cluster?.stop());
const shop = useShop({ cluster: async () => cluster = await startOwnCluster() });

async function makeCustomers(): Promise<Customers> {
  const shoppers: Record<Visitor, Shopper> = { Ada: await shop.newShopper(), Ben: await shop.newShopper() };
  const conversations: Record<Visitor, string[]> = { Ada: [], Ben: [] };
  for (const visitor of ["Ada", "Ben"] as const) {
    for (let number = CONVERSATIONS[visitor]; number > 0; number--) {
      const lines = Array.from({ length: number <= 2 ? 40 : 2 }, (_, index) => line(index));
      const subject = `${visitor}, ${number}`;
      conversations[visitor].unshift(await shop.newConversation(shoppers[visitor], { subject, lines }));
    }
  }
  const ids = Object.values(conversations).flat();
  const atFirst = new Map(
    await Promise.all(ids.map(async (id): Promise<[string, string[]]> => [id, await shop.stored(id)])),
  );
  return { shoppers, conversations, atFirst };
}

const line = (index: number): ["visitor" | "operator", string] => [
  index % 2 ? "operator" : "visitor",
  `Line ${index + 1}`,
];

/** Every screen has sent one message, so its browser knows that the shop takes a message once, however often it is sent. */
async function openScreens({ shoppers, conversations }: Customers): Promise<ShopScreen[]> {
  const laptop = await shop.visit(shoppers.Ada);
  const pages = {
    laptop,
    "laptop, tab 2": await laptop.newTab(),
    phone: await shop.visit(shoppers.Ada, { viewport: { width: 390, height: 844 } }),
    Ben: await shop.visit(shoppers.Ben),
  };
  const screens = Object.entries(pages).map(([name, page]) => {
    const visitor = name === "Ben" ? "Ben" : "Ada";
    return createScreen({
      name: name as keyof typeof pages,
      visitor,
      page,
      world: shop,
      conversations: conversations[visitor],
    });
  });
  for (const screen of screens) {
    // Nothing is away yet, but several pages begin at once.
    await comesTrueOn([screen.shop.page], () => screen.open(conversations[screen.visitor][0] ?? ""));
    const body = `Hello from ${screen.name}`;
    await screen.perform({ do: "send", bodies: [body], reload: false });
    await eventually(() => shop.stored(conversations[screen.visitor][0] ?? "")).toContain(body);
  }
  return screens;
}

it("random faults leave every screen with the owner's data", async () => {
  const steps = planSteps(SEED, DURATION);
  const title = `Random faults with seed ${SEED}: ${steps.length} steps in ${seconds(DURATION)} s`;
  console.log([title, ...steps.map(wordsOf)].join("\n"));
  const customers = await makeCustomers();
  const screens = await openScreens(customers);
  const owner = createOwner(shop, customers);
  const parts = createParts(shop, cluster);

  async function perform({ lane, action }: Step): Promise<void> {
    const screen = screens.find(({ name }) => name === lane);
    if (screen) return await screen.perform(action as Parameters<ShopScreen["perform"]>[0]);
    if (lane === "owner") return await owner.perform(action as Parameters<typeof owner.perform>[0]);
    await parts.perform(action as Parameters<typeof parts.perform>[0]);
  }

  const outcomes = await runLanes(steps, perform);
  try {
    await expectOwnersData({ ...customers, world: shop, owner, screens });
  } catch (error) {
    console.log([`${title}. What became of them:`, ...outcomes.map(outcomeWords)].join("\n"));
    throw error;
  }
  const done = countDone(outcomes);
  console.log(`${title}: ${done} could be done, and every screen shows the owner's data.`);
  expect(done).toBeGreaterThan(steps.length / 2);
}, DURATION + AROUND);

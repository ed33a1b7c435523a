import { randomUUID } from "node:crypto";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { type Shopper, useShop } from "../e2e/support/shop.ts";
import { startInbox, type TestInbox } from "../support/inbox.ts";
import { eventually } from "../support/shop_page.ts";
import { createParts } from "./random_faults/parts.ts";
import { createScreen } from "./random_faults/screen.ts";
import { type Device, expectScreensCatchUp, expectStoresData } from "./store_faults/agreement.ts";
import { connect } from "./store_faults/database.ts";
import { createElsewhere } from "./store_faults/elsewhere.ts";
import { createOperatorScreen, type OperatorScreen } from "./store_faults/operator_screen.ts";
import { CONVERSATIONS, DEVICES, OPERATORS, planSteps, type Step } from "./store_faults/plan.ts";
import { createStore } from "./store_faults/store.ts";
import {
  countDone,
  groupBy,
  type Outcome,
  outcomeWords,
  runLanes,
  seconds,
  tally,
  wordsOf,
} from "./support/lanes.ts";
import { watchLine } from "./support/line.ts";
import { comesTrueOn } from "./support/comes_true.ts";
import { type OwnCluster, startOwnCluster } from "./support/own_cluster.ts";

const MINUTE = 60_000;
const TAB = "Chat with us";
/** `npm run test:robustness -- --store-faults=<minutes> --seed=<seed>` repeats a run. */
const { ROBUSTNESS_STORE_FAULTS_MINUTES, ROBUSTNESS_SEED } = process.env;
const DURATION = Number(ROBUSTNESS_STORE_FAULTS_MINUTES ?? 2 / 15) * MINUTE;
const SEED = Number(ROBUSTNESS_SEED ?? 60619);
/** After so long the faults pause, and what is open on the screens must come to be right. */
const ROUND = 60_000;
/** For what begins before the faults, and for the screens to catch up afterwards. */
const AROUND = 15 * MINUTE;

let cluster: OwnCluster;
let inbox: TestInbox;
afterAll(() => cluster?.stop());
const shop = useShop({ cluster: async () => cluster = await startOwnCluster(), storeTab: true });
afterAll(() => inbox?.stop());

/** Conversations that the visitor has begun, each with a first message. */
async function beginConversations({ id }: Shopper): Promise<string[]> {
  const { sql, agent } = shop.stack;
  const ids: string[] = [];
  for (let number = 0; number < CONVERSATIONS; number++) {
    const [row] = await sql`
      select heddle_api.store_post(${agent.id}, ${id}, null, ${randomUUID()}, ${`Begun as ${number};`})
        ->> 'conversationId' as id`;
    ids.push(row?.id);
  }
  return ids;
}

async function openDevice(
  name: typeof DEVICES[number],
  shopper: Shopper,
  conversations: string[],
): Promise<Device> {
  const viewport = name === "phone" ? { width: 390, height: 844 } : { width: 1180, height: 820 };
  const page = await shop.newPage(shopper, { viewport });
  const line = await watchLine(page.page);
  await page.load();
  const { perform, recover, ...screen } = createScreen({
    name,
    visitor: shopper.id,
    page,
    world: shop,
    conversations,
    tab: TAB,
  });
  // Nothing is away yet, but several pages begin at once.
  await comesTrueOn([page.page], () => screen.open(conversations[0] ?? ""));
  return {
    ...screen,
    line,
    async perform(action) {
      if (action.do === "drop the socket" || action.do === "frames") return line.perform(action);
      if (action.do === "offline") line.cut(action.ms);
      if (action.do === "older messages" && !await page.thread.isVisible()) {
        throw new Error("no thread is open");
      }
      if (action.do === "close panel" && !await page.panel.isVisible()) throw new Error("no panel is open");
      await perform(action);
    },
    async recover() {
      await Promise.all([recover(), line.over()]);
    },
  };
}

async function openInboxes(conversations: string[]): Promise<OperatorScreen[]> {
  inbox = await startInbox({ stack: shop.stack, browser: shop.browser });
  return await Promise.all(OPERATORS.map(async (name, index) =>
    await createOperatorScreen({
      name,
      operator: inbox.operators[index] ?? { email: "", password: "" },
      visitor: await inbox.visit(),
      conversations,
    })
  ));
}

/** The operators' user ids. */
async function teamsIds() {
  const rows = await shop.stack.sql<{ name: string; id: string }[]>`
    select split_part(name, ' ', 1) as name, user_id as id from heddle.members`;
  const idOf = (name: string) => rows.find((row) => row.name === name)?.id ?? "";
  return { Mira: idOf("Mira"), Jonas: idOf("Jonas") };
}

it("random faults leave a visitor's devices and the team's inboxes with what the store holds", async () => {
  const steps = planSteps(SEED, DURATION);
  const title = `Faults of the store with seed ${SEED}: ${steps.length} steps in ${seconds(DURATION)} s`;
  console.log([title, ...steps.map(wordsOf)].join("\n"));
  const shopper = await shop.newShopper();
  const conversations = await beginConversations(shopper);
  const devices = await Promise.all(DEVICES.map((name) => openDevice(name, shopper, conversations)));
  const operators = await openInboxes(conversations);
  await eventually(inbox.listening).toBe(OPERATORS.length);
  const database = connect(shop.stack);
  onTestFinished(() => database.close());
  const store = createStore(database, shopper.id);
  const elsewhere = createElsewhere({
    database,
    visitorId: shopper.id,
    conversations,
    operators: await teamsIds(),
  });
  const parts = createParts(shop, cluster);

  async function perform({ lane, action }: Step): Promise<void> {
    const screen = [...devices, ...operators].find(({ name }) => name === lane);
    // What a visitor may write in a minute has tests of its own; Postgres may be away.
    await store.forgive().catch(() => undefined);
    if (screen) return await (screen.perform as (what: typeof action) => Promise<void>)(action);
    if (lane === "elsewhere") {
      return await elsewhere.perform(action as Parameters<typeof elsewhere.perform>[0]);
    }
    const fail = () => parts.perform(action as Parameters<typeof parts.perform>[0]);
    await (lane === "Postgres" ? database.during(fail) : fail());
  }

  const scene = { store, elsewhere, devices, operators, conversations };
  const from = Date.now();
  const outcomes: Outcome[] = [];
  try {
    for (const [round, some] of groupBy(steps, ({ at }) => Math.floor(at / ROUND))) {
      outcomes.push(...await runLanes(some, perform, round * ROUND));
      await expectScreensCatchUp(scene);
    }
    await expectStoresData(scene);
  } catch (error) {
    console.log([`${title}. What became of them:`, ...outcomes.map(outcomeWords)].join("\n"));
    throw error;
  }
  const done = countDone(outcomes);
  console.log(["What could not be done, and how often:", ...tally(outcomes)].join("\n"));
  console.log(
    `${title}: ${done} could be done, and every screen shows what the store holds after ${
      seconds(Date.now() - from)
    } s.`,
  );
  expect(done).toBeGreaterThan(steps.length / 2);
}, DURATION + AROUND);

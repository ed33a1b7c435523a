import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, test } from "vitest";
import { type JsonProcess, runNode } from "../support/process.ts";
import type { TestStack } from "../support/stack.ts";
import { Terminal } from "../support/terminal.ts";
import { median, report } from "./support/measures.ts";
import { type Process, processTree } from "./support/memory.ts";
import { publish } from "./support/routes.ts";

const CONVERSATION = "1042";
const [SMALL, MIDDLE, LARGE] = [1250, 2500, 5000];
const PUBLISHES = 15;
const WARM_UP = 5;
/** Sockets of the crowd, and as many of the stack; the rest is for everything else. */
const OPEN_FILES = 6000;
const MB = 1e6;
const KB_PER_MB = 1000;
const LOOKS = 5;
const LOOK_MS = 400;

/** What `npm start` runs, as anybody would start it. */
let heddle: Terminal;
let crowd: JsonProcess;
let stack: Pick<TestStack, "apiUrl" | "agent" | "publishableKey">;
const dataDir = mkdtempSync(join(tmpdir(), "heddle-scale-"));

beforeAll(async () => {
  const limit = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
  if (limit < OPEN_FILES) {
    throw new Error(`5,000 sockets need ${OPEN_FILES} open files for a process; raise it: ulimit -Hn`);
  }
  const ports = "--api-port 0 --database-port 0 --mail-port 0 --shop-port 0 --inbox-port 0 --gateway-port 0";
  heddle = new Terminal(`exec node scripts/start.mjs ${ports} --data-dir ${dataDir}`);
  await heddle.shows(/Stop +Ctrl-C/);
  stack = JSON.parse(readFileSync(join(dataDir, "status.json"), "utf8"));
});

afterAll(async () => {
  crowd?.child.stdin?.end();
  await crowd?.stop();
  await heddle?.interrupt();
  rmSync(dataDir, { recursive: true, force: true });
});

const PARTS = {
  postgres: /^postgres: |\/bin\/postgres /,
  proxy: / local\/main\.ts /,
  functions: /\/functions\/worker\.ts /,
  shop: / demo\/main\.ts /,
};
type Part = keyof typeof PARTS | "all";

/** Megabytes of each part once it has settled: the median of some looks. */
async function memory(): Promise<Record<Part, number>> {
  const looks: Process[][] = [];
  for (let look = 0; look < LOOKS; look++) {
    await pause(LOOK_MS);
    looks.push(processTree(heddle.child.pid ?? 0));
  }
  const of = (pattern: RegExp) =>
    median(
      looks.map((processes) =>
        processes.filter(({ command }) => pattern.test(command)).reduce((sum, { bytes }) => sum + bytes, 0)
      ),
    ) / MB;
  const { postgres, proxy, functions, shop } = PARTS;
  return {
    postgres: of(postgres),
    proxy: of(proxy),
    functions: of(functions),
    shop: of(shop),
    all: of(/./),
  };
}

let commands = 0;

/** Tells the crowd what to do; `begun` and `done` resolve with its answers. */
function tell<Answer>(command: { members: number } | { listen: true }) {
  const name = `command ${++commands}`;
  crowd.child.stdin?.write(`${JSON.stringify({ name, ...command })}\n`);
  return { begun: () => crowd.event(`${name} begun`), done: () => crowd.event<Answer>(name) };
}

/** One publish, and how long it took from its start until the last of the crowd has heard it. */
async function fanOut(): Promise<{ heard: number; ms: number }> {
  const listening = tell<{ heard: number; lastAt: number }>({ listen: true });
  await listening.begun();
  const from = performance.timeOrigin + performance.now();
  await publish(stack, { conversationId: CONVERSATION });
  const { heard, lastAt } = await listening.done();
  return { heard, ms: lastAt - from };
}

test("memory, and the time of one publish, with up to 5,000 idle subscribers", async () => {
  const [topic = ""] = await publish(stack, { conversationId: CONVERSATION });
  const query = `vsn=2.0.0&apikey=${stack.publishableKey}`;
  const url = `${stack.apiUrl.replace("http", "ws")}/realtime/v1/websocket?${query}`;
  crowd = runNode([resolve("tests/bench/support/crowd.mjs"), url, topic]);

  const idle = await memory();
  const [small, middle, large] = [await crowdOf(SMALL), await crowdOf(MIDDLE), await crowdOf(LARGE)];

  report("memory_idle", idle.all);
  report("memory_idle_postgres", idle.postgres);
  report("memory_idle_proxy", idle.proxy);
  report("memory_idle_functions", idle.functions);
  report("memory_idle_shop", idle.shop);
  report("memory_5000_subscribers", large.megabytes);
  report(
    "memory_growth",
    (large.megabytes - middle.megabytes) / (LARGE - MIDDLE) * KB_PER_MB,
    (middle.megabytes - idle.proxy) / MIDDLE * KB_PER_MB,
  );
  report("fan_out_deliveries", large.heard);
  report("fan_out_5000", large.ms);
  report("fan_out_growth", large.fastestMs / (LARGE / 1000), small.fastestMs / (SMALL / 1000));
});

/** As many subscribers in all: what the proxy needs then, and how some publishes reached all of them. */
async function crowdOf(members: number): Promise<Crowd> {
  await tell({ members }).done();
  const { proxy: megabytes } = await memory();
  const times: number[] = [];
  let heard = 0;
  for (let count = -WARM_UP; count < PUBLISHES; count++) {
    const publish = await fanOut();
    heard = publish.heard;
    if (count >= 0) times.push(publish.ms);
  }
  return { megabytes, ms: median(times), fastestMs: Math.min(...times), heard };
}

interface Crowd {
  megabytes: number;
  ms: number;
  /** What the machine can do: whatever else it does only adds to it. */
  fastestMs: number;
  heard: number;
}

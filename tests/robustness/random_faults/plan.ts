import { createGenerator, type Generator } from "../../support/generator.ts";
import type { LaneStep } from "../support/lanes.ts";
import type { PageFault } from "../support/page_faults.ts";

/** Ada's laptop has two tabs of one browser, her phone has a browser of its own; the last is Ben's. */
export const SCREENS = ["laptop", "laptop, tab 2", "phone", "Ben"] as const;
export type ScreenName = typeof SCREENS[number];

/** How a part of Realtime fails, for a while or once. */
export type RealtimeFault =
  | "drop"
  | "close"
  | "disconnect"
  | "phx_close"
  | "phx_error"
  | "down"
  | "stall"
  | "hold_joins"
  | "refuse_upgrades";

/** What a visitor, or the browser's network, does. */
export type ScreenAction =
  | { do: "send"; bodies: string[]; reload: boolean }
  | { do: "begin conversation"; body: string }
  | { do: "open"; conversation: number }
  | { do: "back" | "close panel" | "older messages" | "more conversations" | "reload" | "history back" }
  | { do: "next page"; page: number }
  | PageFault;

/** What the owner's people do; `publish`: they tell Heddle. */
export type OwnerAction =
  | { do: "write"; visitor: Visitor; conversation: number; bodies: string[]; publish: boolean }
  | { do: "edit" | "delete"; visitor: Visitor; conversation: number; newest: number; publish: boolean };

/** What happens to a part of the system. */
export type PartAction =
  | { do: "restart Postgres" | "crash Postgres" | "crash the shop" | "lock the shop's database"; ms: number }
  | { do: "crash a function"; name: string }
  | { do: "fail Realtime"; how: RealtimeFault; ms: number }
  | { do: "rotate the signing secret"; now: boolean; ms: number };

export type Action = ScreenAction | OwnerAction | PartAction;
export type Visitor = "Ada" | "Ben";
export type Lane = ScreenName | "owner" | "shop" | "Postgres" | "Realtime" | "functions";

export type Step = LaneStep<Lane, Action>;

/** How many conversations each visitor has at first. */
export const CONVERSATIONS: Record<Visitor, number> = { Ada: 13, Ben: 3 };
const FUNCTIONS = ["tab-fetch", "tab-action", "realtime-publish", "validate-widget"];
const ONCE: RealtimeFault[] = ["drop", "close", "disconnect", "phx_close", "phx_error"];
const FOR_A_WHILE: RealtimeFault[] = ["down", "stall", "hold_joins", "refuse_upgrades"];
const MEAN_PAUSE = 1200;
const SECOND = 1000;

/** What happens in so many milliseconds: the same seed gives the same steps. */
export function planSteps(seed: number, duration: number): Step[] {
  const random = createGenerator(seed);
  const steps: Step[] = [];
  for (let at = pause(random); at < duration; at += pause(random)) {
    const { lane, action } = randomStep(random, steps.length + 1);
    steps.push({ at, lane, action });
  }
  return steps;
}

const pause = (random: Generator) => 100 + random.below(2 * MEAN_PAUSE - 200);
const between = (random: Generator, from: number, to: number) => from + random.below(to - from);

/** Most of it is what people do; a fault of a part takes them all, so that is rarer. */
function randomStep(random: Generator, number: number): { lane: Lane; action: Action } {
  const kind = random.below(100);
  if (kind < 62) return { lane: random.pick(SCREENS), action: screenAction(random, number) };
  if (kind < 86) return { lane: "owner", action: ownerAction(random, number) };
  return partStep(random);
}

function screenAction(random: Generator, number: number): ScreenAction {
  const kind = random.below(100);
  if (kind < 26) {
    const bodies = texts(random.chance(0.25) ? between(random, 2, 4) : 1, `Written as ${number}`);
    return { do: "send", bodies, reload: random.chance(0.12) };
  }
  if (kind < 29) return { do: "begin conversation", body: `Begun as ${number}` };
  if (kind < 43) return { do: "open", conversation: random.pick([0, 0, 0, 1, 1, 2, 3]) };
  if (kind < 58) {
    const moves = ["back", "close panel", "older messages", "older messages", "more conversations"] as const;
    return { do: random.pick(moves) };
  }
  if (kind < 72) {
    const moves = ["reload", "reload", "history back"] as const;
    return random.chance(0.4) ? { do: "next page", page: number } : { do: random.pick(moves) };
  }
  if (kind < 86) {
    const ways = ["hidden", "frozen", "asleep", "offline", "offline"] as const;
    return { do: random.pick(ways), ms: between(random, SECOND, 15 * SECOND) };
  }
  const are = random.pick(["slow", "slow", "lost", "lost", "never asked for"] as const);
  return { do: "answers", are, ms: between(random, 2 * SECOND, 10 * SECOND) };
}

function ownerAction(random: Generator, number: number): OwnerAction {
  const kind = random.below(100);
  const visitor = random.pick(["Ada", "Ada", "Ben"] as const);
  const conversation = random.pick([0, 0, 0, 1, 1, 2, CONVERSATIONS[visitor] - 1]);
  const publish = random.chance(0.75);
  if (kind < 65) {
    const bodies = texts(random.chance(0.15) ? between(random, 4, 15) : 1, `Answered as ${number}`);
    return { do: "write", visitor, conversation, bodies, publish };
  }
  const newest = random.chance(0.7) ? random.below(4) : random.below(30);
  return { do: kind < 85 ? "edit" : "delete", visitor, conversation, newest, publish };
}

function partStep(random: Generator): { lane: Lane; action: PartAction } {
  const kind = random.below(100);
  if (kind < 22) {
    return { lane: "functions", action: { do: "crash a function", name: random.pick(FUNCTIONS) } };
  }
  if (kind < 42) return { lane: "Realtime", action: { do: "fail Realtime", how: random.pick(ONCE), ms: 0 } };
  if (kind < 54) {
    const ms = between(random, 2 * SECOND, 20 * SECOND);
    return { lane: "Realtime", action: { do: "fail Realtime", how: random.pick(FOR_A_WHILE), ms } };
  }
  const ms = between(random, SECOND, 6 * SECOND);
  if (kind < 70) {
    return {
      lane: "Postgres",
      action: { do: random.pick(["restart Postgres", "crash Postgres"] as const), ms },
    };
  }
  if (kind < 88) {
    const what = random.pick(["crash the shop", "lock the shop's database"] as const);
    return { lane: "shop", action: { do: what, ms } };
  }
  return { lane: "shop", action: { do: "rotate the signing secret", now: random.chance(0.5), ms } };
}

function texts(count: number, text: string): string[] {
  return count === 1 ? [text] : Array.from({ length: count }, (_, index) => `${text}.${index + 1}`);
}

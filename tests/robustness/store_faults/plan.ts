import { createGenerator, type Generator } from "../../support/generator.ts";
import type { PartAction, RealtimeFault, ScreenAction } from "../random_faults/plan.ts";
import type { LaneStep } from "../support/lanes.ts";
import type { LineFault } from "../support/line.ts";
import type { PageFault } from "../support/page_faults.ts";

/** Two devices of one visitor. */
export const DEVICES = ["laptop", "phone"] as const;
/** The inboxes of two operators. */
export const OPERATORS = ["Mira", "Jonas"] as const;

/** What the visitor does, or the network of a device. */
export type DeviceAction = ScreenAction | LineFault;

/** What an operator does in the inbox, or the network there. */
export type OperatorAction =
  | { do: "reply"; bodies: string[] }
  | { do: "open"; conversation: number }
  | { do: "claim" | "release" | "resolve" | "reopen" | "reload" | "token expires" }
  | { do: "begin to write"; text: string }
  | PageFault
  | LineFault;

/** What comes from none of the screens: another program of the visitor's or of an operator's. */
export type ElsewhereAction =
  | { do: "edit"; by: Writer; conversation: number; newest: number; more: string }
  | { do: "delete"; by: Writer; conversation: number; newest: number }
  | { do: "note"; by: OperatorName; conversation: number; body: string }
  | { do: "edit note"; by: OperatorName; conversation: number; more: string }
  | { do: "delete note"; by: OperatorName; conversation: number }
  | { do: "hand over"; by: OperatorName; to: OperatorName; conversation: number };

export type OperatorName = (typeof OPERATORS)[number];
export type Writer = OperatorName | "visitor";
export type Action = DeviceAction | OperatorAction | ElsewhereAction | PartAction;
export type Lane =
  | (typeof DEVICES)[number]
  | OperatorName
  | "elsewhere"
  | "Postgres"
  | "Realtime"
  | "functions";
export type Step = LaneStep<Lane, Action>;

/** How many conversations the visitor has. */
export const CONVERSATIONS = 4;
const FUNCTIONS = ["tab-fetch", "tab-action", "validate-widget"];
const ONCE: RealtimeFault[] = ["drop", "close", "disconnect", "phx_close", "phx_error"];
const FOR_A_WHILE: RealtimeFault[] = ["down", "stall", "hold_joins", "refuse_upgrades"];
/** So that there are four hundred steps in a minute. */
const MEAN_PAUSE = 150;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What happens in so many milliseconds: the same seed gives the same steps. */
export function planSteps(seed: number, duration: number): Step[] {
  const random = createGenerator(seed);
  const steps: Step[] = [];
  for (let at = pause(random); at < duration; at += pause(random)) {
    steps.push({ at, ...randomStep(random, steps.length + 1) });
  }
  return steps;
}

const pause = (random: Generator) => 1 + random.below(2 * MEAN_PAUSE - 1);
const between = (random: Generator, from: number, to: number) => from + random.below(to - from);
const conversation = (random: Generator) => random.pick([0, 0, 0, 1, 1, 2, 3]);

function randomStep(random: Generator, number: number): Omit<Step, "at"> {
  const kind = random.below(100);
  if (kind < 36) return { lane: random.pick(DEVICES), action: deviceAction(random, number) };
  if (kind < 74) return { lane: random.pick(OPERATORS), action: operatorAction(random, number) };
  if (kind < 97) return { lane: "elsewhere", action: elsewhereAction(random, number) };
  return partStep(random);
}

function deviceAction(random: Generator, number: number): DeviceAction {
  const kind = random.below(100);
  if (kind < 45) {
    return { do: "send", bodies: texts(random, `Written as ${number}`), reload: random.chance(0.1) };
  }
  if (kind < 65) return { do: "open", conversation: conversation(random) };
  if (kind < 76) return { do: random.pick(["back", "close panel", "older messages"] as const) };
  if (kind < 82) return { do: "reload" };
  // Longer than a session is good for.
  if (kind < 84) return { do: "asleep", ms: 20 * MINUTE };
  return pageFault(random);
}

function operatorAction(random: Generator, number: number): OperatorAction {
  const kind = random.below(100);
  if (kind < 38) return { do: "reply", bodies: texts(random, `Answered as ${number}`) };
  if (kind < 56) return { do: "open", conversation: conversation(random) };
  if (kind < 73) return { do: random.pick(["claim", "claim", "release", "resolve", "reopen"] as const) };
  if (kind < 78) return { do: "begin to write", text: `Never sent ${number}` };
  if (kind < 82) return { do: "reload" };
  if (kind < 84) return { do: "token expires" };
  return pageFault(random);
}

function pageFault(random: Generator): PageFault | LineFault {
  const ms = between(random, SECOND, 8 * SECOND);
  const kind = random.below(100);
  if (kind < 20) return { do: "drop the socket" };
  if (kind < 60) {
    return { do: "frames", are: random.pick(["swallowed", "doubled", "reordered", "late"] as const), ms };
  }
  if (kind < 70) return { do: random.pick(["hidden", "frozen"] as const), ms: ms / 4 };
  if (kind < 80) return { do: random.pick(["asleep", "offline"] as const), ms };
  return { do: "answers", are: random.pick(["slow", "lost", "never asked for"] as const), ms };
}

function elsewhereAction(random: Generator, number: number): ElsewhereAction {
  const where = { by: random.pick(OPERATORS), conversation: conversation(random) };
  const kind = random.below(100);
  if (kind < 60) {
    const by = random.pick([...OPERATORS, "visitor", "visitor"] as const);
    const what = { ...where, by, newest: random.chance(0.7) ? random.below(4) : random.below(40) };
    return kind < 38 ? { do: "edit", ...what, more: `, corrected as ${number}` } : { do: "delete", ...what };
  }
  if (kind < 78) return { do: "note", ...where, body: `Noted as ${number};` };
  if (kind < 86) return { do: "edit note", ...where, more: `, corrected as ${number}` };
  if (kind < 90) return { do: "delete note", ...where };
  return { do: "hand over", ...where, to: random.pick(OPERATORS) };
}

function partStep(random: Generator): { lane: Lane; action: PartAction } {
  const kind = random.below(100);
  if (kind < 35) {
    return { lane: "functions", action: { do: "crash a function", name: random.pick(FUNCTIONS) } };
  }
  if (kind < 65) return { lane: "Realtime", action: { do: "fail Realtime", how: random.pick(ONCE), ms: 0 } };
  const ms = between(random, SECOND, 8 * SECOND);
  if (kind < 85) {
    return { lane: "Realtime", action: { do: "fail Realtime", how: random.pick(FOR_A_WHILE), ms } };
  }
  const what = random.pick(["restart Postgres", "crash Postgres"] as const);
  return { lane: "Postgres", action: { do: what, ms: between(random, SECOND / 2, 3 * SECOND) } };
}

/** One message or several at once. They end in a semicolon, by which the screens are read. */
function texts(random: Generator, text: string): string[] {
  if (random.chance(0.8)) return [`${text};`];
  return Array.from({ length: between(random, 2, 5) }, (_, index) => `${text}.${index + 1};`);
}

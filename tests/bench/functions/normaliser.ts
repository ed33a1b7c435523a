/**
 * Reads an owner's answer from a file, as the function of one action does after the webhook's last byte, and prints what that
 * took: `{ cpuMs, bytes }`, the memory at its highest above that before. Linux only.
 *
 *   deno run -A normaliser.ts <file> get_items|item_clicked|create_item
 */
import {
  type AnswerContext,
  createAnswer,
  listAnswer,
  listWarning,
  threadAnswer,
  threadWarning,
} from "../../../supabase/functions/_shared/sources/webhook/answers.ts";
import { acceptedJson } from "../../../supabase/functions/_shared/sources/webhook/send.ts";
import { WebhookError } from "../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";

const KIB = 1024;
/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

const context: AnswerContext = {
  tab: {
    source: "webhook",
    tab: { id: "b0000000-0000-4000-8000-000000000001", category: "default", formKeys: ["name", "date"] },
    action: { enabled: true, url: "https://shop.example/" },
    connector: null,
    signing: {
      current: "new",
      previous: null,
      handOutCurrentAt: "2026-01-01T00:00:00Z",
      previousUntil: null,
      former: [],
      formerUntil: null,
      version: "1",
    },
    webhook: { current: "whsec_c2VjcmV0", previous: null },
  },
  agentId: "a0000000-0000-4000-8000-000000000001",
  endUser: { id: "ann" },
  now: Date.now(),
};

function normalise(action: string | undefined, bytes: Uint8Array): unknown {
  const json = acceptedJson({ status: 200, bytes }, "GET");
  switch (action) {
    case "get_items":
      return [listAnswer(json, context), listWarning(json)];
    case "item_clicked":
      return [threadAnswer(json, { action, itemId: "7" }, context), threadWarning(json, "7")];
    default:
      return createAnswer(json, { action: "create_item", itemId: undefined }, context);
  }
}

function memory(name: "VmHWM" | "VmRSS"): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]) * KIB;
}

/** Of all threads, those that collect garbage included. */
function cpuMs(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

const [file = "", action] = Deno.args;
const bytes = Deno.readFileSync(file);
Deno.writeTextFileSync("/proc/self/clear_refs", "5"); // the peak starts again from here
const before = { cpu: cpuMs(), memory: memory("VmRSS") };
try {
  JSON.stringify(normalise(action, bytes));
} catch (error) {
  if (!(error instanceof WebhookError)) throw error;
}
console.log(JSON.stringify({ cpuMs: cpuMs() - before.cpu, bytes: memory("VmHWM") - before.memory }));

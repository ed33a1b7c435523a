/**
 * Faults and a view of the server as JSON, for tests in other processes.
 *
 * `GET` answers `{ sockets, topics: [{ topic, private, members }] }`; with `?topic=<name>&members=<n>` it answers
 * once that topic has so many members.
 *
 * `POST` takes one of these, and answers `{ ok: true }` with the number of channels where it says so:
 * - `{ fault: "drop" }` ends all connections (clients see 1006)
 * - `{ fault: "down" }` ends them as well, and refuses every request
 * - `{ fault: "close", code?: 1012 }` closes them with a code
 * - `{ fault: "disconnect" }` tells each channel "Server requested disconnect" and closes connections with 1012
 * - `{ fault: "stall" }` answers nothing on any socket, until `{ fault: "resume" }`
 * - `{ fault: "refuse_joins", reason, times?, topic? }` refuses the next joins
 * - `{ fault: "delay_joins", ms }` answers joins late
 * - `{ fault: "hold_joins" }` leaves joins unanswered, until `{ fault: "release_joins" }`
 * - `{ fault: "hold_replication" }` loses what the database sends, and tells no channel that it is established, until
 *   `{ fault: "release_replication" }`: a hosted project that was quiet takes 30 to 50 ms, more while a transaction is open
 * - `{ fault: "phx_close", topic? }`, `{ fault: "phx_error", topic? }` end channels; answers `{ channels }`
 * - `{ fault: "refuse_upgrades", times?, status?: 429, message? }` refuses the next connections
 * - `{ fault: "drop_partitions" }` leaves private channels without a partition for today
 * - `{ fault: "sleep" }` does so as in a project that nobody has used for days: the first private join or broadcast fails
 *   and has the partitions made
 * - `{ fault: "limit_requests", perSecond: 100 }` limits the REST endpoints; 0 lifts it
 * - `{ fault: "set", … }` changes settings of `../settings.ts`, such as `connections` or `privateOnly`; what is counted
 *   per second is counted anew then
 * - `{ fault: "clear" }` ends every standing fault
 *
 * `topic` is a channel's name without `realtime:`; without `times` a fault stands until it is cleared.
 */
import * as z from "zod";
import type { ChannelRegistry } from "../channels/registry.ts";
import { type Limits, restartLimits } from "../limits/limits.ts";
import type { DatabaseKeeper } from "../database/keeper.ts";
import type { HeldReplication } from "../database/replication.ts";
import { type Settings, SOME_SETTINGS } from "../settings.ts";
import type { Faults } from "./faults.ts";

const times = z.int().positive().optional();
const topic = z.string().nullable().default(null);

const COMMAND = z.discriminatedUnion("fault", [
  z.strictObject({ fault: z.literal("drop") }),
  z.strictObject({ fault: z.literal("down") }),
  z.strictObject({ fault: z.literal("close"), code: z.int().min(1000).max(4999).default(1012) }),
  z.strictObject({ fault: z.literal("disconnect") }),
  z.strictObject({ fault: z.literal("stall") }),
  z.strictObject({ fault: z.literal("resume") }),
  z.strictObject({ fault: z.literal("refuse_joins"), reason: z.string(), times, topic }),
  z.strictObject({ fault: z.literal("delay_joins"), ms: z.int().nonnegative() }),
  z.strictObject({ fault: z.literal("hold_joins") }),
  z.strictObject({ fault: z.literal("release_joins") }),
  z.strictObject({ fault: z.literal("hold_replication") }),
  z.strictObject({ fault: z.literal("release_replication") }),
  z.strictObject({ fault: z.literal("phx_close"), topic }),
  z.strictObject({ fault: z.literal("phx_error"), topic }),
  z.strictObject({
    fault: z.literal("refuse_upgrades"),
    times,
    status: z.int().min(400).max(599).default(429),
    message: z.string().default("Too many connected users"),
  }),
  z.strictObject({ fault: z.literal("drop_partitions") }),
  z.strictObject({ fault: z.literal("sleep") }),
  z.strictObject({ fault: z.literal("limit_requests"), perSecond: z.int().nonnegative() }),
  SOME_SETTINGS.extend({ fault: z.literal("set") }),
  z.strictObject({ fault: z.literal("clear") }),
]);

type Command = z.infer<typeof COMMAND>;

interface ControlParts {
  faults: Faults;
  registry: ChannelRegistry;
  sockets: ReadonlySet<unknown>;
  limits: Limits;
  settings: Settings;
  database: Pick<DatabaseKeeper, "dropPartitions" | "sleep" | "restore">;
  replication: HeldReplication;
}

/** Makes the handler of the test controls. */
export function createControl(parts: ControlParts): (request: Request) => Promise<Response> {
  const { registry, sockets } = parts;
  const initial = { ...parts.settings };

  return async (request) => {
    if (request.method === "GET") {
      const { searchParams } = new URL(request.url);
      const awaited = searchParams.get("topic");
      if (awaited !== null) await registry.reached(awaited, Number(searchParams.get("members") ?? 1));
      return Response.json({ sockets: sockets.size, topics: registry.counts() });
    }
    if (request.method !== "POST") return Response.json({ error: "GET or POST" }, { status: 405 });
    const command = COMMAND.safeParse(await request.json());
    if (!command.success) return Response.json({ error: z.prettifyError(command.error) }, { status: 400 });
    return Response.json({ ok: true, ...await run({ ...parts, initial }, command.data) });
  };
}

async function run(
  { faults, limits, settings, initial, database, replication }: ControlParts & { initial: Settings },
  command: Command,
): Promise<{ channels?: number }> {
  switch (command.fault) {
    case "drop":
      faults.drop();
      return {};
    case "down":
      faults.goDown();
      return {};
    case "close":
      faults.close(command.code);
      return {};
    case "disconnect":
      faults.disconnect();
      return {};
    case "stall":
      faults.stall.close();
      return {};
    case "resume":
      faults.stall.open();
      return {};
    case "refuse_joins":
      faults.refuseJoins(command.reason, command);
      return {};
    case "delay_joins":
      faults.delayJoins(command.ms);
      return {};
    case "hold_joins":
      faults.joins.close();
      return {};
    case "release_joins":
      faults.joins.open();
      return {};
    case "hold_replication":
      replication.hold();
      return {};
    case "release_replication":
      replication.release();
      return {};
    case "phx_close":
      return { channels: faults.closeChannels(command.topic) };
    case "phx_error":
      return { channels: faults.crashChannels(command.topic) };
    case "refuse_upgrades":
      faults.refuseUpgrades(command, command.times);
      return {};
    case "drop_partitions":
      await database.dropPartitions();
      return {};
    case "sleep":
      await database.sleep();
      return {};
    case "limit_requests":
      settings.requestsPerSecond = command.perSecond;
      limits.requests.restart();
      return {};
    case "set": {
      const { fault: _fault, ...changed } = command;
      Object.assign(settings, changed);
      restartLimits(limits);
      return {};
    }
    case "clear":
      faults.clear();
      replication.release();
      Object.assign(settings, initial);
      restartLimits(limits);
      await database.restore();
      return {};
  }
}

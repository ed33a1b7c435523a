import * as z from "zod";

const count = z.int().nonnegative();
/** Timers count in 32 bits; a longer one would end at once. */
const milliseconds = z.int().nonnegative().max(2 ** 31 - 1);

/** Limits and times of a project. A limit of 0 is none, where nothing else is said. */
const SETTINGS = z.strictObject({
  /** Joined channels per connection. */
  channelsPerSocket: z.int().positive(),
  /** Bytes of one WebSocket message; a longer one ends the connection. */
  frameBytes: z.int().positive(),
  /** Bytes of one broadcast's payload. */
  payloadBytes: z.int().positive(),
  /** A socket that sends nothing for so many milliseconds is closed. */
  idleMs: milliseconds.positive(),
  /** How often connections without a joined channel are ended. */
  noChannelMs: milliseconds.positive(),
  /** How long a connection lives that was opened with a project key, not a user's token: its channels end then. */
  keyLifeMs: milliseconds.positive(),
  /** How long a refused connection waits for its answer. */
  connectBackoffMs: milliseconds,
  /** How long a refused join waits for its answer; nothing else on that socket is answered meanwhile. */
  joinBackoffMs: milliseconds,
  /** How long a join with `replication_ready` waits for broadcasts from the database before the channel is closed. */
  replicationTimeoutMs: milliseconds,
  /** Presence messages of one channel in each window of so many milliseconds; one more ends the channel. */
  presenceCalls: count,
  presenceWindowMs: milliseconds,
  /** Connections at once. */
  connections: count,
  /** Whether Realtime is switched off for the project. */
  suspended: z.boolean(),
  /** Whether "Allow public access" is off. */
  privateOnly: z.boolean(),
  /** Requests per second to the REST endpoints. */
  requestsPerSecond: count,
  /** Joins per second. */
  joinsPerSecond: count,
  /** Messages per second, each delivery counted too. */
  messagesPerSecond: count,
  /** Presence messages per second. */
  presencePerSecond: count,
});

/** Some of the settings, as tests and the environment give them. */
export const SOME_SETTINGS = SETTINGS.partial();

export type Settings = z.infer<typeof SETTINGS>;

/** A hosted project's, but for the limits that differ by plan: there are none. */
export const DEFAULT_SETTINGS: Settings = {
  channelsPerSocket: 100,
  frameBytes: 5_000_000,
  payloadBytes: 3_000_500,
  idleMs: 60_000,
  noChannelMs: 600_000,
  keyLifeMs: 24 * 60 * 60 * 1000,
  connectBackoffMs: 2_000,
  joinBackoffMs: 5_000,
  replicationTimeoutMs: 60_000,
  presenceCalls: 5,
  presenceWindowMs: 30_000,
  connections: 0,
  suspended: false,
  privateOnly: false,
  requestsPerSecond: 0,
  joinsPerSecond: 0,
  messagesPerSecond: 0,
  presencePerSecond: 0,
};

/** Limits of Supabase's plans: https://supabase.com/docs/guides/realtime/limits. */
const PLANS = new Map<string, Partial<Settings>>([
  ["free", { ...perSecond(100), presencePerSecond: 20, connections: 200, payloadBytes: 256_500 }],
  ["pro", { ...perSecond(500), presencePerSecond: 50, connections: 500 }],
  ["team", { ...perSecond(2500), presencePerSecond: 1000, connections: 10_000 }],
]);

/**
 * Settings from the environment's `HEDDLE_REALTIME`: the name of a plan (`free`, `pro`, `team`), or JSON of some
 * settings. Throws an error that says what must hold.
 */
export function settingsFrom(text: string | undefined): Partial<Settings> {
  if (!text) return {};
  const plan = PLANS.get(text);
  if (plan) return plan;
  const settings = SOME_SETTINGS.safeParse(parsed(text));
  if (settings.success) return settings.data;
  const known = [...PLANS.keys()].join(", ");
  throw new Error(
    `HEDDLE_REALTIME must be a plan (${known}) or JSON of settings: ${z.prettifyError(settings.error)}`,
  );
}

/** The same of a project that keeps conversations: without public channels, unless they are asked for. */
export function projectSettings(text: string | undefined): Partial<Settings> {
  return { privateOnly: true, ...settingsFrom(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // which is no object: the schema says so
  }
}

function perSecond(limit: number) {
  return { requestsPerSecond: limit, messagesPerSecond: limit, joinsPerSecond: limit };
}

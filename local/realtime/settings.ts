/** Limits and times of a project; the defaults are those of a hosted one. */
export interface Settings {
  /** Joined channels per connection. */
  channelsPerSocket: number;
  /** Bytes of one WebSocket message; a longer one ends the connection. */
  frameBytes: number;
  /** Bytes of one broadcast's payload. */
  payloadBytes: number;
  /** A socket that sends nothing for so many milliseconds is closed. */
  idleMs: number;
  /** How long a refused connection waits for its answer. */
  connectBackoffMs: number;
  /** How long a refused join waits for its answer; nothing else on that socket is answered meanwhile. */
  joinBackoffMs: number;
  /** How long a join with `replication_ready` waits for broadcasts from the database before the channel is closed. */
  replicationTimeoutMs: number;
  /** Presence messages of one channel in each window of so many milliseconds; one more ends the channel. */
  presenceCalls: number;
  presenceWindowMs: number;
  /**
   * Milliseconds from the first join until broadcasts from the database are delivered; those before are lost. A hosted
   * project that was quiet takes 30 to 50, and longer while a transaction is open.
   */
  replicationStartMs: number;
  /** Connections at once; 0 is no limit. A free project has 200. */
  connections: number;
  /** Whether "Allow public access" is off. */
  privateOnly: boolean;
  /** Requests per second to the REST endpoints; 0 is no limit. A free project has 100. */
  requestsPerSecond: number;
  /** Joins per second; 0 is no limit. A free project has 100. */
  joinsPerSecond: number;
  /** Messages per second, each delivery counted too; 0 is no limit. A free project has 100. */
  messagesPerSecond: number;
  /** Presence messages per second; 0 is no limit. A free project has 20. */
  presencePerSecond: number;
}

export const DEFAULT_SETTINGS: Settings = {
  channelsPerSocket: 100,
  frameBytes: 5_000_000,
  payloadBytes: 3_000_500,
  idleMs: 60_000,
  connectBackoffMs: 2_000,
  joinBackoffMs: 5_000,
  replicationTimeoutMs: 60_000,
  presenceCalls: 5,
  presenceWindowMs: 30_000,
  replicationStartMs: 0,
  connections: 0,
  privateOnly: false,
  requestsPerSecond: 0,
  joinsPerSecond: 0,
  messagesPerSecond: 0,
  presencePerSecond: 0,
};

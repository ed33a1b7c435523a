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
  /** Requests per second to the REST endpoints; 0 is no limit. A free project has 100. */
  requestsPerSecond: number;
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
  requestsPerSecond: 0,
};

/** What an endpoint learns about a request on the way, for its log line. Nothing secret belongs here. */
export interface CallNotes {
  agentId?: string;
  /** Broadcast targets, their signatures cut off. */
  channels?: string[];
  /** Milliseconds that the owner's webhook took. */
  sourceMs?: number;
  /** How broadcasts went to Realtime. */
  way?: "rest" | "database";
  /** Milliseconds that Realtime took. */
  realtimeMs?: number;
}

/** One request while it is being answered. */
export interface Call {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly notes: CallNotes;
}

/**
 * What Supabase counts for the things that visitors do, with one messaging tab and an owner who publishes each message to the
 * visitor and the conversation. tests/e2e/docs_costs.test.ts measures all of it in a browser.
 */
export const INVOCATIONS = {
  /** `validate-widget`: of the first page view, and of the first more than five minutes after the last one. */
  validation: 1,
  /** The list, with each page view of a visitor who is known. */
  pageView: 1,
  /** The list once more, when a page begins to listen. */
  join: 1,
  /** The list, when the panel is opened. */
  openPanel: 1,
  /** The thread, once more when it is listened to, and a read receipt. */
  openThread: 3,
  /** By the owner, for each message of either side. */
  publish: 1,
  /** A message in a widget that has its thread open: list, thread, and a read receipt or the sending itself. */
  message: 3,
} as const;

/** Supabase counts every broadcast once, and once more for everybody who gets it. */
export const REALTIME_MESSAGES = {
  /** To the visitor's channel and to the conversation's. */
  sent: 2,
  /** For every widget that has the thread open. */
  perWidget: 2,
} as const;

/**
 * What leaves the project, or grows, at most: what is written in the same half of a second, or is due together, shares a call.
 * tests/docs/run/costs.test.ts measures the bytes.
 */
export const DELIVERIES = {
  /** Of `deliver`, for a message that webhooks get, and for each mail and push message. */
  invocations: 1,
  /** Events that a message on a store tab writes to the log. */
  eventsPerMessage: 1,
  /** Bytes of an event in the log, which is kept for 7 days. */
  eventBytes: 1000,
  eventDays: 7,
  /** Bytes of what was sent, which is kept for 30 days. */
  deliveryBytes: 2000,
} as const;

/** An answer of a bot that grows, read along by its visitor, with one widget and one inbox open. */
export const STREAMED_ANSWER = {
  /** The visitor reads along. */
  invocations: 1,
  seconds: 10,
  realtimeMessagesPerSecond: 12,
} as const;

/** At most, of the database: tables, indexes included. tests/docs/run/costs.test.ts measures it. */
export const DATABASE_BYTES = 2_000_000;

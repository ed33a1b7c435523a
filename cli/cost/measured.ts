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

/** At most, of the database: tables, indexes included. tests/docs/run/costs.test.ts measures it. */
export const DATABASE_BYTES = 2_000_000;

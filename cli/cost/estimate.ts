import { DATABASE_BYTES, DELIVERIES, INVOCATIONS, REALTIME_MESSAGES, STREAMED_ANSWER } from "./measured.ts";
import type { Meter } from "./plans.ts";

/** A month of a site. Shares are from 0 to 1. */
export interface Month {
  /** A visit is what one person does on the site in one go. */
  visits: number;
  /** Page views of a visit. */
  views: number;
  /** Minutes that a visit lasts. */
  minutes: number;
  /** Share of visits by people who are known: signed in, or anonymous with an earlier conversation. */
  known: number;
  /** Share of visits by people who have a conversation: their pages listen. */
  listening: number;
  /** Share of visits in which the widget is opened and a thread is read or written. */
  opened: number;
  /** Messages that come or go in such a visit. */
  messages: number;
  /** Widgets of the visitor that have the thread open: browser tabs. */
  widgets: number;
  /** Webhooks for events that get every message. */
  webhooks: number;
  /** Mails of notifications, and push messages. */
  mails: number;
  pushes: number;
  /** Answers of bots that grow. */
  answers: number;
  /** How much busier the busiest moment of the month is than its average. */
  peak: number;
}

const MINUTES_BETWEEN_VALIDATIONS = 5;
const DAYS_OF_A_MONTH = 30;
const MINUTES_OF_A_MONTH = DAYS_OF_A_MONTH * 24 * 60;

/** Where function invocations come from. */
export type Source =
  | "sessions"
  | "pageViews"
  | "listening"
  | "opened"
  | "messages"
  | "deliveries"
  | "answers";

/** The function invocations of that month, by what causes them. */
export function invocationsOf(month: Month): Record<Source, number> {
  const { visits, views, minutes, known, opened, widgets } = month;
  const validations = Math.min(views, Math.max(1, Math.ceil(minutes / MINUTES_BETWEEN_VALIDATIONS)));
  const { validation, pageView, join, openPanel, openThread, publish, message } = INVOCATIONS;
  // Unknown visitors become known by opening the widget.
  const firstOpened = (1 - known) * (validation + pageView);
  return {
    sessions: visits * known * validations * validation,
    pageViews: visits * known * views * pageView,
    listening: visits * listenersOf(month) * views * join,
    opened: visits * opened * (openPanel + join + openThread + firstOpened),
    messages: writtenIn(month) * (publish + widgets * message),
    deliveries: DELIVERIES.invocations *
      ((month.webhooks > 0 ? writtenIn(month) : 0) + month.mails + month.pushes),
    answers: month.answers * STREAMED_ANSWER.invocations,
  };
}

/** What Supabase would count in that month. */
export function estimate(month: Month): Record<Meter, number> {
  const { visits, minutes, opened, widgets, peak } = month;
  const invocations = Object.values(invocationsOf(month)).reduce((sum, number) => sum + number, 0);
  const written = writtenIn(month);
  const online = Math.min(1, listenersOf(month) + opened);
  return {
    invocations: Math.ceil(withoutRoundingError(invocations)),
    realtimeMessages: Math.ceil(
      written * (REALTIME_MESSAGES.sent + widgets * REALTIME_MESSAGES.perWidget) +
        month.answers * STREAMED_ANSWER.seconds * STREAMED_ANSWER.realtimeMessagesPerSecond,
    ),
    peakConnections: Math.ceil(visits * online * widgets * minutes / MINUTES_OF_A_MONTH * peak),
    databaseBytes: DATABASE_BYTES + Math.ceil(keptBytes(month)),
  };
}

/** What the log of events and what was sent take. The log is kept only while somebody reads it. */
function keptBytes(month: Month): number {
  const { webhooks, mails, pushes } = month;
  const { eventsPerMessage, eventBytes, eventDays, deliveryBytes } = DELIVERIES;
  if (webhooks + mails + pushes === 0) return 0;
  const events = writtenIn(month) * eventsPerMessage;
  return events * eventBytes * eventDays / DAYS_OF_A_MONTH +
    (events * webhooks + mails + pushes) * deliveryBytes;
}

/** Visitors who listen have a conversation, and are known by it. */
function listenersOf({ listening, known }: Month): number {
  return Math.min(listening, known);
}

function writtenIn({ visits, opened, messages }: Month): number {
  return visits * opened * messages;
}

/** A sum without its rounding error: 1000.0000000001 does not begin another package. */
function withoutRoundingError(number: number): number {
  return Number(number.toFixed(6));
}

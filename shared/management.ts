/**
 * What the functions of schema `heddle_api` that manage a project take and answer. Fields of a later release are kept
 * as they are.
 */
import * as z from "zod";
import { displaySchema } from "./api/validate_widget.ts";
import { identitySchema } from "./identity_provider.ts";
import { formFieldSchema, TAB_ACTIONS, TAB_CATEGORIES, TAB_SOURCES, VISITOR_FIELDS } from "./tabs.ts";

export const CONNECTOR_KINDS = ["bearer", "basic", "header"] as const;
export const SECRET_KINDS = ["signing", "webhook"] as const;
/** What an API key may do: announce on an agent's channels, read the event log and add to it, use the REST API. */
export const KEY_SCOPES = [
  "publish",
  "events:read",
  "events:write",
  "conversations:read",
  "conversations:write",
  "rooms:read",
  "rooms:write",
  "visitors:read",
  "visitors:write",
  "notifications:read",
  "notifications:write",
] as const;
/** Of names and labels. */
export const MAX_LABEL_CHARACTERS = 120;
export const MAX_WEBHOOK_URL_CHARACTERS = 2048;
const DOMAIN_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
const HOST_NAME = String.raw`${DOMAIN_LABEL}(\.${DOMAIN_LABEL})*`;
const PORT = String.raw`([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])`;
/** A page's origin as an agent allows it, or `https://*.` before a domain. */
export const ORIGIN_PATTERN = new RegExp(String.raw`^https?://(\*\.)?(?<domain>${HOST_NAME})(:${PORT})?$`);
/** The host that a connector is bound to, with a port where the webhooks' URL has one: as the column `host` checks it. */
export const CONNECTOR_HOST_PATTERN = new RegExp(
  String.raw`^(${HOST_NAME}|\[[0-9a-f:.]+\])(:${PORT})?$`,
);
/** The name of a header for a credential, as `heddle.may_hold_credential` checks it; that reserves some besides. */
export const CREDENTIAL_HEADER_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** An agent's `display.accent`. */
export const ACCENT_PATTERN = /^#[0-9a-f]{6}$/i;

/** A setting that an agent does not have has a default. */
export const displaySettingsSchema = displaySchema.partial();

/** `list_agents`, one row. */
export const listedAgentSchema = z.looseObject({
  id: z.string(),
  orgId: z.string(),
  name: z.string(),
  allowedOrigins: z.array(z.string()),
  tabs: z.number(),
  keys: z.number(),
});

const timesSchema = z.array(z.string()).optional();

/** When a team is there; each of a day's times is `HH:MM-HH:MM`. `officeHoursProblems` says what is wrong with some. */
export const officeHoursSchema = z.object({
  /** IANA. */
  zone: z.string(),
  mon: timesSchema,
  tue: timesSchema,
  wed: timesSchema,
  thu: timesSchema,
  fri: timesSchema,
  sat: timesSchema,
  sun: timesSchema,
});

/** `get_agent`, `update_agent`. */
export const agentSchema = z.looseObject({
  ...listedAgentSchema.shape,
  anonymousAllowed: z.boolean(),
  display: z.looseObject(displaySettingsSchema.shape),
  greeting: z.string().nullable(),
  /** `null`: always there. */
  officeHours: officeHoursSchema.nullable(),
  awayMessage: z.string().nullable(),
  identity: identitySchema,
  /** ISO 8601: until when the secret before this one is valid; `null` if it no longer is. */
  signingPreviousUntil: z.string().nullable(),
  webhookPreviousUntil: z.string().nullable(),
  connectors: z.number(),
});

/** `create_agent`: the one place to read the secrets. */
export const createdAgentSchema = z.looseObject({
  id: z.string(),
  signingSecret: z.string(),
  webhookSecret: z.string(),
});

/** `rotate_signing_secret`, `rotate_webhook_secret`, `rotate_webhook`, `rotate_bot`. */
export const rotatedSecretSchema = z.looseObject({ secret: z.string() });

/** `create_api_key`: the one place to read the key. */
export const createdKeySchema = z.looseObject({ id: z.string(), key: z.string() });

/** `list_api_keys`, one row. Times are ISO 8601. */
export const apiKeySchema = z.looseObject({
  id: z.string(),
  /** `null`: it is for the whole organisation. */
  agentId: z.string().nullable(),
  name: z.string(),
  scopes: z.array(z.string()),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});

/** Ready-made rules for notifications. */
export const RULES = [
  "away_reply",
  "handed_over",
  "needs_human",
  "new_message",
  "task_ended",
  "waiting",
] as const;
/** How a rule tells, besides in the inbox. */
export const CHANNELS = ["email", "push"] as const;
export const PRIORITIES = ["low", "normal", "high", "critical"] as const;
/** How long a visitor may wait before the team is told, a mail before it leaves, and one after another. */
export const MOST_RULE_MINUTES = 1440;
/** Of a day, at the beginning and the end of quiet hours. */
export const TIME_PATTERN = /^([01]\d|2[0-3]):[0-5]\d$/;

/** `list_rules`, `set_rule`. `minutes` only of `waiting`; `delay` and `batch` are minutes, too. */
export const rulesSchema = z.array(z.looseObject({
  rule: z.string(),
  on: z.boolean(),
  minutes: z.number().optional(),
  channels: z.array(z.string()),
  priority: z.string(),
  delay: z.number(),
  batch: z.number(),
  quiet: z.object({ from: z.string(), to: z.string(), zone: z.string() }).nullable(),
}));

/** `send_events`. */
export const sentEventsSchema = z.looseObject({ orgId: z.string(), on: z.boolean() });

/** `set_tab_actions`, one row: an action with the hosts, never the URL, of its webhook. */
export const configuredActionSchema = z.looseObject({
  action: z.enum(TAB_ACTIONS),
  enabled: z.boolean(),
  host: z.string().nullable(),
  connectorId: z.string().nullable(),
  connectorHost: z.string().nullable(),
  fields: z.array(formFieldSchema),
});

/** `list_tabs`, one row. */
export const configuredTabSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  category: z.enum(TAB_CATEGORIES),
  source: z.enum(TAB_SOURCES),
  /** What a store tab asks anonymous visitors for. */
  visitorFields: z.array(z.enum(VISITOR_FIELDS)),
  actions: z.array(configuredActionSchema),
});

export const MEMBER_ROLES = ["owner", "operator"] as const;

/** One row of `list_members`. */
export const memberSchema = z.looseObject({
  /** Of the account in Supabase Auth. */
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(MEMBER_ROLES),
  /** Of the agent's organisation; else only of those agents that are listed. */
  everyAgent: z.boolean(),
});

/** `invite_member`. */
export const invitedMemberSchema = memberSchema.extend({
  /** What they were before; `null` for a new member. */
  was: memberSchema.pick({ name: true, role: true, everyAgent: true }).nullable(),
});

/** `remove_member`. */
export const removedMemberSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
});

/** `store_export`: what is kept of a visitor. */
export const visitorExportSchema = z.looseObject({
  endUser: z.looseObject({ id: z.string() }),
  conversations: z.array(z.looseObject({ id: z.string(), messages: z.array(z.unknown()) })),
});

/** `store_erase`: how much there was. */
export const erasedSchema = z.looseObject({ conversations: z.number(), messages: z.number() });

/** `list_connectors`, one row. */
export const connectorSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  kind: z.enum(CONNECTOR_KINDS),
  host: z.string(),
  header: z.string().nullable(),
  /** How many actions use it. */
  actions: z.number(),
});

/** `update_connector`, `remove_connector`. */
export const changedConnectorSchema = z.looseObject({ id: z.string(), name: z.string(), host: z.string() });

/** `list_issues`, one row: failures of a webhook within one hour. Times are ISO 8601. */
export const issueSchema = z.looseObject({
  agentId: z.string(),
  tab: z.string(),
  action: z.string(),
  kind: z.string(),
  host: z.string().nullable(),
  count: z.number(),
  detail: z.string().nullable(),
  lastAt: z.string(),
});

/** Whether a bot answers all messages, those of conversations that nobody has claimed, or none by itself. */
export const AUTO_RESPONDS = ["always", "unclaimed", "never"] as const;

/** `create_bot`: the one place to read the secret. */
export const createdBotSchema = z.looseObject({ id: z.string(), secret: z.string() });

/** `list_bots`, one row. */
export const botSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  /** Of its webhook, whose URL may be a secret. */
  host: z.string(),
  autoRespond: z.enum(AUTO_RESPONDS),
  /** Until when its former secret counts. */
  previousUntil: z.string().nullable(),
});

/** `create_webhook`: the one place to read the secret. */
export const createdWebhookSchema = z.looseObject({ id: z.string(), secret: z.string(), orgId: z.string() });

const topicFilterSchema = z.looseObject({
  source: z.string().optional(),
  resource: z.string().optional(),
  event: z.string().optional(),
  resourceId: z.string().optional(),
});

/** `list_webhooks`, one row. */
export const webhookSchema = z.looseObject({
  id: z.string(),
  /** Of its URL, which may be a secret. */
  host: z.string(),
  /** What of the URL's path can be no secret: other parts are `…`, the query is left out. Empty for `/`. */
  path: z.string(),
  /** `null`: it gets everything. */
  topics: z.array(topicFilterSchema).nullable(),
  format: z.enum(["heddle", "cloudevents"]),
  on: z.boolean(),
  /** Why it was switched off, if nobody did. */
  offReason: z.string().nullable(),
  /** ISO 8601: since when every try has failed. */
  failingSince: z.string().nullable(),
  /** Until when the secret before this one is valid; `null` if it no longer is. */
  previousUntil: z.string().nullable(),
  queued: z.number(),
  failed: z.number(),
  /** When something was due that nobody has tried to send for five minutes. */
  overdueSince: z.string().nullable(),
});

/** `list_deliveries`, one row. */
export const deliverySchema = z.looseObject({
  id: z.number(),
  eventId: z.string(),
  type: z.string(),
  status: z.enum(["queued", "sent", "suppressed", "dead"]),
  attempts: z.number(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  /** When it is tried next. */
  due: z.string().nullable(),
  error: z.string().nullable(),
  /** Of the last try; its beginning, without a status if there was none. */
  answer: z.looseObject({ status: z.number().nullable(), ms: z.number(), body: z.string() }).nullable(),
});

/** `replay_webhook`. */
export const replayedSchema = z.looseObject({ replayed: z.number() });

/** `list_undelivered`, one row. */
export const undeliveredSchema = z.looseObject({
  id: z.string(),
  kind: z.enum(["email", "push", "webhook", "reply"]),
  /** The rule, the event's type, or the subject. */
  what: z.string(),
  /** Of a reply: from whom. */
  to: z.string().nullable(),
  why: z.string(),
  /** ISO 8601. */
  at: z.string(),
  tries: z.number(),
  conversationId: z.string().nullable(),
  /** Of a reply. */
  text: z.string().nullable(),
});

/** `retry_undelivered`, `dismiss_undelivered`: how many. */
export const changedDeliveriesSchema = z.looseObject({ count: z.number() });

/** `test_webhook`: the delivery's id. */
export const testedWebhookSchema = z.looseObject({ id: z.number() });

/** `create_tab`, `create_connector`. */
export const createdSchema = z.looseObject({ id: z.string() });

/** `update_tab`, `remove_tab`. */
export const changedTabSchema = z.looseObject({ id: z.string(), name: z.string() });

export type Agent = z.infer<typeof agentSchema>;
export type ConfiguredAction = z.infer<typeof configuredActionSchema>;

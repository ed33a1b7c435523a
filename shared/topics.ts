/**
 * Topics name events: `events.{organisation}.{source}.{resource}.{event}.{resource id}`. Six tokens, of which a subscriber may
 * leave some open with `*`. Channels are short names for topics. No zod: pages read them too.
 */

/** What a subscriber wants to hear of; what is left out may be anything. */
export interface TopicFilter {
  orgId?: string;
  source?: string;
  resource?: string;
  event?: string;
  resourceId?: string;
}

/** A visitor's id is their agent's with the owner's behind it, which may be a uuid in capitals; all others are ours. */
const OWN_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\/[^]|$)/i;
/** Sources of what Heddle itself tells. Owners' events have others. */
export const OWN_SOURCES: readonly string[] = ["conversations", "rooms", "users", "notifications"];
const TOKEN = /^(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+$/;
const FIELDS = ["orgId", "source", "resource", "event", "resourceId"] as const;

/** Each channel's resources, under whose ids events of it are kept. */
const CHANNELS: Record<string, Pick<TopicFilter, "source" | "resource">[]> = {
  conversation: [{ source: "conversations", resource: "conversation" }],
  room: [{ source: "rooms", resource: "room" }],
  user: [
    { source: "users", resource: "user" },
    { source: "notifications", resource: "notification" },
  ],
};

/** A text as one token: everything but letters, digits, `_` and `-` percent-encoded, dots and stars too. */
export function topicToken(text: string): string {
  return encodeURIComponent(text).replace(
    /[.!~*'()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** What a topic with stars means, or what is wrong with it as a sentence's end: "must …". */
export function readTopic(topic: string): TopicFilter | string {
  const [prefix, ...tokens] = topic.split(".");
  if (prefix !== "events" || tokens.length !== FIELDS.length) {
    return "must be events.{org}.{source}.{resource}.{event}.{resourceId}, six tokens, any but the first two may be *";
  }
  if (!OWN_ID.test(tokens[0] ?? "")) return "must name its organisation by its id";
  const filter: TopicFilter = {};
  for (const [at, field] of FIELDS.entries()) {
    const token = tokens[at] ?? "";
    if (token === "*") continue;
    const text = TOKEN.test(token) ? decoded(token) : null;
    if (text === null) return `must be percent-encoded: ${field} may hold A-Z a-z 0-9 _ - as they are`;
    filter[field] = field === "orgId" ? text.toLowerCase() : text;
  }
  return withOwnId(filter);
}

/**
 * Ids of ours are in lower case, and not everybody writes a uuid so: Swift has it in capitals. Of an id that no event of ours can
 * have nothing would be heard.
 */
function withOwnId<Filter extends TopicFilter>(filter: Filter): Filter | string {
  const { source = "", resourceId } = filter;
  if (resourceId === undefined || !OWN_SOURCES.includes(source)) return filter;
  if (!OWN_ID.test(resourceId)) {
    return "must end with an id that events have: a uuid, of a visitor <agent id>/<id>";
  }
  return { ...filter, resourceId: resourceId.replace(OWN_ID, (id) => id.toLowerCase()) };
}

/**
 * What a webhook wants to hear of: a topic, or its last four tokens alone, since a webhook hears of its own organisation only.
 * What is wrong with it is a sentence's end: "must …".
 */
export function readWebhookTopic(text: string): TopicFilter | string {
  if (text.startsWith("events.")) return readTopic(text);
  const topic = readTopic(`events.00000000-0000-0000-0000-000000000000.${text}`);
  if (typeof topic === "string") {
    return text.split(".").length === 4
      ? topic
      : "must be source.resource.event.id, each of them percent-encoded or *";
  }
  const { orgId: _, ...filter } = topic;
  return filter;
}

/** The last four tokens of what a webhook wants to hear of. */
export function webhookTopic(filter: TopicFilter): string {
  return FIELDS.filter((field) => field !== "orgId")
    .map((field) => filter[field] === undefined ? "*" : topicToken(filter[field])).join(".");
}

/** What a channel such as `user:<id>` means, or what is wrong with it: "must …". */
export function readChannel(channel: string): TopicFilter[] | string {
  const [, kind = "", resourceId = ""] = /^([a-z]+):([\s\S]+)$/.exec(channel) ?? [];
  const resources = Object.hasOwn(CHANNELS, kind) ? CHANNELS[kind] : undefined;
  if (!resources) return "must be conversation:<id>, room:<id> or user:<id>";
  const filters: TopicFilter[] = [];
  for (const resource of resources) {
    const filter = withOwnId({ ...resource, resourceId });
    if (typeof filter === "string") return filter;
    filters.push(filter);
  }
  return filters;
}

/** The channel on which a topic's events are heard, if there is one. */
export function channelOf(topic: string): string | null {
  const [, , source, resource, , id = ""] = topic.split(".");
  for (const [kind, resources] of Object.entries(CHANNELS)) {
    if (resources.some((each) => each.source === source && each.resource === resource)) {
      return `${kind}:${decoded(id) ?? id}`;
    }
  }
  return null;
}

function decoded(token: string): string | null {
  try {
    return decodeURIComponent(token);
  } catch {
    return null; // bytes that are no UTF-8
  }
}

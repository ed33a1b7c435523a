import * as z from "zod";
import { clientFrame, ephemeralFrame, eventFrame, gatewayFrame } from "../../shared/api/gateway.ts";
import { readEventsAnswer } from "../../shared/api/events.ts";
import { type ContentChannel, EVENTS_ON } from "../../shared/event_schemas.ts";
import { SUBSCRIBED_EVENTS } from "../../shared/subscription_schemas.ts";
import { type JsonSchema, SchemaBook } from "./json_schema.ts";

/** A message as a channel has it. */
interface Message {
  name: string;
  payload: JsonSchema;
  summary?: string;
}

interface Channel {
  address: string;
  title: string;
  description: string;
  parameters: Record<string, string>;
  server: "realtime" | "gateway";
  /** What Heddle sends there, and what it takes. */
  sends: Message[];
  takes: Message[];
}

const SIGNED = {
  signature: "HMAC-SHA256 of what stands before it, in lowercase hex, under the key for content.",
};
const IN_LIST = "Several at once, in their order.";
const DESCRIPTION =
  "What moves while somebody listens: over the project's Realtime, private channels whose names Heddle hands out, and over a " +
  "gateway. HTTP is described in openapi.json. Made by `npm run describe`.";

/** All that moves, as AsyncAPI 3.0 has it. */
export function asyncApi(): JsonSchema {
  const book = new SchemaBook("draft-7");
  const channels = channelsOf(book);
  return {
    asyncapi: "3.0.0",
    info: { title: "Heddle events", version: "1", description: DESCRIPTION, license: { name: "MIT" } },
    defaultContentType: "application/json",
    servers: {
      realtime: {
        host: "{project}.supabase.co",
        pathname: "/realtime/v1/websocket",
        protocol: "wss",
        description:
          "Supabase Realtime. An event is the payload of a broadcast, and its name the event's type.",
        variables: { project: { default: "project" } },
      },
      gateway: {
        host: "127.0.0.1:54330",
        protocol: "ws",
        description: "A gateway, as npm start runs one. Each frame is one JSON text.",
      },
    },
    channels: Object.fromEntries(Object.entries(channels).map(([id, channel]) => [id, described(channel)])),
    operations: Object.fromEntries(
      Object.entries(channels).flatMap(([id, channel]) => operations(id, channel)),
    ),
    components: { schemas: book.schemas },
  };
}

function channelsOf(book: SchemaBook): Record<string, Channel> {
  return {
    conversation: {
      ...content(book, "conversation"),
      address: "conv-{conversationId}-{signature}",
      title: "A conversation",
      description: "For its visitors, while they have it open. They carry seq, never rev.",
      parameters: { conversationId: "The conversation's id.", ...SIGNED },
    },
    list: {
      ...content(book, "list"),
      address: "agent-{agentId}-user-{endUserId}-{signature}",
      title: "A visitor's list",
      description: "For one visitor: what became of their conversations.",
      parameters: { agentId: "A uuid.", endUserId: "The visitor's id.", ...SIGNED },
    },
    inbox: {
      ...content(book, "inbox"),
      address: "agent-{agentId}-inbox-{epoch}",
      title: "The team of an agent",
      description: "For members with their access token. They carry rev, never seq.",
      parameters: { agentId: "A uuid.", epoch: "Counts the names that the channel has had." },
    },
    log: {
      address: "org-{orgId}-events-{epoch}",
      title: "All events of an organisation",
      description:
        "For members who answer for all agents, where that is switched on: what is written to the log.",
      parameters: { orgId: "A uuid.", epoch: "Counts the names that the channel has had." },
      server: "realtime",
      sends: [
        message("logged", book.answer(envelope("logged", z.object({ xid: z.string(), event: logged })))),
        message("events:moved", book.answer(envelope("events:moved", z.object({})))),
      ],
      takes: [],
    },
    gateway: {
      address: "/v1/realtime",
      title: "A gateway's WebSocket",
      description: "For API keys with events:read, members, and tickets, which let read and not publish.",
      parameters: {},
      server: "gateway",
      sends: [
        ...gatewayFrame.options.map((frame) => message(frame.shape.type.value, book.answer(frame))),
        ...ephemeralFrame.options.map((frame) => message(frame.shape.type.value, book.answer(frame))),
        ...Object.entries(SUBSCRIBED_EVENTS).map(([type, data]) =>
          message(type, book.answer(z.object({ ...eventFrame.shape, type: z.literal(type), data })))
        ),
        message(
          "owner's event",
          book.answer(ownEvent),
          "Written by POST events, of a type `resource.event`.",
        ),
      ],
      takes: clientFrame.options.map((frame) => message(frame.shape.type.value, book.request(frame))),
    },
  };
}

const logged = readEventsAnswer.shape.events.element;
const ownEvent = z.object({ ...eventFrame.shape, type: z.string().regex(/^[^:]+\..+$/) });

function envelope(type: string, data: z.ZodType): z.ZodType {
  return z.object({
    v: z.literal(1),
    id: z.uuid(),
    type: z.literal(type),
    at: z.iso.datetime({ offset: true }),
    data,
  });
}

/** What a store's channel carries; of several at once each is one of the others. */
function content(book: SchemaBook, channel: ContentChannel): Pick<Channel, "server" | "sends" | "takes"> {
  const envelopes = Object.entries(EVENTS_ON[channel] as Record<string, z.ZodType>)
    .map(([type, data]) => ({ type, schema: envelope(type, data) }));
  const [first, ...others] = envelopes.map(({ schema }) => schema);
  const several = first && envelope("events", z.object({ events: z.array(z.union([first, ...others])) }));
  return {
    server: "realtime",
    sends: [
      ...envelopes.map(({ type, schema }) => message(type, book.answer(schema))),
      ...(several ? [message("events", book.answer(several), IN_LIST)] : []),
    ],
    takes: [],
  };
}

function message(name: string, payload: JsonSchema, summary?: string): Message {
  return { name, payload, ...(summary === undefined ? {} : { summary }) };
}

function described({ address, title, description, parameters, server, sends, takes }: Channel): JsonSchema {
  return {
    address,
    title,
    description,
    servers: [{ $ref: `#/servers/${server}` }],
    ...(Object.keys(parameters).length === 0 ? {} : {
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, text]) => [name, { description: text }]),
      ),
    }),
    messages: Object.fromEntries([...sends, ...takes].map((each) => [key(each), each])),
  };
}

function operations(id: string, { title, sends, takes }: Channel): [string, JsonSchema][] {
  const operation = (action: "send" | "receive", messages: Message[]): [string, JsonSchema] => [
    `${action}.${id}`,
    {
      action,
      channel: { $ref: `#/channels/${id}` },
      title,
      messages: messages.map((each) => ({ $ref: `#/channels/${id}/messages/${key(each)}` })),
    },
  ];
  return [operation("send", sends), ...(takes.length > 0 ? [operation("receive", takes)] : [])];
}

/** A name that may stand in a pointer. */
function key({ name }: Message): string {
  return name.replace(/[^\w]+/g, "_");
}

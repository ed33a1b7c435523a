import * as z from "zod";
import { LANGUAGES } from "../../../../shared/languages.ts";
import { callDatabase } from "../database/call_database.ts";
import type { Delivery, DeliveryOutcome } from "../database/deliveries.ts";
import { environment } from "../environment.ts";
import { readMailSettings } from "../mail/mail_settings.ts";
import { visitorWords } from "../mail/visitor_words.ts";
import { createResolve } from "../net/target.ts";
import { type Push, type PushDependencies, sendPush as post } from "../push/send_push.ts";
import { createVapid } from "../push/vapid.ts";

const DAY_SECONDS = 24 * 60 * 60;
const URGENCY: Record<string, Push["urgency"]> = {
  low: "low",
  normal: "normal",
  high: "high",
  critical: "high",
};

/** Nothing of what was written: whoever stands beside the screen reads it as well. */
const unreadSchema = z.object({
  language: z.enum(LANGUAGES),
  count: z.number(),
  answers: z.boolean(),
}).transform(({ language, count, answers }) => {
  const { push } = visitorWords[language];
  if (count > 1) return push.messages(count);
  return answers ? push.answer : push.message;
});

const receiverSchema = z.object({
  endpoint: z.string(),
  keys: z.object({ p256dh: z.string(), auth: z.string() }),
  message: z.object({
    title: z.string(),
    body: z.string().default(""),
    agentId: z.string(),
    conversationId: z.string().nullable(),
    url: z.string().nullish().transform((url) => url ?? undefined),
  }),
  /** Of a visitor, in place of a body. */
  unread: unreadSchema.optional(),
  priority: z.string(),
}).transform(({ unread, message, ...rest }) => ({
  ...rest,
  message: unread === undefined ? message : { ...message, body: unread },
}));
const setupSchema = z.object({ publicKey: z.string(), privateKey: z.string(), hosts: z.array(z.string()) });

export interface PushSetup {
  /** `null` before the project has a key pair. */
  dependencies(): Promise<PushDependencies | null>;
  /** A browser has unsubscribed. */
  forget(deviceId: string): Promise<unknown>;
}

/** Tells a member or a visitor in one browser of what they have not seen by now. */
export function createSendPush({ dependencies, forget }: PushSetup) {
  return async ({ target, receiver }: Delivery): Promise<DeliveryOutcome> => {
    if (receiver === null) return { outcome: "suppressed", error: "It was seen, or is not wanted any more." };
    const ready = await dependencies();
    if (ready === null) return { outcome: "suppressed", error: "Web Push is not set up." };
    const { endpoint, keys, message, priority } = receiverSchema.parse(receiver);
    const result = await post({
      endpoint,
      keys,
      message,
      // At most 32 characters: of a conversation the newest replaces what no device has shown yet.
      topic: (message.conversationId ?? message.agentId).replaceAll("-", ""),
      urgency: URGENCY[priority] ?? "normal",
      ttl: DAY_SECONDS,
    }, ready);
    if (result.kind === "sent") return { outcome: "sent" };
    if (result.kind === "refused") return { outcome: "dead", error: result.error };
    if (result.kind === "failed") {
      return { outcome: "failed", error: result.error, retryAfter: result.retryAfter };
    }
    await forget(target);
    return { outcome: "dead", error: "The browser has unsubscribed." };
  };
}

let known: PushDependencies | undefined;

/** As in production, with the project's own key pair. */
export const sendPush = createSendPush({
  async dependencies() {
    if (known) return known;
    const setup = setupSchema.nullable().parse(await callDatabase("push_keys", {}));
    if (setup === null) return null;
    const { hosts: privateHosts, ...keys } = setup;
    const { publicUrl } = environment();
    const address = readMailSettings((name) => Deno.env.get(name))?.from.address;
    const contact = address ? `mailto:${address}` : publicUrl;
    return known = {
      fetch,
      resolve: createResolve(Deno),
      // Not those that an owner allows for webhooks: endpoints are what strangers say.
      privateHosts,
      authorization: createVapid(keys, { contact, now: Date.now }),
    };
  },
  forget: (deviceId) => callDatabase("forget_push", { p_id: deviceId }),
});

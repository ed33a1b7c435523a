import type { Result } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import { readWebhookTopic, type TopicFilter } from "../../shared/topics.ts";
import type { Project } from "./project.ts";

/** An endpoint of the owner's that gets the organisation's events. Times are ISO 8601. */
export interface Webhook {
  id: string;
  /** Of its URL, which may be a secret. */
  host: string;
  /** What of the URL's path can be no secret. */
  path: string;
  /** None: everything. */
  topics?: TopicFilter[] | null;
  /** How events are sent: `heddle`, `cloudevents`. */
  format: string;
  on: boolean;
  /** Why it was switched off, if nobody did. */
  offReason?: string | null;
  failingSince?: string | null;
  queued: number;
  failed: number;
}

/** Something that was sent to a webhook, or waits. */
export interface WebhookDelivery {
  id: number;
  type: string;
  status: string;
  attempts: number;
  createdAt: string;
  /** When it is tried next. */
  due?: string | null;
  error?: string | null;
  answer?: { status: number | null; ms: number; body: string } | null;
}

type CheckedWebhook = Pick<Webhook, "id" | "host" | "path" | "format" | "on" | "queued" | "failed">;
type CheckedDelivery = Pick<WebhookDelivery, "id" | "type" | "status" | "attempts" | "createdAt">;

const WEBHOOKS: Shape<{ webhooks: CheckedWebhook[] }> = {
  webhooks: [{ id: "", host: "", path: "", format: "", on: true, queued: 0, failed: 0 }],
};
const DELIVERIES: Shape<{ deliveries: CheckedDelivery[] }> = {
  deliveries: [{ id: 0, type: "", status: "", attempts: 0, createdAt: "" }],
};
const SECRET = { secret: "" };
const MADE = { id: "", secret: "" };

/** An organisation's webhooks, for owners who answer for every agent. */
export type Webhooks = ReturnType<typeof createWebhooks>;

export function createWebhooks({ project, agentId }: { project: Project; agentId: string }) {
  const about = { p_agent_id: agentId };
  const change = (name: string, id: string, more: object = {}) =>
    project.call<object>(name, { ...about, p_webhook_id: id, ...more }, {});

  return {
    list: (): Promise<Result<{ webhooks: Webhook[] }>> =>
      project.call<{ webhooks: CheckedWebhook[] }>("inbox_webhooks", about, WEBHOOKS),
    /** What was sent last. */
    deliveries: (id: string): Promise<Result<{ deliveries: WebhookDelivery[] }>> =>
      project.call<{ deliveries: CheckedDelivery[] }>(
        "inbox_deliveries",
        { ...about, p_webhook_id: id },
        DELIVERIES,
      ),
    /** For `topics` between blanks; none: everything. The secret is told this once. */
    create: (
      url: string,
      topics: string,
      format: string,
    ): Promise<Result<{ id: string; secret: string }>> => {
      const filters: TopicFilter[] = [];
      for (const topic of topics.split(/[\s,]+/).filter(Boolean)) {
        const filter = readWebhookTopic(topic);
        if (typeof filter === "string") {
          const message = `A topic ${filter}.`;
          return Promise.resolve({ ok: false, problem: { code: "invalid_request", message } });
        }
        filters.push(filter);
      }
      const args = { ...about, p_url: url, p_topics: filters.length > 0 ? filters : null, p_format: format };
      return project.call<{ id: string; secret: string }>("inbox_create_webhook", args, MADE);
    },
    rotate: (id: string): Promise<Result<{ secret: string }>> =>
      project.call<{ secret: string }>("inbox_rotate_webhook", { ...about, p_webhook_id: id }, SECRET),
    switch: (id: string, on: boolean) => change("inbox_switch_webhook", id, { p_on: on }),
    test: (id: string) => change("inbox_test_webhook", id),
    replay: (id: string, delivery: number) =>
      change("inbox_replay_webhook", id, { p_delivery_ids: [delivery] }),
    remove: (id: string) => change("inbox_remove_webhook", id),
  };
}

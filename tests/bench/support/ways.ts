import { post } from "./http.ts";
import type { TestStack } from "../../support/stack.ts";

const hint = () => ({
  v: 1,
  id: crypto.randomUUID(),
  type: "refresh",
  at: new Date().toISOString(),
  data: {},
});

/** `POST realtime-publish` as an owner's backend makes it. Answers the channels. */
export async function publish(
  stack: { apiUrl: string; agent: { apiKey: string } },
  stale: { endUserId?: string; conversationId?: string },
): Promise<string[]> {
  const url = `${stack.apiUrl}/functions/v1/realtime-publish`;
  return JSON.parse(await post(url, stale, { "x-api-key": stack.agent.apiKey })).channels;
}

/** The first way to Realtime: its REST endpoint, one request for each channel. */
export async function broadcastByRest({ apiUrl, secretKey }: TestStack, topic: string): Promise<void> {
  const url = `${apiUrl}/realtime/v1/api/broadcast/${encodeURIComponent(topic)}/events/refresh?private=true`;
  await post(url, hint(), { apikey: secretKey });
}

/** The second way: one call for all channels, in SQL. */
export async function broadcastByDatabase(
  { apiUrl, secretKey }: TestStack,
  topics: string[],
): Promise<void> {
  const args = { p_channels: topics, p_event: "refresh", p_payload: hint() };
  await post(`${apiUrl}/rest/v1/rpc/broadcast`, args, {
    apikey: secretKey,
    "content-profile": "heddle_api",
  });
}

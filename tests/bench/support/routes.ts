import { post } from "./http.ts";
import type { TestStack } from "../../support/stack.ts";

const refresh = (id: string) => ({
  v: 1,
  id,
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

/** The first route to Realtime: its REST endpoint, one request for each channel, in parallel. `id`: of the event. */
export async function broadcastByRest(
  { apiUrl, secretKey }: TestStack,
  topics: string[],
  id: string = crypto.randomUUID(),
): Promise<void> {
  await Promise.all(topics.map((topic) => {
    const path = `/realtime/v1/api/broadcast/${encodeURIComponent(topic)}/events/refresh?private=true`;
    return post(apiUrl + path, refresh(id), { apikey: secretKey });
  }));
}

/** The second route: one call for all channels, in SQL. `id`: of the event. */
export async function broadcastByDatabase(
  { apiUrl, secretKey }: TestStack,
  topics: string[],
  id: string = crypto.randomUUID(),
): Promise<void> {
  const args = { p_channels: topics, p_event: "refresh", p_payload: refresh(id) };
  await post(`${apiUrl}/rest/v1/rpc/broadcast`, args, {
    apikey: secretKey,
    "content-profile": "heddle_api",
  });
}

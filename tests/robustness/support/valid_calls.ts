import type { WildRequest } from "./client.ts";
import { type FunctionName, FUNCTIONS } from "./requests.ts";
import type { World } from "./world.ts";

/** What an ordinary caller asks of a function; the `index`th differs from others by visitor and address. */
export function validCall(world: World, name: FunctionName, index = 0): WildRequest {
  const { stack, owner, sessions, userTokens } = world;
  const json = { "content-type": "application/json" };
  const authorization = `Bearer ${sessions.good[index % sessions.good.length]}`;
  const calls: Record<FunctionName, { query?: string; headers: Record<string, string>; body?: object }> = {
    "validate-widget": {
      headers: { ...json, origin: owner.url },
      body: { agentId: stack.agent.id, userToken: userTokens.good[0] },
    },
    "tab-fetch": { query: `?tabId=${stack.tabs.messaging}`, headers: { authorization } },
    "tab-action": {
      headers: { ...json, authorization },
      body: { action: "item_clicked", tabId: stack.tabs.messaging, itemId: "7" },
    },
    "realtime-publish": {
      headers: { ...json, "x-api-key": stack.agent.apiKey },
      body: { conversationId: `conversation ${index}` },
    },
  };
  const { query = "", headers, body } = calls[name];
  return {
    method: body ? "POST" : "GET",
    target: `/functions/v1/${name}${query}`,
    headers,
    body: body ? Buffer.from(JSON.stringify(body)) : null,
    address: `127.0.${index % 8}.${1 + index % 200}`,
  };
}

/** Valid calls of all functions in turn. */
export function validCalls(world: World, count: number): WildRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const name = FUNCTIONS[index % FUNCTIONS.length] ?? "tab-fetch";
    return validCall(world, name, index);
  });
}

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { subscribe, type SubscribeOptions } from "../../../client/events/subscribe.ts";

const SOCKET = class {
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  send() {}
  close() {}
};
const MEMBER = { accessToken: () => Promise.resolve("token") };

beforeEach(() => {
  vi.stubGlobal("WebSocket", undefined);
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
});
afterEach(() => vi.unstubAllGlobals());

async function problemsOf(options: Partial<SubscribeOptions>): Promise<[string, string][]> {
  const problems: [string, string][] = [];
  const onProblem: SubscribeOptions["onProblem"] = ({ code, message }) => problems.push([code, message]);
  const subscription = subscribe([], () => undefined, { onProblem, ...options });
  await Promise.resolve();
  subscription.close();
  return problems;
}

it.each<[string, Partial<SubscribeOptions>, RegExp]>([
  ["a project without a WebSocket", { url: "https://x.example", ...MEMBER }, /no WebSocket.*npm's ws/],
  ["a gateway without a WebSocket", { gatewayUrl: "https://x.example", ...MEMBER }, /no WebSocket.*npm's ws/],
  [
    "a project with a key",
    { url: "https://x.example", apiKey: "hdl_x", WebSocket: SOCKET },
    /from a gateway/,
  ],
])("%s tells once that onPassing will not be called, if there is one", async (_, options, message) => {
  expect(await problemsOf(options)).toEqual([]);
  expect(await problemsOf({ ...options, onPassing: () => undefined }))
    .toEqual([["not_live", expect.stringMatching(message)]]);
});

it.each<[string, Partial<SubscribeOptions>]>([
  ["a project", { url: "https://x.example", ...MEMBER }],
  ["a gateway", { gatewayUrl: "https://x.example", apiKey: "hdl_x" }],
])("%s has nothing to tell where a WebSocket is given", async (_, options) => {
  expect(await problemsOf({ ...options, WebSocket: SOCKET, onPassing: () => undefined })).toEqual([]);
});

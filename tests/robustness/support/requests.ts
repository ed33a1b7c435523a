import { createGenerator, type Generator } from "../../support/generator.ts";
import { hurtBody, hurtFields } from "./bodies.ts";
import type { WildRequest } from "./client.ts";
import type { World } from "./world.ts";

export const FUNCTIONS = ["validate-widget", "tab-fetch", "tab-action", "realtime-publish"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export const METHOD: Record<FunctionName, "GET" | "POST"> = {
  "validate-widget": "POST",
  "tab-fetch": "GET",
  "tab-action": "POST",
  "realtime-publish": "POST",
};

type Fields = Record<string, unknown>;

const METHODS = [
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "PROPFIND",
  "post",
  "QUERY",
];
const PATH_ENDS = ["/", "//", "/x", "/%00", "/%ff", "/..%2f..%2f", "/index.ts", "/%F0%9F%8C%BF"];
const CONTENT_TYPES = [
  ...["application/json; charset=utf-8", "Application/JSON", "application/json;x", " application/json"],
  ...["text/plain", "application/jsonp", "multipart/form-data", "", "application/x-www-form-urlencoded", "ü"],
];
const QUERY_VALUES = [
  "",
  "7",
  "%00",
  "%ff",
  "%",
  "%u1234",
  "a&tabId=b",
  "%F0%9F%8C%BF",
  "+",
  "[]",
  "__proto__",
];
const ETAGS = ["*", "W/", '"x"', 'W/"x", "y"', "ü", `${'W/"x", '.repeat(200)}"y"`, '"'];
const REQUEST_IDS = ["", "a b", "<script>", "x".repeat(128), "x".repeat(129), "ü", "../..", "req_1:2.3-4"];
const ORIGINS = ["null", "", "https://evil.example", "file://", "http://[::1]", "*", "ü", "http://127.0.0.1"];
const ODD_HEADERS: [string, string[]][] = [
  ["x-forwarded-for", ["1.2.3.4", "", "::1, ü", "x".repeat(1000)]],
  ["x-heddle-client", ["1", "ü", "x".repeat(500)]],
  ["accept", ["text/html", "", "*/*;q=ü"]],
  ["accept-encoding", ["gzip", "identity;q=0", "br, x"]],
  ["content-encoding", ["gzip", "x"]],
  ["cookie", ["a=b", "=", "ü"]],
  ["range", ["bytes=0-1", "x"]],
  ["x-http-method-override", ["DELETE"]],
  ["apikey", ["x", "sb_secret_x"]],
  ["upgrade-insecure-requests", ["1"]],
  ["expect", ["100-continue", "x"]],
  ["connection", ["close", "x-api-key"]],
  ["transfer-encoding", ["chunked"]],
  ["upgrade", ["websocket", "h2c"]],
  ["if-modified-since", ["x"]],
];

/** The `index`th request of a run: the same seed, function and index give the same request. */
export function generatedRequest(world: World, name: FunctionName, seed: number, index: number): WildRequest {
  const generator = createGenerator(Math.imul(seed, 31) + index * 4 + FUNCTIONS.indexOf(name));
  const { below, chance, pick } = generator;
  // Good, nearly good, wild: so many things are wrong with it.
  const wrong = pick([0, 1, 2, 3, 4, 6]);
  const request = goodRequest(world, name, generator);
  request.headers["x-request-id"] = `${name}-${seed}-${index}`;
  request.address = `127.${1 + below(4)}.0.${1 + below(8)}`;

  let fields = request.fields;
  for (let fault = wrong; fault > 0; fault--) {
    if (fields && chance(0.4)) fields = hurtFields(fields, generator);
    else hurtRequest(request, world, generator);
  }
  if (fields) {
    const broken = wrong > 0 && chance(0.3);
    request.body = broken ? hurtBody(fields, generator) : Buffer.from(JSON.stringify(fields));
  }
  const { method, target, headers, body, address } = request;
  return { method, target, headers, body, address };
}

interface Draft extends WildRequest {
  /** What becomes the body. */
  fields: Fields | null;
}

function goodRequest(world: World, name: FunctionName, { chance, pick, below }: Generator): Draft {
  const { stack, owner, sessions, userTokens, apiKeys, tabs } = world;
  const headers: Record<string, string> = {};
  // One visitor is in a hurry, and meets their limit.
  const session = chance(0.15) ? sessions.good[0] : pick(sessions.good);
  const draft: Draft = {
    method: METHOD[name],
    target: `/functions/v1/${name}`,
    headers,
    body: null,
    address: "127.0.0.1",
    fields: null,
  };
  if (name !== "tab-fetch") headers["content-type"] = "application/json";
  if (name !== "realtime-publish") headers.origin = owner.url;
  if (name === "tab-fetch" || name === "tab-action") headers.authorization = `Bearer ${session}`;
  if (name === "realtime-publish") headers["x-api-key"] = pick(apiKeys.good);

  const tabId = chance(0.5) ? tabs.messaging : tabs.default;
  const itemId = pick(["7", "a b|🌿", "y".repeat(128), "%2F"]);
  const clientId = "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11";
  switch (name) {
    case "validate-widget":
      draft.fields = { agentId: stack.agent.id, userToken: pick(userTokens.good) };
      break;
    case "tab-fetch":
      draft.target += `?tabId=${tabId}${chance(0.3) ? `&cursor=${pick(["c", "%F0%9F%8C%BF", "0"])}` : ""}`;
      break;
    case "tab-action":
      draft.fields = pick<Fields>([
        { action: "item_clicked", tabId, itemId, cursor: "c", refresh: true },
        { action: "item_clicked", tabId, itemId },
        { action: "create_item", tabId: tabs.messaging, itemId, clientId, body: "hello" },
        { action: "create_item", tabId: tabs.messaging, clientId, body: "hello" },
        { action: "update_item", tabId, itemId, changes: { note: "x", read: true } },
        { action: "delete_item", tabId: tabs.default, itemId, entryId: "1" },
      ]);
      break;
    case "realtime-publish":
      draft.fields = pick<Fields>([
        { endUserId: `visitor ${below(9)}`, conversationId: itemId },
        { endUserIds: Array.from({ length: 1 + below(5) }, (_, index) => `visitor ${index}`) },
        { conversationId: itemId },
      ]);
  }
  return draft;
}

/** One thing about the request, other than the fields of its body, is not as it should be. */
function hurtRequest(request: Draft, world: World, { below, chance, pick }: Generator): void {
  const { headers } = request;
  switch (below(11)) {
    case 0:
      request.method = pick(METHODS);
      break;
    case 1:
      request.target = request.target.replace(/(\?|$)/, `${pick(PATH_ENDS)}$1`);
      break;
    case 2:
      request.target +=
        `${request.target.includes("?") ? "&" : "?"}${pick(["tabId", "cursor", "x", "tabId[]"])}=` +
        (chance(0.1) ? "x".repeat(4000) : pick(QUERY_VALUES));
      break;
    case 3:
      request.target = request.target.replace(
        /tabId=[^&]*/,
        `tabId=${pick([...QUERY_VALUES, world.tabs.foreign])}`,
      );
      break;
    case 4:
      headers["content-type"] = pick(CONTENT_TYPES);
      break;
    case 5:
      headers.authorization = chance(0.7)
        ? `Bearer ${pick(world.sessions.bad)}`
        : pick(["", "Bearer", "Bearer ", "Basic YTpi", "bearer  x", "Bearer x y", "ü"]);
      break;
    case 6:
      headers["x-api-key"] = pick([...world.apiKeys.bad, ""]);
      break;
    case 7:
      headers.origin = pick(ORIGINS);
      break;
    case 8:
      headers["if-none-match"] = pick(ETAGS);
      break;
    case 9:
      headers["x-request-id"] = pick(REQUEST_IDS);
      break;
    default: {
      const [name, values] = pick(ODD_HEADERS);
      headers[name] = pick(values);
    }
  }
  if (chance(0.05)) delete headers[pick(Object.keys(headers))];
  if (chance(0.03)) request.body = Buffer.from("{}"); // a body where none belongs
}

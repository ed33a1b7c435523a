import path from "node:path";

const PHOENIX_SOURCE = path.resolve(
  import.meta.dirname,
  "../node_modules/@supabase/phoenix/assets/js/phoenix/index.js",
);
const REALTIME = "@supabase/realtime-js/dist/module/";
const PHOENIX = "@supabase/phoenix/assets/js/phoenix/";

/**
 * What a visitor's page never uses of the Realtime client, and what stands in its place: presence, Postgres changes,
 * sending over HTTP, long polling, Phoenix's own serializer (realtime-js brings one) and the search for a WebSocket on
 * old platforms. 4 kB of gzip in all.
 * @type {Record<string, string>}
 */
const REPLACEMENTS = {
  [`${REALTIME}RealtimePresence.js`]:
    "export var REALTIME_PRESENCE_LISTEN_EVENTS = {}; export default class { state = {} }",
  [`${REALTIME}RealtimePostgresFilterBuilder.js`]:
    "export class RealtimePostgresFilterBuilder {} export function postgresChangesFilter() {}",
  [`${REALTIME}lib/transformers.js`]:
    "export const httpEndpointURL = (url) => url; export const convertChangeData = () => ({});",
  [`${REALTIME}lib/websocket-factory.js`]:
    "export default class { static getWebSocketConstructor() { return WebSocket; } }",
  [`${PHOENIX}longpoll.js`]: "export default class {}",
  [`${PHOENIX}presence.js`]: "export default class {}",
  [`${PHOENIX}serializer.js`]: "export default { encode() {}, decode() {} };",
};

/**
 * Leaves those modules out of the build. Fails if one of them was not met, as after an update that moved it.
 * @returns {import("vite").Plugin}
 */
export function trimRealtime() {
  const met = new Set();
  return {
    name: "trim-realtime",
    enforce: "pre",
    config: () => ({
      // The package's bundle is one module; its sources can be left out one by one.
      resolve: { alias: { "@supabase/phoenix": PHOENIX_SOURCE } },
    }),
    load(id) {
      const replaced = Object.keys(REPLACEMENTS).find((path) => id.endsWith(path));
      if (!replaced) return null;
      met.add(replaced);
      return REPLACEMENTS[replaced];
    },
    buildEnd(error) {
      const missing = Object.keys(REPLACEMENTS).filter((path) => !met.has(path));
      if (!error && missing.length > 0) {
        throw new Error(`The Realtime client has no ${missing.join(", ")} any more.`);
      }
    },
  };
}

import { RealtimeClient } from "@supabase/realtime-js";
import type { RealtimeChannel, WebSocketLikeConstructor } from "@supabase/realtime-js";
import { REFRESH_EVENT } from "../../../shared/channels.ts";
import type { LiveSocket, OpenSocket, SocketEvents } from "./socket.ts";
import { withoutPageListeners } from "./without_page_listeners.ts";

/** Reasons of a refused join, from supabase/realtime, `realtime_channel.ex`. */
const UNAUTHORIZED = /^Unauthorized/;
const TOKEN_ERROR = /^(InvalidJWT|MalformedJWT|JwtSign)/;

/** The real socket, on `@supabase/realtime-js`. One client per connection, so every channel object is new. */
export const openRealtimeSocket: OpenSocket = (target, events) => openSocketOver(undefined, target, events);

/** The same over another WebSocket class; `undefined` takes the platform's. */
export function openSocketOver(
  transport: WebSocketLikeConstructor | undefined,
  { url, key }: { url: string; key: string },
  events: SocketEvents,
): LiveSocket {
  const client = withoutPageListeners(() =>
    new RealtimeClient(url, { params: { apikey: key }, ...(transport && { transport }) })
  );
  const channels = new Map<string, RealtimeChannel>();
  let over = false;

  function close() {
    over = true;
    channels.clear();
    // Nobody waits for this promise; it resolves in every case.
    void client.disconnect();
  }

  function leave(topic: string) {
    const channel = channels.get(topic);
    channels.delete(topic);
    if (channel && !over) void client.removeChannel(channel);
  }

  /**
   * Out of the client's callback before anything is torn down: leaving or disconnecting inside of it recurses
   * (supabase/realtime#1414).
   */
  function afterCallback(react: () => void) {
    queueMicrotask(() => {
      if (!over) react();
    });
  }

  function lose() {
    afterCallback(() => {
      close();
      events.lost();
    });
  }

  function refuse(topic: string, reason: "unauthorized" | "token") {
    afterCallback(() => {
      if (!channels.has(topic)) return;
      leave(topic);
      events.refused(topic, reason);
    });
  }

  function join(topic: string) {
    if (over || channels.has(topic)) return;
    const channel = client.channel(topic, { config: { private: true } });
    channels.set(topic, channel);
    const isOurs = () => !over && channels.get(topic) === channel;
    channel.on("broadcast", { event: REFRESH_EVENT }, () => isOurs() && events.hint(topic));
    try {
      channel.subscribe((status, error) => {
        if (!isOurs()) return;
        if (status === "SUBSCRIBED") events.joined(topic);
        else if (UNAUTHORIZED.test(error?.message ?? "")) refuse(topic, "unauthorized");
        else if (TOKEN_ERROR.test(error?.message ?? "")) refuse(topic, "token");
        else lose();
      });
    } catch {
      // The platform refuses to make a WebSocket (no support, a content security policy): the core will poll.
      lose();
    }
  }

  return { join, leave, close };
}

import { readEnvelope } from "../../shared/events.ts";
import { decodeFrame, type Frame, type FramePayload } from "./frames.ts";
import type { LiveSocket, OpenSocket, SocketEvents } from "./socket.ts";

/** Milliseconds. Less than half of Realtime's idle timeout, and as often as Supabase's own client. */
const HEARTBEAT = 25_000;
const JOIN_TIMEOUT = 10_000;
/** Mostly the channel hears from the database at once; what a join makes us fetch waits that long for it. */
const READY_WAIT = 300;
const TOPIC_PREFIX = "realtime:";
/** Reasons of a refused join, from supabase/realtime, `realtime_channel.ex`. */
const UNAUTHORIZED = /^Unauthorized/;
const TOKEN_ERROR = /^(InvalidJWT|MalformedJWT|JwtSign)/;
/** We listen on private channels and do nothing else. */
const JOIN_CONFIG = {
  broadcast: { ack: false, self: false, replication_ready: true },
  presence: { enabled: false },
  postgres_changes: [],
  private: true,
};

interface Channel {
  joinRef: string;
  timer: ReturnType<typeof setTimeout>;
}

/** The real socket. */
export const openRealtimeSocket: OpenSocket = (target, events) => openSocketOver(WebSocket, target, events);

/**
 * As much of Supabase Realtime's protocol 2.0.0 as listening takes, over any WebSocket class. `@supabase/realtime-js`
 * would cost a visitor ten times the bytes, and reconnects by rules of its own.
 */
export function openSocketOver(
  Transport: new (url: string) => WebSocket,
  { url, key }: { url: string; key: string },
  events: SocketEvents,
): LiveSocket {
  const channels = new Map<string, Channel>();
  let transport: WebSocket | null = null;
  let over = false;
  let lastRef = 0;
  let unansweredHeartbeat: string | null = null;
  let heartbeat: ReturnType<typeof setInterval> | undefined;

  const nextRef = () => String(++lastRef);

  function send(joinRef: string | null, ref: string, topic: string, event: string, payload: unknown) {
    if (transport?.readyState === 1) transport.send(JSON.stringify([joinRef, ref, topic, event, payload]));
  }

  function close() {
    over = true;
    clearInterval(heartbeat);
    for (const { timer } of channels.values()) clearTimeout(timer);
    channels.clear();
    transport?.close();
  }

  function lose() {
    if (over) return;
    close();
    // Later, since a WebSocket that may not even be made is lost while the caller still opens it.
    queueMicrotask(events.lost);
  }

  function requestJoin(topic: string, { joinRef }: Channel) {
    send(joinRef, joinRef, TOPIC_PREFIX + topic, "phx_join", { config: JOIN_CONFIG });
  }

  function join(topic: string) {
    if (over || channels.has(topic)) return;
    const channel = { joinRef: nextRef(), timer: setTimeout(lose, JOIN_TIMEOUT) };
    channels.set(topic, channel);
    requestJoin(topic, channel);
  }

  function leave(topic: string) {
    const channel = channels.get(topic);
    if (!channel) return;
    clearTimeout(channel.timer);
    channels.delete(topic);
    send(channel.joinRef, nextRef(), TOPIC_PREFIX + topic, "phx_leave", {});
  }

  function beat() {
    if (unansweredHeartbeat) return lose();
    unansweredHeartbeat = nextRef();
    send(null, unansweredHeartbeat, "phoenix", "heartbeat", {});
  }

  function receive([joinRef, ref, fullTopic, event, payload]: Frame) {
    if (fullTopic === "phoenix" && ref === unansweredHeartbeat) unansweredHeartbeat = null;
    const topic = fullTopic.slice(TOPIC_PREFIX.length);
    const channel = channels.get(topic);
    // A frame of a former join of the topic says nothing about this one.
    if (!channel || (joinRef !== null && joinRef !== channel.joinRef)) return;
    if (event === "broadcast") events.received(topic, readEnvelope(payload.payload));
    else if (event === "system" && payload.status === "ok") ready(topic, channel);
    else if (event === "phx_close" || event === "phx_error") lose();
    else if (event === "phx_reply" && ref === channel.joinRef) answerJoin(topic, channel, payload);
  }

  /** From now on the channel hears all there is: later than at its join while Realtime connects to its database. */
  function ready(topic: string, channel: Channel) {
    clearTimeout(channel.timer);
    events.joined(topic);
  }

  function answerJoin(topic: string, channel: Channel, { status, response }: FramePayload) {
    clearTimeout(channel.timer);
    if (status === "ok") {
      channel.timer = setTimeout(events.joined, READY_WAIT, topic);
      return;
    }
    const reason = String(response?.reason);
    const unauthorized = UNAUTHORIZED.test(reason);
    if (!unauthorized && !TOKEN_ERROR.test(reason)) return lose();
    leave(topic);
    events.refused(topic, unauthorized ? "unauthorized" : "token");
  }

  try {
    transport = new Transport(`${url}/websocket?apikey=${encodeURIComponent(key)}&vsn=2.0.0`);
    transport.binaryType = "arraybuffer";
    transport.onopen = () => {
      heartbeat = setInterval(beat, HEARTBEAT);
      for (const [topic, channel] of channels) requestJoin(topic, channel);
    };
    transport.onmessage = ({ data }) => {
      const frame = over ? null : decodeFrame(data);
      if (frame) receive(frame);
    };
    transport.onerror = transport.onclose = lose;
  } catch {
    // The platform refuses to make a WebSocket (no support, a content security policy): the core will poll.
    lose();
  }

  return { join, leave, close };
}

import { readEnvelope } from "../../shared/envelope.ts";
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

/** Sends one frame, if the connection stands. */
type Push = (topic: string, event: string, payload: unknown, joinRef?: string, ref?: string) => void;

/** The real socket. */
export const openRealtimeSocket: OpenSocket = (target, events) => openSocketOver(WebSocket, target, events);

/**
 * As much of Supabase Realtime's protocol 2.0.0 as private broadcasts take, over any WebSocket class.
 * `@supabase/realtime-js` would cost a visitor ten times the bytes, and reconnects by rules of its own.
 */
export function openSocketOver(
  Transport: new (url: string) => WebSocket,
  { url, key }: { url: string; key: string },
  events: SocketEvents,
): LiveSocket {
  let transport: WebSocket | null = null;
  let over = false;
  let lastRef = 0;
  let unansweredHeartbeat: string | null = null;
  let heartbeat: ReturnType<typeof setInterval> | undefined;

  const nextRef = () => String(++lastRef);
  const push: Push = (topic, event, payload, joinRef, ref = nextRef()) => {
    const frame = [joinRef ?? null, ref, topic, event, payload];
    if (transport?.readyState === 1) transport.send(JSON.stringify(frame));
  };
  const channels = createChannels({ push, nextRef, events, lose });

  function close() {
    over = true;
    clearInterval(heartbeat);
    channels.clear();
    transport?.close();
  }

  function lose() {
    if (over) return;
    close();
    // Later, since a WebSocket that may not even be made is lost while the caller still opens it.
    queueMicrotask(events.lost);
  }

  function beat() {
    if (unansweredHeartbeat) return lose();
    unansweredHeartbeat = nextRef();
    push("phoenix", "heartbeat", {}, undefined, unansweredHeartbeat);
  }

  function receive(data: unknown) {
    const frame = over ? null : decodeFrame(data);
    if (!frame) return;
    const [, ref, topic] = frame;
    if (topic === "phoenix" && ref === unansweredHeartbeat) unansweredHeartbeat = null;
    channels.receive(frame);
  }

  try {
    transport = new Transport(`${url}/websocket?apikey=${encodeURIComponent(key)}&vsn=2.0.0`);
    transport.binaryType = "arraybuffer";
    transport.onopen = () => {
      heartbeat = setInterval(beat, HEARTBEAT);
      channels.requestAll();
    };
    transport.onmessage = ({ data }) => receive(data);
    transport.onerror = transport.onclose = lose;
  } catch {
    // The platform refuses to make a WebSocket (no support, a content security policy): the core will poll.
    lose();
  }

  return {
    join(topic) {
      if (!over) channels.join(topic);
    },
    leave: channels.leave,
    send: channels.send,
    close,
  };
}

interface ChannelsSetup {
  push: Push;
  nextRef(): string;
  events: SocketEvents;
  /** The connection is of no use any more. */
  lose(): void;
}

/** The channels of one connection, by topic. */
function createChannels({ push, nextRef, events, lose }: ChannelsSetup) {
  const channels = new Map<string, Channel>();

  function request(topic: string, { joinRef }: Channel) {
    push(TOPIC_PREFIX + topic, "phx_join", { config: JOIN_CONFIG }, joinRef, joinRef);
  }

  function leave(topic: string) {
    const channel = channels.get(topic);
    if (!channel) return;
    clearTimeout(channel.timer);
    channels.delete(topic);
    push(TOPIC_PREFIX + topic, "phx_leave", {}, channel.joinRef);
  }

  /**
   * From now on the channel hears all there is: later than at its join while Realtime connects to its
   * database.
   */
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

  return {
    join(topic: string) {
      if (channels.has(topic)) return;
      const channel = { joinRef: nextRef(), timer: setTimeout(lose, JOIN_TIMEOUT) };
      channels.set(topic, channel);
      request(topic, channel);
    },
    leave,
    requestAll() {
      for (const [topic, channel] of channels) request(topic, channel);
    },
    send(topic: string, event: string, payload: unknown) {
      const channel = channels.get(topic);
      const broadcast = { type: "broadcast", event, payload };
      if (channel) push(TOPIC_PREFIX + topic, "broadcast", broadcast, channel.joinRef);
    },
    receive([joinRef, ref, fullTopic, event, payload]: Frame) {
      const topic = fullTopic.slice(TOPIC_PREFIX.length);
      const channel = channels.get(topic);
      // A frame of a former join of the topic says nothing about this one.
      if (!channel || (joinRef !== null && joinRef !== channel.joinRef)) return;
      if (event === "broadcast") events.received(topic, readEnvelope(payload.payload));
      else if (event === "system" && payload.status === "ok") ready(topic, channel);
      else if (event === "phx_close" || event === "phx_error") lose();
      else if (event === "phx_reply" && ref === channel.joinRef) answerJoin(topic, channel, payload);
    },
    clear() {
      for (const { timer } of channels.values()) clearTimeout(timer);
      channels.clear();
    },
  };
}

import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Bus, BUS_TOPICS, type BusSetup, type BusTopic } from "./bus.ts";

const PREFIX = "heddle.";
const RECONNECT_MS = 100;
const RETRY_MS = 1_000;

/** Core NATS, without JetStream. It may be away, also at the start: it is tried again until it is there. */
export function openNats(url: string, { onMessage, onUp, log }: BusSetup): Bus {
  let connection: NatsConnection | null = null;
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function open(): Promise<void> {
    const opened = await connect({
      servers: url.split(","),
      noEcho: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      reconnectJitter: RECONNECT_MS,
      ignoreClusterUpdates: true,
    });
    if (isClosed) return await opened.close();
    connection = opened;
    const sizes = PREFIX.length;
    opened.subscribe(`${PREFIX}events.*`, {
      callback(error, message) {
        const topic = message?.subject.slice(sizes) as BusTopic;
        if (!error && BUS_TOPICS.includes(topic)) onMessage(topic, message.string());
      },
    });
    onUp();
    void listen(opened);
  }

  async function listen(opened: NatsConnection): Promise<void> {
    for await (const { type } of opened.status()) {
      if (type === "disconnect") log("bus_lost");
      if (type === "reconnect") {
        log("bus_goes_on");
        onUp();
      }
    }
  }

  function start() {
    open().catch((error) => {
      log("bus_failed", error);
      if (!isClosed) timer = setTimeout(start, RETRY_MS);
    });
  }

  start();
  return {
    publish(topic, body) {
      // What can't go out now would be late.
      if (connection && !connection.isClosed()) connection.publish(PREFIX + topic, body);
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await connection?.close();
    },
  };
}

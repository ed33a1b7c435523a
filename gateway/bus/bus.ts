/**
 * What gateways tell each other besides the log: at most once, in no order. Whatever is lost on it costs a moment, never an event.
 */
export interface Bus {
  publish(topic: BusTopic, body: string): void;
  close(): Promise<void>;
}

/** `events.doorbell`: read the log now. `events.session`: a session has a newer connection. */
export type BusTopic = typeof BUS_TOPICS[number];
export const BUS_TOPICS = ["events.doorbell", "events.session"] as const;

export interface BusSetup {
  /** Of others, not of this gateway. */
  onMessage(topic: BusTopic, body: string): void;
  /** It is there, perhaps again: what came meanwhile was missed. */
  onUp(): void;
  log(what: string, error?: unknown): void;
}

export interface BusSettings {
  kind: "none" | "nats";
  /** `nats://host:4222`, several with commas. */
  natsUrl: string | null;
}

/** Gateways that tell each other nothing: each looks into the log by itself. */
const noBus: Bus = { publish: () => undefined, close: () => Promise.resolve() };

export async function openBus({ kind, natsUrl }: BusSettings, setup: BusSetup): Promise<Bus> {
  if (kind === "none" || natsUrl === null) return noBus;
  const { openNats } = await import("./nats.ts");
  return openNats(natsUrl, setup);
}

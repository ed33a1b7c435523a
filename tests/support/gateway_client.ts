import { once } from "node:events";
import { expect } from "vitest";
import { WebSocket } from "ws";
import type { GatewayFrame } from "../../shared/api/gateway.ts";
import { expectDescribedByAsyncApi } from "./described.ts";

/** A frame as a client gets it: an event, or what else a gateway says. */
export type Frame =
  & {
    type: string;
    data?: Record<string, unknown>;
    channel?: string;
    topic?: string;
    id?: string;
    cursor?: string;
  }
  & Partial<Record<"ref" | "code" | "message", string>>
  & Partial<Record<"resumed", boolean>>
  & Partial<Record<"retryAfter", number>>;

export interface GatewayClient {
  /** All that came, in its order, without the welcome. What docs/asyncapi.json does not describe fails the test that asks next. */
  frames: Frame[];
  /** The events among it. */
  events(): Frame[];
  welcome: Extract<GatewayFrame, { type: "welcome" }>;
  send(frame: Record<string, unknown> | string): void;
  /** Sends a frame and answers with what comes back for it. One that docs/asyncapi.json does not describe must be refused. */
  ask(frame: Record<string, unknown>): Promise<Frame>;
  /** Settles with code and reason. */
  closed: Promise<{ code: number; reason: string }>;
  /** Reads no more. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
  /** Drops the connection as a lost network does. */
  drop(): void;
}

interface ConnectOptions {
  token?: string;
  /** Behind the path: `ticket=…`. */
  query?: string;
}

const OWN = [
  "welcome",
  "subscribed",
  "unsubscribed",
  "subscriptions",
  "published",
  "cursor",
  "pong",
  "error",
];
/** Codes of frames that are not as described. */
const MISREAD = ["invalid_json", "invalid_request", "unknown_type"];
let refs = 0;

/** Opens a WebSocket to a gateway; rejects with the status if it is refused. */
export async function connect(url: string, { token, query = "" }: ConnectOptions): Promise<GatewayClient> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/v1/realtime?${query}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  const frames: Frame[] = [];
  const closed = once(socket, "close").then(([code, reason]) => ({ code, reason: String(reason) }));
  let undescribed: unknown;
  socket.on("message", (data) => {
    const frame = JSON.parse(String(data));
    frames.push(frame);
    try {
      expectDescribedByAsyncApi("gateway", frame);
    } catch (error) {
      undescribed ??= error;
    }
  });
  const welcomed = once(socket, "message");
  welcomed.catch(() => undefined); // who is refused is told why below
  await new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
    socket.on("unexpected-response", async (_, response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      reject(Object.assign(new Error(text), { status: response.statusCode }));
    });
  });
  await welcomed;
  const welcome = frames.shift() as unknown as GatewayClient["welcome"];
  return {
    frames,
    events() {
      if (undescribed) throw undescribed;
      return frames.filter(({ type }) => !OWN.includes(type));
    },
    welcome,
    send: (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    async ask(frame) {
      const ref = `r${++refs}`;
      socket.send(JSON.stringify({ ...frame, ref }));
      const answer = () => frames.find((each) => each.ref === ref);
      await expect.poll(answer, { interval: 5 }).toBeDefined();
      if (undescribed) throw undescribed;
      const { code = "" } = answer() as Frame;
      // What a gateway takes is described, too.
      if (!MISREAD.includes(code)) {
        expectDescribedByAsyncApi("gateway", JSON.parse(JSON.stringify({ ...frame, ref })));
      }
      return answer() as Frame;
    },
    closed,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    async close() {
      socket.close();
      await closed;
      if (undescribed) throw undescribed;
    },
    drop: () => socket.terminate(),
  };
}

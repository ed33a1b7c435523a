import { setTimeout as delay } from "node:timers/promises";
import type { Page, WebSocketRoute } from "playwright-core";

type Frame = string | Buffer;
type FrameFault = "swallowed" | "doubled" | "reordered" | "late";

/** What happens to a page's sockets. */
export type LineFault =
  | { do: "drop the socket" }
  /** Only to broadcasts: a reply that never comes is a connection that has died. */
  | { do: "frames"; are: FrameFault; ms: number };

export interface Line {
  perform(fault: LineFault): void;
  /** No socket is open or opens meanwhile. */
  cut(ms: number): void;
  over(): Promise<void>;
  /** What the page was sent, of all sockets. */
  readonly heard: readonly string[];
}

const SOCKETS = /\/realtime\/v1\/websocket/;
const BROADCAST_KIND = 4;
/** Milliseconds; frames come in another order than they were sent. */
const DELAYS = [2_500, 100, 4_000, 900];
const HELD_FRAMES = 3;
const ABNORMAL = 4_000;

/** Stands between a page and Realtime. To be called before the page loads. */
export async function watchLine(page: Page): Promise<Line> {
  const servers = new Map<WebSocketRoute, WebSocketRoute>();
  const heard: string[] = [];
  const standing = new Set<Promise<void>>();
  let treat: Treatment = deliver;
  let cuts = 0;

  /** Tells both sides; one of them may have gone. */
  function end(socket: WebSocketRoute, told: { code?: number; reason?: string } = { code: ABNORMAL }) {
    const server = servers.get(socket);
    servers.delete(socket);
    void socket.close(told).catch(() => undefined);
    void server?.close().catch(() => undefined);
  }
  const drop = () => [...servers.keys()].forEach((socket) => end(socket));

  await page.routeWebSocket(SOCKETS, (socket) => {
    if (cuts > 0) return end(socket);
    const server = socket.connectToServer();
    servers.set(socket, server);
    const pass = (frame: Frame) => void (servers.has(socket) && socket.send(frame));
    server.onMessage((frame) => {
      heard.push(frame.toString());
      if (isBroadcast(frame)) treat.frame(frame, pass);
      else pass(frame);
    });
    server.onClose((code, reason) => end(socket, { code, reason }));
    socket.onClose(() => end(socket));
  });

  function stand(ms: number, end: () => void) {
    const fault = delay(ms).then(end).finally(() => standing.delete(fault));
    standing.add(fault);
  }

  return {
    heard,
    perform(fault) {
      if (fault.do === "drop the socket") return drop();
      const begun = treat = TREATMENTS[fault.are]();
      stand(fault.ms, () => {
        begun.end();
        if (treat === begun) treat = deliver;
      });
    },
    cut(ms) {
      cuts++;
      drop();
      stand(ms, () => cuts--);
    },
    async over() {
      while (standing.size > 0) await Promise.all(standing);
    },
  };
}

interface Treatment {
  frame(frame: Frame, pass: (frame: Frame) => void): void;
  end(): void;
}

const deliver: Treatment = { frame: (frame, pass) => pass(frame), end: () => undefined };

const TREATMENTS: Record<FrameFault, () => Treatment> = {
  swallowed: () => ({ frame: () => undefined, end: () => undefined }),
  doubled: () => ({
    frame(frame, pass) {
      pass(frame);
      pass(frame);
    },
    end: () => undefined,
  }),
  reordered() {
    const held: (() => void)[] = [];
    const release = () => held.splice(0).reverse().forEach((pass) => pass());
    return {
      frame(frame, pass) {
        held.push(() => pass(frame));
        if (held.length >= HELD_FRAMES) release();
      },
      end: release,
    };
  },
  late() {
    let frames = 0;
    return {
      frame(frame, pass) {
        void delay(DELAYS[frames++ % DELAYS.length]).then(() => pass(frame));
      },
      end: () => undefined,
    };
  },
};

function isBroadcast(frame: Frame): boolean {
  if (typeof frame !== "string") return frame[0] === BROADCAST_KIND;
  return JSON.parse(frame)[3] === "broadcast";
}

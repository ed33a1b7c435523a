import { Presences } from "../../../../local/realtime/channels/presences.ts";
import { ChannelRegistry } from "../../../../local/realtime/channels/registry.ts";
import { RealtimeSocket } from "../../../../local/realtime/channels/socket.ts";
import type { Clock } from "../../../../local/realtime/clock.ts";
import { protocol2 } from "../../../../local/realtime/codec/protocol2.ts";
import { RealtimeError } from "../../../../local/realtime/errors.ts";
import { Faults } from "../../../../local/realtime/faults/faults.ts";
import { createLimits } from "../../../../local/realtime/limits/limits.ts";
import type { Services } from "../../../../local/realtime/services.ts";
import { DEFAULT_SETTINGS } from "../../../../local/realtime/settings.ts";
import { Queue } from "../../../realtime/support/queue.ts";

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = 1_800_000_000_000;
  #timers = new Set<{ at: number; task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + ms, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      if (this.#timers.delete(timer)) timer.task();
    }
  }
}

/** Services whose Postgres allows all but topics that begin with `no`, and whose tokens are claims as JSON. */
export function fakeServices(settings: Partial<Services["settings"]> = {}) {
  const clock = new FakeClock();
  const sockets = new Set<RealtimeSocket>();
  const logged: string[] = [];
  const registry = new ChannelRegistry();
  const allSettings = { ...DEFAULT_SETTINGS, ...settings };
  const services: Services = {
    registry,
    presences: new Presences(registry),
    authorizer: {
      read: ({ topic }) => {
        if (topic.startsWith("broken")) return Promise.reject(new Error("broken"));
        return Promise.resolve({ broadcast: !topic.startsWith("no"), presence: false });
      },
      write: ({ topic }) => {
        if (topic.startsWith("crash")) return Promise.reject(new Error("crash"));
        return Promise.resolve(!topic.startsWith("no"));
      },
    },
    verifyToken(token) {
      const claims = JSON.parse(token);
      if (claims.exp * 1000 > clock.now()) return Promise.resolve(claims);
      return Promise.reject(new RealtimeError("InvalidJWTToken", "Token has expired"));
    },
    settings: allSettings,
    clock,
    faults: new Faults(sockets, clock),
    replication: { begin: () => undefined, established: () => Promise.resolve(true) },
    replay: () => Promise.resolve([]),
    limits: createLimits(clock, allSettings),
    log: (line) => logged.push(line),
  };
  return { services, clock, sockets, logged };
}

export type FakeSocket = ReturnType<typeof openSocket>;

/** A socket on a transport that keeps what it was given. */
export function openSocket(
  { services, clock, sockets }: ReturnType<typeof fakeServices>,
  secondsToLive = 3600,
) {
  const received = new Queue<unknown[]>();
  const ended: (number | "dropped")[] = [];
  const socket = new RealtimeSocket(services, {
    codec: protocol2,
    token: JSON.stringify({ role: "anon", exp: clock.now() / 1000 + secondsToLive }),
    headers: {},
    transport: {
      send: (frame) => received.push(JSON.parse(String(frame))),
      close: (code) => ended.push(code),
      drop: () => ended.push("dropped"),
    },
  });
  sockets.add(socket);
  return {
    socket,
    received,
    ended,
    send: (...frame: unknown[]) => socket.receive(JSON.stringify(frame)),
    join(topic: string, ref = "1", config: Record<string, unknown> = { private: true }) {
      socket.receive(JSON.stringify([ref, ref, `realtime:${topic}`, "phx_join", { config }]));
      return received.next();
    },
  };
}

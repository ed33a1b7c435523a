import { createCore } from "../../../../../widget/core/core.ts";
import { createThreads } from "../../../../../widget/core/threads.ts";
import type { PageEvent } from "../../../../../client/platform/environment.ts";
import type { RealtimeEnvironment } from "../../../../../client/realtime/socket.ts";
import type { Core, CoreEvents, CoreOptions } from "../../../../../widget/core/core.ts";
import { FakeClock, settle } from "./clock.ts";
import { AGENT, API, FakeServer } from "./server.ts";
import { FakeRealtime } from "./socket.ts";

/** A browser tab: its page, its storage. */
export class FakePage {
  visible = true;
  readonly listeners = new Set<(event: PageEvent) => void>();
  readonly stored = new Map<string, string>();
  storageBlocked = false;
  /** The last of those who run, or wait to run, under a name. */
  private readonly locks = new Map<string, Promise<unknown>>();

  exclusively<Value>(name: string, run: () => Promise<Value>): Promise<Value> {
    const mine = Promise.resolve(this.locks.get(name)).then(run, run);
    this.locks.set(name, mine);
    return mine;
  }

  emit(event: PageEvent): void {
    if (event === "visible") this.visible = true;
    if (event === "hidden") this.visible = false;
    for (const listener of [...this.listeners]) listener(event);
  }
}

/** `{"sub":"…"}` as a JWT; nobody verifies it here. */
export function tokenOf(sub: string, more: Record<string, unknown> = {}): string {
  return `x.${Buffer.from(JSON.stringify({ sub, ...more })).toString("base64url")}.x`;
}

export interface World {
  clock: FakeClock;
  server: FakeServer;
  realtime: FakeRealtime;
  page: FakePage;
  environment: RealtimeEnvironment;
  core: Core;
  /** What the page's console says. */
  warnings: string[];
  /** Everything the core emitted, in order. */
  emitted: { name: keyof CoreEvents; detail: unknown }[];
  /** A further page view of the same browser tab, with its own core. */
  reload(options?: Partial<CoreOptions>): Core;
}

/** A core in made-up surroundings; `random` is the jitter, 0 by default. */
export function createWorld(options: Partial<CoreOptions> & { random?: () => number } = {}): World {
  const clock = new FakeClock();
  const server = new FakeServer();
  const realtime = new FakeRealtime();
  const page = new FakePage();
  const warnings: string[] = [];
  let uuids = 0;
  const environment: RealtimeEnvironment = {
    fetch: server.fetch,
    now: clock.now,
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    random: options.random ?? (() => 0),
    uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, "0")}`,
    storage: {
      read: (area, key) => page.stored.get(`${area} ${key}`) ?? null,
      write(area, key, value) {
        if (value === null) page.stored.delete(`${area} ${key}`);
        else page.stored.set(`${area} ${key}`, value);
        return !page.storageBlocked;
      },
    },
    exclusively: (name, run) => page.exclusively(name, run),
    page: {
      isVisible: () => page.visible,
      listen(handler) {
        page.listeners.add(handler);
        return () => page.listeners.delete(handler);
      },
    },
    openSocket: realtime.open,
    warn: (message) => warnings.push(message),
  };
  const emitted: World["emitted"] = [];
  const create = (more: Partial<CoreOptions>) => {
    const { random: _random, ...rest } = options;
    const defaults = { agentId: AGENT, apiOrigin: API, userToken: tokenOf("ada") };
    const core = createCore({ ...defaults, ...rest, ...more }, environment);
    core.useThreads(createThreads);
    for (const name of ["unread", "message", "error", "ready"] as const) {
      core.on(name, (detail) => emitted.push({ name, detail }));
    }
    return core;
  };
  return {
    clock,
    server,
    realtime,
    page,
    environment,
    warnings,
    emitted,
    core: create({}),
    reload(more = {}) {
      page.listeners.clear();
      return create(more);
    },
  };
}

/** A world whose visitor has started and opened the panel: live, with the list of messages shown. */
export async function createLiveWorld(
  options: Partial<CoreOptions> & { random?: () => number; prepare?: (world: World) => void } = {},
): Promise<World> {
  const { prepare, ...rest } = options;
  const world = createWorld(rest);
  prepare?.(world);
  await world.core.start();
  world.core.setPanelOpen(true);
  await settle();
  return world;
}

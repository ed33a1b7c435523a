import { type Core, type CoreEvents, type CoreOptions, createCore } from "../../../../../widget/core/core.ts";
import { createThreads } from "../../../../../widget/core/threads.ts";
import type { RealtimeEnvironment } from "../../../../../client/realtime/socket.ts";
import { type FakeClock, settle } from "../../../client/support/clock.ts";
import { createSurroundings, type FakePage } from "../../../client/support/environment.ts";
import type { FakeRealtime } from "../../../client/support/socket.ts";
import { AGENT, API, FakeServer } from "./server.ts";

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
  const server = new FakeServer();
  const { clock, page, realtime, warnings, environment } = createSurroundings(server.fetch, options.random);
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

import type { PageEvent } from "../../../../client/platform/environment.ts";
import type { RealtimeEnvironment } from "../../../../client/realtime/socket.ts";
import type { InboxEnvironment } from "../../../../inbox/core/project.ts";
import { FakeClock } from "./clock.ts";
import { FakeRealtime } from "./socket.ts";

/** A browser tab: its page, its storage. */
export class FakePage {
  visible = true;
  online = true;
  readonly listeners = new Set<(event: PageEvent) => void>();
  readonly stored = new Map<string, string>();
  /** By key in local storage, who wants to know what other windows write. */
  readonly followers = new Map<string, () => void>();
  storageBlocked = false;
  /** The last of those who run, or wait to run, under a name. */
  private readonly locks = new Map<string, Promise<unknown>>();

  exclusively<Value>(name: string, run: () => Promise<Value>): Promise<Value> {
    const mine = Promise.resolve(this.locks.get(name)).then(run, run);
    this.locks.set(name, mine);
    return mine;
  }

  /** Another window of this browser writes into local storage. */
  writeElsewhere(key: string, value: string | null): void {
    if (value === null) this.stored.delete(`local ${key}`);
    else this.stored.set(`local ${key}`, value);
    this.followers.get(key)?.();
  }

  emit(event: PageEvent): void {
    if (event === "visible") this.visible = true;
    if (event === "hidden") this.visible = false;
    if (event === "online") this.online = true;
    if (event === "offline") this.online = false;
    for (const listener of [...this.listeners]) listener(event);
  }
}

export interface Surroundings {
  clock: FakeClock;
  page: FakePage;
  realtime: FakeRealtime;
  /** What the page's console says. */
  warnings: string[];
  environment: InboxEnvironment;
}

/** Everything an engine takes from a page, in a test's hands; `random` is the jitter, 0 by default. */
export function createSurroundings(
  fetch: RealtimeEnvironment["fetch"],
  random: () => number = () => 0,
): Surroundings {
  const clock = new FakeClock();
  const page = new FakePage();
  const realtime = new FakeRealtime();
  const warnings: string[] = [];
  let uuids = 0;
  let last = 0;
  const environment: InboxEnvironment = {
    fetch,
    now: clock.now,
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    random,
    uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, "0")}`,
    nextInOrder: () => ++last,
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
      isOnline: () => page.online,
      info: () => undefined,
      listen(handler) {
        page.listeners.add(handler);
        return () => page.listeners.delete(handler);
      },
    },
    followStorage(key, onChange) {
      page.followers.set(key, onChange);
      return () => void page.followers.delete(key);
    },
    openSocket: realtime.open,
    warn: (message, cause) => warnings.push(cause === undefined ? message : `${message} ${cause}`),
  };
  return { clock, page, realtime, warnings, environment };
}

import type { Core } from "../core/types.ts";
import type { Chunks } from "./chunks.ts";
import type { LoaderConfig } from "./config.ts";
import type { Events } from "./events.ts";
import { whenIdle } from "./idle.ts";
import type { Memory } from "./memory.ts";

export interface IdentifyOptions {
  /** Asked for a fresh token when the old one has expired; `null` means that the visitor is signed out. */
  getUserToken?: () => Promise<string | null>;
}

/** Who the visitor is, and the core that speaks for them once it is needed. */
export interface Session {
  /** Loads the core if necessary and makes sure that it has, or is getting, a session. */
  start(): Promise<Core>;
  /** Starts without being asked: for visitors whose badge may be waiting. */
  startWhenIdle(): void;
  identify(userToken: string, options?: IdentifyOptions): void;
  logout(): void;
  setPanelOpen(open: boolean): void;
  shutdown(): void;
}

export interface SessionParts {
  config: LoaderConfig;
  chunks: Chunks;
  memory: Memory;
  events: Events;
  onCore(core: Core): void;
}

export function createSession({ config, chunks, memory, events, onCore }: SessionParts): Session {
  let userToken = config.userToken;
  let getUserToken: IdentifyOptions["getUserToken"];
  let core: Core | undefined;
  let loading: Promise<Core> | undefined;
  let cancelIdle = () => {};
  let ended = false;

  async function create(): Promise<Core> {
    const { createCore } = await chunks.core();
    if (ended) throw new Error("The widget was shut down.");
    const created = createCore({
      agentId: config.agentId,
      apiOrigin: config.apiOrigin,
      userToken,
      getUserToken: async () => (await getUserToken?.()) ?? null,
    });
    core = created;
    onCore(created);
    return created;
  }

  function load(): Promise<Core> {
    loading ??= create().catch((error) => {
      loading = undefined;
      if (!ended) events.emit("error", { code: "network", message: "The widget could not be loaded." });
      throw error;
    });
    return loading;
  }

  async function start(): Promise<Core> {
    const core = await load();
    const { status } = core.session.value;
    if (status === "idle" || status === "failed") void core.start();
    return core;
  }

  /** For callers that nobody waits for: `load` has already reported the failure. */
  const reported = () => {};

  const session: Session = {
    start,
    startWhenIdle() {
      cancelIdle();
      cancelIdle = whenIdle(() => void start().catch(reported));
    },
    identify(next, options) {
      getUserToken = options?.getUserToken ?? getUserToken;
      if (next === userToken) return;
      userToken = next;
      if (core) void core.identify(next);
      else session.startWhenIdle();
    },
    logout() {
      cancelIdle();
      userToken = undefined;
      getUserToken = undefined;
      const { looks, visitor } = memory.read();
      // The core clears what it stored, so it is needed even where it was not loaded on this page.
      if (loading || visitor) void load().then((core) => core.logout(), reported);
      if (visitor) memory.write({ looks });
      events.forget("ready", "unread");
    },
    setPanelOpen(open) {
      core?.setPanelOpen(open);
    },
    shutdown() {
      ended = true;
      cancelIdle();
      core?.shutdown();
    },
  };
  return session;
}

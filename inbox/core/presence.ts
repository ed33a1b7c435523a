import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { type Envelope, eventsOf } from "../../shared/events.ts";
import type { InboxEnvironment, Project } from "./project.ts";
import type { Agent } from "./team.ts";

/** What an operator who is signed in may choose to be. */
export const AVAILABILITIES = ["online", "away"] as const;
export type Availability = (typeof AVAILABILITIES)[number];

const KEY = "heddle.inbox.availability";
/** Milliseconds. The lease lasts twice as long (docs/store.md). */
const BETWEEN_LEASES = 20_000;

/** Who is here: leases that operators and visitors keep at the server. */
export interface Presence {
  /** `online` or `away`, by a member's id or `agentId/endUserId`; who is not in it is not here. */
  readonly here: ReadonlySignal<ReadonlyMap<string, string>>;
  /** When visitors who went while this was open were there last, ISO 8601, by `agentId/endUserId`. */
  readonly left: ReadonlySignal<ReadonlyMap<string, string>>;
  readonly availability: ReadonlySignal<Availability>;
  choose(next: Availability): void;
  /** The team's channel was joined, or could not be for a while. */
  load(): void;
  receive(envelope: Envelope | null): void;
  /** The operator goes: says so without waiting for an answer. */
  leave(): void;
  /** The page is looked at again. */
  wake(): void;
}

export interface PresenceSetup {
  environment: InboxEnvironment;
  /** The desk's. */
  scope: Scope;
  project: Project;
  agent: Agent;
  userId: string;
}

interface Here {
  user_id: string;
  status: string;
  lastSeenAt?: string;
}

export function createPresence(setup: PresenceSetup): Presence {
  const { environment, scope, project, agent, userId } = setup;
  const present = agent.members.filter(({ state }) => state !== "offline");
  const here = signal<ReadonlyMap<string, string>>(new Map(present.map(({ id, state }) => [id, state])));
  const left = signal<ReadonlyMap<string, string>>(new Map());
  const key = `${KEY}.${userId}`;
  const kept = () => AVAILABILITIES.find((each) => each === environment.storage.read("local", key));
  const availability = signal<Availability>(kept() ?? "online");
  const lease = createLease(scope, () => project.call("inbox_here", { p_state: availability.value }, {}));
  /** What was heard while an answer is on its way is newer. */
  let heard: Here[] | null = null;

  function put(changes: Here[]) {
    const next = new Map(here.value);
    for (const { user_id, status } of changes) {
      if (status === "offline") next.delete(user_id);
      else next.set(user_id, status);
    }
    here.value = next;
  }

  async function load(): Promise<void> {
    if (heard) return;
    heard = [];
    const result = await project.call<Here[]>(
      "inbox_present",
      { p_agent_id: agent.id },
      [{ user_id: "", status: "" }],
    );
    const since = heard;
    heard = null;
    if (scope.ended || !result.ok) return;
    here.value = new Map();
    put([...result.value, ...since]);
  }

  lease.keep();
  // Each window renews the lease: they must say the same.
  scope.onEnd(environment.followStorage(key, () => {
    const chosen = kept();
    if (!chosen || chosen === availability.value) return;
    availability.value = chosen;
    lease.keep();
  }));
  return {
    here,
    left,
    availability,
    choose(next) {
      environment.storage.write("local", key, next);
      availability.value = next;
      lease.keep();
    },
    load: () => void load(),
    receive(envelope) {
      const changes = (envelope ? eventsOf(envelope) : []).flatMap(readPresence);
      if (changes.length === 0) return;
      const gone = changes.filter(({ lastSeenAt }) => lastSeenAt !== undefined);
      if (gone.length > 0) {
        left.value = new Map([
          ...left.value,
          ...gone.map(({ user_id, lastSeenAt = "" }) => [user_id, lastSeenAt] as const),
        ]);
      }
      heard?.push(...changes);
      put(changes);
      // Another window of the same operator was closed.
      if (changes.some(({ user_id, status }) => user_id === userId && status === "offline")) lease.keep();
    },
    leave() {
      lease.end();
      project.tell("inbox_here", { p_state: "offline" });
    },
    wake: lease.keep,
  };
}

function readPresence({ type, data: { user_id, status, lastSeenAt } }: Envelope): Here[] {
  if (type === "user:offline" && typeof user_id === "string") {
    return [{ user_id, status: "offline", ...(typeof lastSeenAt === "string" ? { lastSeenAt } : {}) }];
  }
  const isReadable = type === "user:online" && typeof user_id === "string" && typeof status === "string";
  return isReadable ? [{ user_id, status }] : [];
}

/** Renews now, and from then on in time; one request at once. */
function createLease(scope: Scope, renew: () => Promise<unknown>) {
  let cancel = () => {};
  let isAsking = false;
  let isDue = false;

  async function keep(): Promise<void> {
    isDue = isAsking;
    if (isAsking || scope.ended) return;
    cancel();
    isAsking = true;
    cancel = scope.after(BETWEEN_LEASES, () => void keep());
    await renew();
    isAsking = false;
    if (isDue) await keep();
  }

  return {
    keep: () => void keep(),
    end() {
      isDue = false;
      cancel();
    },
  };
}

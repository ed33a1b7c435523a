/** For whom this browser is told by push, and when the project last heard of it. */
export interface PushMark {
  visitorId: string;
  /** What the project reaches the browser by. */
  endpoint: string;
  /** Milliseconds since the epoch. */
  savedAt: number;
}

/** Begins as all of an agent's names do (core/session/store.ts): signing out removes it. */
const keyOf = (agentId: string) => `heddle:${agentId}:push`;

/** `null`: for nobody, or nobody knows. */
export function readMark(agentId: string): PushMark | null {
  try {
    const { visitorId, endpoint, savedAt } = Object(JSON.parse(localStorage.getItem(keyOf(agentId)) ?? "{}"));
    return [visitorId, endpoint].every((each) => typeof each === "string") && typeof savedAt === "number"
      ? { visitorId, endpoint, savedAt }
      : null;
  } catch {
    // Blocked storage, or not ours.
    return null;
  }
}

/** `null` removes it. False where storage is blocked: nobody would know whose it is. */
export function writeMark(agentId: string, mark: PushMark | null): boolean {
  try {
    if (mark) localStorage.setItem(keyOf(agentId), JSON.stringify(mark));
    else localStorage.removeItem(keyOf(agentId));
    return true;
  } catch {
    return false;
  }
}

/** Calls back whenever another page of the site may have changed it. Returns what ends that. */
export function followMark(agentId: string, onChange: () => void): () => void {
  const ending = new AbortController();
  addEventListener("storage", ({ key }) => {
    if (key === keyOf(agentId) || key === null) onChange();
  }, { signal: ending.signal });
  return () => ending.abort();
}

/** For whom this browser is told by push, and when the project last heard of it. */
export interface PushMark {
  visitorId: string;
  /** Milliseconds since the epoch. */
  savedAt: number;
}

/** Begins as all of an agent's names do (core/session/store.ts): signing out removes it. */
const keyOf = (agentId: string) => `heddle:${agentId}:push`;

/** `null`: for nobody, or nobody knows. */
export function readMark(agentId: string): PushMark | null {
  try {
    const { visitorId, savedAt } = Object(JSON.parse(localStorage.getItem(keyOf(agentId)) ?? "{}"));
    return typeof visitorId === "string" && typeof savedAt === "number" ? { visitorId, savedAt } : null;
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

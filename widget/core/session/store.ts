import type { ValidateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import type { Environment } from "../../../client/platform/environment.ts";
import { fits, type Shape } from "../../../client/http/transport.ts";
import { VALIDATED } from "../answers.ts";

/**
 * Under which names the browser keeps an agent's session and what the panel shows (session storage), its
 * anonymous visitor, what visitors wrote, and, with a tab's id behind it, whether that tab's owner echoes
 * (local storage).
 */
export function storageKeys(agentId: string) {
  const prefix = `heddle:${agentId}:`;
  return {
    sessionKey: `${prefix}session`,
    shownKey: `${prefix}shown`,
    visitorKey: `${prefix}visitor`,
    writingKey: `${prefix}writing`,
    echoKey: `${prefix}echo:`,
  };
}

export interface StoredSession {
  answer: ValidateWidgetAnswer;
  /** Milliseconds since the epoch, by this browser's clock. */
  validatedAt: number;
  /** What the user token said of the visitor, if there was one. */
  said?: string;
}

export interface SessionStore {
  read(): StoredSession | null;
  save(session: StoredSession): void;
  visitorToken(): string | undefined;
  forgetSession(): void;
  /** The session, the anonymous visitor's token, and what was written. */
  forgetVisitor(): void;
}

/**
 * Keeps session and display for the browser tab, so that page views don't each validate, and an anonymous
 * visitor's token for good. `onBlocked` is called once if the browser lets us keep them in memory only.
 */
export function createSessionStore(
  storage: Environment["storage"],
  agentId: string,
  onBlocked: () => void,
): SessionStore {
  const { sessionKey, shownKey, visitorKey, writingKey } = storageKeys(agentId);
  function forgetSession() {
    for (const key of [sessionKey, shownKey]) storage.write("session", key, null);
  }
  let told = false;
  return {
    read: () => parse(storage.read("session", sessionKey) ?? ""),
    save(session) {
      let kept = storage.write("session", sessionKey, JSON.stringify(session));
      const { visitorToken } = session.answer;
      if (visitorToken) kept = storage.write("local", visitorKey, visitorToken) && kept;
      if (!kept && !told) onBlocked();
      told ||= !kept;
    },
    visitorToken: () => storage.read("local", visitorKey) ?? undefined,
    forgetSession,
    forgetVisitor() {
      forgetSession();
      for (const key of [visitorKey, writingKey]) storage.write("local", key, null);
    },
  };
}

const STORED: Shape<StoredSession> = { answer: VALIDATED, validatedAt: 0 };

function parse(text: string): StoredSession | null {
  try {
    const stored: unknown = JSON.parse(text);
    return fits<StoredSession>(stored, STORED) ? stored : null;
  } catch {
    // Not ours, and so not a session.
    return null;
  }
}

import type { ValidateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import type { Environment } from "../../../client/platform/environment.ts";
import { fits, type Shape } from "../../../client/http/transport.ts";
import { VALIDATED } from "../answers.ts";

/**
 * Under which names the browser keeps an agent's session (session storage), its anonymous visitor, and, with
 * a tab's id behind it, whether that tab's owner echoes (local storage).
 */
export function storageKeys(
  agentId: string,
): { sessionKey: string; visitorKey: string; echoKey: string } {
  const prefix = `heddle:${agentId}:`;
  return { sessionKey: `${prefix}session`, visitorKey: `${prefix}visitor`, echoKey: `${prefix}echo:` };
}

export interface StoredSession {
  answer: ValidateWidgetAnswer;
  /** Milliseconds since the epoch, by this browser's clock. */
  validatedAt: number;
}

export interface SessionStore {
  read(): StoredSession | null;
  save(session: StoredSession): void;
  visitorToken(): string | undefined;
  forgetSession(): void;
  /** The session and the anonymous visitor's token. */
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
  const { sessionKey, visitorKey } = storageKeys(agentId);
  const forgetSession = () => void storage.write("session", sessionKey, null);
  let told = false;
  return {
    read() {
      const text = storage.read("session", sessionKey);
      return text ? parse(text) : null;
    },
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
      storage.write("local", visitorKey, null);
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

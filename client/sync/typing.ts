import type { AuthorRole } from "../../shared/items.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";

/** Milliseconds: as long as somebody types after the last notice of it. */
const TYPING = 6000;
const BETWEEN_NOTICES = 3000;

export interface Typist {
  role: AuthorRole;
  /** Of a member of the team, where the team alone is told. */
  id?: string;
  /** Absent for visitors. */
  name?: string;
}

/** Who else is writing (docs/realtime.md, rule 12): for six seconds, or until their message comes. */
export interface Typists {
  readonly all: readonly Typist[];
  /** A notice that the server wrote at that time, in milliseconds. */
  heard(typist: Typist, at: number): void;
  /** A message, written at that time. One of the system says what became of a bot's turn: it ends what bots were writing. */
  wrote(author: Typist, at: number): void;
}

export interface TypistsSetup {
  scope: Scope;
  onChange(): void;
}

export function createTypists({ scope, onChange }: TypistsSetup): Typists {
  const typing = new Map<string, { typist: Typist; at: number; cancel(): void }>();
  const wroteAt = new Map<string, number>();

  function stop(key: string) {
    typing.get(key)?.cancel();
    if (typing.delete(key)) onChange();
  }

  return {
    get all() {
      return [...typing.values()].map(({ typist }) => typist);
    },
    heard(typist, at) {
      const key = keyOf(typist);
      // Their message has overtaken it.
      if (at <= (wroteAt.get(key) ?? -Infinity)) return;
      const isNew = !typing.has(key);
      typing.get(key)?.cancel();
      typing.set(key, { typist, at, cancel: scope.after(TYPING, () => stop(key)) });
      if (isNew) onChange();
    },
    wrote(author, at) {
      // A notice may come without an id, or without a name.
      const { role, name } = author;
      for (const key of new Set([keyOf(author), keyOf({ role, name }), keyOf({ role })])) {
        wroteAt.set(key, Math.max(at, wroteAt.get(key) ?? -Infinity));
        // An earlier message, edited, does not end what is being typed.
        if (at >= (typing.get(key)?.at ?? Infinity)) stop(key);
      }
      if (role !== "system") return;
      for (const [key, bot] of [...typing]) if (bot.typist.role === "bot" && at >= bot.at) stop(key);
    },
  };
}

/** A conversation's visitors are one; a team has several who type, and two of them may share a name. */
function keyOf({ role, id, name = "" }: Typist): string {
  return role === "visitor" ? role : `${role} ${id ?? name}`;
}

/** Says that the viewer types, at most every three seconds. What is sent ends it by itself. */
export interface TypingNotices {
  /** The viewer changed the text. */
  typed(): void;
}

export function createTypingNotices(
  { now }: Pick<Environment, "now">,
  send: () => Promise<unknown>,
): TypingNotices {
  let noticedAt = -Infinity;
  return {
    typed() {
      const passed = now() - noticedAt;
      // A clock that was put back has left the last notice in the future.
      if (passed >= 0 && passed < BETWEEN_NOTICES) return;
      noticedAt = now();
      void send();
    },
  };
}

import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import type { Row } from "../core/rows.ts";
import type { Member } from "../core/team.ts";
import { words } from "./strings.ts";

/** What a conversation is called: by its visitor's name, else by where it began; a room by its own. */
export function nameOf({ kind, name, customerName, customerEmail, psid }: Row): string {
  if (kind === "room") return firstVisible(name) ?? words.visitor;
  return firstVisible(customerName, customerEmail, name) ?? unnamed(psid);
}

/** What a visitor is called who said no name: the same every time, and hardly ever as another one. */
export function unnamed(visitorId: string): string {
  let hash = 0;
  for (const character of visitorId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % HASHES;
  return words.unnamed(hash.toString(16).toUpperCase().padStart(4, "0"));
}

/** A prime below what four hexadecimal digits hold. */
const HASHES = 65_521;

/** The first of the names that something is to be seen of. */
export function firstVisible(...names: (string | null)[]): string | undefined {
  return names.map((name) => withoutOverrides(name ?? "").trim()).find((name) => name !== "");
}

interface Claims {
  name: string | null;
  email: string | null;
  identified: boolean;
}

/** True if the visitor has said who they are and the site does not vouch for it. */
export function isUnverified({ name, email, identified }: Claims): boolean {
  return !identified && firstVisible(name, email) !== undefined;
}

/** What members are called, by id: those whose names read alike with their address as well. */
export function memberNames(members: readonly Member[]): ReadonlyMap<string, string> {
  const names = members.map(({ name }) => withoutOverrides(name));
  const isShared = (name: string) => names.filter((other) => other === name).length > 1;
  return new Map(members.map(({ id, email }, index) => {
    const name = names[index] ?? "";
    return [id, email && isShared(name) ? `${name} (${email})` : name];
  }));
}

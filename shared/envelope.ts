/**
 * What every broadcast carries, apart from the events in it: a page that only listens for hints reads no
 * more.
 */

/** The same on every way. Realtime's event name is the envelope's `type`; clients read the envelope only. */
export interface Envelope<Type extends string = string, Data = Record<string, unknown>> {
  v: 1;
  /** uuid of the event; the same on every channel that carries it. */
  id: string;
  type: Type;
  /** ISO 8601, server time. */
  at: string;
  data: Data;
}

/**
 * The envelope, or `null` if it is none of a version known here. Says nothing about what its type wants of
 * `data`.
 */
export function readEnvelope(value: unknown): Envelope | null {
  if (!isObject(value)) return null;
  const { v, id, type, at, data } = value;
  const isEnvelope = v === 1 && typeof id === "string" && typeof type === "string" &&
    typeof at === "string" &&
    isObject(data);
  return isEnvelope ? { v, id, type, at, data } : null;
}

/**
 * True for a broadcast that only says that something has happened, as does one that is no envelope (`null`).
 */
export function isHint(envelope: Envelope | null): boolean {
  return envelope === null || envelope.type === "refresh";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

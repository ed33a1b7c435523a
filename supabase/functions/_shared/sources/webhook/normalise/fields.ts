export type Source = Record<string, unknown>;

/** Reads an object by aliases, and remembers which of its fields were understood. */
export interface Fields {
  /** The first alias that is present and that `read` makes something of. */
  take<Value>(aliases: readonly string[], read: (value: unknown) => Value | undefined): Value | undefined;
  /** What was not taken, untouched. */
  rest(): Source;
}

export function isSource(value: unknown): value is Source {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(source: Source): Fields {
  const keys = new Map<string, string>();
  for (const [key, value] of Object.entries(source)) {
    const name = canonical(key);
    if (value !== null && value !== undefined && !keys.has(name)) keys.set(name, key);
  }
  const taken = new Set<string>();

  function take<Value>(aliases: readonly string[], read: (value: unknown) => Value | undefined) {
    for (const alias of aliases) {
      const key = keys.get(canonical(alias));
      if (key === undefined || taken.has(key)) continue;
      const value = read(source[key]);
      if (value === undefined) continue;
      taken.add(key);
      return value;
    }
    return undefined;
  }

  function rest(): Source {
    return Object.fromEntries(Object.entries(source).filter(([key]) => !taken.has(key)));
  }

  return { take, rest };
}

/**
 * What a shape does not know of, for its `fields`; the content of an owner's own `fields` object stands among
 * it.
 */
export function extrasOf(fields: Fields): Source {
  const rest = fields.rest();
  if (!isSource(rest.fields)) return rest;
  const { fields: inner, ...beside } = rest;
  return { ...beside, ...inner };
}

/** `unread_count`, `unreadCount` and `UnreadCount` are one name; `_id` is not `id`. */
function canonical(key: string): string {
  return key.replace(/(?<=[^_])_+(?=[^_])/g, "").toLowerCase();
}

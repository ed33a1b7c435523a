import type { Sql } from "postgres";

export interface Parameter {
  name: string;
  /** As SQL writes it. */
  type: string;
  optional: boolean;
  variadic: boolean;
}

/** One function that may be called; overloads are several. */
export interface Signature {
  parameters: Parameter[];
  returnsVoid: boolean;
  returnsSet: boolean;
  /** Volatile functions may write; the others run in a read-only transaction. */
  volatile: boolean;
}

interface CatalogRow {
  names: string[] | null;
  types: string[];
  optional: number;
  variadic: boolean;
  returnsVoid: boolean;
  returnsSet: boolean;
  volatile: boolean;
}

/** Looks functions up in the catalog and caches them until `forget`. */
export class Signatures {
  readonly #sql: Sql;
  readonly #known = new Map<string, Promise<Signature[]>>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** All functions of this name. An empty result is not cached: the function may be created at any moment. */
  async find(schema: string, name: string): Promise<Signature[]> {
    const key = keyOf(schema, name);
    const known = this.#known.get(key);
    if (known) return await known;
    const lookup = this.#lookUp(schema, name);
    this.#known.set(key, lookup);
    try {
      const found = await lookup;
      if (found.length === 0) this.#known.delete(key);
      return found;
    } catch (error) {
      this.#known.delete(key);
      throw error;
    }
  }

  /** Makes the next `find` look again. */
  forget(schema: string, name: string): void {
    this.#known.delete(keyOf(schema, name));
  }

  async #lookUp(schema: string, name: string): Promise<Signature[]> {
    const rows = await this.#sql<CatalogRow[]>`
      select
        p.proargnames as names,
        array(
          select format_type(type, null) from unnest(p.proargtypes) with ordinality as _ (type, place)
          order by place
        ) as types,
        p.pronargdefaults as optional,
        p.provariadic <> 0 as variadic,
        p.prorettype = 'void'::regtype as "returnsVoid",
        p.proretset as "returnsSet",
        p.provolatile = 'v' as volatile
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = ${schema} and p.proname = ${name} and p.prokind = 'f'`;
    return rows.map(toSignature);
  }
}

function keyOf(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}

function toSignature({ names, types, optional, variadic, ...rest }: CatalogRow): Signature {
  const required = types.length - optional;
  const parameters = types.map((type, place) => ({
    name: names?.[place] ?? "",
    type,
    optional: place >= required,
    variadic: variadic && place === types.length - 1,
  }));
  return { parameters, ...rest };
}

/** The signatures that accept a call with these argument names. */
export function matching(signatures: Signature[], given: string[]): Signature[] {
  return signatures.filter(({ parameters }) =>
    given.every((name) => parameters.some((parameter) => parameter.name === name)) &&
    parameters.every(({ name, optional }) => optional || given.includes(name))
  );
}

import postgres, { type Sql } from "postgres";
import type { TestStack } from "../../support/stack.ts";

/** The store's database, as its superuser. */
export interface Database {
  readonly agentId: string;
  /** Throws while it is away. */
  readonly sql: Sql;
  /** It is away until `fail` is done. */
  during(fail: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** With a client of its own, which no failure of Postgres meets: it might go on writing to a connection that is gone. */
export function connect({ dbUrl, agent }: TestStack): Database {
  const open = () => postgres(dbUrl, { max: 4, onnotice: () => undefined });
  let sql: Sql | null = open();

  async function close() {
    const former = sql;
    sql = null;
    await former?.end({ timeout: 1 });
  }

  return {
    agentId: agent.id,
    get sql() {
      if (!sql) throw new Error("Postgres is away");
      return sql;
    },
    async during(fail) {
      await close();
      await fail().finally(() => (sql = open()));
    },
    close,
  };
}

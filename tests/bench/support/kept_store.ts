import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import postgres, { type Sql } from "postgres";
import { provision } from "../../../local/postgres/provision.ts";
import { type PostgresServer, startPostgres } from "../../../local/postgres/server.ts";
import { SUPERUSER } from "../../../local/postgres/superuser.ts";
import { keepPartitions } from "../../../local/realtime/database/partitions.ts";
import { loadConversations } from "../../support/conversation_load.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const SUPABASE_DIR = join(ROOT, "supabase");
const DATA_DIR = join(ROOT, ".heddle/bench");
const MESSAGES_EACH = 10;
const DEMO = {
  agentId: "a0000000-0000-4000-8000-000000000001",
  orgId: "c0000000-0000-4000-8000-000000000001",
};

/** Stores full of messages, kept from one bench to the next: a million takes minutes to make. */
export interface KeptStores {
  readonly agentId: string;
  /** A session, as superuser, in the store with so many messages; makes it if there is none of this schema. */
  open(messages: number): Promise<Sql>;
  stop(): Promise<void>;
}

export async function startKeptStores(): Promise<KeptStores> {
  // Postgres may run as another user, who must be able to come here.
  mkdirSync(dirname(DATA_DIR), { recursive: true });
  const server: PostgresServer = await startPostgres({ dataDir: DATA_DIR, port: 0, log: () => undefined });
  const urlOf = (database: string) => server.url(SUPERUSER, database);
  const schema = schemaHash();
  const sessions: Sql[] = [];
  const warnings = new Set<string>();
  await dropOthers(urlOf("postgres"), schema);

  async function make(database: string, messages: number): Promise<void> {
    const making = `making_${messages}`;
    await admin(urlOf("postgres"), (sql) => sql`drop database if exists ${sql(making)}`);
    await provision({ adminUrl: urlOf("postgres"), database: making, supabaseDir: SUPABASE_DIR });
    await admin(urlOf(making), (sql) =>
      loadConversations(sql, {
        ...DEMO,
        conversations: messages / MESSAGES_EACH,
        messagesEach: MESSAGES_EACH,
        operators: 20,
      }));
    await admin(urlOf("postgres"), (sql) => sql`alter database ${sql(making)} rename to ${sql(database)}`);
  }

  return {
    agentId: DEMO.agentId,
    async open(messages) {
      const database = `store_${messages}_${schema}`;
      const [known] = await admin(
        urlOf("postgres"),
        (sql) => sql`select from pg_database where datname = ${database}`,
      );
      if (!known) await make(database, messages);
      // Realtime's work, which does not run here: without today's, nothing can be broadcast.
      await admin(urlOf(database), (sql) => keepPartitions(sql, Date.now()));
      const session = postgres(urlOf(database), {
        max: 1,
        onnotice: ({ severity, message }) => void (severity === "WARNING" && warnings.add(`${message}`)),
      });
      sessions.push(session);
      return session;
    },
    async stop() {
      await Promise.all(sessions.map((session) => session.end()));
      await server.stop();
      // A change that could not be announced costs something else.
      if (warnings.size > 0) throw new Error(`The store warned:\n${[...warnings].join("\n")}`);
    },
  };
}

/** Stores of another schema, or of other data, are of no use any more. */
async function dropOthers(url: string, schema: string): Promise<void> {
  await admin(url, async (sql) => {
    const others = await sql<{ name: string }[]>`
      select datname as name from pg_database where datname like 'store\\_%' and datname not like ${`%\\_${schema}`}`;
    for (const { name } of others) await sql`drop database ${sql(name)}`;
  });
}

function schemaHash(): string {
  const hash = createHash("sha256");
  const migrations = join(SUPABASE_DIR, "migrations");
  const load = join(ROOT, "tests/support/conversation_load.ts");
  for (const file of [...readdirSync(migrations).sort().map((name) => join(migrations, name)), load]) {
    hash.update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}

async function admin<Value>(url: string, work: (sql: Sql) => Promise<Value>): Promise<Value> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

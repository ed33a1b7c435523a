import postgres, { type Sql } from "postgres";
import { seed } from "./seed.ts";

const UNDEFINED_DATABASE = "3D000";
const DUPLICATE_DATABASE = "42P04";

/** The shop's database with its tables; created and filled with a little data if it is new. */
export async function openDatabase(url: string): Promise<Sql> {
  const sql = connect(url);
  try {
    await createTables(sql);
    return sql;
  } catch (error) {
    await sql.end();
    if (!(error instanceof postgres.PostgresError) || error.code !== UNDEFINED_DATABASE) throw error;
  }
  await createDatabase(url);
  const created = connect(url);
  await createTables(created);
  return created;
}

function connect(url: string): Sql {
  return postgres(url, { max: 5, onnotice: () => undefined, transform: { column: postgres.toCamel } });
}

async function createTables(sql: Sql): Promise<void> {
  const schema = await Deno.readTextFile(new URL("schema.sql", import.meta.url));
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(4173)`; // two shops that start at once
    await tx.unsafe(schema);
    const [anyShopper] = await tx`select from shoppers limit 1`;
    if (!anyShopper) await seed(tx);
  });
}

async function createDatabase(url: string): Promise<void> {
  const server = new URL(url);
  const name = server.pathname.slice(1);
  server.pathname = "/postgres";
  const sql = postgres(server.href, { max: 1 });
  try {
    await sql`create database ${sql(name)}`;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || error.code !== DUPLICATE_DATABASE) throw error;
  } finally {
    await sql.end();
  }
}

import { usageError } from "../errors.ts";

/** Of libpq. The driver checks the server's certificate for verify-ca and verify-full. */
const TLS_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
/** Parameters that the driver or Postgres reads, with the values that they may have. */
const READ: Record<string, string[] | null> = {
  sslmode: TLS_MODES,
  ssl: [...TLS_MODES, "true", "false"],
  application_name: null,
  options: null,
  statement_timeout: null,
  lock_timeout: null,
  idle_in_transaction_session_timeout: null,
};
/** Parameters by which other clients choose how they pool and wait; a command makes one connection. */
const FOR_OTHER_CLIENTS = new Set([
  // Prisma
  ...["pgbouncer", "connection_limit", "pool_timeout", "socket_timeout", "schema", "statement_cache_size"],
  // libpq and its kin
  ...["connect_timeout", "target_session_attrs", "load_balance_hosts", "keepalives", "keepalives_idle"],
  ...["keepalives_interval", "keepalives_count", "tcp_user_timeout", "client_encoding"],
  // pgx, JDBC, SQLAlchemy, node-postgres, and Supabase's integration with Vercel
  ...[
    "pool_max_conns",
    "pool_min_conns",
    "default_query_exec_mode",
    "prepareThreshold",
    "preparedStatementCacheQueries",
  ],
  ...["prepared_statement_cache_size", "prepared_statements", "uselibpqcompat", "supa", "workaround"],
]);

/**
 * A database's URL as the driver takes it: without the parameters of other clients. Throws a usage error, which never repeats the
 * URL, for one that is none, and for a parameter that nobody knows: it might be there for the connection's safety.
 */
export function driverUrl(text: string): URL {
  if (!isDatabaseUrl(text)) {
    throw usageError(
      "--database-url must look like postgresql://user:password@host:5432/postgres, with the password's special characters as %40 and the like.",
    );
  }
  const url = new URL(text);
  for (const [name, value] of [...url.searchParams]) {
    const values = Object.hasOwn(READ, name) ? READ[name] : undefined;
    if (values && !values.includes(value)) {
      throw usageError(`${name} in --database-url must be one of ${values.join(", ")}.`);
    }
    if (values !== undefined) continue;
    if (!FOR_OTHER_CLIENTS.has(name)) {
      throw usageError(`--database-url has a parameter that is not known here, ${name}: leave it out.`);
    }
    url.searchParams.delete(name);
  }
  return url;
}

/** A password's raw `/`, `?` or `#` ends the host too early, and a raw `%` belongs to no character. */
function isDatabaseUrl(text: string): boolean {
  if (!/^postgres(?:ql)?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password, host } = new URL(text);
  try {
    decodeURIComponent(username + password + host);
    return username !== "";
  } catch {
    return false;
  }
}

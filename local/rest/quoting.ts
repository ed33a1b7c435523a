/** A string as SQL writes it. Postgres has no NUL character, and its protocol would end the query there. */
export function literal(value: string): string {
  return `'${value.replaceAll("\0", "").replaceAll("'", "''")}'`;
}

/** A name as SQL writes it. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll("\0", "").replaceAll('"', '""')}"`;
}

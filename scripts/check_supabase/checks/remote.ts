/** The option that points a command at a database, which has no TLS here. */
export function remote(databaseUrl: string): string {
  return `--remote=${plain(databaseUrl)}`;
}

export function plain(databaseUrl: string): string {
  return `${databaseUrl}?sslmode=disable`;
}

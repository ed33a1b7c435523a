/** Secrets of the functions that docs/deploy.md and docs/notifications.md name; an owner may try each of them here. */
export const FUNCTION_SECRETS = [
  "HEDDLE_ADDRESS_HEADER",
  "HEDDLE_ANSWER_LIMIT_MS",
  "HEDDLE_INBOUND_DOMAIN",
  "HEDDLE_INBOUND_SECRET",
  "HEDDLE_INBOX_URL",
  "HEDDLE_MAIL_API_KEY",
  "HEDDLE_MAIL_API_URL",
  "HEDDLE_MAIL_FROM",
  "HEDDLE_PUBLIC_URL",
  "HEDDLE_SESSION_SECRET",
  "HEDDLE_SMTP_URL",
] as const;

/** Those of them that are set. */
export function secretsIn(get: (name: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(FUNCTION_SECRETS.flatMap((name) => {
    const value = get(name);
    return value ? [[name, value]] : [];
  }));
}

/** What whoever starts the stack should know of them: names, never values. `null` where none is set. */
export function secretsNotice(secrets: Record<string, string>): string | null {
  const names = Object.keys(secrets);
  if (names.length === 0) return null;
  const leaving = "HEDDLE_SMTP_URL" in secrets ? " Mails of notifications leave this machine." : "";
  return `The functions have ${names.join(", ")} of your environment.${leaving}`;
}

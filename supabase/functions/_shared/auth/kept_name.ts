import { beginningOf } from "../../../../shared/text.ts";
import type { Session } from "./session.ts";

/** As the columns `name` and `email` of `heddle.visitors` check them. */
export const MAX_NAME_CHARACTERS = 200;
export const MAX_EMAIL_CHARACTERS = 320;
/** One address and nothing that could follow it: it becomes a link for the team. */
export const EMAIL = /^[^\s\p{C}@?&<>]+@[^\s\p{C}@?&<>]+$/u;

/** What the owner's token says of the visitor, as far as it can be kept. */
export function nameOf({ name, email }: Session["endUser"]): { name?: string; email?: string } | null {
  const kept = {
    ...(name === undefined ? {} : { name: beginningOf(name, MAX_NAME_CHARACTERS) }),
    ...(email === undefined || email.length > MAX_EMAIL_CHARACTERS || !EMAIL.test(email) ? {} : { email }),
  };
  return Object.keys(kept).length > 0 ? kept : null;
}

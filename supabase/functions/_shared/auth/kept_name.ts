import type { Attributes } from "../../../../shared/attributes.ts";
import { beginningOf } from "../../../../shared/text.ts";
import type { Session } from "./session.ts";

/** As the columns `name` and `email` of `heddle.visitors` check them. */
export const MAX_NAME_CHARACTERS = 200;
export const MAX_EMAIL_CHARACTERS = 320;
/** One address and nothing that could follow it: it becomes a link for the team. */
export const EMAIL = /^[^\s\p{C}@?&<>]+@[^\s\p{C}@?&<>]+$/u;

/** What the owner's token says of the visitor, as far as it can be kept. */
export function nameOf(
  { endUser: { name, email }, attributes }: Pick<Session, "endUser" | "attributes">,
): { name?: string; email?: string; attributes?: Attributes } | null {
  const kept = {
    ...(name === undefined ? {} : { name: beginningOf(name, MAX_NAME_CHARACTERS) }),
    ...(email === undefined || email.length > MAX_EMAIL_CHARACTERS || !EMAIL.test(email) ? {} : { email }),
    ...(attributes === undefined ? {} : { attributes }),
  };
  return Object.keys(kept).length > 0 ? kept : null;
}

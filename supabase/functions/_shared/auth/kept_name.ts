import type { Attributes } from "../../../../shared/attributes.ts";
import { isEmail } from "../../../../shared/email.ts";
import { beginningOf } from "../../../../shared/text.ts";
import type { Session } from "./session.ts";

/** As the column `name` of `heddle.visitors` checks it. */
export const MAX_NAME_CHARACTERS = 200;

/** What the owner's token says of the visitor, as far as it can be kept. */
export function nameOf(
  { endUser: { name, email }, attributes }: Pick<Session, "endUser" | "attributes">,
): { name?: string; email?: string; attributes?: Attributes } | null {
  const kept = {
    ...(name === undefined ? {} : { name: beginningOf(name, MAX_NAME_CHARACTERS) }),
    ...(email === undefined || !isEmail(email) ? {} : { email }),
    ...(attributes === undefined ? {} : { attributes }),
  };
  return Object.keys(kept).length > 0 ? kept : null;
}

import type { Attributes } from "../../../../shared/attributes.ts";
import { isEmail } from "../../../../shared/email.ts";
import { beginningOf } from "../../../../shared/text.ts";
import type { Session } from "./session.ts";

/** As the column `name` of `heddle.visitors` checks it. */
export const MAX_NAME_CHARACTERS = 200;

/** `issuedAt`: of the token, in seconds since the epoch. */
type Said = {
  name?: string;
  email?: string;
  attributes?: Attributes;
  issuedAt?: number;
};

/** What the owner's token says of the visitor, as far as it can be kept. */
export function nameOf(
  { endUser: { name, email }, attributes, tokenIssued }: Pick<
    Session,
    "endUser" | "attributes" | "tokenIssued"
  >,
): Said | null {
  const kept: Said = {
    ...(name === undefined ? {} : { name: beginningOf(name, MAX_NAME_CHARACTERS) }),
    ...(email === undefined || !isEmail(email) ? {} : { email }),
    ...(attributes === undefined ? {} : { attributes }),
  };
  if (Object.keys(kept).length === 0) return null;
  return tokenIssued === undefined ? kept : { ...kept, issuedAt: tokenIssued };
}

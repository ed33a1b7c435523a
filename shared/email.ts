import * as z from "zod";

/** As the column `email` of `heddle.visitors` checks it. */
export const MAX_EMAIL_CHARACTERS = 320;

/** One address and nothing that could follow it: it becomes a link for the team. */
const EMAIL = /^[^\s\p{C}@?&<>]+@[^\s\p{C}@?&<>]+$/u;

export function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL_CHARACTERS && EMAIL.test(text);
}

/** A visitor's address, from whoever says it. Blank: they have none. */
export const visitorEmail = z.string().trim().max(MAX_EMAIL_CHARACTERS)
  .refine((email) => email === "" || isEmail(email), "must be one email address");

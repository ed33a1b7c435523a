import * as z from "zod";

/** An agent's signing secrets and the times at which they change roles. */
export const signingSchema = z.object({
  current: z.string().min(1),
  previous: z.string().nullable(),
  /** ISO 8601. Until then browsers still get names made with `previous`: other isolates may not know `current` yet. */
  handOutCurrentAt: z.string(),
  /** ISO 8601; `null` without a `previous`. */
  previousUntil: z.string().nullable(),
  version: z.string(),
});

export type Signing = z.infer<typeof signingSchema>;

/** The secret of the names that browsers are handed at `now` (milliseconds). Right for a cached `signing` too. */
export function handedOutSecret({ current, previous, handOutCurrentAt }: Signing, now: number): string {
  return previous !== null && now < Date.parse(handOutCurrentAt) ? previous : current;
}

/** Every secret whose names some browser may be listening on at `now` (milliseconds); the current one first. */
export function acceptedSecrets({ current, previous, previousUntil }: Signing, now: number): string[] {
  if (previous === null || previousUntil === null || now >= Date.parse(previousUntil)) return [current];
  return [current, previous];
}

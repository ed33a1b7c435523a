import * as z from "zod";

/** What an identity provider may sign `userToken`s with. */
export const IDENTITY_ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;

/** How an agent's `userToken`s are verified: with its own signing secret, or with the keys of an identity provider. */
export const identitySchema = z.discriminatedUnion("provider", [
  z.strictObject({ provider: z.literal("hs256") }),
  z.strictObject({
    provider: z.literal("jwks"),
    issuer: z.string().min(1),
    jwksUrl: z.url(),
    audience: z.string().min(1),
    algs: z.array(z.enum(IDENTITY_ALGORITHMS)).min(1),
  }),
]);

export type Identity = z.infer<typeof identitySchema>;

import { randomBytes } from "node:crypto";
import * as z from "zod";
import { HeddleError } from "../../shared/errors.ts";
import type { Database } from "../database.ts";
import { rateLimited } from "../limits.ts";
import { createQuestions, sha256, type UserOf } from "./questions.ts";

const KEY = /^hdl_\S{1,196}$/;

/** What somebody may read. */
export interface Reader {
  /** Of the key, or of the member; of those who came with its tickets another one, which they share. */
  id: string;
  /** Organisations whose topics they may name. */
  orgs: ReadonlySet<string>;
  /** Those of which they may read everything. */
  whole: ReadonlySet<string>;
  agents: ReadonlySet<string>;
  scopes: ReadonlySet<string>;
}

/** Whom a connection is of. */
export interface Caller {
  keyHash: string | null;
  userId: string | null;
  /** When their access token ends, in milliseconds. */
  endsAt: number | null;
  /** Whoever brings a ticket may read, and no more. */
  byTicket: boolean;
}

/** As an unknown key is. */
const NOBODY: Caller = { keyHash: null, userId: null, endsAt: null, byTicket: false };
const READING = new Set(["events:read"]);

const reachAnswer = z.object({
  outcome: z.enum(["ok", "key_not_found", "rate_limited", "not_a_member"]),
  retryAfter: z.number().optional(),
  id: z.string().optional(),
  orgs: z.array(z.string()).default([]),
  whole: z.array(z.string()).default([]),
  agents: z.array(z.string()).default([]),
  scopes: z.array(z.string()).default([]),
});

const givenAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ok"), expiresAt: z.string() }),
  z.object({ outcome: z.literal("rate_limited"), retryAfter: z.number() }),
]);

const ticketAnswer = z.object({
  keyHash: z.string().nullable(),
  userId: z.string().nullable(),
  endsAt: z.coerce.date().nullable(),
}).nullable();

export interface Readers {
  /**
   * Whose token this is: an API key, or a member's access token. Throws `invalid_api_key`, `invalid_session`, and `rate_limited`
   * for bad access tokens, which are charged to their address as unknown keys are; `unavailable` while Auth can't say.
   */
  callerOf(token: string, addressHash: string | null): Promise<Caller>;
  /** What they may read. Throws `invalid_api_key`, `rate_limited`, and `forbidden` without `events:read` or membership. */
  reachOf(caller: Caller, addressHash: string | null): Promise<Reader>;
  /** A ticket for a minute. Throws `rate_limited` where the key, or the member, asks for too many. */
  giveTicket(caller: Caller): Promise<{ ticket: string; expiresAt: string }>;
  /**
   * Whom a ticket was given to, the first time within its minute. Throws `invalid_session` for any other, which is charged to its
   * address as an unknown key is, and `rate_limited` for too many of them.
   */
  takeTicket(ticket: string, addressHash: string | null): Promise<Caller>;
}

export interface ReadersSetup {
  database: Database;
  userOf: UserOf;
}

export function createReaders({ database, userOf }: ReadersSetup): Readers {
  const reach = async ({ keyHash, userId }: Caller, addressHash: string | null) =>
    reachAnswer.parse(
      await database.call("event_reach", {
        p_key_hash: keyHash,
        p_user_id: userId,
        p_address_hash: addressHash,
      }),
    );
  /** Something that opens nothing was shown. Throws `rate_limited` where that was too often. */
  const charge = async (addressHash: string | null) => {
    const { outcome, retryAfter } = await reach(NOBODY, addressHash);
    if (outcome === "rate_limited") throw rateLimited(retryAfter);
  };
  const ask = createQuestions(userOf);
  return {
    async callerOf(token, addressHash) {
      if (token.startsWith("hdl_")) {
        if (!KEY.test(token)) throw invalidKey();
        return { keyHash: sha256(token), userId: null, endsAt: null, byTicket: false };
      }
      const user = await ask(token, addressHash);
      if (!user) {
        await charge(addressHash);
        throw new HeddleError(
          "invalid_session",
          "The access token must be one of Supabase Auth, and not expired.",
        );
      }
      return { keyHash: null, userId: user.id, endsAt: user.endsAt, byTicket: false };
    },

    async reachOf(caller, addressHash) {
      const reader = readerOf(await reach(caller, addressHash));
      return caller.byTicket ? { ...reader, id: `ticket ${reader.id}`, scopes: READING } : reader;
    },

    async giveTicket({ keyHash, userId, endsAt }) {
      const ticket = randomBytes(32).toString("base64url");
      const answer = await database.call("give_ticket", {
        p_hash: sha256(ticket),
        p_key_hash: keyHash,
        p_user_id: userId,
        p_ends_at: endsAt === null ? null : new Date(endsAt),
      });
      const given = givenAnswer.parse(answer);
      if (given.outcome === "rate_limited") throw rateLimited(given.retryAfter);
      return { ticket, expiresAt: given.expiresAt };
    },

    async takeTicket(ticket, addressHash) {
      const answer = ticketAnswer.parse(await database.call("take_ticket", { p_hash: sha256(ticket) }));
      if (answer) return { ...answer, endsAt: answer.endsAt?.getTime() ?? null, byTicket: true };
      await charge(addressHash);
      throw new HeddleError("invalid_session", "Get another ticket.");
    },
  };
}

function readerOf(answer: z.infer<typeof reachAnswer>): Reader {
  const { outcome, retryAfter, id = "", orgs, whole, agents, scopes } = answer;
  if (outcome === "key_not_found") throw invalidKey();
  if (outcome === "rate_limited") {
    throw rateLimited(retryAfter);
  }
  if (outcome === "not_a_member") {
    throw new HeddleError("forbidden", "The access token must be that of a member of a team.");
  }
  if (!scopes.includes("events:read")) {
    throw new HeddleError("forbidden", "The API key must have the scope events:read.");
  }
  return {
    id,
    orgs: new Set(orgs),
    whole: new Set(whole),
    agents: new Set(agents),
    scopes: new Set(scopes),
  };
}

function invalidKey(): HeddleError {
  return new HeddleError("invalid_api_key", "The API key is unknown or revoked.");
}

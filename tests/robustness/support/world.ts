import { derivedKey, signSession } from "../../../supabase/functions/_shared/auth/session.ts";
import { type FakeOwner, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { userToken } from "../../integration/functions/support/visitor.ts";

const VISITORS = 200;
const MINUTE_MS = 60_000;

/** What generated requests have at hand: good and bad credentials of every kind. */
export interface World {
  stack: TestStack;
  owner: FakeOwner;
  sessions: { good: string[]; bad: string[] };
  userTokens: { good: string[]; bad: string[] };
  apiKeys: { good: string[]; bad: string[] };
  tabs: { messaging: string; default: string; foreign: string };
  foreignAgent: string;
  /** What no answer may hold. */
  secrets: string[];
  stop(): Promise<void>;
}

/** A stack with the demo agent and a stranger's, before an owner whose answers a test decides. */
export async function startWorld(): Promise<World> {
  const owner = await startFakeOwner();
  const stack = await startStack({ ownerUrl: owner.url });
  const { sql, agent, tabs } = stack;
  await sql`update heddle.agents set allowed_origins = ${[owner.url]} where id = ${agent.id}`;

  const [{ made }] = await sql<[{ made: { id: string; signingSecret: string; webhookSecret: string } }]>`
    select heddle_api.create_agent('A stranger', ${[owner.url]}) as made`;
  const [{ foreignTab }] = await sql<[{ foreignTab: { id: string } }]>`
    select heddle_api.create_tab(${made.id}, 'Theirs', 'messaging') as "foreignTab"`;
  const [foreignKey, revokedKey] = await Promise.all([apiKey(made.id), apiKey(agent.id)]);
  await sql`select heddle_api.revoke_api_key(${revokedKey.id})`;

  async function apiKey(agentId: string) {
    const [{ key }] = await sql<[{ key: { id: string; key: string } }]>`
      select heddle_api.create_api_key(${agentId}, 'generated') as key`;
    return key;
  }

  const key = derivedKey(stack.secretKey, "session");
  const now = Date.now();
  const session = async (
    sub: string,
    { agentId = agent.id as string, at = now, signedWith = key, version = 1 } = {},
  ) => {
    const visitor = { agentId, endUser: { id: sub }, kind: "identified", version } as const;
    return (await signSession(visitor, signedWith, at)).token;
  };
  const good = await Promise.all(Array.from({ length: VISITORS }, (_, index) => session(`visitor ${index}`)));
  const [first = ""] = good;

  return {
    stack,
    owner,
    sessions: {
      good: [...good, await session("🌿|:"), await session("y".repeat(128))],
      bad: [
        await session("late", { at: now - 20 * MINUTE_MS }),
        await session("stranger's", { agentId: made.id }),
        await session("nobody's", { agentId: "a0000000-0000-4000-8000-00000000dead" }),
        await session("forged", { signedWith: new TextEncoder().encode("another key, long enough to sign") }),
        await session("of an earlier version", { version: 0 }),
        ...[first.slice(0, -2), `${first}A`, first.replace(/\.[^.]*$/, "."), withoutAlgorithm(first)],
        ...[
          await userToken(stack),
          stack.publishableKey,
          "a.b.c",
          "..",
          "x",
          "Ü".repeat(10),
          "x".repeat(4000),
        ],
      ],
    },
    userTokens: {
      good: [await userToken(stack), await userToken(stack, { sub: "🌿", email: "a@b.example", name: "x" })],
      bad: [
        await userToken(stack, { exp: 1 }),
        await userToken(stack, { sub: "anon_1" }),
        await userToken(stack, { sub: undefined }),
        await userToken(stack, { sub: "y".repeat(129) }),
        await userToken(stack, { exp: undefined }),
        await userToken(stack, { nbf: 9_999_999_999 }),
        ...[withoutAlgorithm(await userToken(stack)), "a.b.c", "x".repeat(9000), "\u0000", "\ud800"],
      ],
    },
    apiKeys: {
      good: [agent.apiKey, foreignKey.key],
      bad: [revokedKey.key, "hdl_", "x", "x".repeat(300), `${agent.apiKey}x`, "Ünïcödé", stack.secretKey],
    },
    tabs: { ...tabs, foreign: foreignTab.id },
    foreignAgent: made.id,
    secrets: [
      ...[agent.apiKey, agent.signingSecret, agent.webhookSecret, stack.secretKey],
      ...[made.signingSecret, made.webhookSecret, foreignKey.key, revokedKey.key],
      "local-demo-connector-token",
    ],
    async stop() {
      await stack.stop();
      await owner.stop();
    },
  };
}

/** The oldest trick: a token that says of itself that it is not signed. */
function withoutAlgorithm(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
  return `${header}.${token.split(".")[1]}.`;
}

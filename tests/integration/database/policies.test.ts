import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { TransactionSql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { splitStatements, withoutComments } from "../../../local/postgres/statements.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

const MIGRATIONS = path.resolve(import.meta.dirname, "../../../supabase/migrations");
const SIGNATURE = "0123456789abcdef".repeat(4);
const AGENT = "a0000000-0000-4000-8000-000000000001";
const USER_CHANNEL = `agent-${AGENT}-user-u1-${SIGNATURE}`;
const CONVERSATION_CHANNEL = `conv-42-${SIGNATURE}`;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.sql`create table realtime.messages_today partition of realtime.messages default`;
});
afterAll(() => database.drop());

type Extension = "broadcast" | "presence";

/** Whether Realtime would let a role join: it looks which of its probe rows the role sees, and rolls back. */
async function mayReceive(
  role: string,
  topic: string,
  extension: Extension = "broadcast",
  userId?: string,
): Promise<boolean> {
  const claims = JSON.stringify({ role, ...(userId === undefined ? {} : { sub: userId }) });
  const probe = database.sql.begin(async (tx) => {
    await tx`insert into realtime.messages (topic, extension) values (${topic}, ${extension})`;
    await tx`select set_config('role', ${role}, true), set_config('realtime.topic', ${topic}, true),
      set_config('request.jwt.claims', ${claims}, true)`;
    const seen = await tx`select from realtime.messages where topic = ${topic}`;
    throw new Answer(seen.length > 0);
  });
  return await answerOf(probe);
}

/** Whether Realtime would deliver what a role sends: it tries to insert a row as that role, and rolls back. */
async function maySend(role: string, topic: string, extension: Extension = "broadcast"): Promise<boolean> {
  const probe = database.sql.begin(async (tx) => {
    await tx`select set_config('role', ${role}, true), set_config('realtime.topic', ${topic}, true)`;
    const refused = await tx.savepoint((sp) =>
      sp`insert into realtime.messages (topic, extension) values (${topic}, ${extension})`
    ).then(() => false, (error: { code?: string }) => error.code === "42501");
    throw new Answer(!refused);
  });
  return await answerOf(probe);
}

/** Leaves a transaction with a result and without its writes. */
class Answer extends Error {
  readonly value: unknown;
  constructor(value: unknown) {
    super("rolled back on purpose");
    this.value = value;
  }
}

async function answerOf<T>(transaction: Promise<unknown>): Promise<T> {
  const thrown = await transaction.then(() => null, (error: unknown) => error);
  if (thrown instanceof Answer) return thrown.value as T;
  throw thrown;
}

describe("the migration of the policies", () => {
  const NAME = "20261120150000_realtime_policies.sql";
  const statementsOf = (file: string) =>
    splitStatements(readFileSync(path.join(MIGRATIONS, file), "utf8")).map(withoutComments);

  it("contains only policies of realtime.messages", () => {
    const statements = statementsOf(NAME);
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      expect(statement).toMatch(
        /^(drop policy if exists|create policy) "heddle: [a-z ]+" on realtime\.messages\s*/,
      );
    }
  });

  it("is the only one that touches schema realtime", () => {
    const others = readdirSync(MIGRATIONS).filter((file) => file !== NAME).flatMap(statementsOf);
    // What a function calls it needs rights for only when it is called.
    const withoutBodies = others.map((statement) => statement.replace(/\$\$.*\$\$/s, ""));
    expect(withoutBodies.filter((statement) => /\brealtime\./i.test(statement))).toEqual([]);
  });

  it("can be applied again", async () => {
    const script = readFileSync(path.join(MIGRATIONS, NAME), "utf8");
    await database.sql.unsafe(script).simple();
    expect(await mayReceive("anon", USER_CHANNEL)).toBe(true);
  });
});

describe.each(["anon", "authenticated"])("%s", (role) => {
  it.each([
    ["a user channel", USER_CHANNEL],
    ["a conversation channel", CONVERSATION_CHANNEL],
    ["a name with any characters", `agent-${AGENT}-user-a-user-b:|/ 🌱-x-${SIGNATURE}`],
    ["a conversation whose id looks like a name", `conv-${USER_CHANNEL}-${SIGNATURE}`],
  ])("may receive on %s and not send", async (_, topic) => {
    expect(await mayReceive(role, topic)).toBe(true);
    expect(await maySend(role, topic)).toBe(false);
  });

  it("sees and announces no presence there", async () => {
    expect(await mayReceive(role, USER_CHANNEL, "presence")).toBe(false);
    expect(await maySend(role, USER_CHANNEL, "presence")).toBe(false);
  });

  it.each([
    ["without a signature", `agent-${AGENT}-user-u1`],
    ["with a short signature", `conv-42-${SIGNATURE.slice(1)}`],
    ["with a signature in capitals", `conv-42-${SIGNATURE.toUpperCase()}`],
    ["with something after the signature", `conv-42-${SIGNATURE}x`],
    ["with a line break after the signature", `conv-42-${SIGNATURE}\n`],
    ["with something before the prefix", `x\nconv-42-${SIGNATURE}`],
    ["without an id", `conv-${SIGNATURE}`],
    ["of an agent that is no uuid", `agent-1-user-u1-${SIGNATURE}`],
    ["of another kind", `room-1-${SIGNATURE}`],
  ])("may not receive on a name %s", async (_, topic) => {
    expect(await mayReceive(role, topic)).toBe(false);
  });
});

describe("the channel of a team", () => {
  const inbox = (epoch: number | string, agent = AGENT) => `agent-${agent}-inbox-${epoch}`;
  const [member, listed, other, stranger] = [1, 2, 3, 9].map((n) =>
    `10000000-0000-4000-8000-00000000000${n}`
  ) as [string, string, string, string];

  beforeAll(async () => {
    await database.sql`update heddle.agents set inbox_epoch = 3`;
    const [agent] = await database.sql`select org_id from heddle.agents where id = ${AGENT}`;
    const [second] = await database
      .sql`insert into heddle.agents (org_id, name) values (${agent?.org_id}, 'Second')
      returning id`;
    await database.sql`insert into heddle.members (org_id, user_id, name, every_agent)
      values (${agent?.org_id}, ${member}, 'Mo', true), (${agent?.org_id}, ${listed}, 'Li', false),
        (${agent?.org_id}, ${other}, 'Ot', false)`;
    await database.sql`insert into heddle.member_agents (org_id, user_id, agent_id)
      values (${agent?.org_id}, ${listed}, ${AGENT}), (${agent?.org_id}, ${other}, ${second?.id})`;
  });

  const hears = (userId: string, topic: string, extension?: Extension) =>
    mayReceive("authenticated", topic, extension, userId);

  it.each([inbox(1), inbox(3)])(
    "is heard by its members under its name and earlier ones: %s",
    async (topic) => {
      expect(await hears(member, topic)).toBe(true);
      expect(await hears(listed, topic)).toBe(true);
    },
  );

  it.each([
    ["a member of another agent only", other],
    ["somebody signed in to the owner's own app", stranger],
  ])("is not heard by %s, nor by anybody anonymous", async (_, userId) => {
    expect(await hears(userId, inbox(3))).toBe(false);
    expect(await mayReceive("anon", inbox(3))).toBe(false);
    expect(await mayReceive("anon", inbox(3), "broadcast", member)).toBe(false);
  });

  it.each([inbox(4), inbox("03"), inbox(""), inbox("3\n"), inbox(3, AGENT.toUpperCase()), `x${inbox(3)}`])(
    "has no such name: %j",
    async (topic) => {
      expect(await hears(member, topic)).toBe(false);
    },
  );

  it("carries broadcasts, of which nobody sends one, and no presence", async () => {
    expect(await hears(member, inbox(3), "presence")).toBe(false);
    for (const role of ["anon", "authenticated"]) {
      expect(await maySend(role, inbox(3))).toBe(false);
      expect(await maySend(role, inbox(3), "presence")).toBe(false);
    }
  });

  it("keeps no visitor from their own channels, whatever their id holds", async () => {
    const topic = `agent-${AGENT}-user-a-inbox-1-${SIGNATURE}`;
    expect(await mayReceive("anon", topic)).toBe(true);
    expect(await hears(stranger, topic)).toBe(true);
  });

  it("stays closed beside a careless policy of the project's own", async () => {
    await database.sql`create policy reckless on realtime.messages for all to anon, authenticated
      using (true) with check (true)`;
    expect(await hears(stranger, inbox(3))).toBe(false);
    expect(await mayReceive("anon", inbox(3))).toBe(false);
    expect(await maySend("authenticated", inbox(3))).toBe(false);
    expect(await hears(member, inbox(3))).toBe(true);
    const stored = answerOf<unknown[]>(database.sql.begin(async (tx) => {
      await tx`insert into realtime.messages (topic, extension, event, payload)
        values (${inbox(3)}, 'broadcast', 'events', '{}')`;
      await tx`grant delete on realtime.messages to anon, authenticated`;
      await tx`select set_config('role', 'authenticated', true)`;
      throw new Answer([
        await tx`select from realtime.messages`,
        await tx`update realtime.messages set payload = '1' returning 1`,
        await tx`delete from realtime.messages returning 1`,
      ].map((rows) => rows.length));
    }));
    expect(await stored).toEqual([0, 0, 0]);
    await database.sql`drop policy reckless on realtime.messages`;
  });
});

it("service_role sends on visitor channels", async () => {
  expect(await maySend("service_role", USER_CHANNEL)).toBe(true);
});

describe("with careless policies of the project's own", () => {
  beforeAll(async () => {
    await database.sql`
      create policy careless on realtime.messages for all to anon, authenticated using (true) with check (true)`;
  });

  it.each([USER_CHANNEL, CONVERSATION_CHANNEL])("still nobody sends on %s", async (topic) => {
    expect(await maySend("anon", topic)).toBe(false);
    expect(await maySend("authenticated", topic)).toBe(false);
  });

  it("nobody writes a row for a visitor channel while pretending another topic", async () => {
    const refusal = database.sql.begin(async (tx) => {
      await tx`select set_config('role', 'anon', true), set_config('realtime.topic', 'room-1', true)`;
      await tx`insert into realtime.messages (topic, extension) values (${USER_CHANNEL}, 'broadcast')`;
    });
    await expect(refusal).rejects.toMatchObject({ code: "42501" });
  });

  /** What a role gets of stored rows by SQL of its own, as where schema realtime is exposed. Its writes are rolled back. */
  const bySql = (role: string, asked: string | null, work: (tx: TransactionSql) => Promise<unknown>) =>
    answerOf<unknown[]>(database.sql.begin(async (tx) => {
      await tx`insert into realtime.messages (topic, extension, event, payload)
        select topic, 'broadcast', 'refresh', '{}' from unnest(${[USER_CHANNEL, "room-1"]}::text[]) topic`;
      await tx`grant delete on realtime.messages to anon, authenticated`;
      await tx`select set_config('role', ${role}, true)`;
      if (asked !== null) await tx`select set_config('realtime.topic', ${asked}, true)`;
      throw new Answer(await work(tx));
    }));

  describe.each(["anon", "authenticated"])("%s", (role) => {
    it.each([null, "room-1"])(
      "reads no row of a visitor channel while asking for topic %s",
      async (asked) => {
        const rows = await bySql(role, asked, (tx) => tx`select topic from realtime.messages`);
        expect(rows).toEqual([{ topic: "room-1" }]);
      },
    );

    it.each([null, "room-1"])(
      "changes no row of a visitor channel while asking for topic %s",
      async (asked) => {
        const changed = await bySql(
          role,
          asked,
          (tx) => tx`update realtime.messages set payload = '{"v": 2}' returning topic`,
        );
        expect(changed).toEqual([{ topic: "room-1" }]);
      },
    );

    it("changes no row of the channel that it may hear", async () => {
      const changed = await bySql(
        role,
        USER_CHANNEL,
        (tx) => tx`update realtime.messages set payload = '{"v": 2}' returning topic`,
      );
      expect(changed).toEqual([]);
    });

    it("moves no row of its own to a visitor channel", async () => {
      const moved = bySql(role, "room-1", (tx) => tx`update realtime.messages set topic = ${USER_CHANNEL}`);
      await expect(moved).rejects.toMatchObject({ code: "42501" });
    });

    it.each([null, "room-1", USER_CHANNEL])(
      "deletes no row of a visitor channel with topic %s",
      async (asked) => {
        const deleted = await bySql(role, asked, (tx) => tx`delete from realtime.messages returning topic`);
        expect(deleted).toEqual(asked === USER_CHANNEL ? [] : [{ topic: "room-1" }]);
      },
    );
  });

  it("visitor channels still carry broadcasts only", async () => {
    expect(await mayReceive("anon", USER_CHANNEL, "presence")).toBe(false);
    expect(await mayReceive("anon", `agent-1-user-u1-${SIGNATURE}`)).toBe(false);
  });

  it.each(["room-1", "conv-42", "agent-smith"])("the project's own topic %s is left alone", async (topic) => {
    expect(await mayReceive("anon", topic)).toBe(true);
    expect(await maySend("anon", topic)).toBe(true);
  });
});

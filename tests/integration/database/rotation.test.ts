import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { AGENT, type Signing, tabContext } from "./tab_call.ts";

const OLD = "local-demo-signing-secret-fern-and-fable-0001";
const OLD_WEBHOOK = "whsec_bG9jYWwtZGVtby13ZWJob29rLXNlY3JldC0wMDAx";
const NOBODY = "00000000-0000-4000-8000-000000000000";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
beforeEach(async () => {
  await database.sql`
    update heddle.agent_secrets set
      signing_current = ${OLD}, signing_previous = null, signing_previous_until = null,
      signing_hand_out_current_at = now(), signing_former = '{}', signing_former_until = '{}',
      webhook_current = ${OLD_WEBHOOK}, webhook_previous = null, webhook_previous_until = null`;
});
afterAll(() => database.drop());

async function signing(): Promise<Signing> {
  const [row] = await database.sql`select heddle_api.widget_context(${AGENT}) -> 'signing' as signing`;
  return row?.signing;
}

async function sessionVersion(): Promise<number> {
  const [row] = await database.sql`select session_version from heddle.agents where id = ${AGENT}`;
  return row?.session_version;
}

/** As owners call it, who name no times, or end the old secret now. */
async function rotate(grace?: "0"): Promise<string> {
  const { sql } = database;
  const [row] = grace === undefined
    ? await sql`select heddle_api.rotate_signing_secret(${AGENT}) ->> 'secret' as secret`
    : await sql`select heddle_api.rotate_signing_secret(${AGENT}, ${grace}) ->> 'secret' as secret`;
  return row?.secret;
}

async function wait(duration: string): Promise<void> {
  await database.sql`
    update heddle.agent_secrets set
      signing_hand_out_current_at = signing_hand_out_current_at - ${duration}::interval,
      signing_previous_until = signing_previous_until - ${duration}::interval,
      signing_former_until = array(
        select until - ${duration}::interval from unnest(signing_former_until) with ordinality as former (until, place)
        order by place
      ),
      webhook_previous_until = webhook_previous_until - ${duration}::interval`;
}

const formerSecrets = async () => (await signing()).former.map(({ secret }) => secret);
const secondsUntil = (time: string | null) => (Date.parse(time ?? "") - Date.now()) / 1000;

describe("rotating a signing secret", () => {
  it("makes a new one of 256 bits, in force at once beside the old one", async () => {
    const secret = await rotate();
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    const { current, previous, handOutCurrentAt, previousUntil } = await signing();
    expect({ current, previous }).toEqual({ current: secret, previous: OLD });
    expect(secondsUntil(handOutCurrentAt)).toBeCloseTo(60, -1);
    expect(secondsUntil(previousUntil)).toBeCloseTo(24 * 3600, -2);
  });

  it("changes the version when browsers get the new names, and not before", async () => {
    const { version: before } = await signing();
    await rotate();
    expect((await signing()).version).toBe(before);
    await wait("61 seconds");
    const { version: after } = await signing();
    expect(after).not.toBe(before);
    await wait("25 hours");
    expect((await signing()).version).toBe(after);
  });

  it("forgets the old one when its grace has ended", async () => {
    const secret = await rotate();
    await wait("24 hours");
    expect(await signing()).toMatchObject({ current: secret, previous: null, previousUntil: null });
  });

  it("is refused while browsers still get the old names, unless they are to end now", async () => {
    await rotate();
    await expect(rotate()).rejects.toMatchObject({ code: "PT409" });
    const forced = await rotate("0");
    expect(await signing()).toMatchObject({ current: forced, previous: null });
  });

  it("is allowed again once the new one is handed out", async () => {
    const first = await rotate();
    await wait("61 seconds");
    const second = await rotate();
    expect(await signing()).toMatchObject({ current: second, previous: first });
  });

  it("is null for an agent that does not exist", async () => {
    const [row] = await database.sql`select heddle_api.rotate_signing_secret(${NOBODY}) as result`;
    expect(row?.result).toBeNull();
  });
});

describe("ending a signing secret at once", () => {
  it("replaces it, and browsers get no name for 30 seconds", async () => {
    const secret = await rotate("0");
    const { current, previous, handOutCurrentAt, previousUntil } = await signing();
    expect({ current, previous, previousUntil }).toEqual({
      current: secret,
      previous: null,
      previousUntil: null,
    });
    expect(secondsUntil(handOutCurrentAt)).toBeCloseTo(30, -1);
  });

  it("changes the version at once and only once", async () => {
    const { version: before } = await signing();
    await rotate("0");
    const { version: after } = await signing();
    expect(after).not.toBe(before);
    await wait("31 seconds");
    expect((await signing()).version).toBe(after);
  });

  it("ends every session of the agent, and of no other", async () => {
    const { sql } = database;
    await sql`insert into heddle.agents (org_id, name) values (gen_random_uuid(), 'Other')`;
    const before = await sessionVersion();
    expect((await tabContext(sql, { sessionVersion: before })).outcome).toBe("ok");
    await rotate("0");
    expect(await tabContext(sql, { sessionVersion: before })).toEqual({ outcome: "session_revoked" });
    expect((await tabContext(sql, { sessionVersion: before + 1 })).outcome).toBe("ok");
    const others = await sql`select session_version from heddle.agents where id <> ${AGENT}`;
    expect(others.map(({ session_version }) => session_version)).toEqual([1]);
  });

  it("while a session is looked up shows neither the new secret to the old session nor the reverse", async () => {
    const { sql } = database;
    const version = await sessionVersion();
    const secret = await sql.begin(async (tx) => {
      const [row] = await tx`select heddle_api.rotate_signing_secret(${AGENT}, '0') ->> 'secret' as secret`;
      // Not committed yet.
      const meanwhile = await tabContext(sql, { sessionVersion: version });
      expect(meanwhile).toMatchObject({ outcome: "ok", signing: { current: OLD } });
      return row?.secret;
    });
    expect(await tabContext(sql, { sessionVersion: version })).toEqual({ outcome: "session_revoked" });
    expect((await tabContext(sql, { sessionVersion: version + 1 })).signing?.current).toBe(secret);
  });

  it("is noted for publishes for 15 minutes", async () => {
    await rotate("0");
    const { former } = await signing();
    expect(former).toEqual([{ secret: OLD, until: expect.any(String) }]);
    expect(secondsUntil(former[0]?.until ?? null)).toBeCloseTo(15 * 60, -1);
    await wait("15 minutes");
    expect((await signing()).former).toEqual([]);
  });

  it("does not lengthen the 15 minutes of one that was ended before", async () => {
    const second = await rotate("0");
    await wait("14 minutes");
    const third = await rotate("0");
    const { former } = await signing();
    expect(former.map(({ secret }) => secret)).toEqual([second, OLD]);
    const [ofSecond, ofFirst] = former.map(({ until }) => secondsUntil(until));
    expect(ofSecond).toBeCloseTo(15 * 60, -1);
    expect(ofFirst).toBeCloseTo(60, -1);

    await wait("1 minute");
    expect(await formerSecrets()).toEqual([second]);
    await rotate("0");
    expect(await formerSecrets()).toEqual([third, second]);
    await wait("14 minutes");
    expect(await formerSecrets()).toEqual([third]);
    await wait("1 minute");
    expect(await formerSecrets()).toEqual([]);
  });

  it("does not forget the secret before it that was still in its time of grace", async () => {
    const second = await rotate();
    await rotate("0");
    expect(await formerSecrets()).toEqual([second, OLD]);
  });

  it("leaves out the secret before it whose grace is over", async () => {
    const second = await rotate();
    await wait("25 hours");
    await rotate("0");
    expect(await formerSecrets()).toEqual([second]);
  });

  it("does not forget those that were ended just before, up to four", async () => {
    const secrets = [OLD];
    for (let count = 0; count < 5; count++) secrets.unshift(await rotate("0"));
    expect(await formerSecrets()).toEqual(secrets.slice(1, 5));
  });

  it("lets a rotation with a time of grace begin only when the new secret is handed out", async () => {
    const second = await rotate("0");
    await expect(rotate()).rejects.toMatchObject({ code: "PT409" });
    await wait("31 seconds");
    const third = await rotate();
    expect(await signing()).toMatchObject({ current: third, previous: second, former: [{ secret: OLD }] });
  });
});

describe("a webhook secret", () => {
  const keep = (secret: string) =>
    database.sql`update heddle.agent_secrets set webhook_current = ${secret} where agent_id = ${AGENT}`;
  const ofBytes = (count: number) => `whsec_${Buffer.alloc(count, "k").toString("base64")}`;

  it.each([24, 32, 64])("of %i bytes is one that Standard Webhooks takes", async (count) => {
    await keep(ofBytes(count));
  });

  it.each([
    ["23 bytes", ofBytes(23)],
    ["65 bytes", ofBytes(65)],
    ["no prefix", ofBytes(32).slice("whsec_".length)],
    ["no padding", ofBytes(32).replace(/=+$/, "")],
    ["base64url", `whsec_${"-_".repeat(20)}`],
    ["a newline", `${ofBytes(24)}\n`],
  ])("of %s is refused", async (_, secret) => {
    await expect(keep(secret)).rejects.toThrow();
  });

  it("is made so", async () => {
    const [row] = await database
      .sql`select heddle_api.rotate_webhook_secret(${AGENT}) ->> 'secret' as secret`;
    expect(() => new Webhook(row?.secret)).not.toThrow();
    expect(Buffer.from(String(row?.secret).slice("whsec_".length), "base64")).toHaveLength(32);
  });
});

describe("rotating a webhook secret", () => {
  it("keeps the old signature beside the new one for the time of grace", async () => {
    const [row] = await database
      .sql`select heddle_api.rotate_webhook_secret(${AGENT}) ->> 'secret' as secret`;
    expect(row?.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const webhook = async () =>
      (await tabContext(database.sql, { sessionVersion: await sessionVersion() })).webhook;
    expect(await webhook()).toEqual({ current: row?.secret, previous: OLD_WEBHOOK });
    await wait("24 hours");
    expect(await webhook()).toEqual({ current: row?.secret, previous: null });
  });
});

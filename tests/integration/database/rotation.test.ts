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
      signing_hand_out_current_at = now(),
      webhook_current = ${OLD_WEBHOOK}, webhook_previous = null, webhook_previous_until = null`;
});
afterAll(() => database.drop());

async function signing(): Promise<Signing> {
  const [row] = await database.sql`select heddle_api.widget_context(${AGENT}) -> 'signing' as signing`;
  return row?.signing;
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
      webhook_previous_until = webhook_previous_until - ${duration}::interval`;
}

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

  it("with no grace ends the old one and hands out the new one at once", async () => {
    const { version: before } = await signing();
    await rotate("0");
    const { previous, handOutCurrentAt, version } = await signing();
    expect(previous).toBeNull();
    expect(secondsUntil(handOutCurrentAt)).toBeLessThanOrEqual(0.1);
    expect(version).not.toBe(before);
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

describe("rotating a webhook secret", () => {
  it("keeps the old signature beside the new one for the time of grace", async () => {
    const [row] = await database
      .sql`select heddle_api.rotate_webhook_secret(${AGENT}) ->> 'secret' as secret`;
    expect(row?.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await tabContext(database.sql, {})).webhook).toEqual({
      current: row?.secret,
      previous: OLD_WEBHOOK,
    });
    await wait("24 hours");
    expect((await tabContext(database.sql, {})).webhook).toEqual({ current: row?.secret, previous: null });
  });
});

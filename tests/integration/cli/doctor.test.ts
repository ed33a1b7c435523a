import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureWidgetBuilt } from "../../../scripts/ensure_widget.mjs";
import { startStack, type TestStack } from "../../support/stack.ts";
import { createBareProject } from "./bare_project.ts";
import { ACCESS_TOKEN, REF, startFakeManagementApi } from "./fake_management_api.ts";
import { type Alteration, type Proxy, startProxy } from "./proxy.ts";
import { heddle, heddleProcess, type Run } from "./run.ts";

interface Verdict {
  id: string;
  title: string;
  status: "ok" | "failed" | "advice" | "unchecked";
  found?: string;
  fix?: string;
}

let stack: TestStack;
beforeAll(async () => {
  await ensureWidgetBuilt();
  stack = await startStack();
  await stack.realtime({ fault: "set", privateOnly: false });
});
afterAll(() => stack.stop());

function doctor(env: Record<string, string> = {}, words: string[] = []): Promise<Run> {
  return heddle(["doctor", "--wait", "50", ...words], {
    env: {
      HEDDLE_URL: stack.apiUrl,
      HEDDLE_SECRET_KEY: stack.secretKey,
      HEDDLE_PUBLISHABLE_KEY: stack.publishableKey,
      HEDDLE_DATABASE_URL: stack.dbUrl,
      ...env,
    },
  });
}

async function examine(
  env: Record<string, string> = {},
  words: string[] = [],
): Promise<{ code: number; checks: Verdict[] }> {
  const { code, stdout } = await doctor(env, ["--json", ...words]);
  return { code, checks: JSON.parse(stdout).checks };
}

/** Exactly one line is red: this one, with this fault and something to do about it. */
async function expectOnly(id: string, found: RegExp, ...how: Parameters<typeof examine>): Promise<void> {
  const { code, checks } = await examine(...how);
  const faults = checks.filter(({ status }) => status === "failed");
  expect(faults).toEqual([expect.objectContaining({ id, found: expect.stringMatching(found) })]);
  expect(faults[0]?.fix).toMatch(/^[A-Z].{20,}$/);
  expect(code).toBe(1);
}

/** Examines the stack through a proxy of its own that alters answers. */
async function behind<T>(work: (proxy: Proxy) => Promise<T>, ...alterations: Alteration[]): Promise<T> {
  const proxy = await startProxy(stack.apiUrl);
  proxy.alter(...alterations);
  return await work(proxy).finally(() => proxy.stop());
}

describe("doctor", () => {
  it("finds no fault in the local stack, and checks everything", async () => {
    const { code, stdout } = await heddleProcess([
      ...["doctor", "--url", stack.apiUrl, "--secret-key", stack.secretKey],
      ...["--publishable-key", stack.publishableKey, "--database-url", stack.dbUrl, "--wait", "300"],
    ]);
    expect(stdout).toMatch(/^\d+ checks, no fault\.$/m);
    expect(stdout.split("\n").filter((line) => line.startsWith("✓")).length).toBeGreaterThan(13);
    expect(code).toBe(0);
  });

  it("calls no function of the owner's in the place of one that init has left out, which is no fault", async () => {
    const folder = mkdtempSync(join(tmpdir(), "heddle-doctor-"));
    mkdirSync(join(folder, "supabase/functions/_heddle"), { recursive: true });
    writeFileSync(join(folder, "supabase/config.toml"), "");
    writeFileSync(
      join(folder, "supabase/functions/_heddle/heddle.json"),
      JSON.stringify({ version: "0.1.0", functions: {}, files: {}, leftOut: ["api"] }),
    );
    const alteration = { request: /^GET \/functions\/v1\/api/, status: 200, body: { mine: true } };
    await behind(async ({ url }) => {
      await expectOnly("function-api", /^its answer is not that of this version/, { HEDDLE_URL: url });
      const { code, checks } = await examine({ HEDDLE_URL: url }, ["--project", folder]);
      expect(checks.find(({ id }) => id === "function-api")).toMatchObject({
        status: "unchecked",
        why: "left out with init --without",
      });
      expect(code).toBe(0);
    }, alteration);
    rmSync(folder, { recursive: true });
  });

  it("asks to switch public channels off, and is content where they are", async () => {
    const { stdout } = await doctor();
    expect(stdout).toMatch(
      /^! Strangers .*: public channels are allowed, .*\n {4}Unless something else .* switch /m,
    );
  });

  it.each([["the Data API", { HEDDLE_DATABASE_URL: "" }], ["the database", {}]])(
    "tells by %s of webhooks that failed lately, which is no fault of the project",
    async (_, env) => {
      const record = (times: number) =>
        stack.sql`
          insert into heddle.widget_issues
            (agent_id, tab_id, action, kind, host, hour, count)
          values (${stack.agent.id}, ${stack.tabs.messaging}, 'get_items', 'timeout', 'a.example',
            date_trunc('hour', now()), ${times})`;
      await record(8);
      const { code, stdout } = await doctor(env);
      await stack.sql`delete from heddle.widget_issues`;
      expect(stdout).toMatch(
        /^! Webhooks answer: they failed 8 times lately, last at .* UTC\n {4}.*npm run heddle -- issues list$/m,
      );
      expect(code).toBe(0);
    },
  );

  it.each([["the Data API", { HEDDLE_DATABASE_URL: "" }], ["the database", {}]])(
    "demands it by %s of a project that keeps conversations",
    async (_, env) => {
      await stack.sql`
        insert into heddle.tabs (id, agent_id, name, category, source)
        values (${stack.tabs.store}, ${stack.agent.id}, 'Chat', 'messaging', 'store')`;
      await expectOnly(
        "public-access",
        /^public channels are allowed, and Heddle keeps conversations here/,
        env,
      );
      await stack.realtime({ fault: "set", privateOnly: true });
      const { code, checks } = await examine(env);
      await stack.realtime({ fault: "set", privateOnly: false });
      await stack.sql`delete from heddle.tabs where id = ${stack.tabs.store}`;
      expect(checks.find(({ id }) => id === "public-access")).toMatchObject({ status: "ok" });
      expect(code).toBe(0);
    },
  );

  it("sees that anybody may have signed up with an operator's address, where there is an inbox", async () => {
    const unconfirmed = { request: /^GET \/auth\/v1\/settings/, body: { mailer_autoconfirm: true } };
    const accounts = async () => {
      const { checks } = await behind(({ url }) => examine({ HEDDLE_URL: url }), unconfirmed);
      return checks.find(({ id }) => id === "accounts");
    };
    expect(await accounts()).toMatchObject({ status: "ok" });
    await stack.sql`
      insert into heddle.tabs (id, agent_id, name, category, source)
      values (${stack.tabs.store}, ${stack.agent.id}, 'Chat', 'messaging', 'store')`;
    expect(await accounts()).toMatchObject({
      status: "failed",
      found: expect.stringMatching(/^accounts are made without a mail/),
    });
    await stack.sql`delete from heddle.tabs where id = ${stack.tabs.store}`;
  });

  it("sees that the publishable key joins a team's channel without looking into the database", async () => {
    await stack.sql.unsafe(`
      drop policy "${NO_INBOX}" on realtime.messages;
      create policy "careless" on realtime.messages for select to anon using (true)`);
    const { checks } = await examine({ HEDDLE_DATABASE_URL: "" });
    await stack.sql.unsafe(`drop policy "careless" on realtime.messages; ${definitions[NO_INBOX]}`);
    expect(checks.filter(({ status }) => status === "failed")).toEqual([
      expect.objectContaining({ id: "inbox", found: "the publishable key joins the channel of a team" }),
    ]);
  });

  it("reports a widget of another version, as advice", async () => {
    const other = { request: /heddle\.js$/, body: "another script" };
    const { code, checks } = await behind(({ url }) => examine({ HEDDLE_URL: url }), other);
    expect(checks.find(({ id }) => id === "widget-version")).toMatchObject({
      status: "advice",
      found: "pages load the widget of another version",
    });
    expect(code).toBe(0);
  });

  it("takes nothing for granted that the Data API did not answer", async () => {
    const down: Alteration = { request: /^POST \/rest\/v1\/rpc\//, status: 500, body: {} };
    const { checks } = await behind(
      ({ url }) => examine({ HEDDLE_URL: url, HEDDLE_DATABASE_URL: "" }),
      down,
    );
    const status = (wanted: string) => checks.find(({ id }) => id === wanted)?.status;
    expect({ exposed: status("exposed"), key: status("secret-key"), grants: status("grants") }).toEqual({
      exposed: "failed",
      key: "unchecked",
      grants: "unchecked",
    });
  });

  it("prints a line per fault with what to do", async () => {
    const { stdout } = await behind(
      ({ url }) => doctor({ HEDDLE_URL: url }),
      { request: /assets\//, headers: { "access-control-allow-origin": null } },
    );
    expect(stdout).toMatch(
      /^✗ The widget's files .*: other sites may not load assets\/.*\n {4}Serve it from /m,
    );
    expect(stdout).toMatch(/^\d+ checks, 1 fault\.$/m);
  });

  it("says what it could not check when less is given", async () => {
    const { code, checks } = await examine({ HEDDLE_DATABASE_URL: "", HEDDLE_PUBLISHABLE_KEY: "" });
    expect(code).toBe(0);
    const skipped = checks.filter(({ status }) => status === "unchecked").map(({ id }) => id);
    expect(skipped).toEqual([
      "database",
      "migrations",
      "outside",
      "grants",
      "publishable-key",
      "listen",
      "broadcast-database",
      "malformed",
      "forge",
      "inbox",
      "public-access",
      "accounts",
      "address-header",
    ]);
  });

  it("says of webhooks for events that they fail or are off, and is red where nothing is sent", async () => {
    const { sql, agent } = stack;
    const [made] =
      await sql`select heddle_api.create_webhook(${agent.id}, 'https://hooks.example/in') as webhook`;
    const { id } = made?.webhook;
    const finding = async (env = {}) =>
      (await examine(env)).checks.find((check) => check.id === "event-webhooks");
    expect(await finding()).toMatchObject({ status: "ok" });
    await sql`update heddle.webhooks set failing_since = now()`;
    for (const env of [{}, { HEDDLE_DATABASE_URL: "" }]) {
      expect(await finding(env)).toMatchObject({
        status: "advice",
        found: expect.stringMatching(/^every try at hooks\.example has failed since .* UTC$/),
      });
    }
    await sql`update heddle.webhooks set is_on = false, off_reason = 'it failed'`;
    expect(await finding()).toMatchObject({
      status: "advice",
      found: "the one at hooks.example was switched off: it failed",
    });
    // As on a project where nobody calls the worker.
    await sql`update heddle.webhooks set is_on = true, off_reason = null, failing_since = null`;
    await sql`alter function heddle_api.deliveries_due(uuid) rename to deliveries_due_later`;
    await sql`
      insert into heddle.deliveries (org_id, kind, target, content, due)
      select org_id, 'webhook', id, '{"id": "1"}', now() - interval '6 minutes' from heddle.webhooks`;
    await expectOnly(
      "event-webhooks",
      /^nothing has been sent to hooks\.example since .* UTC, when it was due$/,
    );
    await sql`select heddle_api.remove_webhook(${agent.id}, ${id})`;
    await sql`alter function heddle_api.deliveries_due_later(uuid) rename to deliveries_due`;
  });

  it("reports an address that does not answer, once", async () => {
    await expectOnly("address", /^http:\/\/127\.0\.0\.1:1 does not answer \(.+\)$/, {
      HEDDLE_URL: "http://127.0.0.1:1",
    });
  });

  it("checks what it can with the address and the publishable key, as its help shows", async () => {
    const { code, checks } = await examine({ HEDDLE_DATABASE_URL: "", HEDDLE_SECRET_KEY: "" });
    expect(code).toBe(0);
    const skipped = checks.filter(({ status }) => status === "unchecked").map(({ id }) => id);
    expect(skipped).toEqual([
      ...[
        "database",
        "migrations",
        "outside",
        "exposed",
        "secret-key",
        "broadcast-database",
        "address-header",
      ],
      "webhooks",
      "mails",
      "event-webhooks",
    ]);
  });

  it("says of how many checks it speaks, and what the others need", async () => {
    const { stdout } = await doctor({ HEDDLE_DATABASE_URL: "", HEDDLE_PUBLISHABLE_KEY: "" });
    expect(stdout).toMatch(/^21 of 34 checked, no fault\.$/m);
    for (const title of ["Visitors join", "Nobody joins", "Nobody with the publishable key"]) {
      expect(stdout).toMatch(
        new RegExp(`^- ${title}.*: not checked, needs --url and --publishable-key$`, "m"),
      );
    }
  });

  it("tries nothing with a secret key in the publishable one's place", async () => {
    const service = `x.${Buffer.from(JSON.stringify({ role: "service_role" })).toString("base64url")}.x`;
    for (
      const [key, found] of [
        [stack.secretKey, "it holds a secret key"],
        [service, "it holds the service_role key"],
      ] as const
    ) {
      const { code, checks } = await examine({ HEDDLE_PUBLISHABLE_KEY: key, HEDDLE_DATABASE_URL: "" });
      expect(code).toBe(1);
      expect(checks.filter(({ status }) => status === "failed")).toEqual([
        expect.objectContaining({ id: "publishable-key", found }),
      ]);
      const unchecked = checks.filter(({ status }) =>
        status === "unchecked"
      ) as (Verdict & { why: string })[];
      const because = unchecked.filter(({ why }) => why.startsWith("--publishable-key holds ")).map((
        { id },
      ) => id);
      expect(because).toEqual([
        ...[
          "grants",
          "listen",
          "broadcast-database",
          "malformed",
          "forge",
          "inbox",
          "public-access",
          "accounts",
        ],
      ]);
    }
  });

  it("sends to install where a database has nothing of Heddle", async () => {
    const bare = await createBareProject();
    const { checks } = await examine({
      ...{ HEDDLE_URL: "", HEDDLE_SECRET_KEY: "", HEDDLE_PUBLISHABLE_KEY: "" },
      HEDDLE_DATABASE_URL: bare.as("postgres"),
    }).finally(() => bare.drop());
    const faults = checks.filter(({ status }) => status === "failed");
    expect(faults.map(({ id }) => id)).toEqual(["migrations", "listen", "malformed", "forge", "inbox"]);
    for (const { fix } of faults) expect(fix).toBe("Apply the migrations: npm run heddle -- install.");
  });

  it("reports a database that does not answer, once", async () => {
    const nowhere = { HEDDLE_DATABASE_URL: "postgresql://postgres:hidden@127.0.0.1:1/postgres" };
    await expectOnly(
      "database",
      /^The database at 127\.0\.0\.1:1 does not answer \(ECONNREFUSED\)$/,
      nowhere,
    );
    expect((await doctor(nowhere)).stdout).not.toContain("hidden");
  });

  it("advises to set HEDDLE_ADDRESS_HEADER where a validation is charged to no address", async () => {
    const charged = (await examine()).checks.find(({ id }) => id === "address-header");
    expect(charged).toMatchObject({ status: "ok" });
    const charging: Alteration = {
      request: /^POST \/functions\/v1\/validate-widget/,
      swallowed: true,
      status: 404,
      body: { error: { code: "agent_not_found", message: "There is no agent with this agentId." } },
    };
    const { checks } = await behind(({ url }) => examine({ HEDDLE_URL: url }), charging);
    expect(checks.find(({ id }) => id === "address-header")).toMatchObject({
      status: "advice",
      found: "the functions know no addresses: HEDDLE_ADDRESS_HEADER is not set, or calls lack that header",
    });
  });

  it("knows HEDDLE_ADDRESS_HEADER without the database by the names of a hosted project's secrets", async () => {
    const supabase = await startFakeManagementApi();
    const finding = async () => {
      const { code, checks } = await examine({
        ...{ HEDDLE_DATABASE_URL: "", HEDDLE_PROJECT_REF: REF, SUPABASE_ACCESS_TOKEN: ACCESS_TOKEN },
        HEDDLE_MANAGEMENT_URL: supabase.url,
      });
      expect(code).toBe(0);
      return checks.find(({ id }) => id === "address-header");
    };
    expect(await finding()).toMatchObject({ status: "advice", found: "HEDDLE_ADDRESS_HEADER is not set" });
    supabase.project.secrets.push("HEDDLE_ADDRESS_HEADER");
    expect(await finding()).toMatchObject({ status: "ok" });
    await supabase.stop();
  });

  it("hears a broadcast that the database sends by the Data API, too", async () => {
    const { checks } = await examine({ HEDDLE_DATABASE_URL: "" });
    expect(checks.find(({ id }) => id === "broadcast-database")).toMatchObject({ status: "ok" });
  });

  it("sees forging without looking into the database", async () => {
    await stack.sql.unsafe(withoutGuard);
    const faults = async (url: string) => {
      const { checks } = await examine({ HEDDLE_DATABASE_URL: "", HEDDLE_URL: url }, ["--wait", "2000"]);
      return checks.filter(({ status }) => status === "failed");
    };
    expect(await faults(stack.apiUrl)).toEqual([
      expect.objectContaining({ id: "forge", found: "a broadcast was forged over REST" }),
    ]);
    const withoutRest = { request: /^POST \/realtime\/v1\/api\/broadcast\/.*forged/, status: 403 };
    expect(await behind(({ url }) => faults(url), withoutRest)).toEqual([
      expect.objectContaining({ id: "forge", found: "a broadcast was forged over the socket" }),
    ]);
    await stack.sql.unsafe(guardBack);
  });

  it("sees that malformed names can be joined without looking into the database", async () => {
    await stack.sql.unsafe(`
      drop policy "heddle: visitor channels carry broadcasts only" on realtime.messages;
      create policy "careless" on realtime.messages for select to anon using (true)`);
    const { checks } = await examine({ HEDDLE_DATABASE_URL: "" });
    await stack.sql.unsafe(`drop policy "careless" on realtime.messages; ${definitions[BROADCASTS_ONLY]}`);
    expect(checks.filter(({ status }) => status === "failed")).toEqual([
      expect.objectContaining({ id: "malformed", found: "a malformed name could be joined" }),
    ]);
  });

  it("is content with careless policies that the restrictive ones outweigh", async () => {
    await stack
      .sql`create policy "careless" on realtime.messages for all to anon using (true) with check (true)`;
    const { checks } = await examine();
    await stack.sql`drop policy "careless" on realtime.messages`;
    expect(checks.filter(({ status }) => status !== "ok").map(({ id }) => id)).toEqual(["public-access"]);
  });
});

const RECEIVE = "heddle: receive on visitor channels";
const BROADCASTS_ONLY = "heddle: visitor channels carry broadcasts only";
const NOBODY_SENDS = "heddle: nobody sends on visitor channels";
const NOBODY_CHANGES = "heddle: nobody changes messages of visitor channels";
const NOBODY_DELETES = "heddle: nobody deletes messages of visitor channels";
const NO_INBOX = "heddle: no inbox for the anonymous";
const INBOX = [
  "heddle: members hear their inbox",
  "heddle: an inbox is heard by its members only",
  NO_INBOX,
  "heddle: nobody sends to an inbox",
  "heddle: nobody changes messages of an inbox",
  "heddle: nobody deletes messages of an inbox",
];
/** The statements that create the policies, by their names. */
const definitions: Record<string, string> = {};
let withoutGuard = "";
let guardBack = "";
let broadcast = "";
beforeAll(async () => {
  const [there] = await stack.sql`
    select pg_get_functiondef('heddle_api.broadcast'::regproc) as definition`;
  broadcast = there?.definition;
  const [row] = await stack.sql`
    select statements from supabase_migrations.schema_migrations where name = 'realtime_policies'`;
  for (const statement of (row?.statements ?? []) as string[]) {
    const [, name] = /^create policy "([^"]+)"/m.exec(statement) ?? [];
    if (name) definitions[name] = statement;
  }
  withoutGuard = `drop policy "${NOBODY_SENDS}" on realtime.messages;
    create policy "careless" on realtime.messages for insert to anon with check (true)`;
  guardBack = `drop policy "careless" on realtime.messages; ${definitions[NOBODY_SENDS]}`;
});

/** Lets the database do something else in place of a broadcast. */
function insteadOfBroadcast(statements: string): string {
  return `create or replace function heddle_api.broadcast(p_channels text[], p_event text, p_payload jsonb) returns void
    language plpgsql security definer set search_path = '' as $$ begin ${statements} end $$`;
}

describe("a fault in the database turns exactly its line red:", () => {
  it.each([
    ["listen", /is missing$/, `drop policy "${RECEIVE}" on realtime.messages`, () => definitions[RECEIVE]],
    [
      "malformed",
      /is missing$/,
      `drop policy "${BROADCASTS_ONLY}" on realtime.messages`,
      () => definitions[BROADCASTS_ONLY],
    ],
    [
      "forge",
      /is missing$/,
      `drop policy "${NOBODY_SENDS}" on realtime.messages`,
      () => definitions[NOBODY_SENDS],
    ],
    ...[NOBODY_CHANGES, NOBODY_DELETES].map((
      name,
    ): [string, RegExp, string, () => string | undefined] => [
      "forge",
      /is missing$/,
      `drop policy "${name}" on realtime.messages`,
      () => definitions[name],
    ]),
    ...INBOX.map((name): [string, RegExp, string, () => string | undefined] => [
      "inbox",
      /is missing$/,
      `drop policy "${name}" on realtime.messages`,
      () => definitions[name],
    ]),
    [
      "inbox",
      /^operators may not use function heddle\.inbox_claim\(uuid\)$/,
      "revoke execute on function heddle.inbox_claim from authenticated",
      () => "grant execute on function heddle.inbox_claim to authenticated",
    ],
    [
      "inbox",
      /^operators may not use schema heddle_api$/,
      "revoke usage on schema heddle_api from authenticated",
      () => "grant usage on schema heddle_api to authenticated",
    ],
    [
      "forge",
      /says something else$/,
      `alter policy "${NOBODY_SENDS}" on realtime.messages with check (true)`,
      () => `drop policy "${NOBODY_SENDS}" on realtime.messages; ${definitions[NOBODY_SENDS]}`,
    ],
    [
      "listen",
      /says something else$/,
      `alter policy "${RECEIVE}" on realtime.messages to anon`,
      () => `alter policy "${RECEIVE}" on realtime.messages to anon, authenticated`,
    ],
    [
      "grants",
      /^anon may use heddle_api\.list_agents\(\)$/,
      "grant execute on function heddle_api.list_agents to anon",
      () => "revoke execute on function heddle_api.list_agents from anon",
    ],
    [
      "grants",
      /^authenticated may use heddle_api\.store_list\(/,
      "grant execute on function heddle_api.store_list to authenticated",
      () => "revoke execute on function heddle_api.store_list from authenticated",
    ],
    [
      "grants",
      /^service_role may use heddle\.agent_secrets$/,
      "grant select on heddle.agent_secrets to service_role",
      () => "revoke select on heddle.agent_secrets from service_role",
    ],
    [
      "broadcast-database",
      /^the function heddle_api\.broadcast is missing$/,
      "alter function heddle_api.broadcast rename to another",
      () => "alter function heddle_api.another rename to broadcast",
    ],
    [
      "broadcast-database",
      /^Realtime has no partition for today's messages$/,
      insteadOfBroadcast(`
      raise exception 'no partition of relation "messages" found for row' using errcode = '23514';`),
      () => broadcast,
    ],
    [
      "broadcast-database",
      /^the database refuses to broadcast: not today$/,
      insteadOfBroadcast(`
      raise exception 'not today';`),
      () => broadcast,
    ],
    [
      "broadcast-database",
      /^the database accepted a broadcast, but it did not arrive within 1500 ms$/,
      insteadOfBroadcast(""),
      () => broadcast,
    ],
    [
      "migrations",
      /^20261120130000 not applied yet$/,
      "update supabase_migrations.schema_migrations set version = 'x' where version = '20261120130000'",
      () => "update supabase_migrations.schema_migrations set version = '20261120130000' where version = 'x'",
    ],
  ])("%s: %s", async (id, found, plant, undo) => {
    await stack.sql.unsafe(plant);
    await expectOnly(id, found, {}, ["--patience", "1500"]).finally(() => stack.sql.unsafe(undo() ?? ""));
  });

  it("of all policies at once is mended by what the policies command prints, which the fix names", async () => {
    const policies = () =>
      stack
        .sql`select policyname, cmd, roles, qual, with_check from pg_policies where tablename = 'messages' and policyname like 'heddle: %' order by policyname`;
    const before = await policies();
    for (const { policyname } of before) {
      await stack.sql`drop policy ${stack.sql(policyname)} on realtime.messages`;
    }
    const { checks } = await examine();
    const fixes = checks.filter(({ found }) => /^the policy .* is missing$/.test(found ?? ""));
    expect(fixes.map(({ id }) => id)).toContain("inbox");
    for (const { fix } of fixes) {
      expect(fix).toBe("Run in the SQL editor what this prints: npm run -s heddle -- policies");
    }
    const printed = await heddle(["policies"], { env: {} });
    await stack.sql.unsafe(printed.stdout).simple();
    expect(await policies()).toEqual(before);
  });

  it("of what a dump of its own schemas leaves out is mended by what the fixes name", async () => {
    await stack.sql.unsafe(`
      create schema cron;
      create table cron.job (jobname text, active boolean);
      grant usage on schema cron to postgres;
      grant all on cron.job to postgres;
      insert into cron.job values ('heddle: tend the store', true), ('heddle: send what is due', false);
      create function cron.schedule(text, text, text) returns void language sql as
        'insert into cron.job values ($1, true)';
      drop trigger heddle_leave_teams on auth.users;`).simple();
    try {
      await expectOnly(
        "outside",
        /^the trigger heddle_leave_teams on auth\.users and the job "heddle: send what is due" of pg_cron are missing$/,
      );
      const { checks } = await examine();
      const fix = checks.find(({ id }) => id === "outside")?.fix ?? "";
      await stack.sql.unsafe(fix.replace("Run in the SQL editor: ", "")).simple();
      expect((await examine()).checks.find(({ id }) => id === "outside")).toMatchObject({ status: "ok" });
      const jobs = await stack.sql`select jobname from cron.job where active order by jobname`;
      expect(jobs.map(({ jobname }) => jobname)).toEqual([
        "heddle: send what is due",
        "heddle: tend the store",
      ]);

      await stack.sql.unsafe(`
        alter table auth.users disable trigger heddle_leave_teams;
        create trigger heddle_leave_teams after delete on cron.job
          for each row execute function heddle.leave_teams();`).simple();
      await expectOnly("outside", /^the trigger heddle_leave_teams on auth\.users is missing$/);
      await stack.sql.unsafe(/create or replace trigger [^;]*;/.exec(fix)?.[0] ?? "");
      expect((await examine()).checks.find(({ id }) => id === "outside")).toMatchObject({ status: "ok" });
    } finally {
      await stack.sql`drop schema cron cascade`;
    }
  });

  it("of a connector that was restored without Vault is mended by its value", async () => {
    const [made] = await stack.sql`
      select heddle_api.create_connector(${stack.agent.id}, 'CRM', 'crm.example', 'first') ->> 'id' as id`;
    await stack.sql`
      delete from vault.secrets where id = (select vault_secret_id from heddle.connectors where id = ${made?.id})`;
    const [other] = await stack.sql`
      insert into heddle.connectors select (jsonb_populate_record(connector, jsonb_build_object(
        'id', gen_random_uuid(), 'name', 'Desk', 'vault_secret_id', gen_random_uuid()
      ))).* from heddle.connectors connector where id = ${made?.id} returning id`;
    await expectOnly("outside", /^Vault has no credential of the connector "CRM" \(and 1 more\)$/);
    await stack.sql`delete from heddle.connectors where id = ${other?.id}`;
    await expectOnly("outside", /^Vault has no credential of the connector "CRM"$/);
    const { checks } = await examine();
    const fix = checks.find(({ id }) => id === "outside")?.fix ?? "";
    const [, words = ""] = /heddle -- (connector update \S+ --value) -$/.exec(fix) ?? [];
    await heddle([...words.split(" "), "second"], {
      env: { HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
    });
    const [kept] = await stack.sql`
      select decrypted_secret as value from vault.decrypted_secrets
      where id = (select vault_secret_id from heddle.connectors where id = ${made?.id})`;
    await stack.sql`delete from heddle.connectors where id = ${made?.id}`;
    expect(kept?.value).toBe("second");
  });

  it("functions-database: without a function that they call", async () => {
    await stack.sql`revoke execute on function heddle_api.widget_context from service_role`;
    await expectOnly("functions-database", /internal error$/).finally(() =>
      stack.sql`grant execute on function heddle_api.widget_context to service_role`
    );
  });

  it("is mended by the statements that the fix names", async () => {
    const { checks } = await examine();
    expect(checks.filter(({ status }) => status !== "ok").map(({ id }) => id)).toEqual(["public-access"]);
  });
});

describe.concurrent("a fault of the project turns exactly its line red:", () => {
  const notExposed = { status: 406, body: { code: "PGRST106", message: "Invalid schema" } };
  const rpc = /^POST \/rest\/v1\/rpc\//;

  it.each<[string, RegExp, Alteration]>([
    ["exposed", /^schema heddle_api is not exposed$/, { request: rpc, profile: "heddle_api", ...notExposed }],
    [
      "exposed",
      /^schema heddle is exposed/,
      { request: rpc, profile: "heddle", status: 404, body: { code: "PGRST202" } },
    ],
    ["function-tab-fetch", /^it is not deployed$/, {
      request: /^GET \/functions\/v1\/tab-fetch/,
      status: 404,
      body: { code: "NOT_FOUND" },
    }],
    ["function-tab-action", /^it does not run: status 503, BOOT_ERROR$/, {
      request: /^POST \/functions\/v1\/tab-action/,
      status: 503,
      body: { code: "BOOT_ERROR" },
    }],
    ["function-realtime-publish", /^the platform asks for a JWT before it$/, {
      request: /^POST \/functions\/v1\/realtime-publish/,
      status: 401,
      body: { code: "UNAUTHORIZED_NO_AUTH_HEADER" },
    }],
    ["function-validate-widget", /its CORS headers are missing$/, {
      request: /^OPTIONS \/functions\/v1\/validate-widget/,
      headers: { "access-control-allow-origin": null },
    }],
    ["function-tab-fetch", /^pages that add headers of their own .* may not call it$/, {
      request: /^OPTIONS \/functions\/v1\/tab-fetch/,
      headers: { "access-control-allow-headers": "authorization, content-type, if-none-match, x-request-id" },
    }],
    ["function-tab-action", /its CORS headers are missing$/, {
      request: /^POST \/functions\/v1\/tab-action/,
      headers: { "access-control-allow-origin": null },
    }],
    ["script", /^heddle\.js is not there \(status 400\)$/, { request: /heddle\.js$/, status: 400 }],
    ["script", /^pages keep the old one too long/, {
      request: /heddle\.js$/,
      headers: { "cache-control": "max-age=3600" },
    }],
    ["script", /^pages keep the old one too long \(no cache rule\)$/, {
      request: /heddle\.js$/,
      headers: { "cache-control": null },
    }],
    ["script", /^its content type is text\/plain$/, {
      request: /heddle\.js$/,
      headers: { "content-type": "text/plain" },
    }],
    ["chunks", /^assets\/.* is not there \(status 400\)$/, { request: /assets\//, status: 400 }],
    ["chunks", /^other sites may not load assets\//, {
      request: /assets\//,
      headers: { "access-control-allow-origin": null },
    }],
    ["chunks", /^browsers don.t keep assets\/.* \(/, {
      request: /assets\//,
      headers: { "cache-control": "max-age=31536000" },
    }],
    ["listen", /^a broadcast did not arrive$/, {
      request: /^POST \/realtime\/v1\/api\/broadcast\/.*\/events\/doctor/,
      swallowed: true,
      status: 202,
    }],
    ["listen", /^Realtime answered a broadcast with status 500$/, {
      request: /^POST \/realtime\/v1\/api\/broadcast\/.*\/events\/doctor/,
      status: 500,
    }],
  ])(
    "%s: %s",
    (id, found, alteration) =>
      behind(
        ({ url }) => expectOnly(id, found, { HEDDLE_URL: url }, ["--patience", "1500"]),
        alteration,
      ),
  );

  it("a publishable key of another project", () =>
    expectOnly("publishable-key", /^Realtime refuses it/, {
      HEDDLE_PUBLISHABLE_KEY: "sb_publishable_other",
    }));

  it.each(["sb_secret_other", "the publishable key"])(
    "%s as the secret key",
    (key) =>
      expectOnly("secret-key", /^the project refuses it/, {
        HEDDLE_SECRET_KEY: key === "the publishable key" ? stack.publishableKey : key,
      }),
  );
});

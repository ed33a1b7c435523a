import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../support/listen.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { callFunction, postJson } from "../functions/support/visitor.ts";
import { heddle, heddleJson } from "./run.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const byKey = () => ({ HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey });
const byDatabase = () => ({ HEDDLE_DATABASE_URL: stack.dbUrl });

describe.each([
  ["by URL and secret key", byKey],
  ["by database URL", byDatabase],
])("%s, the commands", (way, env) => {
  const name = `Shop ${way}`;
  let agent: { id: string; signingSecret: string; webhookSecret: string };

  it("make an agent with a key that publishes until it is revoked", async () => {
    agent = await heddleJson(["agent", "create", "--name", name, "--origin", "https://shop.example"], env());
    expect(agent.signingSecret).toMatch(/^[0-9a-f]{64}$/);
    expect(agent.webhookSecret).toMatch(/^whsec_/);
    const agents = await heddleJson<unknown[]>(["agent", "list"], env());
    expect(agents).toContainEqual(
      expect.objectContaining({ id: agent.id, name, allowedOrigins: ["https://shop.example"], keys: 0 }),
    );

    const create = ["key", "create", agent.id, "--name", "backend"];
    const key = await heddleJson<{ id: string; key: string }>(create, env());
    const publish = () =>
      callFunction(stack, "realtime-publish", postJson({ endUserId: "1" }, { "x-api-key": key.key }));
    expect((await publish()).body).toMatchObject({ ok: true });

    await heddleJson(["key", "revoke", key.id], env());
    const keys = await heddleJson<unknown[]>(["key", "list", "--agent", agent.id], env());
    expect(keys).toEqual([expect.objectContaining({ id: key.id, revokedAt: expect.any(String) })]);
    expect(JSON.stringify(keys)).not.toContain(key.key);
  });

  it("keep the time zone of quiet hours, and refuse one that there is not", async () => {
    const on = (...more: string[]) =>
      heddle(["notify", "on", agent.id, "waiting", ...more, "--json"], { env: env() });
    const quiet = async (...more: string[]) => {
      const rules: { rule: string; quiet: unknown }[] = JSON.parse((await on(...more)).stdout);
      return rules.find(({ rule }) => rule === "waiting")?.quiet;
    };
    const night = { from: "22:00", to: "07:00" };
    const without = await on("--zone", "Europe/Berlin");
    expect(without).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Quiet hours are { from, to, zone }"),
    });
    expect(await quiet("--quiet", "20:00-07:00", "--zone", "Europe/Berlin"))
      .toEqual({ from: "20:00", to: "07:00", zone: "Europe/Berlin" });
    expect(await quiet("--quiet", "22:00-07:00")).toEqual({ ...night, zone: "Europe/Berlin" });
    for (const wrong of [["--zone", "Mars/X"], ["--quiet", "22:00-07:00", "--zone", "Mars/X"]]) {
      expect(await on(...wrong)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("no time zone Mars/X"),
      });
    }
    expect(await quiet()).toEqual({ ...night, zone: "Europe/Berlin" });
    expect(await quiet("--zone", "Asia/Tokyo")).toEqual({ ...night, zone: "Asia/Tokyo" });
    expect((await on("--quiet", "none", "--zone", "UTC")).code).toBe(2);
    expect(await quiet("--quiet", "none")).toBe(null);
  });

  it("print the script tag of an agent that they make, in its colour", async () => {
    const create = (words: string[]) =>
      heddle(["agent", "create", "--name", "Tagged", ...words], { env: env() });
    const apiUrl = env === byKey ? stack.apiUrl : "https://<project>.supabase.co";
    const script = `<script async src="${apiUrl}/storage/v1/object/public/heddle/heddle.js" data-agent="`;
    const { stdout: anonymous } = await create(["--anonymous", "--accent", "#7a3b2e"]);
    expect(anonymous).toContain(script);
    expect(anonymous).toMatch(/ data-agent="[0-9a-f-]{36}" data-accent="#7a3b2e"><\/script>\n/);
    const { stdout: identified } = await create([]);
    expect(identified).toMatch(
      / data-agent="[0-9a-f-]{36}" data-user-token="<JWT of the signed-in visitor>"><\/script>\n/,
    );
  });

  it("make an agent that lets anonymous visitors in, only when asked to", async () => {
    const create = (words: string[]) =>
      heddleJson<{ id: string }>(["agent", "create", "--name", "Anybody", ...words], env());
    const [open, closed] = await Promise.all([create(["--anonymous"]), create([])]);
    const agents = await heddleJson<unknown[]>(["agent", "list"], env());
    expect(agents).toContainEqual(expect.objectContaining({ id: open.id, anonymousAllowed: true }));
    expect(agents).toContainEqual(expect.objectContaining({ id: closed.id, anonymousAllowed: false }));
  });

  it("give it tabs whose actions have webhooks, connectors and fields", async () => {
    const add = (words: string[]) => heddleJson<{ id: string }>(["tab", "add", agent.id, ...words], env());
    const messages = await add(["--name", "Messages", "--category", "messaging"]);
    const orders = await add(["--name", "Orders", "--category", "default", "--icon", "box"]);
    const chat = await add(["--name", "Chat", "--source", "store", "--ask", "email,name"]);
    const connector = await heddleJson<{ id: string }>(
      ["connector", "add", agent.id, "--name", "shop", "--host", "SHOP.example", "--value", "the-token"],
      env(),
    );
    const set = (tab: string, words: string[]) => heddleJson(["tab", "set-action", tab, ...words], env());
    await set(messages.id, ["get_items", "item_clicked", "--webhook", "https://shop.example/hook?t=1"]);
    await set(messages.id, ["get_items", "--connector", connector.id]);
    await set(messages.id, ["item_clicked", "--disable"]);
    await set(orders.id, [
      ...["update_item", "--webhook", "https://shop.example/o", "--field", "note:textarea:Delivery: note"],
    ]);

    expect(await heddleJson(["tab", "list", agent.id], env())).toMatchObject([
      {
        name: "Messages",
        source: "webhook",
        actions: [
          { action: "get_items", enabled: true, host: "shop.example", connectorId: connector.id },
          { action: "item_clicked", enabled: false, host: "shop.example", connectorId: null },
        ],
      },
      {
        name: "Orders",
        icon: "box",
        actions: [{ fields: [{ key: "note", type: "textarea", label: "Delivery: note" }] }],
      },
      { name: "Chat", category: "messaging", source: "store", visitorFields: ["name", "email"], actions: [] },
    ]);
    expect(await heddleJson(["tab", "update", chat.id, "--ask", "none"], env()))
      .toMatchObject({ visitorFields: [] });
    const refusals = await Promise.all([
      heddle(["tab", "update", messages.id, "--ask", "name"], { env: env() }),
      heddle(["tab", "update", chat.id, "--ask", "phone"], { env: env() }),
      heddle(["tab", "set-action", chat.id, "get_items", "--webhook", "https://shop.example/h"], {
        env: env(),
      }),
    ]);
    expect(refusals.map(({ stderr }) => stderr)).toEqual([
      expect.stringContaining("Only store tabs ask visitors who they are"),
      expect.stringContaining("--ask"),
      expect.stringContaining("A store tab has no webhooks: Heddle itself answers its actions."),
    ]);
    const [value] = await stack.sql`
      select decrypted_secret as token from vault.decrypted_secrets s
      join heddle.connectors c on c.vault_secret_id = s.id where c.id = ${connector.id}`;
    expect(value?.token).toBe("the-token");
  });

  it.each([
    [["--kind", "basic", "--value", "ann:secret"], { kind: "basic", header: null }],
    [["--header", "X-Api-Key", "--value", "secret"], { kind: "header", header: "x-api-key" }],
  ])("store credentials of other kinds: %j", async (words, stored) => {
    const add = ["connector", "add", agent.id, "--name", "x", "--host", "a.example:8443", ...words];
    const { id } = await heddleJson<{ id: string }>(add, env());
    const [row] = await stack.sql`select kind, header, host from heddle.connectors where id = ${id}`;
    expect(row).toEqual({ ...stored, host: "a.example:8443" });
  });

  it("say which value the database refuses", async () => {
    const add = ["connector", "add", agent.id, "--name", "x", "--host", "a.example", "--value", "v"];
    const { code, stderr } = await heddle([...add, "--header", "cookie"], { env: env() });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        "Heddle or the connection itself sets this header (--header): name another for the credential, such as x-api-key.\n",
    });
    const { stderr: token } = await heddle([...add.slice(0, -1), "two words"], { env: env() });
    expect(token).toBe("The value of this connector must be visible ASCII characters.\n");
  });

  it("warn of a connector that is bound to another host", async () => {
    const [tab] = await heddleJson<{ id: string }[]>(["tab", "list", agent.id], env());
    const words = ["tab", "set-action", tab?.id ?? "", "get_items", "--webhook", "https://else.example/"];
    const { stdout } = await heddle(words, { env: env() });
    expect(stdout).toContain(
      "Warning: get_items goes to else.example, but its connector is bound to shop.example",
    );
    await heddle([...words.slice(0, 4), "--connector", "none"], { env: env() });
    const { stdout: list } = await heddle(["tab", "list", agent.id], { env: env() });
    expect(list).not.toContain("Warning");
  });

  it("warn of a webhook that only the local stack calls", async () => {
    const [tab] = await heddleJson<{ id: string }[]>(["tab", "list", agent.id], env());
    const set = ["tab", "set-action", tab?.id ?? "", "delete_item", "--webhook"];
    const plain = await heddle([...set, "http://shop.example/hook"], { env: env() });
    expect(plain.stdout).toMatch(
      /^Warning: this webhook is not an https URL: a hosted project does not call it/m,
    );
    expect((await heddle([...set, "https://shop.example/hook"], { env: env() })).stdout).not.toContain(
      "Warning",
    );
  });

  it("lead from an agent to who answers: the team by a store tab, or a backend by a key, tabs and their actions", async () => {
    const created = await heddle(["agent", "create", "--name", "Led"], { env: env() });
    const printed = [...created.stdout.matchAll(/^ {2}npm run heddle -- (.*)$/gm)].map(([, line = ""]) =>
      line
    );
    const [store = "", invite, told = "", key = "", ...more] = printed;
    expect(more).toEqual([]);
    let { stdout } = await heddle(store.split(" "), { env: env() });
    const next = () => /Next: npm run heddle -- (.*)$/m.exec(stdout)?.[1] ?? "";
    expect(next()).toMatch(/^operator invite \S+ --email ADDRESS --name NAME$/);
    expect(invite).toBe(`${next()} --role owner`);
    expect((await heddle(told.split(" "), { env: env() })).stdout).toContain("when a visitor waits");
    expect(key).toMatch(/^key create /);
    ({ stdout } = await heddle(key.split(" "), { env: env() }));
    expect(next()).toMatch(/^tab add /);
    ({ stdout } = await heddle(next().split(" "), { env: env() }));
    expect(next()).toMatch(/^tab set-action \S+ get_items item_clicked create_item update_item --webhook /);
  });

  it("give it a bot, whose secret is shown once and whose URL never again", async () => {
    const add = [
      "bot",
      "add",
      agent.id,
      "--name",
      "Fern bot",
      "--webhook",
      "https://shop.example/bot?key=hidden",
    ];
    const bot = await heddleJson<{ id: string; secret: string }>(add, env());
    expect(bot.secret).toMatch(/^whsec_/);
    expect(await heddle(add, { env: env() })).toMatchObject({
      code: 1,
      stderr: "Somebody in the team, or a bot, is called that already.\n",
    });
    const bots = await heddleJson<unknown[]>(["bot", "list", agent.id], env());
    expect(bots).toMatchObject([{ id: bot.id, host: "shop.example", autoRespond: "unclaimed" }]);
    expect(JSON.stringify(bots)).not.toMatch(/hidden|whsec_/);
    const { stdout } = await heddle(["bot", "list", agent.id], { env: env() });
    expect(stdout).toMatch(/Fern bot +shop\.example +unclaimed/);
    const update = ["bot", "update", agent.id, bot.id];
    expect(await heddleJson([...update, "--name", "Ask Fern", "--auto-respond", "never"], env()))
      .toMatchObject({ name: "Ask Fern", host: "shop.example", autoRespond: "never" });
    expect((await heddle(update, { env: env() })).code).toBe(2);
    expect((await heddle(["bot", "update", agent.id, NOBODY, "--name", "X"], { env: env() })).stderr)
      .toMatch(/no bot/);
    const rotate = ["bot", "rotate", agent.id, bot.id];
    expect((await heddleJson<{ secret: string }>(rotate, env())).secret).not.toBe(bot.secret);
    expect((await heddle(rotate, { env: env() })).stderr).toMatch(/^The secret was replaced already/);
    await heddleJson([...rotate, "--now"], env());
    expect((await heddle(["bot", "rotate", agent.id, NOBODY], { env: env() })).stderr).toMatch(/no bot/);
    await heddleJson(["bot", "remove", agent.id, bot.id], env());
    expect(await heddleJson(["bot", "list", agent.id], env())).toEqual([]);
    expect((await heddle(["bot", "remove", agent.id, bot.id], { env: env() })).code).toBe(1);
    expect((await heddle(["bot", "list", NOBODY], { env: env() })).code).toBe(1);
  });

  it("give its organisation a webhook for events", async () => {
    const add = ["webhook", "add", agent.id, "--webhook", "https://shop.example/in/zq7xk2?key=hidden"];
    const made = await heddleJson<{ id: string; secret: string; orgId: string }>(
      [...add, "--topic", "rooms.*.*.*", "--topic", "billing.invoice.*.a%2Eb"],
      env(),
    );
    expect(made.secret).toMatch(/^whsec_/);
    const list = () => heddleJson<unknown[]>(["webhook", "list", agent.id], env());
    expect(await list()).toMatchObject([{
      id: made.id,
      host: "shop.example",
      path: "/in/…",
      topics: [{ source: "rooms" }, { source: "billing", resource: "invoice", resourceId: "a.b" }],
      on: true,
    }]);
    expect(JSON.stringify(await list())).not.toMatch(/hidden|zq7x|whsec_/);
    const shown = await heddle(["webhook", "list", agent.id], { env: env() });
    expect(shown.stdout).toMatch(
      /shop\.example\/in\/… +rooms\.\*\.\*\.\* billing\.invoice\.\*\.a%2Eb +on +0 +0/,
    );

    const unreachable = [...add.slice(0, -1), "http://10.1.2.3/x"];
    expect(await heddle(unreachable, { env: env() })).toMatchObject({
      code: 1,
      stderr:
        "The webhook URL must use https. HEDDLE_ALLOW_PRIVATE_WEBHOOKS names hosts that may be otherwise.\n",
    });

    await heddleJson(["webhook", "switch", agent.id, made.id, "off"], env());
    const { deliveryId } = await heddleJson<{ deliveryId: number }>(
      ["webhook", "test", agent.id, made.id],
      env(),
    );
    const logged = ["webhook", "log", agent.id, made.id];
    await expect.poll(() => heddleJson(logged, env())).toMatchObject([
      { id: deliveryId, type: "webhook.test", status: "suppressed", attempts: 1 },
    ]);
    expect((await heddle(logged, { env: env() })).stdout).toMatch(
      /webhook\.test +suppressed +1 .*The webhook was removed or switched off\.\n$/,
    );
    const replay = ["webhook", "replay", agent.id, made.id];
    expect(await heddleJson([...replay, "--id", String(deliveryId)], env())).toMatchObject({ replayed: 1 });

    const rotate = ["webhook", "rotate", agent.id, made.id];
    expect((await heddleJson<{ secret: string }>(rotate, env())).secret).not.toBe(made.secret);
    expect((await heddle(rotate, { env: env() })).stderr).toMatch(/^The secret was replaced already/);
    await heddleJson([...rotate, "--now"], env());

    for (
      const [words, message] of [
        [[...replay], /^Give either --id or --from\.$/],
        [[...replay, "--from", "yesterday"], /^--from must be a time such as/],
        [[...add, "--topic", "rooms"], /^--topic must be source\.resource\.event\.id/],
        [["webhook", "log", agent.id, NOBODY], /webhook/],
      ] as const
    ) {
      const { code, stderr } = await heddle([...words], { env: env() });
      expect({ code: code > 0, stderr }).toEqual({
        code: true,
        stderr: expect.stringMatching(new RegExp(message.source, "m")),
      });
    }
    await heddleJson(["webhook", "remove", agent.id, made.id], env());
    expect(await list()).toEqual([]);
  });

  it("rotate secrets, with a day of grace or at once", async () => {
    const rotate = (words: string[]) =>
      heddleJson<{ secret: string }>(["agent", "rotate-secret", agent.id, ...words], env());
    const signing = await rotate(["signing", "--now"]);
    const webhook = await rotate(["webhook"]);
    const [row] = await stack.sql`
      select signing_current, signing_previous, signing_former, webhook_current,
        webhook_previous_until > now() + interval '23 hours' as lasts
      from heddle.agent_secrets where agent_id = ${agent.id}`;
    expect(row).toEqual({
      signing_current: signing.secret,
      signing_previous: null,
      signing_former: [agent.signingSecret],
      webhook_current: webhook.secret,
      lasts: true,
    });
    expect(signing.secret).not.toBe(agent.signingSecret);

    const again = await heddle(["agent", "rotate-secret", agent.id, "webhook"], { env: env() });
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 1, stdout: "" });
    expect(again.stderr).toMatch(
      /^The webhook secret was replaced already, and the one before it is valid until .* UTC: .* or give --now\.\n$/,
    );
    const [kept] = await stack.sql`
      select webhook_current, webhook_previous from heddle.agent_secrets where agent_id = ${agent.id}`;
    expect(kept).toEqual({ webhook_current: webhook.secret, webhook_previous: agent.webhookSecret });
    expect((await rotate(["webhook", "--now"])).secret).not.toBe(webhook.secret);
  });

  it("say what ending the signing secret at once brings about", async () => {
    const { stdout } = await heddle(["agent", "rotate-secret", agent.id, "signing", "--now"], { env: env() });
    expect(stdout).toMatch(
      /^ *signing secret +[0-9a-f]{64}\n\nThe old secret is no longer valid.*All sessions have ended.*30 seconds/,
    );
    expect(stdout).toContain("Put the new secret into your backend's settings now");
  });

  it("show names and reasons that a terminal would obey as what they are", async () => {
    const [tab] = await heddleJson<{ id: string }[]>(["tab", "list", agent.id], env());
    const detail = "no \u001b[2J\u202e such\nthing";
    await stack.sql`
      select heddle_api.record_issue(${agent.id}, ${
      tab?.id ?? null
    }, 'item_clicked', 'status', 'a.example', ${detail})`;
    const { stdout } = await heddle(["issues", "list", "--agent", agent.id], { env: env() });
    expect(stdout).toMatch(/ no \uFFFD\[2J\uFFFD such thing\n/);
    await stack.sql`delete from heddle.widget_issues where agent_id = ${agent.id}`;
  });

  it("list what went wrong", async () => {
    const [tab] = await heddleJson<{ id: string }[]>(["tab", "list", agent.id], env());
    await stack.sql`
      select heddle_api.record_issue(${agent.id}, ${
      tab?.id ?? null
    }, 'get_items', 'timeout', 'shop.example', 'too slow')`;
    expect(await heddleJson(["issues", "list", "--agent", agent.id], env())).toMatchObject([
      { tab: "Messages", action: "get_items", kind: "timeout", host: "shop.example", count: 1 },
    ]);
    const { stdout } = await heddle(["issues", "list", "--agent", agent.id], { env: env() });
    expect(stdout).toMatch(/^last +agent +tab +action +what +host +times in that hour +detail\n/);
    expect(stdout).toContain(`  ${name}  Messages  get_items`);
  });

  it.each([
    [["agent", "rotate-secret", NOBODY, "signing"], `There is no agent ${NOBODY}: see agent list.`],
    [["key", "create", NOBODY, "--name", "x"], `There is no agent ${NOBODY}: see agent list.`],
    [["key", "revoke", NOBODY], `There is no key ${NOBODY}: see key list.`],
    [
      ["tab", "add", NOBODY, "--name", "x", "--category", "default"],
      `There is no agent ${NOBODY}: see agent list.`,
    ],
    [["tab", "list", NOBODY], `There is no agent ${NOBODY}: see agent list.`],
    [["key", "list", "--agent", NOBODY], `There is no agent ${NOBODY}: see agent list.`],
    [["issues", "list", "--agent", NOBODY], `There is no agent ${NOBODY}: see agent list.`],
    [["tab", "set-action", NOBODY, "get_items", "--enable"], `There is no tab ${NOBODY}: see tab list.`],
    [
      ["connector", "add", NOBODY, "--name", "x", "--host", "a.example", "--value", "x"],
      `There is no agent ${NOBODY}: see agent list.`,
    ],
  ])("say so when there is no such thing: %j", async (words, sentence) => {
    expect(await heddle(words, { env: env() })).toEqual({ code: 1, stdout: "", stderr: `${sentence}\n` });
  });
});

it("refuses another agent's connector", async () => {
  const agent = await heddleJson<{ id: string }>(["agent", "create", "--name", "Other"], byKey());
  const words = ["connector", "add", agent.id, "--name", "x", "--host", "a.example", "--value", "-"];
  const { stdout } = await heddle([...words, "--json"], { env: byKey(), stdin: "from-stdin\n" });
  const { stderr } = await heddle(
    ["tab", "set-action", stack.tabs.messaging, "get_items", "--connector", JSON.parse(stdout).id],
    { env: byKey() },
  );
  expect(stderr).toBe("The tab's agent has no such connector.\n");
});

it("shows a secret in the one answer that makes it, and in no later one", async () => {
  const { stdout } = await heddle(["agent", "create", "--name", "Secretive"], { env: byKey() });
  const [secret = ""] = stdout.match(/whsec_\S+/) ?? [];
  expect(secret).not.toBe("");
  const list = await heddle(["agent", "list"], { env: byKey() });
  expect(list.stdout).toContain("Secretive");
  expect(list.stdout + list.stderr).not.toContain(secret);
  expect(stack.logs()).not.toContain(secret);
});

describe("the project", () => {
  it("is the running npm start when nothing else is named", async () => {
    const folder = await mkdtemp(join(tmpdir(), "heddle-status-"));
    const { apiUrl, dbUrl, publishableKey, secretKey } = stack;
    await writeFile(
      join(folder, "status.json"),
      JSON.stringify({ apiUrl, dbUrl, publishableKey, secretKey }),
    );
    const { stdout } = await heddle(["agent", "list", "--data-dir", folder]);
    const made = await heddle(["agent", "create", "--name", "Elsewhere", "--data-dir", folder]);
    expect(made.stdout).toMatch(
      new RegExp(
        `^  npm run heddle -- key create --data-dir ${folder} [0-9a-f-]{36} --name backend$`,
        "m",
      ),
    );
    const nothing = await heddle(["agent", "update", NOBODY, `--data-dir=${folder}`]);
    expect(nothing.stderr).toBe(
      `Nothing to change: see npm run heddle -- agent update --data-dir ${folder} --help\n`,
    );
    expect(stdout).toContain(stack.agent.id);
    await rm(folder, { recursive: true });
  });

  it.each([
    [2, ["--data-dir", "/nonexistent"], /^No project is named and Heddle is not running here: /],
    [
      2,
      ["--url", "https://x.supabase.co"],
      /^A project needs both --url and --secret-key, or --database-url\.$/,
    ],
    [2, ["--url", "ftp://x", "--secret-key", "k"], /^--url must be the address of a project/],
    [2, ["--database-url", "mysql://x"], /^--database-url must look like postgresql:.*%40/],
    [
      1,
      ["--database-url", "postgresql://u:hidden@127.0.0.1:1/x"],
      /^The database at 127\.0\.0\.1:1 does not answer/,
    ],
    [2, ["--url", "http://x", "--secret-key", "sb_secret_hidden\nx"], /^--secret-key holds a line break/],
    [1, ["--url", "http://127.0.0.1:1", "--secret-key", "k"], /^http:\/\/127\.0\.0\.1:1 does not answer/],
  ])("must be named well, or else exit code %i: %j", async (exitCode, words, sentence) => {
    const { code, stdout, stderr } = await heddle(["agent", "list", ...words]);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("hidden");
  });

  it("reports a key that is not the secret one", async () => {
    const run = (key: string) => heddle(["agent", "list", "--url", stack.apiUrl, "--secret-key", key]);
    expect((await run(stack.publishableKey)).stderr).toMatch(/--secret-key must be the project's secret key/);
    expect((await run("sb_secret_unknown")).stderr).toBe("The project does not accept this secret key.\n");
  });
});

it.each([["SIGINT", 130], ["SIGTERM", 143]] as const)(
  "ends with the exit code of an interrupted program: %s",
  async (signal, exitCode) => {
    const server = createServer(() => undefined); // never answers
    const { url, stop } = await listen(server);
    const env = { ...process.env, HEDDLE_URL: url, HEDDLE_SECRET_KEY: "k" };
    const child = spawn(process.execPath, ["scripts/heddle.mjs", "agent", "list"], { env, stdio: "ignore" });
    await once(server, "request");
    child.kill(signal);
    expect((await once(child, "exit"))[0]).toBe(exitCode);
    await stop();
  },
);

it("says that the local stack needs no deploy", async () => {
  const { code, stderr } = await heddle(["deploy", "--only", "widget"], { env: byKey() });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      `widget: ${stack.apiUrl} has no Storage to upload to. (npm start needs none: it serves its widget itself.)\n`,
  });
});

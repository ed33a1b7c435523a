import { spawnSync } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curl } from "../../support/curl.ts";
import { snippets } from "../support/documents.ts";
import { startStack, type TestStack } from "../../support/stack.ts";

const LOCAL_API = "http://127.0.0.1:54321";
let stack: TestStack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.stop());

describe("the documents' curl lines for the local stack", () => {
  const lines = ["README.md", "docs/realtime.md", "docs/webhooks.md", "docs/embed.md"]
    .flatMap((document) => snippets(document, "sh").map((line) => ({ document, line })))
    .filter(({ line }) => line.startsWith("curl") && line.includes(LOCAL_API));

  it("are there", () => expect(lines.length).toBeGreaterThan(1));

  it.each(lines)("work as printed: $document", async ({ line }) => {
    const { status, body } = await curl(line.replaceAll(LOCAL_API, stack.apiUrl));
    expect({ status, ok: JSON.parse(body).ok }).toEqual({ status: 200, ok: true });
  });
});

/** Actions as `widget_context` has them when a visitor may take them. */
const usable = (...actions: string[]) => actions.map((action) => ({ action, enabled: true, hasUrl: true }));

describe("docs/deploy.md and docs/sql.md", () => {
  const [
    createAgent,
    createConnector,
    otherConnectors,
    addDefaultTab,
    setDisplay,
    secretsAndKeys,
    eraseVisitor,
    listIssues,
  ] = snippets(
    "docs/sql.md",
    "sql",
  );

  it("sets an agent up with the heddle command, line by line", async () => {
    const lines = ["docs/deploy.md", "docs/store.md"]
      .flatMap((path) => snippets(path, "sh")).join("\n").split("\n")
      .filter((line) => /^npm run heddle -- (?:agent|key|tab|connector) /.test(line));
    expect(lines.length).toBeGreaterThan(7);
    const ids = new Map<string, string>();
    for (const line of lines) {
      const command = line.replace("npm run heddle --", "node scripts/heddle.mjs")
        .replace("< token.txt", "<<< the-token")
        .replace(/<(\w+-id)>/g, (_, name: string) => ids.get(name) ?? `no ${name} yet`);
      const run = spawnSync("bash", ["-c", `${command} --json`], {
        encoding: "utf8",
        env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
      });
      expect(run.stderr, line).toBe("");
      const [, made] = / -- (agent|tab|connector) (?:create|add)/.exec(line) ?? [];
      if (made) ids.set(`${made}-id`, JSON.parse(run.stdout).id);
    }
    const [agent] = await stack.sql`select heddle_api.widget_context(${
      ids.get("agent-id") ?? ""
    }) as context`;
    expect(agent?.context).toMatchObject({
      agent: { name: "My shop", display: { accent: "#2f6f4f" }, allowedOrigins: ["https://shop.example"] },
      tabs: [
        { name: "Messages", actions: usable("create_item", "get_items", "item_clicked", "update_item") },
        { name: "Orders", fields: [{ key: "note", label: "Delivery note", type: "textarea" }] },
        { name: "Chat with us", category: "messaging", source: "store" },
        { name: "Chat with us", source: "store" },
      ],
    });
    await stack.sql`delete from heddle.agents where id = ${ids.get("agent-id") ?? ""}`;
  });

  it("creates an agent whose key publishes and whose secret signs the channel's name", async () => {
    const [agent] = await asOwner(createAgent);
    const answer = await fetch(`${stack.apiUrl}/functions/v1/realtime-publish`, {
      method: "POST",
      headers: { "x-api-key": agent?.api_key ?? "", "content-type": "application/json" },
      body: JSON.stringify({ conversationId: "1042" }),
    });
    const signature = createHmac("sha256", agent?.signing_secret ?? "").update("conv-1042").digest("hex");
    expect(await answer.json()).toEqual({ ok: true, channels: [`conv-1042-${signature}`] });
  });

  it("binds a connector to the agent's webhooks", async () => {
    await asOwner(createConnector);
    const rows = await stack.sql`
      select distinct c.host from heddle.tab_actions a join heddle.connectors c on c.id = a.connector_id
      where c.host = 'shop.example'`;
    expect(rows).toHaveLength(1);
  });

  it("makes connectors of other kinds", async () => {
    await asOwner(otherConnectors);
    const rows = await stack
      .sql`select kind, host, header from heddle.connectors where kind <> 'bearer' order by kind`;
    expect([...rows]).toEqual([
      { kind: "basic", host: "stock.example", header: null },
      { kind: "header", host: "tables.example", header: "xc-token" },
    ]);
  });

  it("adds a default tab with a form, and sets the display", async () => {
    await asOwner(addDefaultTab);
    await asOwner(setDisplay);
    const [agent] = await stack.sql`
      select heddle_api.widget_context(id) as context from heddle.agents where name = 'My shop'`;
    expect(agent?.context).toMatchObject({
      agent: { display: { title: "My shop", accent: "#2f6f4f" } },
      tabs: [{ category: "messaging" }, {
        category: "default",
        actions: usable("delete_item", "get_items", "item_clicked", "update_item"),
        fields: [{ key: "note", label: "Delivery note", type: "textarea" }],
      }],
    });
  });

  it("rotates secrets and revokes a key", async () => {
    await asOwner(secretsAndKeys);
    const [row] = await stack.sql`
      select s.signing_previous is not null and s.webhook_previous is not null and k.revoked_at is not null as done
      from heddle.agents a join heddle.agent_secrets s on s.agent_id = a.id join heddle.api_keys k on k.agent_id = a.id
      where a.name = 'My shop'`;
    expect(row).toEqual({ done: true });
  });

  it("erases an anonymous visitor", async () => {
    await asOwner(eraseVisitor);
    const rows = await stack.sql`
      select e.id from heddle.erased_visitors e join heddle.agents a on a.id = e.agent_id where a.name = 'My shop'`;
    expect(rows.map(({ id }) => id)).toEqual(["anon_e67a824ab1835aeef5464b193511ca4f"]);
  });

  it("lists failures", async () => {
    expect(await asOwner(listIssues)).toEqual([]);
  });

  /** As a project's SQL editor runs it: as `postgres`, who is no superuser. */
  function asOwner(statement = ""): Promise<Record<string, string>[]> {
    return stack.sql.begin(async (tx) => {
      await tx`set local role postgres`;
      return [...await tx.unsafe(statement)] as Record<string, string>[];
    });
  }
});

it("docs/realtime.md rotates the signing secret with the heddle command", async () => {
  const line = snippets("docs/realtime.md", "sh").find((snippet) => snippet.includes("rotate-secret")) ?? "";
  const command = line.replace("npm run heddle --", "node scripts/heddle.mjs")
    .replace("<agent-id>", stack.agent.id);
  const run = spawnSync("bash", ["-c", `${command} --json`], {
    encoding: "utf8",
    env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
  });
  const [row] = await stack.sql`
    select signing_current, signing_previous from heddle.agent_secrets where agent_id = ${stack.agent.id}`;
  expect(row).toEqual({
    signing_current: JSON.parse(run.stdout).secret,
    signing_previous: stack.agent.signingSecret,
  });
});

it("docs/realtime.md shows how to compute a channel's signature", () => {
  const line = snippets("docs/realtime.md", "sh").find((snippet) => snippet.includes("openssl")) ?? "";
  const [, base = "", secret = ""] = line.match(/printf %s '([^']+)'.*-hmac '([^']+)'/) ?? [];
  const signature = createHmac("sha256", secret).update(base).digest("hex");
  const run = spawnSync("bash", ["-c", line], { encoding: "utf8" });
  // A machine without openssl can still tell whether the line names base and secret of a Heddle channel.
  if (run.status !== 127) expect(run.stdout).toContain(signature);
  expect(`${base}-${signature}`).toMatch(/^conv-1042-[0-9a-f]{64}$/);
});

describe("docs/roles.md", () => {
  it("lists the rights of each role as the database has them", async () => {
    const rows = [
      ...readFileSync("docs/roles.md", "utf8").matchAll(/^\| `(\w+)` .*\| (yes)? +\| (yes)? +\|$/gm),
    ];
    const told = rows.flatMap(([, right, owner, operator]) => [
      ...(owner ? [`owner ${right}`] : []),
      ...(operator ? [`operator ${right}`] : []),
    ]);
    const kept = await stack.sql`select role, "right" from heddle.role_rights`;
    expect(told.sort()).toEqual(kept.map(({ role, right }) => `${role} ${right}`).sort());
  });

  it("invites, lists and removes a member", async () => {
    await stack.sql`
      select heddle_api.invite_member(${stack.agent.id}, ${randomUUID()}, 'Somebody else', null, 'owner')`;
    const lines = snippets("docs/roles.md", "sh").join("\n").split("\n");
    const answers = lines.map((line) => {
      const command = line.replace("npm run heddle --", "node scripts/heddle.mjs")
        .replace("<agent-id>", stack.agent.id);
      const run = spawnSync("bash", ["-c", `${command} --json`], {
        encoding: "utf8",
        env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
      });
      expect(run.stderr, line).toBe("");
      return JSON.parse(run.stdout);
    });
    expect(answers).toMatchObject([
      { name: "Ada", role: "owner", invited: true },
      [{ name: "Somebody else" }, { name: "Ada" }],
      { name: "Ada", removed: true },
    ]);
  });
});

describe("docs/privacy.md", () => {
  it("names every table", async () => {
    const told = [...readFileSync("docs/privacy.md", "utf8").matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gm)]
      .flatMap(([, names = ""]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    const tables = await stack.sql`
      select relname as name from pg_class
      where relnamespace = 'heddle'::regnamespace and relkind in ('r', 'p') and not relispartition`;
    expect(told.sort()).toEqual(tables.map(({ name }) => name).sort());
  });

  it("hands out and erases a visitor", async () => {
    await stack.sql`select heddle_api.store_post(
      p_agent_id => ${stack.agent.id}, p_end_user => 'ada', p_conversation_id => null,
      p_client_id => ${randomUUID()}, p_body => 'Hello')`;
    const [exporting = "", erasing = ""] = snippets("docs/privacy.md", "sh").join("\n").split("\n");
    const run = (line: string) =>
      spawnSync("bash", [
        "-c",
        `${
          line.replace("npm run heddle --", "node scripts/heddle.mjs").replace("<agent-id>", stack.agent.id)
            .replace("<end-user-id>", "ada").replace(/ > .*/, "")
        } --json`,
      ], {
        encoding: "utf8",
        env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
      }).stdout;
    expect(JSON.parse(run(exporting))).toMatchObject({ endUser: { id: "ada" }, conversations: [{}] });
    expect(JSON.parse(run(erasing))).toMatchObject({ erased: true, conversations: 1 });
  });
});

it("docs/store.md schedules a function that there is", async () => {
  const [statement = ""] = snippets("docs/store.md", "sql").filter((each) => each.includes("cron.schedule"));
  const [, command = "select 1 / 0"] = /'30 seconds', '(.*)'\)/.exec(statement) ?? [];
  expect(await stack.sql.unsafe(command)).toHaveLength(1);
});

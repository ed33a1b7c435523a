import type { ISql } from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { AGENT, MESSAGES, ORDERS, tabContext } from "./tab_call.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

describe("issues", () => {
  beforeEach(async () => {
    await database.sql`delete from heddle.widget_issues`;
  });
  const record = (
    kind: string,
    detail = "",
    tabId = MESSAGES,
    host = "shop.example",
    on: ISql = database.sql,
  ) => on`select heddle_api.record_issue(${AGENT}, ${tabId}, 'get_items', ${kind}, ${host}, ${detail})`;
  const issues = () => database.sql`select kind, count, host, detail from heddle.widget_issues order by kind`;

  it("of one kind in one hour are one row with a count, the latest detail and host", async () => {
    // Within a transaction no hour ends.
    await database.sql.begin(async (tx) => {
      await record("source_failed", "status 500", MESSAGES, "old.example", tx);
      await record("source_failed", "status 503", MESSAGES, "shop.example", tx);
      await record("source_timeout", "", MESSAGES, "shop.example", tx);
    });
    expect([...await issues()]).toEqual([
      { kind: "source_failed", count: 2, host: "shop.example", detail: "status 503" },
      { kind: "source_timeout", count: 1, host: "shop.example", detail: "" },
    ]);
  });

  it("of another hour are another row", async () => {
    await record("source_failed");
    await database.sql`update heddle.widget_issues set hour = hour - interval '1 hour'`;
    await record("source_failed");
    expect((await issues()).map(({ count }) => count)).toEqual([1, 1]);
  });

  it("counted at the same moment are all counted", async () => {
    await Promise.all(Array.from({ length: 20 }, () => record("source_failed")));
    const [all] = await database.sql`select sum(count)::int as counted from heddle.widget_issues`;
    expect(all).toEqual({ counted: 20 });
  });

  it("older than 30 days go with the next one, younger ones stay", async () => {
    for (const [kind, age] of [["source_invalid", "31 days"], ["source_timeout", "29 days"]] as const) {
      await record(kind);
      await database.sql`
        update heddle.widget_issues set hour = now() - ${age}::interval where kind = ${kind}`;
    }
    await record("source_failed");
    expect((await issues()).map(({ kind }) => kind)).toEqual(["source_failed", "source_timeout"]);
  });

  it("of a tab that is gone, or another agent's, are not kept", async () => {
    await record("source_failed", "", AGENT);
    expect(await issues()).toHaveLength(0);
  });
});

describe("connectors", () => {
  it("keep their value in Vault, and take it along when they are deleted", async () => {
    const { sql } = database;
    const [created] = await sql`
      select heddle_api.create_connector(${AGENT}, 'CRM', 'CRM.example:8443', 'token') ->> 'id' as id`;
    const [connector] = await sql`select * from heddle.connectors where id = ${created?.id}`;
    expect(connector).toMatchObject({ agent_id: AGENT, kind: "bearer", host: "crm.example:8443" });
    expect(JSON.stringify(connector)).not.toContain("token");
    const value = () =>
      sql`select decrypted_secret from vault.decrypted_secrets where id = ${connector?.vault_secret_id}`;
    expect((await value())[0]?.decrypted_secret).toBe("token");
    await sql`
      update heddle.tab_actions set connector_id = ${created?.id} where tab_id = ${ORDERS} and action = 'get_items'`;
    await sql`delete from heddle.connectors where id = ${created?.id}`;
    expect(await value()).toHaveLength(0);
    expect(await tabContext(sql, { tabId: ORDERS })).toMatchObject({ outcome: "ok", connector: null });
  });

  it.each(["", "two words", "line\nbreak", "token\n", "tökén"])(
    "take no value that no header can carry: %j",
    async (value) => {
      const created = database.sql`select heddle_api.create_connector(${AGENT}, '', 'x.example', ${value})`;
      await expect(created).rejects.toMatchObject({ code: "22023" });
    },
  );

  describe("of other kinds", () => {
    const create = (kind: string, value: string, header: string | null = null) =>
      database.sql`
        select heddle_api.create_connector(${AGENT}, '', 'x.example', ${value}, ${kind}, ${header}) ->> 'id' as id`;

    it.each([
      ["basic", "shop:pa:ss wörd", null],
      ["basic", "token:", null],
      ["header", "Token abc=", "authorization"],
      ["header", "k-1", "X-Api-Key"],
      ["header", "k-1", "xc-token"],
      ["header", "k-1", "cf-access-client-secret"],
      ["header", "k-1", "x-vercel-protection-bypass"],
      ["header", "k-1", "x-functions-key"],
      ["header", "k-1", "ocp-apim-subscription-key"],
      ["header", "k-1", "x-client-secret"],
      ["header", "k-1", "x-api-token"],
    ])("reach a tab's call with their value: %s %s", async (kind, value, header) => {
      const [created] = await create(kind, value, header);
      await database.sql`
        update heddle.tab_actions set connector_id = ${created?.id} where tab_id = ${ORDERS} and action = 'get_items'`;
      const { connector } = await tabContext(database.sql, { tabId: ORDERS });
      expect(connector).toEqual({ kind, host: "x.example", value, header: header?.toLowerCase() ?? null });
    });

    it.each([
      ["host", "a name of the transport"],
      ["Content-Length", "request smuggling"],
      ["transfer-encoding", "request smuggling"],
      ["connection", "a hop-by-hop name"],
      ["cookie", "a session of somebody's"],
      ["set-cookie", "a session of somebody's"],
      ["webhook-signature", "a forged signature"],
      ["webhook_signature", "a forged signature, as a CGI server reads it"],
      ["X-Heddle-Identity", "a forged visitor"],
      ["x-heddle", "a forged visitor"],
      ...[
        "x-forwarded-for",
        "forwarded",
        "x-real-ip",
        "CF-Connecting-IP",
        "cf-connecting-ipv6",
        "cf_connecting_ip",
        "true-client-ip",
        "x-client-ip",
        "client-ip",
        "x-cluster-client-ip",
        "fastly-client-ip",
        "fly-client-ip",
        "do-connecting-ip",
        "x-azure-clientip",
        "x-remote-addr",
        "remote-addr",
        "wl-proxy-client-ip",
        "x-nf-client-connection-ip",
        "cloudfront-viewer-address",
        "x-appengine-user-ip",
        "x-envoy-external-address",
        "x-original-forwarded-for",
      ].map((name): [string, string] => [name, "a forged address"]),
      ...["x-original-url", "x-rewrite-url", "x-override-url", "x-original-uri", "x-original-host", "x-host"]
        .map((name): [string, string] => [name, "another address than the one that is called"]),
      ["http2-settings", "an upgrade of the connection"],
      ["cdn-loop", "a proxy's word"],
      ["x-forwarded-client-cert", "a forged certificate"],
      ["x-http-method-override", "another method"],
      ["proxy-authorization", "a proxy's credential"],
      ["sec-fetch-site", "a browser's word"],
      ["content-type", "another body"],
      ["user-agent", "another sender"],
      ["x-request-id", "another log line"],
      ["", "no name"],
      ["x key", "no token"],
      ["x:key", "a second header"],
      ["x-key\r\nhost", "header injection"],
      ["x".repeat(65), "a name without end"],
      [null, "no name"],
    ])("go into no header %j: %s", async (header, _attack) => {
      await expect(create("header", "v", header)).rejects.toMatchObject({ code: "23514" });
    });

    it("can't be renamed past that check", async () => {
      const [created] = await create("header", "v", "x-api-key");
      const renamed = database.sql`update heddle.connectors set header = 'cookie' where id = ${created?.id}`;
      await expect(renamed).rejects.toMatchObject({ code: "23514" });
    });

    it.each([
      ["bearer", "v", "x-api-key", "23514"],
      ["basic", "u:p", "x-api-key", "23514"],
      ["digest", "v", null, "23514"],
      ["basic", "no colon", null, "22023"],
      ["basic", ":no user", null, "22023"],
      ["basic", "u:p\r\nhost: evil", null, "22023"],
      ["header", "v\r\nhost: evil", "x-api-key", "22023"],
      ["header", " v", "x-api-key", "22023"],
      ["header", "v ", "x-api-key", "22023"],
      ["header", "", "x-api-key", "22023"],
      ["header", "ключ", "x-api-key", "22023"],
    ])("are refused where they make no sense: %s %j %s", async (kind, value, header, code) => {
      await expect(create(kind, value, header)).rejects.toMatchObject({ code });
    });
  });

  it.each([
    "x.example:99999",
    "x.example:0",
    "x.example:",
    "..",
    ".example",
    "x.example/hook",
    "x.example\n",
    "",
  ])(
    "are bound to no host that can't be: %j",
    async (host) => {
      const created = database.sql`select heddle_api.create_connector(${AGENT}, '', ${host}, 't')`;
      await expect(created).rejects.toMatchObject({ code: "23514" });
    },
  );

  it.each(["localhost", "127.0.0.1:65535", "[::1]:8000", "a-1.x.example:1"])(
    "are bound to a host as URLs write it: %s",
    async (host) => {
      const [created] = await database.sql`
        select heddle_api.create_connector(${AGENT}, '', ${host}, 't') ->> 'id' as id`;
      expect(created?.id).toBeTruthy();
    },
  );

  it("of one agent can't be used by another", async () => {
    const { sql } = database;
    const [other] = await sql`
      insert into heddle.agents (org_id, name) values (gen_random_uuid(), 'Other') returning id`;
    const [foreign] =
      await sql`select heddle_api.create_connector(${other?.id}, '', 'x.example', 't') ->> 'id' as id`;
    const stolen = sql`
      update heddle.tab_actions set connector_id = ${foreign?.id} where tab_id = ${ORDERS} and action = 'get_items'`;
    await expect(stolen).rejects.toMatchObject({ code: "23503" });
  });
});

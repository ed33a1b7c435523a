import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { snippets } from "../../docs/support/documents.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { callFunction, postJson } from "../functions/support/visitor.ts";
import { heddle, heddleJson } from "./run.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const SHOP = "https://shop.example";
const BLOG = "https://blog.example";
const PROVIDER = [
  ...["--issuer", "https://login.example/", "--jwks-url", "https://login.example/keys"],
  ...["--audience", "shop", "--alg", "RS256", "--alg", "EdDSA"],
];

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const byKey = () => ({ HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey });
const byDatabase = () => ({ HEDDLE_DATABASE_URL: stack.dbUrl });

describe.each([["by URL and secret key", byKey], ["by database URL", byDatabase]])("%s", (_, env) => {
  const json = <T = Record<string, unknown>>(...words: string[]) => heddleJson<T>(words, env());
  const fails = async (...words: string[]) => {
    const { code, stdout, stderr } = await heddle(words, { env: env() });
    expect({ failed: code > 0, stdout }).toEqual({ failed: true, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    return stderr.trimEnd();
  };
  let agent: string;
  beforeEach(async () => {
    const words = [
      "--name",
      "Shop",
      "--origin",
      SHOP,
      "--accent",
      "#2f6f4f",
      "--title",
      "Hello",
      "--anonymous",
    ];
    agent = (await json<{ id: string }>("agent", "create", ...words)).id;
  });

  describe("agent update", () => {
    it("changes what is named and nothing else", async () => {
      const before = await json("agent", "show", agent);
      await json("agent", "update", agent, "--accent", "#7a3b2e", "--locale", "de");
      expect(await json("agent", "show", agent)).toEqual({
        ...before,
        display: { title: "Hello", accent: "#7a3b2e", locale: "de" },
      });
      await json("agent", "update", agent, "--name", "Renamed", "--reset", "title", "--reset", "locale");
      expect(await json("agent", "show", agent)).toEqual({
        ...before,
        name: "Renamed",
        display: { accent: "#7a3b2e" },
      });
    });

    it("adds, removes and replaces the sites that may embed it", async () => {
      const origins = async (...words: string[]) =>
        (await json<{ allowedOrigins: string[] }>("agent", "update", agent, ...words)).allowedOrigins;
      expect(await origins("--add-origin", BLOG, "--add-origin", SHOP)).toEqual([SHOP, BLOG]);
      expect(await origins("--remove-origin", SHOP, "--add-origin", "https://*.shop.example"))
        .toEqual([BLOG, "https://*.shop.example"]);
      expect(await origins("--origin", SHOP)).toEqual([SHOP]);
    });

    it("lets anonymous visitors in from a site, and turns them away", async () => {
      const enter = async () => {
        const { body } = await callFunction(
          stack,
          "validate-widget",
          postJson({ agentId: agent }, { origin: BLOG }),
        );
        return (body as { error?: { code: string } }).error?.code ?? "in";
      };
      expect(await enter()).toBe("origin_not_allowed");
      await json("agent", "update", agent, "--add-origin", BLOG);
      expect(await enter()).toBe("in");
      await json("agent", "update", agent, "--no-anonymous");
      expect(await enter()).toBe("anonymous_not_allowed");
      await json("agent", "update", agent, "--anonymous");
      expect(await enter()).toBe("in");
    });

    it("trusts an identity provider, and the agent's own secret again", async () => {
      const identity = async (...words: string[]) =>
        (await json("agent", "update", agent, ...words)).identity;
      expect(await identity(...PROVIDER)).toEqual({
        provider: "jwks",
        issuer: "https://login.example/",
        jwksUrl: "https://login.example/keys",
        audience: "shop",
        algs: ["RS256", "EdDSA"],
      });
      const { stdout } = await heddle(["agent", "show", agent], { env: env() });
      expect(stdout).toContain(
        "user tokens signed by https://login.example/ (audience shop, RS256 or EdDSA, ",
      );
      expect(stdout).not.toContain("Warning");
      const plain = [...PROVIDER, "--jwks-url", "http://login.example/keys"];
      expect((await heddle(["agent", "update", agent, ...plain], { env: env() })).stdout).toContain(
        "Warning: --jwks-url is not an https URL",
      );
      expect(await identity("--identity", "hs256")).toEqual({ provider: "hs256" });
    });

    it("does what docs/heddle.md shows", async () => {
      const lines = snippets("docs/heddle.md", "sh").join("\n").split("\n")
        .filter((line) => line.startsWith("npm run heddle -- agent update"));
      expect(lines).toHaveLength(2);
      const providers: unknown[] = [];
      for (const line of lines) {
        const words = line.replace("<agent-id>", agent).split(" ").slice(4);
        providers.push((await json<{ identity: { provider: string } }>(...words)).identity.provider);
      }
      expect(providers).toEqual(["jwks", "hs256"]);
    });

    it("sets and takes away a greeting, office hours and an away message", async () => {
      const office = async (...words: string[]) => {
        const { greeting, officeHours, awayMessage } = await json("agent", "update", agent, ...words);
        return { greeting, officeHours, awayMessage };
      };
      const hours = ["--hours", "mon-thu 09:00-12:00, 13:00-17:00", "--hours", "sat,sun 22:00-02:00"];
      const day = ["09:00-12:00", "13:00-17:00"];
      const night = ["22:00-02:00"];
      const officeHours = {
        ...{ zone: "Europe/Berlin", mon: day, tue: day, wed: day, thu: day },
        ...{ sat: night, sun: night },
      };
      expect(await office("--greeting", "Hello!", ...hours, "--zone", "Europe/Berlin"))
        .toEqual({ greeting: "Hello!", officeHours, awayMessage: null });
      expect(await office("--greeting", "none", "--away-message", "Back soon."))
        .toEqual({ greeting: null, officeHours, awayMessage: "Back soon." });
      const { stdout } = await heddle(["agent", "show", agent], { env: env() });
      expect(stdout).toMatch(/ greeting +none\n/);
      expect(stdout).toContain("mon-thu 09:00-12:00,13:00-17:00; sat-sun 22:00-02:00 (Europe/Berlin)");
      expect(stdout).toMatch(/ away message +Back soon\.\n/);
      expect(await office("--hours", "none", "--away-message", "none"))
        .toEqual({ greeting: null, officeHours: null, awayMessage: null });
      expect((await heddle(["agent", "show", agent], { env: env() })).stdout).toMatch(
        / office hours +always\n/,
      );
    });

    it("ends sessions", async () => {
      const { sessionVersion } = await json<{ sessionVersion: number }>("agent", "show", agent);
      expect(await json("agent", "update", agent, "--end-sessions")).toMatchObject({
        sessionVersion: sessionVersion + 1,
      });
    });
  });

  it("agent show prints until when an old secret is valid, and no secret", async () => {
    const { secret } = await json<{ secret: string }>("agent", "rotate-secret", agent, "webhook");
    const { stdout } = await heddle(["agent", "show", agent], { env: env() });
    expect(stdout).toMatch(/old webhook secret +valid until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(stdout).not.toContain("old signing secret");
    expect(stdout).not.toContain(secret);
  });

  it("agent remove takes everything of the agent with it, but only under its name", async () => {
    await json("connector", "add", agent, "--name", "x", "--host", "a.example", "--value", "gone-with-it");
    expect(await fails("agent", "remove", agent, "--name", "Other")).toMatch(
      /has another name: "Shop"\. Nothing/,
    );
    await json("agent", "remove", agent, "--name", "Shop");
    expect(await fails("agent", "show", agent)).toBe(`There is no agent ${agent}: see agent list.`);
    const [left] = await stack.sql`
      select from vault.decrypted_secrets where decrypted_secret = 'gone-with-it'`;
    expect(left).toBeUndefined();
  });

  describe("of an agent with two tabs,", () => {
    let [first, second] = ["", ""];
    beforeEach(async () => {
      const add = (name: string) =>
        json<{ id: string }>("tab", "add", agent, "--name", name, "--category", "messaging");
      first = (await add("First")).id;
      second = (await add("Second")).id;
    });
    const names = async () => (await json<{ name: string }[]>("tab", "list", agent)).map(({ name }) => name);

    it("tab update changes name, icon and place", async () => {
      await json("tab", "update", first, "--name", "Last", "--position", "9");
      expect(await names()).toEqual(["Second", "Last"]);
      expect(await json("tab", "update", first, "--icon", "box")).toMatchObject({
        name: "Last",
        icon: "box",
      });
      expect(await json("tab", "update", first, "--icon", "none")).toMatchObject({ position: 9, icon: null });
      expect(await fails("tab", "update", first)).toMatch(/^Nothing to change/);
    });

    it("tab remove removes one with its actions", async () => {
      await json("tab", "set-action", second, "get_items", "--webhook", "https://shop.example/hook");
      await json("tab", "remove", second);
      expect(await names()).toEqual(["First"]);
      expect(await stack.sql`select from heddle.tab_actions where tab_id = ${second}`).toHaveLength(0);
    });

    it("connectors are listed, get another credential, and go once nothing uses them", async () => {
      const add = [
        "connector",
        "add",
        agent,
        "--name",
        "shop",
        "--host",
        "a.example",
        "--header",
        "x-key",
        "--value",
        "one",
      ];
      const { id } = await json<{ id: string }>(...add);
      await json("tab", "set-action", first, "get_items", "item_clicked", "--connector", id);
      const { stdout } = await heddle(["connector", "list", agent], { env: env() });
      expect(stdout).toMatch(new RegExp(`${id} +shop +a\\.example +header x-key +2\n$`));

      const { code } = await heddle(["connector", "update", id, "--value", "-"], {
        env: env(),
        stdin: "two\n",
      });
      expect(code).toBe(0);
      const value = async () =>
        (await stack.sql`
          select decrypted_secret as value from vault.decrypted_secrets s
          join heddle.connectors c on c.vault_secret_id = s.id where c.id = ${id}`)[0]?.value;
      expect(await value()).toBe("two");
      expect(await fails("connector", "update", id, "--value", " three")).toMatch(/must be printable ASCII/);
      expect(await fails("connector", "update", id, "--value", "-")).toMatch(
        /^Standard input holds no credential/,
      );
      expect(await value()).toBe("two");

      expect(await fails("connector", "remove", id)).toBe(
        "Actions still use this connector. Give them another one, or none.",
      );
      await json("tab", "set-action", first, "get_items", "item_clicked", "--connector", "none");
      await json("connector", "remove", id);
      expect(await json("connector", "list", agent)).toEqual([]);
    });
  });

  it.each([
    [["agent", "show", NOBODY], "agent"],
    [["agent", "update", NOBODY, "--name", "x"], "agent"],
    [["agent", "remove", NOBODY, "--name", "x"], "agent"],
    [["tab", "update", NOBODY, "--name", "x"], "tab"],
    [["tab", "remove", NOBODY], "tab"],
    [["connector", "list", NOBODY], "agent"],
    [["connector", "update", NOBODY, "--name", "x"], "connector"],
    [["connector", "remove", NOBODY], "connector"],
  ])("say so when there is no such thing: %j", async (words, what) => {
    expect(await fails(...words)).toBe(`There is no ${what} ${NOBODY}: see ${what} list.`);
  });
});

describe("agent update refuses", () => {
  let agent: string;
  beforeAll(async () => {
    const create = ["agent", "create", "--name", "Unchanged", "--origin", SHOP];
    agent = (await heddleJson<{ id: string }>(create, byKey())).id;
  });

  it.each([
    [[], /^Nothing to change: see npm run heddle -- agent update --help$/],
    [["--anonymous", "--no-anonymous"], /can't be combined/],
    [["--add-origin", "shop.example"], /is not an origin/],
    [["--theme", "pink"], /^--theme must be one of auto, light, dark\.$/],
    [["--locale", "not a language"], /^--locale must be a language/],
    [["--reset", "name"], /^--reset must be one of title, accent/],
    [["--greeting", "x".repeat(501)], /^--greeting must have at most 500 characters\.$/],
    [["--hours", "mon 09:00-17:00"], /^--hours and --zone belong together/],
    [["--zone", "UTC"], /^--hours and --zone belong together/],
    [["--hours", "none", "--zone", "UTC"], /^--hours must begin with days/],
    [["--hours", "monday 09:00-17:00", "--zone", "UTC"], /^--hours must begin with days/],
    [["--hours", "mon-fri-9", "--zone", "UTC"], /^--hours must begin with days, .*"mon-fri-9"/],
    [["--hours", "mon-fri", "--zone", "UTC"], /^--hours must name times after the days/],
    [["--hours", "mon-fri 9-17", "--zone", "UTC"], /^--hours, mon: “9-17” is not a time such as 09:00-17:00/],
    [
      ["--hours", "fri-mon 22:00-02:00", "--hours", "sat 01:00-03:00", "--zone", "UTC"],
      /^--hours, sat: .* overlaps/,
    ],
    [["--hours", "mon 09:00-17:00", "--zone", "Europe/Atlantis"], /^--zone: There is no time zone/],
    [["--issuer", "x", "--alg", "RS256"], /missing --jwks-url, --audience\.$/],
    [["--identity", "jwks"], /missing --issuer, --jwks-url, --audience, --alg\.$/],
    [["--identity", "hs256", "--issuer", "x"], /takes no settings of a provider/],
    [["--alg", "HS256"], /^--alg must be one of RS256, ES256, EdDSA\.$/],
    [[...PROVIDER, "--jwks-url", "ftp://x"], /^--jwks-url must be a URL that begins with https:\/\/\.$/],
    [[...PROVIDER, "--jwks-url", "https://user:x@login.example"], /^--jwks-url must not hold a user name or/],
  ])("%j", async (words, sentence) => {
    const show = () => heddleJson(["agent", "show", agent], byKey());
    const before = await show();
    const { code, stdout, stderr } = await heddle(["agent", "update", agent, ...words], { env: byKey() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(await show()).toEqual(before);
  });
});

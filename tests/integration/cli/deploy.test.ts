import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureWidgetBuilt } from "../../../scripts/ensure_widget.mjs";
import { snippets } from "../../docs/support/documents.ts";
import { type BareProject, createBareProject } from "./bare_project.ts";
import { ACCESS_TOKEN } from "./fake_management_api.ts";
import { changes, useFakeSite } from "./fake_site.ts";
import { SECRET_KEY } from "./fake_storage.ts";
import { heddle, heddleProcess } from "./run.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const FUNCTIONS = [
  "api",
  "deliver",
  "events",
  "invite-member",
  "mail-inbound",
  "mail-unsubscribe",
  "realtime-publish",
  "tab-action",
  "tab-answer",
  "tab-fetch",
  "validate-widget",
];
await ensureWidgetBuilt();

const site = useFakeSite();

describe("deploy", () => {
  let project: BareProject;
  beforeAll(async () => {
    project = await createBareProject();
  });
  afterAll(() => project.drop());

  it("brings a project up to date in one command, and changes nothing when it runs again", async () => {
    const env = { HEDDLE_DATABASE_URL: project.as("postgres") };
    const plan = await site.deploy(["--dry-run"], env);
    expect(plan.stdout).toMatch(/^Nothing was changed\.\n\n {2}database +would apply \d+ migrations\n/);
    expect(changes([...site.api.asked, ...site.storage.asked])).toEqual([]);

    const first = await site.deploy([], env);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(
      new RegExp(
        `^Deployed\\.\n\n {2}database +applied \\d+ migrations\n {2}api +exposed heddle_api\n` +
          ` {2}functions +deployed ${FUNCTIONS.join(", ")}\n {2}widget +sent .*, heddle\\.js\n`,
      ),
    );
    expect(first.stdout).toContain(`${site.storage.url}/storage/v1/object/public/heddle/heddle.js`);
    expect(first.stdout).toContain("npm run heddle -- doctor");
    expect(first.stderr).toMatch(
      /✓ \d+_agents\n(.*\n)* {2}✓ bundled tab-fetch\n(.*\n)* {2}✓ sent heddle\.js\n$/,
    );

    const before = [changes(site.api.asked), changes(site.storage.asked)];
    const second = await site.deploy([], env);
    expect(second.stdout).toMatch(
      /database +up to date with \d+ migrations\n {2}api +up to date\n {2}functions +up to date\n {2}widget +up to date\n/,
    );
    const bundling = FUNCTIONS.map((name) => `POST /functions/deploy?slug=${name}&bundleOnly=true`);
    expect(changes(site.api.asked).slice(before[0]?.length).sort()).toEqual(bundling);
    expect(changes(site.storage.asked)).toEqual(before[1]);
  });

  it("claims nothing when a dry run breaks off", async () => {
    const bare = await createBareProject();
    site.api.refuse({ request: /GET .*\/functions/, status: 403 });
    const { code, stderr } = await site
      .deploy(["--dry-run"], { HEDDLE_DATABASE_URL: bare.as("postgres") })
      .finally(() => bare.drop());
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^functions: .* Nothing was changed\. database: would apply \d+ migrations\. api: would expose heddle_api\.\n$/,
    );
  });

  it("lists the parts that are not done when one fails, and continues there", async () => {
    const env = { HEDDLE_DATABASE_URL: project.as("postgres") };
    site.api.refuse({
      request: /functions\/deploy\?slug=tab-fetch/,
      status: 400,
      body: { message: "Relative import path" },
    });
    const broken = await site.deploy([], env);
    expect({ code: broken.code, stdout: broken.stdout }).toEqual({ code: 1, stdout: "" });
    expect(broken.stderr.trimEnd().split("\n").at(-1)).toBe(
      "functions: tab-fetch was not bundled, and no function was changed. Supabase refused POST " +
        "/functions/deploy?slug=tab-fetch&bundleOnly=true with status 400: Relative import path. Correct that, then deploy again. Up to date by now: database, api.",
    );
    expect(site.api.functions.size).toBe(0);
    expect(site.storage.asked).toEqual([]);
    site.api.refuse();
    expect((await site.deploy([], env)).code).toBe(0);
  });
});

describe("the inbox", () => {
  const key = { HEDDLE_PUBLISHABLE_KEY: "sb_publishable_of_the_project" };
  const only = ["--only", "inbox"];

  it("is told its project, and its owner where to put it and what Auth must allow", async () => {
    const { code, stdout } = await site.deploy([...only, "--inbox-url", "https://team.shop.example"], key);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ {2}inbox +(wrote|up to)/),
    });
    expect(JSON.parse(readFileSync(`${ROOT}dist/inbox/config.json`, "utf8")))
      .toEqual({
        url: site.storage.url,
        publishableKey: key.HEDDLE_PUBLISHABLE_KEY,
        command: "npm run heddle --",
      });
    expect(readFileSync(`${ROOT}dist/inbox/index.html`, "utf8")).toContain("<script");
    expect(stdout).toContain("put all files of dist/inbox on a static host of yours");
    expect(stdout).toContain("Supabase Storage can't be that host");
    expect(stdout).toContain("Redirect URLs: https://team.shop.example/**");
    expect((await site.deploy(only, key)).stdout).toMatch(/ {2}inbox +up to date\n/);
    expect(changes([...site.api.asked, ...site.storage.asked])).toEqual([]);
  });

  it("is never given a secret key, which everybody could read there", async () => {
    const service = `x.${Buffer.from('{"role":"service_role"}').toString("base64url")}.x`;
    await site.deploy(only, key);
    const before = readFileSync(`${ROOT}dist/inbox/config.json`, "utf8");
    for (const secret of ["sb_secret_of_the_project", service, SECRET_KEY]) {
      const { code, stderr } = await site.deploy(only, { HEDDLE_PUBLISHABLE_KEY: secret });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/^--publishable-key holds (a secret|the service_role) key: /),
      });
      expect(stderr).not.toContain(secret);
    }
    expect(readFileSync(`${ROOT}dist/inbox/config.json`, "utf8")).toBe(before);
  });

  it("is left out unless its key is named, and demanded with --only", async () => {
    const plan = await site.deploy(["--dry-run"], {
      HEDDLE_DATABASE_URL: "postgresql://postgres:p@127.0.0.1:1/x",
    });
    expect(plan.stdout + plan.stderr).not.toContain("inbox");
    expect((await site.deploy(only)).stderr).toContain("deploy needs --publishable-key");
    expect((await site.deploy([...only, "--inbox-url", "inbox"], key)).stderr).toContain(
      "--inbox-url must be",
    );
  });
});

describe("the functions", () => {
  it("come with every file that they import, without the platform's JWT check, all at one moment", async () => {
    const { functions } = await site.deployJson(["--only", "functions"]);
    expect(functions?.notes).toEqual([expect.stringContaining("HEDDLE_ADDRESS_HEADER is not set")]);
    expect([...site.api.uploads.keys()].sort()).toEqual(FUNCTIONS);
    expect(site.api.unresolved).toEqual([]);
    for (const [name, { files, metadata }] of site.api.uploads) {
      expect(metadata).toMatchObject({
        name,
        verify_jwt: false,
        entrypoint_path: `supabase/functions/${name}/index.ts`,
        import_map_path: `supabase/functions/${name}/deno.json`,
      });
      const below = [...files.keys()].map((path) => path.replace("supabase/functions/", ""));
      expect(below).toEqual(
        expect.arrayContaining([`${name}/index.ts`, `_heddle/${name}.js`, "_heddle/heddle.js"]),
      );
      expect(files.size).toBeLessThanOrEqual(6);
      for (const path of below) {
        expect(files.get(`supabase/functions/${path}`), path).toBe(
          readFileSync(`${ROOT}dist/functions/${path}`, "utf8"),
        );
      }
    }
    expect(changes(site.api.asked).at(-1)).toBe("PUT /functions");
    expect([...site.api.functions.keys()].sort()).toEqual(FUNCTIONS);
  });

  it("are left alone unless their bundles changed", async () => {
    await site.deployJson(["--only", "functions"]);
    const old = site.api.functions.get("tab-fetch");
    if (old) old.ezbr_sha256 = "of an earlier checkout";
    const other = { slug: "mine", version: 3, verify_jwt: true, ezbr_sha256: "x" };
    site.api.functions.set("mine", other);
    expect((await site.deployJson(["--only", "functions"])).functions).toMatchObject({
      deployed: ["tab-fetch"],
      unchanged: FUNCTIONS.filter((name) => name !== "tab-fetch"),
    });
    const update = site.api.asked.findLast(({ request }) => request.startsWith("PUT"));
    expect(JSON.parse(update?.body.toString() ?? "")).toEqual([
      expect.objectContaining({ slug: "tab-fetch", version: 2, verify_jwt: false }),
    ]);
    expect(site.api.functions.get("mine")).toBe(other);
  });

  it("replace none of the owner's own unless they are told to, and none that is left out", async () => {
    const own = { slug: "api", version: 7, verify_jwt: false, ezbr_sha256: "the owner's" };
    site.api.functions.set("api", own);
    for (const words of [[], ["--dry-run"]]) {
      const { code, stderr } = await site.deploy(["--only", "api,functions", ...words]);
      expect({ code, stderr: stderr.trimEnd().split("\n").at(-1) }).toEqual({
        code: 1,
        stderr:
          "The project has api already, probably not Heddle's: rename it, leave Heddle's out with --without api, or have it replaced with --replace api. Nothing was changed.",
      });
    }
    expect(changes(site.api.asked)).toEqual([]);
    const wrong = await site.deploy(["--only", "functions", "--replace", "mine"]);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('not "mine"') });

    const { functions } = await site.deployJson(["--only", "functions", "--without", "api"]);
    expect(functions?.deployed).toEqual(FUNCTIONS.filter((name) => name !== "api"));
    expect(site.api.functions.get("api")).toBe(own);
    // Among Heddle's it is known by its JWT check.
    site.api.functions.set("api", { ...own, verify_jwt: true });
    expect((await site.deploy(["--only", "functions"])).stderr).toContain("The project has api already");
    const replaced = await site.deployJson(["--only", "functions", "--replace", "api"]);
    expect(replaced.functions).toMatchObject({ deployed: ["api"], replaced: ["api"] });
  });

  it("say which of the owner's own they replace, before they do", async () => {
    const own = { slug: "tab-fetch", version: 7, verify_jwt: false, ezbr_sha256: "the owner's" };
    site.api.functions.set("tab-fetch", own);
    const warning =
      /^ {2}! The project has a function tab-fetch already, probably not Heddle.s: (?:deploy replaces it|all are replaced once .* keeps it)\. /;
    const told = ["--only", "functions", "--replace", "tab-fetch"];
    const plan = await site.deploy([...told, "--dry-run"]);
    expect(plan.stderr).toMatch(warning);
    expect(plan.stdout).toMatch(
      /would deploy what changed of .*, in place of those of tab-fetch that are there\n/,
    );
    expect(site.api.functions.get("tab-fetch")).toBe(own);

    site.api.refuse({ request: /slug=tab-action/, status: 400 });
    expect((await site.deploy(told)).stderr).toMatch(warning);
    expect(site.api.functions.get("tab-fetch")).toBe(own);
    site.api.refuse();
    expect((await site.deployJson(told)).functions).toMatchObject({
      deployed: FUNCTIONS,
      replaced: ["tab-fetch"],
      foreign: ["tab-fetch"],
    });
    const again = await site.deploy(["--only", "functions", "--dry-run"]);
    expect(again.stderr).toBe("");
    expect(again.stdout).toMatch(/, in place of those that are there\n/);
  });

  it("are tried once more when the server falters", async () => {
    site.api.refuse({ request: /GET .*\/functions/, status: 503, times: 1 });
    expect((await site.deployJson(["--only", "functions"])).functions?.deployed).toEqual(FUNCTIONS);
  });
});

describe("the Data API", () => {
  it("exposes heddle_api behind the project's own schemas, once", async () => {
    expect((await site.deployJson(["--only", "api"])).api).toEqual({ added: true, wasOff: false });
    expect(site.api.project.db_schema).toBe("public,graphql_public,heddle_api");
    expect((await site.deployJson(["--only", "api"])).api).toEqual({ added: false, wasOff: false });
    expect(changes(site.api.asked)).toEqual(["PATCH /postgrest"]);
  });

  it("is switched on where it was off, which is said", async () => {
    site.api.project.db_schema = "";
    expect((await site.deploy(["--only", "api"])).stdout).toContain(
      "The Data API was off, which Heddle needs",
    );
    expect(site.api.project.db_schema).toBe("heddle_api");
  });
});

describe("deploy refuses, in one sentence and before it changes anything,", () => {
  it.each<[string, string[], Record<string, string>, RegExp, number?]>([
    [
      "a part that is none",
      ["--only", "widgets"],
      {},
      /^--only takes database, api, functions, widget, .*"widgets"/,
    ],
    ["a missing database", [], {}, /^deploy needs --database-url\. Leave parts out with --only/],
    [
      "everything that is missing, at once",
      [],
      { HEDDLE_SECRET_KEY: "", SUPABASE_ACCESS_TOKEN: "" },
      /^deploy needs --database-url, SUPABASE_ACCESS_TOKEN in the environment .* and --secret-key\./,
    ],
    [
      "an address that does not tell which project it is, and what else is missing",
      ["--only", "api"],
      { HEDDLE_PROJECT_REF: "", HEDDLE_URL: "https://api.shop.example", SUPABASE_ACCESS_TOKEN: "" },
      /^deploy needs --project-ref \(the address does not tell it\) and SUPABASE_ACCESS_TOKEN in the/,
    ],
    [
      "parts of different projects",
      [],
      {
        HEDDLE_DATABASE_URL:
          "postgresql://postgres.zyxwvutsrqponmlkjihg:p@aws-0.pooler.supabase.com:5432/postgres",
      },
      /^--project-ref belongs to the project abcdefghijklmnopqrst, but --database-url to zyxwvutsrqponmlkjihg: nothing/,
    ],
    [
      "a token that is none",
      ["--only", "functions"],
      { SUPABASE_ACCESS_TOKEN: "sbp_other" },
      /does not accept this access token: make one/,
      1,
    ],
    [
      "a key that is none",
      ["--only", "widget"],
      { HEDDLE_SECRET_KEY: "sb_secret_other" },
      /--secret-key must be the project's secret key/,
      1,
    ],
    [
      "a token that fits into no header, which it does not repeat",
      ["--only", "functions"],
      { SUPABASE_ACCESS_TOKEN: "sbp_a\nb" },
      /^SUPABASE_ACCESS_TOKEN holds a line break(?!.*sbp_)/,
    ],
    [
      "to send the token in the clear",
      ["--only", "api", "--management-url", "http://site.api.example"],
      {},
      /must be an https address/,
    ],
  ])("%s", async (_, words, env, sentence, exitCode = 2) => {
    const { code, stdout, stderr } = await site.deploy(words, env);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(changes([...site.api.asked, ...site.storage.asked])).toEqual([]);
  });

  it.each([[403, /may not do this \(GET \/functions\)/], [404, /has no project abc/], [429, /for a minute/], [
    500,
    /status\.supabase\.com/,
  ]])(
    "status %i of the management API, with what to do",
    async (status, sentence) => {
      site.api.refuse({ request: /./, status });
      expect((await site.deploy(["--only", "functions"])).stderr).toMatch(sentence);
    },
  );
});

it("takes keys as they were pasted, with the line's end", async () => {
  const env = { SUPABASE_ACCESS_TOKEN: `${ACCESS_TOKEN}\n`, HEDDLE_SECRET_KEY: ` ${SECRET_KEY}` };
  expect(await site.deploy(["--only", "api,widget"], env)).toMatchObject({ code: 0 });
});

it("shows its credentials nowhere", async () => {
  const runs = [
    await site.deploy(["--only", "api,functions,widget"]),
    await site.deploy(["--only", "api,functions,widget", "--json"]),
  ];
  const urls = [...site.api.asked, ...site.storage.asked].map(({ request }) => request);
  for (const secret of [ACCESS_TOKEN, SECRET_KEY, "never-to-be-shown"]) {
    expect(JSON.stringify([runs, urls])).not.toContain(secret);
  }
});

it("is what docs/deploy.md says to type", async () => {
  const lines = snippets("docs/deploy.md", "sh").join("\n").split("\n")
    .filter((line) => line.startsWith("npm run heddle -- deploy"));
  expect(lines.length).toBeGreaterThan(1);
  for (const [index, line] of lines.entries()) {
    const words = line.split(" ").slice(5);
    const only = words.includes("--only") ? [] : ["--only", "api,functions,widget"]; // what needs no database
    const run = index === 0 ? heddleProcess : heddle;
    expect(await run(["deploy", ...words, ...only], { env: site.credentials() }), line)
      .toMatchObject({ code: 0, stdout: expect.stringMatching(/^(?:Deployed|Nothing was changed)\.\n/) });
  }
});

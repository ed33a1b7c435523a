import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureWidgetBuilt } from "../../../tools/ensure_widget.mjs";
import { snippets } from "../../support/docs.ts";
import { type BareProject, createBareProject } from "./bare_project.ts";
import { ACCESS_TOKEN, type FakeManagementApi, REF, startFakeManagementApi } from "./fake_management_api.ts";
import { chunksOf, type FakeStorage, SECRET_KEY, startFakeStorage } from "./fake_storage.ts";
import { heddle, heddleJson, heddleProcess, type Run } from "./run.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const WIDGET = `${ROOT}dist/widget/`;
await ensureWidgetBuilt();
const CHUNKS = readdirSync(`${WIDGET}assets`).filter((name) => name.endsWith(".js")).map((name) =>
  `assets/${name}`
);
const SCRIPT = readFileSync(`${WIDGET}heddle.js`, "utf8");
const FUNCTIONS = ["realtime-publish", "tab-action", "tab-fetch", "validate-widget"];
const FOR_GOOD = "public, max-age=31536000, immutable";

let api: FakeManagementApi;
let storage: FakeStorage;
beforeEach(async () => {
  [api, storage] = await Promise.all([startFakeManagementApi(), startFakeStorage()]);
});
afterEach(() => Promise.all([api.stop(), storage.stop()]));

const credentials = () => ({
  HEDDLE_URL: storage.url,
  HEDDLE_SECRET_KEY: SECRET_KEY,
  HEDDLE_PROJECT_REF: REF,
  HEDDLE_MANAGEMENT_URL: api.url,
  SUPABASE_ACCESS_TOKEN: ACCESS_TOKEN,
});

function deploy(words: string[] = [], env: Record<string, string> = {}): Promise<Run> {
  return heddle(["deploy", ...words], { env: { ...credentials(), ...env } });
}

function deployJson(words: string[]): Promise<Record<string, Record<string, unknown>>> {
  return heddleJson(["deploy", ...words], credentials());
}

/** What changes something, in order, without what comes before the project's path. */
const changes = (asked: { request: string }[]) =>
  asked.map(({ request }) => request.replace(/ \/(?:v1\/projects\/\w+|storage\/v1)/, " "))
    .filter((request) => !/^GET |object\/list/.test(request));

describe("deploy", () => {
  let project: BareProject;
  beforeAll(async () => {
    project = await createBareProject();
  });
  afterAll(() => project.drop());

  it("brings a project up to date in one command, and changes nothing when it runs again", async () => {
    const env = { HEDDLE_DATABASE_URL: project.as("postgres") };
    const plan = await deploy(["--dry-run"], env);
    expect(plan.stdout).toMatch(/^Nothing was changed\.\n\n {2}database +would apply \d+ migrations\n/);
    expect(changes([...api.asked, ...storage.asked])).toEqual([]);

    const first = await deploy([], env);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(
      new RegExp(
        `^Deployed\\.\n\n {2}database +applied \\d+ migrations\n {2}api +exposed heddle_api\n` +
          ` {2}functions +deployed ${FUNCTIONS.join(", ")}\n {2}widget +sent .*, heddle\\.js\n`,
      ),
    );
    expect(first.stdout).toContain(`${storage.url}/storage/v1/object/public/heddle/heddle.js`);
    expect(first.stdout).toContain("npm run heddle -- doctor");
    expect(first.stderr).toMatch(
      /✓ \d+_agents\n(.*\n)* {2}✓ bundled tab-fetch\n(.*\n)* {2}✓ sent heddle\.js\n$/,
    );

    const before = [changes(api.asked), changes(storage.asked)];
    const second = await deploy([], env);
    expect(second.stdout).toMatch(
      /database +up to date with \d+ migrations\n {2}api +up to date\n {2}functions +up to date\n {2}widget +up to date\n/,
    );
    const bundling = FUNCTIONS.map((name) => `POST /functions/deploy?slug=${name}&bundleOnly=true`);
    expect(changes(api.asked).slice(before[0]?.length).sort()).toEqual(bundling);
    expect(changes(storage.asked)).toEqual(before[1]);
  });

  it("says which parts are left undone when one breaks off, and goes on there", async () => {
    const env = { HEDDLE_DATABASE_URL: project.as("postgres") };
    api.refuse({
      request: /functions\/deploy\?slug=tab-fetch/,
      status: 400,
      body: { message: "Relative import path" },
    });
    const broken = await deploy([], env);
    expect({ code: broken.code, stdout: broken.stdout }).toEqual({ code: 1, stdout: "" });
    expect(broken.stderr.trimEnd().split("\n").at(-1)).toBe(
      "functions: tab-fetch was not bundled, and no function was changed. Supabase refused POST " +
        "/functions/deploy?slug=tab-fetch&bundleOnly=true with status 400: Relative import path. Put that right, then deploy again. Up to date by now: database, api.",
    );
    expect(api.functions.size).toBe(0);
    expect(storage.asked).toEqual([]);
    api.refuse();
    expect((await deploy([], env)).code).toBe(0);
  });
});

describe("the functions", () => {
  it("come with every file that they import, without the platform's JWT check, all at one moment", async () => {
    const { functions } = await deployJson(["--only", "functions"]);
    expect(functions?.notes).toEqual([expect.stringContaining("HEDDLE_ADDRESS_HEADER is not set")]);
    expect([...api.uploads.keys()].sort()).toEqual(FUNCTIONS);
    expect(api.unresolved).toEqual([]);
    for (const [name, { files, metadata }] of api.uploads) {
      expect(metadata).toMatchObject({
        name,
        verify_jwt: false,
        entrypoint_path: `supabase/functions/${name}/index.ts`,
        import_map_path: `supabase/functions/${name}/deno.json`,
      });
      expect(files.size).toBeGreaterThan(20);
      for (const [path, content] of files) expect(content, path).toBe(readFileSync(ROOT + path, "utf8"));
    }
    expect(changes(api.asked).at(-1)).toBe("PUT /functions");
    expect([...api.functions.keys()].sort()).toEqual(FUNCTIONS);
  });

  it("are left alone unless their bundles changed", async () => {
    await deployJson(["--only", "functions"]);
    const old = api.functions.get("tab-fetch");
    if (old) old.ezbr_sha256 = "of an earlier checkout";
    const other = { slug: "mine", version: 3, verify_jwt: true, ezbr_sha256: "x" };
    api.functions.set("mine", other);
    expect((await deployJson(["--only", "functions"])).functions).toMatchObject({
      deployed: ["tab-fetch"],
      unchanged: FUNCTIONS.filter((name) => name !== "tab-fetch"),
    });
    const update = api.asked.findLast(({ request }) => request.startsWith("PUT"));
    expect(JSON.parse(update?.body.toString() ?? "")).toEqual([
      expect.objectContaining({ slug: "tab-fetch", version: 2, verify_jwt: false }),
    ]);
    expect(api.functions.get("mine")).toBe(other);
  });

  it("say which of the owner's own they replace, before they do", async () => {
    const own = { slug: "tab-fetch", version: 7, verify_jwt: false, ezbr_sha256: "the owner's" };
    api.functions.set("tab-fetch", own);
    const warning =
      /^ {2}! The project has a function tab-fetch already, by the looks of it not from Heddle: /;
    const plan = await deploy(["--only", "functions", "--dry-run"]);
    expect(plan.stderr).toMatch(warning);
    expect(plan.stdout).toMatch(
      /would deploy what changed of .*, in place of those of tab-fetch that are there\n/,
    );
    expect(api.functions.get("tab-fetch")).toBe(own);

    api.refuse({ request: /slug=tab-action/, status: 400 });
    expect((await deploy(["--only", "functions"])).stderr).toMatch(warning);
    expect(api.functions.get("tab-fetch")).toBe(own);
    api.refuse();
    expect((await deployJson(["--only", "functions"])).functions).toMatchObject({
      deployed: FUNCTIONS,
      replaced: ["tab-fetch"],
      strangers: ["tab-fetch"],
    });
    const again = await deploy(["--only", "functions", "--dry-run"]);
    expect(again.stderr).toBe("");
    expect(again.stdout).toMatch(/, in place of those that are there\n/);
  });

  it("are tried once more when the server falters", async () => {
    api.refuse({ request: /GET .*\/functions/, status: 503, times: 1 });
    expect((await deployJson(["--only", "functions"])).functions?.deployed).toEqual(FUNCTIONS);
  });
});

describe("the Data API", () => {
  it("exposes heddle_api behind the project's own schemas, once", async () => {
    expect((await deployJson(["--only", "api"])).api).toEqual({ added: true, wasOff: false });
    expect(api.project.db_schema).toBe("public,graphql_public,heddle_api");
    expect((await deployJson(["--only", "api"])).api).toEqual({ added: false, wasOff: false });
    expect(changes(api.asked)).toEqual(["PATCH /postgrest"]);
  });

  it("is switched on where it was off, which is said", async () => {
    api.project.db_schema = "";
    expect((await deploy(["--only", "api"])).stdout).toContain("The Data API was off, which Heddle needs");
    expect(api.project.db_schema).toBe("heddle_api");
  });
});

describe("the widget", () => {
  it("goes into a public bucket: chunks for good, then the script tag for five minutes", async () => {
    await deployJson(["--only", "widget"]);
    expect(storage.bucket).toEqual({ public: true });
    expect(storage.stored).toEqual([...[...CHUNKS].sort(), "heddle.js"]);
    const type = "text/javascript; charset=utf-8";
    expect(storage.objects.get("heddle.js")).toEqual({ content: SCRIPT, type, cacheControl: "max-age=300" });
    for (const chunk of CHUNKS) {
      expect(storage.objects.get(chunk)).toMatchObject({ type, cacheControl: FOR_GOOD });
    }
    expect(chunksOf(SCRIPT).length).toBeGreaterThan(1);
    expect(storage.missing).toEqual([]);
  });

  it("is what doctor wants to find", async () => {
    await deployJson(["--only", "widget"]);
    const { HEDDLE_URL, HEDDLE_SECRET_KEY } = credentials();
    const { stdout } = await heddle(["doctor", "--json"], { env: { HEDDLE_URL, HEDDLE_SECRET_KEY } });
    const { checks }: { checks: { id: string }[] } = JSON.parse(stdout);
    expect(checks.filter(({ id }) => id === "script" || id === "chunks")).toEqual([
      expect.objectContaining({ id: "script", status: "ok" }),
      expect.objectContaining({ id: "chunks", status: "ok" }),
    ]);
  });

  it("keeps the chunks of earlier builds, and sends only what is new", async () => {
    await deployJson(["--only", "widget"]);
    const old = { content: "old", type: "text/javascript", cacheControl: FOR_GOOD };
    storage.objects.set("assets/core-OLDOLDOL.js", old);
    storage.objects.set("heddle.js", { ...old, content: `import("assets/core-OLDOLDOL.js")` });
    const [chunk = ""] = CHUNKS;
    storage.objects.delete(chunk);
    storage.stored.length = 0;
    expect((await deployJson(["--only", "widget"])).widget).toMatchObject({
      sent: [chunk, "heddle.js"],
      unchanged: CHUNKS.filter((path) => path !== chunk).sort(),
    });
    expect(storage.stored).toEqual([chunk, "heddle.js"]);
    expect(storage.objects.get("assets/core-OLDOLDOL.js")).toBe(old);
  });

  it("sends no chunk again where entity tags are something else, but the script tag", async () => {
    await deployJson(["--only", "widget"]);
    storage.tags = "sha1";
    expect((await deployJson(["--only", "widget"])).widget?.sent).toEqual(["heddle.js"]);
  });

  it("mends a chunk with another cache rule", async () => {
    await deployJson(["--only", "widget"]);
    const [chunk = ""] = CHUNKS;
    const stored = storage.objects.get(chunk);
    if (stored) stored.cacheControl = "max-age=3600";
    expect((await deployJson(["--only", "widget"])).widget).toMatchObject({ sent: [chunk] });
    expect(storage.objects.get(chunk)?.cacheControl).toBe(FOR_GOOD);
  });

  it("leaves pages with the old script when it breaks off, and goes on from there", async () => {
    storage.bucket = { public: true };
    const old = {
      content: `import("assets/core-OLDOLDOL.js")`,
      type: "text/javascript",
      cacheControl: "max-age=300",
    };
    storage.objects.set("heddle.js", old);
    const last = [...CHUNKS].sort().at(-1) ?? "";
    storage.refuse({
      request: new RegExp(last),
      status: 400,
      body: { statusCode: "507", message: "quota exceeded" },
    });
    const { code, stderr } = await deploy(["--only", "widget"]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `widget: Storage could not store ${last}: status 507, quota exceeded. What was sent before stays; deploy again goes on from there.`,
    );
    expect(storage.objects.get("heddle.js")).toBe(old);
    storage.refuse();
    expect((await deployJson(["--only", "widget"])).widget?.sent).toEqual([last, "heddle.js"]);
  });

  it("is not sent to what is no Storage", async () => {
    storage.refuse({ request: /bucket/, status: 200, body: "Welcome!" });
    expect((await deploy(["--only", "widget"])).stderr).toBe(
      `widget: ${storage.url} answers, but not as Storage does: check --url, then deploy again.\n`,
    );
  });

  it("goes into a bucket that somebody else makes at the same moment", async () => {
    storage.bucket = { public: true };
    const notYet = { statusCode: "404", error: "Bucket not found", message: "Bucket not found" };
    storage.refuse({ request: /GET .*bucket/, status: 400, body: notYet, times: 1 });
    expect((await deployJson(["--only", "widget"])).widget?.sent).toContain("heddle.js");
  });

  it("never makes a private bucket public", async () => {
    storage.bucket = { public: false };
    expect((await deploy(["--only", "widget"])).stderr).toMatch(/^widget: The bucket heddle is private: /);
    expect(changes(storage.asked)).toEqual([]);
  });

  it("finds its files among more than one page of them", async () => {
    await deployJson(["--only", "widget"]);
    const old = { content: "old", type: "text/javascript", cacheControl: FOR_GOOD };
    for (let number = 0; number < 1100; number++) storage.objects.set(`assets/a${number}.js`, old);
    expect((await deployJson(["--only", "widget"])).widget?.sent).toEqual([]);
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
      ["--only", "api", "--management-url", "http://api.example"],
      {},
      /must be an https address/,
    ],
  ])("%s", async (_, words, env, sentence, exitCode = 2) => {
    const { code, stdout, stderr } = await deploy(words, env);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(changes([...api.asked, ...storage.asked])).toEqual([]);
  });

  it.each([[403, /may not do this \(GET \/functions\)/], [404, /has no project abc/], [429, /for a minute/], [
    500,
    /status\.supabase\.com/,
  ]])(
    "status %i of the management API, with what to do",
    async (status, sentence) => {
      api.refuse({ request: /./, status });
      expect((await deploy(["--only", "functions"])).stderr).toMatch(sentence);
    },
  );
});

it("takes keys as they were pasted, with the line's end", async () => {
  const env = { SUPABASE_ACCESS_TOKEN: `${ACCESS_TOKEN}\n`, HEDDLE_SECRET_KEY: ` ${SECRET_KEY}` };
  expect(await deploy(["--only", "api,widget"], env)).toMatchObject({ code: 0 });
});

it("shows its credentials nowhere", async () => {
  const runs = [
    await deploy(["--only", "api,functions,widget"]),
    await deploy(["--only", "api,functions,widget", "--json"]),
  ];
  const urls = [...api.asked, ...storage.asked].map(({ request }) => request);
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
    expect(await run(["deploy", ...words, ...only], { env: credentials() }), line)
      .toMatchObject({ code: 0, stdout: expect.stringMatching(/^(?:Deployed|Nothing was changed)\.\n/) });
  }
});

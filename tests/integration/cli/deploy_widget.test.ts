import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ensureWidgetBuilt } from "../../../scripts/ensure_widget.mjs";
import { changes, useFakeSite } from "./fake_site.ts";
import { chunksOf } from "./fake_storage.ts";
import { heddle } from "./run.ts";

const WIDGET = fileURLToPath(new URL("../../../dist/widget/", import.meta.url));
await ensureWidgetBuilt();
const CHUNKS = readdirSync(`${WIDGET}assets`).filter((name) => name.endsWith(".js")).map((name) =>
  `assets/${name}`
);
const SCRIPT = readFileSync(`${WIDGET}heddle.js`, "utf8");
const FOR_GOOD = "public, max-age=31536000, immutable";

const site = useFakeSite();

describe("the widget that deploy sends", () => {
  it("goes into a public bucket: licences, chunks for good, then worker and script tag for five minutes", async () => {
    await site.deployJson(["--only", "widget"]);
    expect(site.storage.bucket).toEqual({ public: true });
    expect(site.storage.stored).toEqual([
      "licenses.txt",
      ...[...CHUNKS].sort(),
      "push_worker.js",
      "heddle.js",
    ]);
    const type = "text/javascript; charset=utf-8";
    expect(site.storage.objects.get("heddle.js")).toEqual({
      content: SCRIPT,
      type,
      cacheControl: "max-age=300",
    });
    expect(site.storage.objects.get("licenses.txt")).toEqual({
      content: readFileSync(`${WIDGET}licenses.txt`, "utf8"),
      type: "text/plain; charset=utf-8",
      cacheControl: "max-age=300",
    });
    for (const chunk of CHUNKS) {
      expect(site.storage.objects.get(chunk)).toMatchObject({ type, cacheControl: FOR_GOOD });
    }
    expect(chunksOf(SCRIPT).length).toBeGreaterThan(1);
    expect(site.storage.missing).toEqual([]);
  });

  it("is what doctor wants to find", async () => {
    await site.deployJson(["--only", "widget"]);
    const { HEDDLE_URL, HEDDLE_SECRET_KEY } = site.credentials();
    const { stdout } = await heddle(["doctor", "--json"], { env: { HEDDLE_URL, HEDDLE_SECRET_KEY } });
    const { checks }: { checks: { id: string }[] } = JSON.parse(stdout);
    expect(checks.filter(({ id }) => id === "script" || id === "chunks")).toEqual([
      expect.objectContaining({ id: "script", status: "ok" }),
      expect.objectContaining({ id: "chunks", status: "ok" }),
    ]);
  });

  it("keeps the chunks of earlier builds, and sends only what is new", async () => {
    await site.deployJson(["--only", "widget"]);
    const old = { content: "old", type: "text/javascript", cacheControl: FOR_GOOD };
    site.storage.objects.set("assets/core-OLDOLDOL.js", old);
    site.storage.objects.set("heddle.js", { ...old, content: `import("assets/core-OLDOLDOL.js")` });
    const [chunk = ""] = CHUNKS;
    site.storage.objects.delete(chunk);
    site.storage.stored.length = 0;
    expect((await site.deployJson(["--only", "widget"])).widget).toMatchObject({
      sent: [chunk, "heddle.js"],
      unchanged: ["licenses.txt", ...CHUNKS.filter((path) => path !== chunk).sort(), "push_worker.js"],
    });
    expect(site.storage.stored).toEqual([chunk, "heddle.js"]);
    expect(site.storage.objects.get("assets/core-OLDOLDOL.js")).toBe(old);
  });

  it("sends no chunk again where entity tags are something else, but what is not named by its content", async () => {
    await site.deployJson(["--only", "widget"]);
    site.storage.tags = "sha1";
    const { widget } = await site.deployJson(["--only", "widget"]);
    expect(widget?.sent).toEqual(["licenses.txt", "push_worker.js", "heddle.js"]);
  });

  it("mends a chunk with another cache rule", async () => {
    await site.deployJson(["--only", "widget"]);
    const [chunk = ""] = CHUNKS;
    const stored = site.storage.objects.get(chunk);
    if (stored) stored.cacheControl = "max-age=3600";
    expect((await site.deployJson(["--only", "widget"])).widget).toMatchObject({ sent: [chunk] });
    expect(site.storage.objects.get(chunk)?.cacheControl).toBe(FOR_GOOD);
  });

  it("leaves pages with the old script when it is interrupted, and continues from there", async () => {
    site.storage.bucket = { public: true };
    const old = {
      content: `import("assets/core-OLDOLDOL.js")`,
      type: "text/javascript",
      cacheControl: "max-age=300",
    };
    site.storage.objects.set("heddle.js", old);
    const last = [...CHUNKS].sort().at(-1) ?? "";
    site.storage.refuse({
      request: new RegExp(last),
      status: 400,
      body: { statusCode: "507", message: "quota exceeded" },
    });
    const { code, stderr } = await site.deploy(["--only", "widget"]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `widget: Storage could not store ${last}: status 507, quota exceeded. What was sent before stays; deploy again continues from there.`,
    );
    expect(site.storage.objects.get("heddle.js")).toBe(old);
    site.storage.refuse();
    expect((await site.deployJson(["--only", "widget"])).widget?.sent).toEqual([
      last,
      "push_worker.js",
      "heddle.js",
    ]);
  });

  it("is not sent to what is no Storage", async () => {
    site.storage.refuse({ request: /bucket/, status: 200, body: "Welcome!" });
    expect((await site.deploy(["--only", "widget"])).stderr).toBe(
      `widget: ${site.storage.url} answers, but not as Storage does: check --url, then deploy again.\n`,
    );
  });

  it("goes into a bucket that somebody else makes at the same moment", async () => {
    site.storage.bucket = { public: true };
    const notYet = { statusCode: "404", error: "Bucket not found", message: "Bucket not found" };
    site.storage.refuse({ request: /GET .*bucket/, status: 400, body: notYet, times: 1 });
    expect((await site.deployJson(["--only", "widget"])).widget?.sent).toContain("heddle.js");
  });

  it("never makes a private bucket public", async () => {
    site.storage.bucket = { public: false };
    expect((await site.deploy(["--only", "widget"])).stderr).toMatch(
      /^widget: The bucket heddle is private: /,
    );
    expect(changes(site.storage.asked)).toEqual([]);
  });

  it("finds its files among more than one page of them", async () => {
    await site.deployJson(["--only", "widget"]);
    const old = { content: "old", type: "text/javascript", cacheControl: FOR_GOOD };
    for (let number = 0; number < 1100; number++) site.storage.objects.set(`assets/a${number}.js`, old);
    expect((await site.deployJson(["--only", "widget"])).widget?.sent).toEqual([]);
  });
});

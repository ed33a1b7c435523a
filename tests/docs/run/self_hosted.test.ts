import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureFunctionsBuilt } from "../../../scripts/ensure_functions.mjs";
import { ensureInboxBuilt } from "../../../scripts/ensure_inbox.mjs";
import { ensureWidgetBuilt } from "../../../scripts/ensure_widget.mjs";
import { type BareProject, createBareProject } from "../../integration/cli/bare_project.ts";
import { useFakeSite } from "../../integration/cli/fake_site.ts";
import { heddle } from "../../integration/cli/run.ts";
import { snippets } from "../support/documents.ts";

const DOCUMENT = "docs/self_hosted.md";
const SILENT = <Value>(_: string, work: Promise<Value>) => work;
const [install = "", , copy = "", , deploy = ""] = snippets(DOCUMENT, "sh");
const site = useFakeSite();
const folder = mkdtempSync(join(tmpdir(), "heddle-self-hosted-"));

let project: BareProject;
beforeAll(async () => {
  await Promise.all([ensureFunctionsBuilt(SILENT), ensureInboxBuilt(SILENT), ensureWidgetBuilt(SILENT)]);
  project = await createBareProject();
});
afterAll(async () => {
  await project.drop();
  rmSync(folder, { recursive: true });
});

const wordsOf = (line: string) => line.replace("npm run heddle -- ", "").split(" ");

describe(DOCUMENT, () => {
  it("installs through the address of the database", async () => {
    const [command = "", option = ""] = wordsOf(install);
    expect(new URL(install.split("'")[1] ?? "").pathname).toBe("/postgres");
    const { code, stderr } = await heddle([command, option, project.as("postgres")]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });

  it("adds the functions to a folder beside those that are there", () => {
    const volume = join(folder, "volumes/functions");
    mkdirSync(join(volume, "main"), { recursive: true });
    writeFileSync(join(volume, "main/index.ts"), "// Supabase's\n");
    const [build, copying = ""] = copy.split("\n");
    expect(build).toBe("npm run build");
    const { stderr } = spawnSync("bash", ["-c", copying.replace("../supabase", folder)], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(readFileSync(join(volume, "main/index.ts"), "utf8")).toBe("// Supabase's\n");
    const ours = readdirSync("supabase/functions").filter((name) =>
      /^[a-z]/.test(name) && !name.includes(".")
    );
    expect(readdirSync(volume).sort()).toEqual(["_heddle", "main", ...ours].sort());
  });

  it("uploads the widget and prepares the inbox without Supabase's management API", async () => {
    const line = deploy.split("\n").find((each) => each.includes("deploy")) ?? "";
    const [, ...words] = wordsOf(line);
    const { code, stderr } = await site.deploy(words, {
      HEDDLE_PUBLISHABLE_KEY: "sb_publishable_of_the_project",
      HEDDLE_PROJECT_REF: "",
      SUPABASE_ACCESS_TOKEN: "",
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(site.api.asked).toEqual([]);
  });

  it("names only variables that the functions read, or Supabase's compose file has", () => {
    const theirs = ["PGRST_DB_SCHEMAS", "FUNCTIONS_VERIFY_JWT"];
    const names = snippets(DOCUMENT, "ini").join("\n").match(/^[A-Z_]+(?==)/gm) ?? [];
    const source = ["environment.ts", "deliveries/email.ts"]
      .map((file) => readFileSync(`supabase/functions/_shared/${file}`, "utf8")).join("\n");
    expect(names.length).toBeGreaterThan(4);
    expect(names.filter((name) => !theirs.includes(name) && !source.includes(`"${name}"`))).toEqual([]);
  });
});

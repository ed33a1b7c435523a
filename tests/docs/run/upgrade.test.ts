import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BareProject, createBareProject } from "../../integration/cli/bare_project.ts";
import { useFakeSite } from "../../integration/cli/fake_site.ts";
import { heddle } from "../../integration/cli/run.ts";
import { ensureWidgetBuilt } from "../../../scripts/ensure_widget.mjs";

const DOCUMENTS = ["docs/upgrade.md", "docs/init.md"];
const COMMANDS = [
  ...new Set(
    DOCUMENTS.flatMap((path) => readFileSync(path, "utf8").match(/npm run heddle -- [^`\n]+/g) ?? []),
  ),
];
const folder = mkdtempSync(join(tmpdir(), "heddle-upgrade-"));
const site = useFakeSite();
await ensureWidgetBuilt();

let project: BareProject;
beforeAll(async () => {
  project = await createBareProject();
  mkdirSync(join(folder, "supabase"));
  writeFileSync(join(folder, "supabase/config.toml"), '[api]\nschemas = ["public"]\n');
  // What there is to upgrade.
  await heddle(["init", "--project", folder], {});
});
afterAll(async () => {
  await project.drop();
  rmSync(folder, { recursive: true });
});

describe(DOCUMENTS.join(" and "), () => {
  it("show all of them", () => expect(COMMANDS.length).toBeGreaterThan(8));

  it.each(COMMANDS)("%s runs, and again", async (command) => {
    const [word = "", ...words] = command.replace("npm run heddle -- ", "").replace("../shop", folder).split(
      " ",
    );
    const env = { HEDDLE_DATABASE_URL: project.as("postgres") };
    const run = () => word === "deploy" ? site.deploy(words, env) : heddle([word, ...words], { env });
    for (const time of ["once", "again"]) {
      const { code, stderr } = await run();
      expect({ time, code, stderr }).toMatchObject({ code: 0 });
    }
  });
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Check, failed, PASSED } from "../check.ts";
import { startManagementApi } from "../functions/management_api.ts";

/** Shaped like the reference of a project. */
const PROJECT_REF = "heddleheddleheddlehe";

/** Deploys to a stand-in, and keeps what it was sent for the checks of each function. */
export function deploy(slugs: string[]): Check {
  return {
    id: "deploy",
    what: "functions deploy --use-api",
    title: `uploads ${slugs.length} functions`,
    needs: ["config"],
    async run({ cli, uploads, scratch }) {
      const api = await startManagementApi();
      try {
        const profile = join(scratch, "profile.yaml");
        await writeFile(profile, profileOf(api.url));
        const { ok, words } = await cli.ask([
          ...["functions", "deploy", "--use-api", "--yes"],
          ...[`--remote=${PROJECT_REF}`, "--profile", profile],
        ]);
        for (const [slug, upload] of api.uploads) uploads.set(slug, upload);
        const missing = slugs.filter((slug) => !uploads.has(slug));
        if (ok && missing.length === 0) return PASSED;
        const notSent = missing.length > 0 ? `Not uploaded: ${missing.join(", ")}.` : "";
        return failed(
          [withoutAssets(words), notSent].filter(Boolean).join("\n"),
          "Correct what the CLI names.",
        );
      } finally {
        api.stop();
      }
    },
  };
}

function profileOf(url: string): string {
  return `name: heddle-check\napi_url: ${url}\ndashboard_url: ${url}\nproject_host: 127.0.0.1\n`;
}

function withoutAssets(words: string): string {
  return words.split("\n").filter((line) => !/^(?:Uploading asset|Deploying Function)/.test(line)).join("\n");
}

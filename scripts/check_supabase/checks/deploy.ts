import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failed, OK } from "../../../cli/checks.ts";
import { functionSources } from "../../../cli/deploy/functions/sources.ts";
import { startManagementApi, type Upload, type Uploads } from "../functions/management_api.ts";
import type { Check } from "../subject.ts";

/** Shaped like the reference of a project. */
const PROJECT_REF = "heddleheddleheddlehe";

/** Deploys to a fake management API, and keeps the uploads for the checks of each function. */
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
        const { ok, message } = await cli.ask([
          ...["functions", "deploy", "--use-api", "--yes"],
          ...[`--remote=${PROJECT_REF}`, "--profile", profile],
        ]);
        for (const [slug, upload] of api.uploads) uploads.set(slug, upload);
        const missing = slugs.filter((slug) => !uploads.has(slug));
        if (ok && missing.length === 0) return OK;
        const notSent = missing.length > 0 ? `Not uploaded: ${missing.join(", ")}.` : "";
        return failed(
          [withoutAssets(message), notSent].filter(Boolean).join("\n"),
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

function withoutAssets(message: string): string {
  return message.split("\n").filter((line) => !/^(?:Uploading asset|Deploying Function)/.test(line)).join(
    "\n",
  );
}

/** Only of the checkout that this program belongs to: heddle deploys no other. */
export const ownDeploy: Check = {
  id: "heddle-deploy",
  what: "npm run heddle -- deploy",
  title: "uploads the very files that functions deploy uploads",
  needs: ["deploy"],
  async run({ uploads }) {
    const differences = uploadDifferences(await functionSources(), uploads);
    if (differences.length === 0) return OK;
    return failed(
      differences.join("\n"),
      "Make cli/deploy/functions/sources.ts find what the CLI finds.",
    );
  },
};

/** A function as `heddle deploy` uploads it. */
interface Source {
  name: string;
  entrypoint: string;
  importMap: string;
  files: { path: string; content: Uint8Array }[];
}

/** A sentence for everything that `heddle deploy` uploads otherwise than the CLI. */
export function uploadDifferences(sources: Source[], uploads: Uploads): string[] {
  const names = new Set([...sources.map(({ name }) => name), ...uploads.keys()]);
  return [...names].sort().flatMap((name) => {
    const [source, upload] = [sources.find((source) => source.name === name), uploads.get(name)];
    if (!source) return [`${name} is uploaded by the CLI alone.`];
    if (!upload) return [`${name} is uploaded by heddle alone.`];
    return differencesOf(source, upload).map((difference) => `${name}: ${difference}`);
  });
}

function differencesOf(source: Source, { metadata, files }: Upload): string[] {
  const own = new Map(source.files.map(({ path, content }) => [path, content]));
  const paths = [...new Set([...own.keys(), ...files.keys()])].sort();
  return [
    ...(source.entrypoint === metadata.entrypoint_path
      ? []
      : [`the entry is ${metadata.entrypoint_path} to the CLI.`]),
    ...(source.importMap === metadata.import_map_path
      ? []
      : [`the import map is ${metadata.import_map_path} to the CLI.`]),
    ...paths.flatMap((path) => {
      const [mine, theirs] = [own.get(path), files.get(path)];
      if (!mine) return [`${path} is uploaded by the CLI alone.`];
      if (!theirs) return [`${path} is uploaded by heddle alone.`];
      return isSame(mine, theirs) ? [] : [`${path} differs.`];
    }),
  ];
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

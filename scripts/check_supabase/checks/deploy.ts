import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failed, OK } from "../../../cli/checks.ts";
import { functionSources } from "../../../cli/deploy/functions/sources.ts";
import type { SupabaseCli } from "../cli.ts";
import { callFunction } from "../functions/call_function.ts";
import { startManagementApi, type Upload, type Uploads } from "../functions/management_api.ts";
import { missingImports } from "../functions/missing_imports.ts";
import { unpack } from "../functions/unpack.ts";
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
    async run({ cli, project, uploads, scratch }) {
      const { ok, message, uploads: sent } = await uploadsOf(cli, project, scratch);
      for (const [slug, upload] of sent) uploads.set(slug, upload);
      const missing = slugs.filter((slug) => !uploads.has(slug));
      if (ok && missing.length === 0) return OK;
      const notSent = missing.length > 0 ? `Not uploaded: ${missing.join(", ")}.` : "";
      return failed(
        [withoutAssets(message), notSent].filter(Boolean).join("\n"),
        "Correct what the CLI names.",
      );
    },
  };
}

/** What the CLI uploads of a project's functions. */
export async function uploadsOf(cli: SupabaseCli, project: string, scratch: string) {
  const api = await startManagementApi();
  try {
    const profile = join(scratch, "profile.yaml");
    await writeFile(profile, profileOf(api.url));
    const { ok, message } = await cli.ask([
      ...["functions", "deploy", "--use-api", "--yes", "--workdir", project],
      ...[`--remote=${PROJECT_REF}`, "--profile", profile],
    ]);
    return { ok, message, uploads: api.uploads };
  } finally {
    api.stop();
  }
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
  title: "uploads bundles, as functions deploy does of a project that has them, and each answers from there",
  needs: ["deploy"],
  async run({ cli, project, scratch }) {
    const sources = await functionSources((_, work) => work);
    const bundled = join(scratch, "bundled");
    await cp(join(project, "supabase/config.toml"), join(bundled, "supabase/config.toml"));
    for (const { path, content } of sources.flatMap(({ files }) => files)) {
      await mkdir(dirname(join(bundled, path)), { recursive: true });
      await writeFile(join(bundled, path), content);
    }
    const { ok, message, uploads } = await uploadsOf(cli, bundled, scratch);
    if (!ok) return failed(withoutAssets(message), "Correct what the CLI names.");
    const differences = uploadDifferences(sources, uploads);
    for (const [slug, upload] of uploads) {
      const unpacked = await unpack(upload, join(scratch, "bundles", slug));
      differences.push(...await missingImports(unpacked));
      await callFunction(unpacked, slug);
    }
    if (differences.length === 0) return OK;
    return failed(differences.join("\n"), "Make cli/deploy/functions/sources.ts find what the CLI finds.");
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

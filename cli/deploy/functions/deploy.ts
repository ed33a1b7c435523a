import * as z from "zod";
import { CliError, messageOf, usageError } from "../../errors.ts";
import { OPTIONAL } from "../../init/left_out.ts";
import type { Progress } from "../../output/progress.ts";
import type { ManagementApi } from "../management_api.ts";
import { type FunctionSource, functionSources } from "./sources.ts";

/** The fields of a bundle's answer that the bulk update accepts, besides later ones. */
const bundleSchema = z.looseObject({
  slug: z.string(),
  verify_jwt: z.boolean().optional(),
  ezbr_sha256: z.string().nullish(),
});
type Bundle = z.infer<typeof bundleSchema>;

/** No project has Heddle without it. */
const FIRST = "validate-widget";

export interface DeployedFunctions {
  /** Names of those that are, or with a dry run would be, deployed. */
  deployed: string[];
  /** Names of those whose bundle the project has already. Empty with a dry run, which makes no bundles. */
  unchanged: string[];
  /** Names of those among `deployed` that replace one of the project. */
  replaced: string[];
  /** Names of those that exist, or existed, and were probably not deployed by Heddle. */
  foreign: string[];
}

interface FunctionOptions {
  /** Names of those that the owner does without. */
  leftOut: string[];
  dryRun: boolean;
  progress: Progress;
  bundled(name: string): void;
  /** Called with them before anything happens, if there are any. */
  foreign(names: string[]): void;
}

/**
 * Brings the project's functions to this checkout, all at the same moment: Supabase bundles each one first, and nothing
 * changes unless every bundle succeeded. The calls are those of `supabase functions deploy --use-api`.
 */
export async function deployFunctions(
  api: ManagementApi,
  { leftOut, dryRun, progress, bundled, foreign }: FunctionOptions,
): Promise<DeployedFunctions> {
  const sources = await functionSources(progress, leftOut);
  const present = await api.call(z.array(bundleSchema), "GET", "/functions");
  const names = sources.map(({ name }) => name);
  const inTheirPlace = present.filter(({ slug }) => names.includes(slug));
  const thereAlready = inTheirPlace.map(({ slug }) => slug).sort();
  const unknown = foreignAmong(inTheirPlace, names.length);
  if (unknown.length > 0) foreign(unknown);
  if (dryRun) return { deployed: names, unchanged: [], replaced: thereAlready, foreign: unknown };

  const bundles = await Promise.all(sources.map(async (source) => {
    const bundle = await progress(`Bundling ${source.name}`, bundleOf(api, source));
    bundled(source.name);
    return bundle;
  }));
  const changed = bundles.filter((bundle) => !present.some((there) => isSame(there, bundle)));
  if (changed.length > 0) {
    await progress(
      "Activating the functions",
      api.call(z.unknown(), "PUT", "/functions", changed.map(updateOf)),
    );
  }
  const deployed = changed.map(({ slug }) => slug);
  return {
    deployed,
    unchanged: names.filter((name) => !deployed.includes(name)),
    replaced: thereAlready.filter((name) => deployed.includes(name)),
    foreign: unknown,
  };
}

/** Heddle deploys all of its functions at one moment, and none with the platform's JWT check. */
function foreignAmong(inTheirPlace: Bundle[], all: number): string[] {
  return inTheirPlace
    .filter(({ verify_jwt }) => verify_jwt === true || inTheirPlace.length < all)
    .map(({ slug }) => slug).sort();
}

/**
 * Throws a `CliError` for functions of the owner's that would be replaced without their word: where Heddle is not there yet, or
 * only some have the platform's JWT check.
 */
export async function refuseForeign(
  api: ManagementApi,
  { leftOut, replace, progress }: Pick<FunctionOptions, "leftOut" | "progress"> & { replace: string[] },
): Promise<void> {
  const names = (await functionSources(progress, leftOut)).map(({ name }) => name);
  const unknown = replace.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw usageError(`--replace takes names of Heddle's functions, separated by commas: not "${unknown}".`);
  }
  const present = await api.call(z.array(bundleSchema), "GET", "/functions");
  const inTheirPlace = present.filter(({ slug }) => names.includes(slug));
  const isThere = inTheirPlace.some(({ slug }) => slug === FIRST);
  const isChecked = ({ verify_jwt }: Bundle) => verify_jwt === true;
  const foreign = inTheirPlace.filter((each) => !isThere || isChecked(each) && !inTheirPlace.every(isChecked))
    .map(({ slug }) => slug).filter((name) => !replace.includes(name)).sort();
  if (foreign.length === 0) return;
  const isOptional = foreign.every((name) => Object.hasOwn(OPTIONAL, name));
  const which = foreign.join(",");
  throw new CliError(
    "conflict",
    `The project has ${foreign.join(", ")} already, probably not Heddle's: rename ${
      foreign.length === 1 ? "it" : "them"
    }${isOptional ? `, leave Heddle's out with --without ${which},` : ""} or have ${
      foreign.length === 1 ? "it" : "them"
    } replaced with --replace ${which}. Nothing was changed.`,
  );
}

async function bundleOf(api: ManagementApi, source: FunctionSource): Promise<Bundle> {
  const form = new FormData();
  form.append(
    "metadata",
    JSON.stringify({
      name: source.name,
      entrypoint_path: source.entrypoint,
      import_map_path: source.importMap,
      // Browsers have no Supabase session: every function authenticates its callers itself.
      verify_jwt: false,
      static_patterns: [],
    }),
  );
  for (const { path, content } of source.files) form.append("file", new Blob([content]), path);
  const query = new URLSearchParams({ slug: source.name, bundleOnly: "true" });
  return await api.call(bundleSchema, "POST", `/functions/deploy?${query}`, form).catch((error: unknown) => {
    const code = error instanceof CliError ? error.code : "rejected";
    throw new CliError(
      code,
      `${source.name} was not bundled, and no function was changed. ${messageOf(error)}`,
    );
  });
}

function isSame(there: Bundle, bundle: Bundle): boolean {
  return there.slug === bundle.slug && Boolean(bundle.ezbr_sha256) &&
    there.ezbr_sha256 === bundle.ezbr_sha256 && there.verify_jwt === bundle.verify_jwt;
}

/** The fields that the bulk update knows; it refuses others, such as `updated_at`. */
function updateOf(bundle: Bundle): Record<string, unknown> {
  const known = [
    ...["id", "slug", "name", "status", "version", "created_at", "verify_jwt"],
    ...["import_map", "import_map_path", "entrypoint_path", "ezbr_sha256"],
  ];
  return Object.fromEntries(known.filter((name) => name in bundle).map((name) => [name, bundle[name]]));
}

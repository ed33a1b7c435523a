import type { Check } from "../subject.ts";
import { deploy, ownDeploy } from "./deploy.ts";
import { documents } from "./documents.ts";
import { init, initBeside } from "./init.ts";
import { config, history, migrations } from "./migrations.ts";
import { localUpToDate, seed, upToDate } from "./push.ts";
import { advisors, drift } from "./schema.ts";
import { types } from "./types.ts";
import { uploadedFunction } from "./uploaded_function.ts";

/**
 * In the order of the report; a check comes after those it needs.
 * @param deno such as "Deno 2.1.4"
 * @param own whether it is the checkout that this program belongs to
 */
export function allChecks(slugs: string[], deno: string, own: boolean): Check[] {
  return [
    config,
    migrations,
    history,
    seed,
    upToDate,
    localUpToDate,
    drift,
    advisors,
    types,
    deploy(slugs),
    ...slugs.map((slug) => uploadedFunction(slug, deno)),
    ...(own ? [ownDeploy, init, initBeside] : []),
    documents,
  ];
}

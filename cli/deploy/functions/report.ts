import type { ManagementApi } from "../management_api.ts";
import { type Report, said, type Way } from "../report.ts";
import { type DeployedFunctions, deployFunctions } from "./deploy.ts";
import { settingsNotes } from "./settings.ts";

/** Deploys the functions and says what became of them. */
export async function functionsReport(api: ManagementApi, way: Way): Promise<Report> {
  const { dryRun, progress, done, warn } = way;
  const result = await deployFunctions(api, {
    dryRun,
    progress,
    bundled: (name) => done(`bundled ${name}`),
    strangers: (names) => warn(strangersWarning(names, dryRun)),
  });
  const notes = await settingsNotes(api);
  return { json: { ...result, notes }, summary: summary(result, dryRun), notes };
}

function summary({ deployed, replaced }: DeployedFunctions, dryRun: boolean): string {
  if (deployed.length === 0) return "up to date";
  const what = said("deploy what changed of", "deployed", deployed.join(", "), dryRun);
  if (replaced.length === 0) return what;
  const those = replaced.length === deployed.length ? "those" : `those of ${replaced.join(", ")}`;
  return `${what}, in place of ${those} that ${dryRun ? "are" : "were"} there`;
}

function strangersWarning(names: string[], dryRun: boolean): string {
  const [what, them] = names.length === 1
    ? [`a function ${names[0]}`, "it"]
    : [`functions ${names.join(", ")}`, "them"];
  const happens = dryRun
    ? `deploy replaces ${them}`
    : `all are replaced once they are bundled; Ctrl-C before that keeps ${them}`;
  return `! The project has ${what} already, by the looks of ${them} not from Heddle: ${happens}. What is yours needs another name first.`;
}

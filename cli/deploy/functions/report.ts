import { messageOf } from "../../errors.ts";
import { type ManagementApi, secretNames } from "../management_api.ts";
import { type DeployOptions, type Report, said } from "../parts.ts";
import { type DeployedFunctions, deployFunctions } from "./deploy.ts";

/** Deploys the functions and reports the result. */
export async function functionsReport(api: ManagementApi, options: DeployOptions): Promise<Report> {
  const { dryRun, progress, done, warn, leftOut } = options;
  const result = await deployFunctions(api, {
    leftOut,
    dryRun,
    progress,
    bundled: (name) => done(`bundled ${name}`),
    foreign: (names) => warn(foreignWarning(names, dryRun)),
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

function foreignWarning(names: string[], dryRun: boolean): string {
  const [what, them] = names.length === 1
    ? [`a function ${names[0]}`, "it"]
    : [`functions ${names.join(", ")}`, "them"];
  const happens = dryRun
    ? `deploy replaces ${them}`
    : `all are replaced once they are bundled; Ctrl-C before that keeps ${them}`;
  return `! The project has ${what} already, probably not Heddle's: ${happens}. Rename your own functions first.`;
}

/** What an owner should know about the functions' settings. Only their names are read, never their values. */
async function settingsNotes(api: ManagementApi): Promise<string[]> {
  const names = await secretNames(api).catch((error: unknown) => messageOf(error));
  if (typeof names === "string") return [`The functions' settings could not be read. ${names}`];
  return [
    ...(names.includes("HEDDLE_ADDRESS_HEADER") ? [] : [
      "HEDDLE_ADDRESS_HEADER is not set: tab calls are limited per visitor only, validations not at all (docs/deploy.md).",
    ]),
    ...(names.includes("HEDDLE_ALLOW_PRIVATE_WEBHOOKS")
      ? [
        "HEDDLE_ALLOW_PRIVATE_WEBHOOKS is set: webhooks reach private addresses. It is meant for the local stack.",
      ]
      : []),
  ];
}

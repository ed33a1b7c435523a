import type { Command } from "../command.ts";
import { namedBy } from "../connection/target.ts";
import { deployPart, managementApi } from "../deploy/deploy_part.ts";
import { refuseForeign } from "../deploy/functions/deploy.ts";
import { MANAGEMENT_URL } from "../deploy/management_api.ts";
import {
  chosenParts,
  type DeployOptions,
  type Part,
  PARTS,
  type Report,
  requireAll,
} from "../deploy/parts.ts";
import { requirePublicKey, type Site, siteOf } from "../deploy/site.ts";
import { CliError, messageOf } from "../errors.ts";
import { leftOutHere, namesWithout, OPTIONAL } from "../init/left_out.ts";
import { HEDDLE } from "../installation/calls.ts";
import { facts } from "../output/text.ts";
import { managementUrl } from "./input.ts";

export const deploy: Command = {
  name: "deploy",
  summary:
    "Brings a hosted project up to date: the database, its Data API, the functions, the widget and the inbox's settings",
  parameters: [],
  options: {
    "only": {
      type: "string",
      value: "PARTS",
      help: `some of ${PARTS.join(",")}; all of them without it (inbox only with --publishable-key)`,
    },
    "dry-run": { type: "boolean", help: "say what would be done, and do nothing" },
    "without": {
      type: "string",
      value: "NAMES",
      help: `functions to do without, some of ${
        Object.keys(OPTIONAL).join(",")
      }; default: those that init left out in the folder you are in`,
    },
    "replace": {
      type: "string",
      value: "NAMES",
      help: "functions of the project that Heddle's may replace although they are probably your own",
    },
    "project-ref": {
      type: "string",
      value: "REF",
      help: "the project's 20 letters, where --url is a domain of your own (HEDDLE_PROJECT_REF)",
    },
    "inbox-url": {
      type: "string",
      value: "URL",
      help: "where you put the inbox, which Auth must allow (HEDDLE_INBOX_URL)",
    },
    "management-url": {
      type: "string",
      value: "URL",
      help: `where SUPABASE_ACCESS_TOKEN is sent; default ${MANAGEMENT_URL} (HEDDLE_MANAGEMENT_URL)`,
    },
  },
  examples: [
    "deploy",
    "deploy --only functions,widget --dry-run",
  ],
  needs: "hosted part",
  async run({ input, target, terminal, progress }) {
    const site = siteOf(target, input, terminal.env);
    requirePublicKey(site);
    const parts = chosenParts(input.text("only"), site);
    requireAll(parts, site);
    const dryRun = input.flag("dry-run");
    const without = input.text("without");
    const leftOut = without === undefined
      ? await leftOutHere(undefined, terminal.env)
      : namesWithout(without);
    const options = {
      dryRun,
      leftOut,
      progress,
      done: (line: string) => input.flag("json") || terminal.notice(`  ✓ ${line}`),
      warn: (sentence: string) => terminal.notice(`  ${sentence}`),
      managementUrl: managementUrl(
        namedBy("management-url", input.text, terminal.env) ?? MANAGEMENT_URL,
      ),
    };
    if (parts.includes("functions")) await refuseUnasked(site, options, input.text("replace"));
    const reports = new Map<Part, Report>();
    for (const part of parts) {
      const report = await deployPart(part, site, options).catch((error: unknown) => {
        throw brokenOff(error, part, reports, dryRun);
      });
      reports.set(part, report);
    }
    return {
      json: { dryRun, ...Object.fromEntries([...reports].map(([part, { json }]) => [part, json])) },
      text: textOf(reports, site, dryRun),
    };
  },
};

/** Before the first part: where the project can't be asked, the functions' own turn says why. */
async function refuseUnasked(site: Site, options: DeployOptions, replace: string | undefined): Promise<void> {
  const names = replace?.split(",").map((name) => name.trim()) ?? [];
  const { leftOut, progress } = options;
  await refuseForeign(managementApi(site, options), { leftOut, replace: names, progress }).catch((error) => {
    if (!(error instanceof CliError) || ["conflict", "usage_error"].includes(error.code)) throw error;
  });
}

function brokenOff(error: unknown, part: Part, before: Map<Part, Report>, dryRun: boolean): unknown {
  if (!(error instanceof CliError)) return error;
  return new CliError(error.code, `${part}: ${messageOf(error)}${dryRun ? planned(before) : done(before)}`);
}

function done(before: Map<Part, Report>): string {
  return before.size === 0 ? "" : ` Up to date by now: ${[...before.keys()].join(", ")}.`;
}

function planned(before: Map<Part, Report>): string {
  const plans = [...before].map(([part, { summary }]) => ` ${part}: ${summary}.`);
  return ` Nothing was changed.${plans.join("")}`;
}

function textOf(reports: Map<Part, Report>, { url }: Site, dryRun: boolean): string {
  const rows = facts(Object.fromEntries([...reports].map(([part, { summary }]) => [part, summary])));
  const notes = [...reports.values()].flatMap(({ notes }) => notes);
  if (dryRun) return [`Nothing was changed.\n\n${rows}`, ...notes].join("\n\n");
  const script = `The script tag: ${url}/storage/v1/object/public/heddle/heddle.js`;
  return [
    `Deployed.\n\n${rows}`,
    ...(notes.length > 0 ? [notes.join("\n")] : []),
    ...(reports.has("widget") ? [script] : []),
    `Next: ${HEDDLE} doctor`,
  ].join("\n\n");
}

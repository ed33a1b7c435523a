import { bringUpToDate } from "../install/bring_up_to_date.ts";
import type { Progress } from "../output/progress.ts";
import { exposeSchema } from "./data_api.ts";
import { deployFunctions } from "./functions/deploy.ts";
import { settingsNotes } from "./functions/settings.ts";
import { type ManagementApi, openManagementApi } from "./management_api.ts";
import type { Part } from "./parts.ts";
import type { Site } from "./site.ts";
import { openStorage } from "./widget/storage.ts";
import { uploadWidget } from "./widget/upload.ts";

export interface Way {
  /** Whether everything is only looked at. */
  dryRun: boolean;
  progress: Progress;
  /** Called for each step that was done. */
  done(line: string): void;
  managementUrl: string;
}

export interface Report {
  json: unknown;
  /** What was done, or would be, in one line. */
  summary: string;
  /** What the owner should know besides, in sentences. */
  notes: string[];
}

/** Brings one part of a project up to date. Throws a `Failure` that says what to do; again goes on from there. */
export async function deployPart(part: Part, site: Site, way: Way): Promise<Report> {
  const { dryRun, progress, done } = way;
  const { databaseUrl = "", url = "", secretKey = "" } = site; // requireAll has seen to it
  switch (part) {
    case "database": {
      const { pending, applied, all } = await bringUpToDate(databaseUrl, { dryRun, progress, applied: done });
      const count = dryRun ? pending.length : applied.length;
      const what = `${count} migration${count === 1 ? "" : "s"}`;
      return {
        json: dryRun ? { pending } : { applied },
        summary: count === 0 ? `up to date with ${all} migrations` : said("apply", "applied", what, dryRun),
        notes: [],
      };
    }
    case "api": {
      const added = await exposeSchema(managementApi(site, way), dryRun);
      return {
        json: { added },
        summary: added ? said("expose", "exposed", "heddle_api", dryRun) : "up to date",
        notes: [],
      };
    }
    case "functions": {
      const api = managementApi(site, way);
      const bundled = (name: string) => done(`bundled ${name}`);
      const result = await deployFunctions(api, { dryRun, progress, bundled });
      const names = result.deployed.join(", ");
      const notes = await settingsNotes(api);
      return {
        json: { ...result, notes },
        summary: names === "" ? "up to date" : said("deploy what changed of", "deployed", names, dryRun),
        notes,
      };
    }
    case "widget": {
      const storage = openStorage({ url, secretKey });
      const result = await uploadWidget(storage, { dryRun, progress, sent: (path) => done(`sent ${path}`) });
      const paths = result.sent.join(", ");
      return {
        json: { ...result, script: `${url}/storage/v1/object/public/heddle/heddle.js` },
        summary: paths === "" ? "up to date" : said("send", "sent", paths, dryRun),
        notes: [],
      };
    }
  }
}

function managementApi({ ref = "", token = "" }: Site, { managementUrl }: Way): ManagementApi {
  return openManagementApi({ baseUrl: managementUrl, ref, token });
}

function said(infinitive: string, past: string, what: string, dryRun: boolean): string {
  return `${dryRun ? `would ${infinitive}` : past} ${what}`;
}

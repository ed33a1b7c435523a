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
      const names = dryRun ? pending : applied;
      const count = `${names.length} migration${names.length === 1 ? "" : "s"}`;
      const summary = names.length === 0
        ? `up to date with ${all} migrations`
        : dryRun
        ? `would apply ${count}`
        : `applied ${count}`;
      return { json: dryRun ? { pending } : { applied }, summary, notes: [] };
    }
    case "api": {
      const missing = await exposeSchema(managementApi(site, way), dryRun);
      const summary = dryRun ? "would expose heddle_api" : "exposed heddle_api";
      return { json: { added: missing }, summary: missing ? summary : "up to date", notes: [] };
    }
    case "functions": {
      const api = managementApi(site, way);
      const bundled = (name: string) => done(`bundled ${name}`);
      const result = await deployFunctions(api, { dryRun, progress, bundled });
      const notes = await settingsNotes(api);
      return { json: { ...result, notes }, summary: whatChanged(result.deployed, "deploy", dryRun), notes };
    }
    case "widget": {
      const storage = openStorage({ url, secretKey });
      const result = await uploadWidget(storage, { dryRun, progress, sent: (path) => done(`sent ${path}`) });
      const script = `${url}/storage/v1/object/public/heddle/heddle.js`;
      return { json: { ...result, script }, summary: whatChanged(result.sent, "send", dryRun), notes: [] };
    }
  }
}

function managementApi({ ref = "", token = "" }: Site, { managementUrl }: Way): ManagementApi {
  return openManagementApi({ baseUrl: managementUrl, ref, token });
}

function whatChanged(names: string[], verb: "deploy" | "send", dryRun: boolean): string {
  if (names.length === 0) return "up to date";
  const past = { deploy: "deployed", send: "sent" }[verb];
  return `${dryRun ? `would ${verb}` : past} ${names.join(", ")}`;
}

import * as z from "zod";
import { bringUpToDate } from "../install/bring_up_to_date.ts";
import { functionsReport } from "./functions/report.ts";
import { inboxReport } from "./inbox.ts";
import { type ManagementApi, openManagementApi } from "./management_api.ts";
import { type DeployOptions, type Part, type Report, said } from "./parts.ts";
import type { Site } from "./site.ts";
import { openStorage } from "./widget/storage.ts";
import { uploadWidget } from "./widget/upload.ts";

const SCHEMA = "heddle_api";
/** The answer also holds the JWT secret: nothing but the schemas is taken from it. */
const dataApiSettings = z.object({ db_schema: z.string() });

/** Brings one part of a project up to date. Throws a `CliError` that says what to do; repeating it continues from there. */
export async function deployPart(part: Part, site: Site, options: DeployOptions): Promise<Report> {
  const { dryRun, progress, done } = options;
  const { databaseUrl = "", url = "", secretKey = "" } = site; // requireAll has checked them
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
      const { added, wasOff } = await exposeSchema(managementApi(site, options), dryRun);
      const summary = added ? said("expose", "exposed", "heddle_api", dryRun) : "up to date";
      const notes = wasOff
        ? ["The Data API was off, which Heddle needs: it exposes heddle_api alone, for service_role."]
        : [];
      return { json: { added, wasOff }, summary, notes };
    }
    case "functions":
      return await functionsReport(managementApi(site, options), options);
    case "inbox": {
      const { publishableKey = "", inboxUrl } = site;
      return await inboxReport({ url, publishableKey, inboxUrl }, options);
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

export function managementApi(
  { ref = "", token = "" }: Site,
  { managementUrl }: Pick<DeployOptions, "managementUrl">,
): ManagementApi {
  return openManagementApi({ baseUrl: managementUrl, ref, token });
}

interface Exposed {
  /** Whether `heddle_api` was missing. */
  added: boolean;
  /** Whether the Data API was off: it has no schemas then. */
  wasOff: boolean;
}

/** Adds `heddle_api` to the schemas that the project's Data API exposes, behind those that are there. */
async function exposeSchema(api: ManagementApi, dryRun: boolean): Promise<Exposed> {
  const { db_schema } = await api.call(dataApiSettings, "GET", "/postgrest");
  const schemas = db_schema.split(",").map((schema) => schema.trim()).filter((schema) => schema !== "");
  const added = !schemas.includes(SCHEMA);
  if (added && !dryRun) {
    await api.call(dataApiSettings, "PATCH", "/postgrest", { db_schema: [...schemas, SCHEMA].join(",") });
  }
  return { added, wasOff: schemas.length === 0 };
}

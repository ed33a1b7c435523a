import { bringUpToDate } from "../install/bring_up_to_date.ts";
import { exposeSchema } from "./data_api.ts";
import { functionsReport } from "./functions/report.ts";
import { type ManagementApi, openManagementApi } from "./management_api.ts";
import type { Part } from "./parts.ts";
import { type Report, said, type Way } from "./report.ts";
import type { Site } from "./site.ts";
import { openStorage } from "./widget/storage.ts";
import { uploadWidget } from "./widget/upload.ts";

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
      const { added, wasOff } = await exposeSchema(managementApi(site, way), dryRun);
      const summary = added ? said("expose", "exposed", "heddle_api", dryRun) : "up to date";
      const notes = wasOff
        ? ["The Data API was off, which Heddle needs: it exposes heddle_api alone, for service_role."]
        : [];
      return { json: { added, wasOff }, summary, notes };
    }
    case "functions":
      return await functionsReport(managementApi(site, way), way);
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

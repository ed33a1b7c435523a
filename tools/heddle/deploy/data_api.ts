import * as z from "zod";
import type { ManagementApi } from "./management_api.ts";

const SCHEMA = "heddle_api";
/** The answer also holds the JWT secret: nothing but the schemas is taken from it. */
const settings = z.object({ db_schema: z.string() });

/**
 * Adds `heddle_api` to the schemas that the project's Data API exposes, behind those that are there. True if it was
 * missing. A project whose Data API is off has no schemas: it is on afterwards, with this one alone.
 */
export async function exposeSchema(api: ManagementApi, dryRun: boolean): Promise<boolean> {
  const { db_schema } = await api.call(settings, "GET", "/postgrest");
  const schemas = db_schema.split(",").map((schema) => schema.trim()).filter((schema) => schema !== "");
  if (schemas.includes(SCHEMA)) return false;
  if (!dryRun) await api.call(settings, "PATCH", "/postgrest", { db_schema: [...schemas, SCHEMA].join(",") });
  return true;
}

import * as z from "zod";
import type { ManagementApi } from "./management_api.ts";

const SCHEMA = "heddle_api";
/** The answer also holds the JWT secret: nothing but the schemas is taken from it. */
const settings = z.object({ db_schema: z.string() });

export interface Exposed {
  /** Whether `heddle_api` was missing. */
  added: boolean;
  /** Whether the Data API was off: it has no schemas then. */
  wasOff: boolean;
}

/** Adds `heddle_api` to the schemas that the project's Data API exposes, behind those that are there. */
export async function exposeSchema(api: ManagementApi, dryRun: boolean): Promise<Exposed> {
  const { db_schema } = await api.call(settings, "GET", "/postgrest");
  const schemas = db_schema.split(",").map((schema) => schema.trim()).filter((schema) => schema !== "");
  const added = !schemas.includes(SCHEMA);
  if (added && !dryRun) {
    await api.call(settings, "PATCH", "/postgrest", { db_schema: [...schemas, SCHEMA].join(",") });
  }
  return { added, wasOff: schemas.length === 0 };
}

import { messageOf } from "../errors.ts";
import type { Progress } from "../output/progress.ts";
import { type Check, failed, type Subject, type Verdict } from "./check.ts";
import { address } from "./checks/address.ts";
import { database } from "./checks/database.ts";
import { forging } from "./checks/forging.ts";
import { functions, functionsReachDatabase } from "./checks/functions.ts";
import { grants } from "./checks/grants.ts";
import { exposedSchemas, publishableKey, secretKey } from "./checks/keys.ts";
import { listening } from "./checks/listening.ts";
import { malformedNames } from "./checks/malformed_names.ts";
import { migrations } from "./checks/migrations.ts";
import { publicAccess } from "./checks/public_access.ts";
import { webhooks } from "./checks/webhooks.ts";
import { chunks, script, widgetOfCheckout } from "./checks/widget_files.ts";

/** In the order of the report. */
export const CHECKS: readonly Check[] = [
  address,
  database,
  migrations,
  exposedSchemas,
  grants,
  secretKey,
  publishableKey,
  listening,
  malformedNames,
  forging,
  publicAccess,
  ...functions,
  functionsReachDatabase,
  script,
  chunks,
  widgetOfCheckout,
  webhooks,
];

/** Runs all checks side by side. One that breaks off counts as failed. */
export async function examine(subject: Subject, progress: Progress): Promise<Verdict[]> {
  const all = Promise.all(CHECKS.map(async (check) => ({
    id: check.id,
    title: check.title,
    ...await check.run(subject).catch((error: unknown) =>
      failed(messageOf(error), "Check the address, the keys and your connection, then run doctor again.")
    ),
  })));
  return await progress("Examining the project (a refused join takes 5 s)", all);
}

import type { Check } from "../subject.ts";
import { address, exposedSchemas, publishableKey, secretKey } from "./access.ts";
import { addressHeader } from "./address_header.ts";
import { database, migrations } from "./database.ts";
import { eventWebhooks } from "./event_webhooks.ts";
import { forging } from "./forging.ts";
import { functions, functionsReachDatabase } from "./functions.ts";
import { grants } from "./grants.ts";
import { malformedNames, publicAccess } from "./joining.ts";
import { accounts, inbox } from "./inbox.ts";
import { databaseBroadcast, listening } from "./listening.ts";
import { outside } from "./outside.ts";
import { webhooks } from "./webhooks.ts";
import { mails } from "./mails.ts";
import { chunks, script, widgetOfCheckout } from "./widget_files.ts";

/** In the order of the report. */
export const CHECKS: readonly Check[] = [
  address,
  database,
  migrations,
  outside,
  exposedSchemas,
  grants,
  secretKey,
  publishableKey,
  listening,
  databaseBroadcast,
  malformedNames,
  forging,
  inbox,
  publicAccess,
  accounts,
  ...functions,
  functionsReachDatabase,
  addressHeader,
  script,
  chunks,
  widgetOfCheckout,
  webhooks,
  mails,
  eventWebhooks,
];

import { Buffer } from "node:buffer";
import { jsonIn } from "../connection/json.ts";
import type { Subject } from "./check.ts";
import { listedWith } from "./checks/keys.ts";

/**
 * What stands in the place of a publishable key and must not be used as a visitor's, in a few words; `null` for nothing wrong.
 * With a secret key everything is allowed, and each check of what visitors may not do would raise a false alarm.
 */
export async function publishableKeyFault(
  { url, secretKey, publishableKey }: Subject,
): Promise<string | null> {
  if (!publishableKey) return null;
  if (publishableKey.startsWith("sb_publishable_")) return null;
  if (publishableKey.startsWith("sb_secret_") || publishableKey === secretKey) return "holds a secret key";
  const role = roleIn(publishableKey);
  if (role === "service_role") return "holds the service_role key";
  if (role !== undefined || !url) return null;
  const listed = await listedWith({ url, key: publishableKey }, "heddle_api").catch(() => null);
  return listed?.ok ? "holds a key that lists agents, as only a secret one may" : null;
}

/** The claim `role` of a key that is a JWT, as a project's older keys are. */
function roleIn(key: string): string | undefined {
  const [, claims] = key.split(".");
  if (claims === undefined) return undefined;
  const read = jsonIn(Buffer.from(claims, "base64url").toString()) as { role?: unknown } | null | undefined;
  return typeof read?.role === "string" ? read.role : undefined;
}

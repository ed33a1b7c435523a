import * as z from "zod";
import { messageOf } from "../../errors.ts";
import type { ManagementApi } from "../management_api.ts";

/** What an owner should know of the functions' settings, in sentences. Their names are read, never their values. */
export async function settingsNotes(api: ManagementApi): Promise<string[]> {
  const names = await namesOf(api).catch((error: unknown) => messageOf(error));
  if (typeof names === "string") return [`The functions' settings could not be looked at. ${names}`];
  return [
    ...(names.includes("HEDDLE_ADDRESS_HEADER") ? [] : [
      "HEDDLE_ADDRESS_HEADER is not set: calls are limited per visitor, not per address (docs/deploy.md).",
    ]),
    ...(names.includes("HEDDLE_ALLOW_PRIVATE_WEBHOOKS")
      ? [
        "HEDDLE_ALLOW_PRIVATE_WEBHOOKS is set: webhooks reach private addresses. It is meant for the local stack.",
      ]
      : []),
  ];
}

async function namesOf(api: ManagementApi): Promise<string[]> {
  const secrets = await api.call(z.array(z.object({ name: z.string() })), "GET", "/secrets");
  return secrets.map(({ name }) => name);
}

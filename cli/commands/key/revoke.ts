import { array, unknown } from "zod";
import { apiKeySchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { id } from "../input.ts";

export const keyRevoke: Command = {
  name: "key revoke",
  summary: "Revokes an API key; it stops working within 30 seconds",
  parameters: ["<key-id>"],
  options: {},
  examples: ["key revoke 5f0c5c1e-4f0a-4d62-9a59-0b8a4f1f7a11"],
  needs: "api",
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<key-id>");
    const keys = await project.call(array(apiKeySchema), "list_api_keys") ?? [];
    const key = keys.find((known) => known.id === wanted);
    if (!key) throw notFound("key", wanted);
    await project.call(unknown(), "revoke_api_key", { p_key_id: wanted });
    const text = key.revokedAt === null
      ? `Revoked the key "${key.name}": it stops within 30 seconds.`
      : `The key "${key.name}" was revoked already.`;
    // Only who publishes learns names.
    const leaked = key.agentId !== null && key.scopes.includes("publish")
      ? `\nIf it leaked: whoever had it knows channel names. 30 seconds from now, end those too: ${HEDDLE} agent rotate-secret ${key.agentId} signing --now`
      : "";
    return { json: { id: wanted, revoked: true }, text: `${text}${leaked}` };
  },
};

import type { Command } from "../../command.ts";
import { noSuch } from "../../errors.ts";
import { id } from "../input.ts";
import type { ApiKey } from "./list.ts";

export const keyRevoke: Command = {
  name: "key revoke",
  summary: "Ends an API key, within 30 seconds everywhere",
  parameters: ["<key-id>"],
  options: {},
  examples: ["key revoke 5f0c5c1e-4f0a-4d62-9a59-0b8a4f1f7a11"],
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<key-id>");
    const keys = await project.call<ApiKey[]>("list_api_keys", {}) ?? [];
    const key = keys.find((known) => known.id === wanted);
    if (!key) throw noSuch("key", wanted);
    await project.call("revoke_api_key", { p_key_id: wanted });
    const text = key.revokedAt === null
      ? `Revoked the key "${key.name}": it stops within 30 seconds.`
      : `The key "${key.name}" was revoked already.`;
    return { json: { id: wanted, revoked: true }, text };
  },
};

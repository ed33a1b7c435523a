import { createdKeySchema, KEY_SCOPES } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { facts } from "../../output/text.ts";
import { id, label, required } from "../input.ts";

type Scope = (typeof KEY_SCOPES)[number];

export const keyCreate: Command = {
  name: "key create",
  summary:
    "Creates an API key, with which a backend publishes, reads and writes events, or uses the REST API",
  parameters: ["<agent-id>"],
  options: {
    name: { type: "string", value: "NAME", help: "who will hold it, such as backend" },
    scope: {
      type: "string",
      value: "SCOPE",
      multiple: true,
      help: `what it may do: ${KEY_SCOPES.join(", ")}; default publish`,
    },
    organisation: {
      type: "boolean",
      help: "for every agent of this one's organisation; such a key can't publish",
    },
  },
  examples: [
    "key create a0000000-0000-4000-8000-000000000001 --name backend",
    "key create a0000000-0000-4000-8000-000000000001 --name worker --scope events:read --organisation",
  ],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const name = label(required(input.text("name"), "--name"), "--name");
    const isOfAll = input.flag("organisation");
    const scopes = scopesOf(input.texts("scope"), isOfAll);
    const made = await project.call(createdKeySchema, "create_api_key", {
      p_agent_id: agent,
      p_name: name,
      p_scopes: scopes,
      p_whole_org: isOfAll,
    });
    if (!made) throw notFound("agent", agent);
    const next = scopes.includes("publish")
      ? `\nNext: ${HEDDLE} tab add ${agent} --name Messages --category messaging`
      : "";
    return {
      json: { ...made, agentId: isOfAll ? null : agent, name, scopes },
      text: `${
        facts({ "key id": made.id, "API key": made.key })
      }\n\nPut the key into your backend's settings now: only its hash is kept.${next}`,
    };
  },
};

function scopesOf(given: string[], isOfAll: boolean): Scope[] {
  const scopes = [...new Set(given.length > 0 ? given : ["publish"])];
  const isScope = (text: string): text is Scope => KEY_SCOPES.some((scope) => scope === text);
  if (!scopes.every(isScope)) throw usageError(`--scope must be ${KEY_SCOPES.join(", ")}.`);
  if (isOfAll && scopes.includes("publish")) {
    throw usageError(
      "--organisation needs a --scope other than publish, without that one: channels are an agent's.",
    );
  }
  return scopes;
}

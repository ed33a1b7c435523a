import { array } from "zod";
import { apiKeySchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { requireAgent } from "../../connection/project.ts";
import { moment, table } from "../../output/text.ts";
import { optionalId } from "../input.ts";

export const keyList: Command = {
  name: "key list",
  summary: "Lists API keys with their last use; of the keys themselves only hashes are stored",
  parameters: [],
  options: { agent: { type: "string", value: "ID", help: "of this agent and its organisation only" } },
  examples: ["key list --agent a0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const agent = optionalId(input.text("agent"), "--agent");
    const keys = await project.call(array(apiKeySchema), "list_api_keys", { p_agent_id: agent }) ?? [];
    if (keys.length === 0 && agent !== null) await requireAgent(project, agent);
    const rows = keys.map((
      { id, agentId, name, scopes, lastUsedAt, revokedAt },
    ) => [
      id,
      name,
      agentId ?? "all of the organisation",
      scopes.join(", "),
      moment(lastUsedAt),
      revokedAt === null ? "valid" : `revoked ${moment(revokedAt)}`,
    ]);
    return {
      json: keys,
      text: table(
        ["id", "name", "agent", "may", "last used", "state"],
        rows,
        "There are no keys: see key create.",
      ),
    };
  },
};

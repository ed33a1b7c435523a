import type { Identity } from "../../../shared/identity_provider.ts";
import type { Agent } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { requireAgent } from "../../connection/project.ts";
import { facts, moment } from "../../output/text.ts";
import { id } from "../input.ts";
import { officeFacts } from "./office_options.ts";

export const agentShow: Command = {
  name: "agent show",
  summary: "Shows an agent's settings, without its secrets",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["agent show a0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<agent-id>");
    const agent = await requireAgent(project, wanted);
    return { json: agent, text: agentText(agent) };
  },
};

/** An agent's settings as two columns. */
export function agentText(agent: Agent): string {
  const { allowedOrigins, display, signingPreviousUntil, webhookPreviousUntil } = agent;
  return facts({
    "agent id": agent.id,
    "name": agent.name,
    "may be embedded by": allowedOrigins.join(" ") || "no site yet: agent update --add-origin",
    "anonymous visitors": agent.anonymousAllowed ? "allowed" : "refused",
    "identity": identityText(agent.identity),
    ...Object.fromEntries(Object.entries(display).map(([setting, value]) => [setting, String(value)])),
    ...officeFacts(agent),
    "tabs": String(agent.tabs),
    "keys": String(agent.keys),
    "connectors": String(agent.connectors),
    ...(signingPreviousUntil === null
      ? {}
      : { "old signing secret": `valid until ${moment(signingPreviousUntil)}` }),
    ...(webhookPreviousUntil === null
      ? {}
      : { "old webhook secret": `valid until ${moment(webhookPreviousUntil)}` }),
  });
}

function identityText(identity: Identity): string {
  if (identity.provider === "hs256") return "user tokens signed by your backend, with the signing secret";
  const { issuer, audience, algs, jwksUrl } = identity;
  return `user tokens signed by ${issuer} (audience ${audience}, ${algs.join(" or ")}, keys at ${jwksUrl})`;
}

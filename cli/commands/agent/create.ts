import { createdAgentSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { scriptTag } from "../../../shared/script_tag.mjs";
import { requireAgent } from "../../connection/project.ts";
import { addressOf } from "../../connection/project_ref.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { facts } from "../../output/text.ts";
import { id, label, origin, required } from "../input.ts";
import { DISPLAY_OPTIONS, displayIn } from "./display.ts";

export const agentCreate: Command = {
  name: "agent create",
  summary: "Creates an agent: an embeddable widget with its own secrets",
  parameters: [],
  options: {
    name: {
      type: "string",
      value: "NAME",
      help: "your name for it; visitors see it unless --title is given",
    },
    origin: {
      type: "string",
      multiple: true,
      value: "ORIGIN",
      help: "a site that may embed it, repeatable: https://shop.example, https://*.shop.example",
    },
    beside: {
      type: "string",
      value: "AGENT-ID",
      help: "another agent of yours: the team of its organisation answers for this one too",
    },
    anonymous: { type: "boolean", help: "allow visitors without a user token" },
    ...DISPLAY_OPTIONS,
  },
  examples: [
    `agent create --name "My shop" --origin https://shop.example`,
    `agent create --name Outlet --origin https://outlet.example --beside a0000000-0000-4000-8000-000000000001`,
  ],
  needs: "api",
  async run({ input, project, target }) {
    const display = displayIn(input);
    const name = label(required(input.text("name"), "--name"), "--name");
    const origins = input.texts("origin").map(origin);
    const besideId = input.text("beside");
    const beside = besideId === undefined ? null : await requireAgent(project, id(besideId, "--beside"));
    const agent = await project.call(createdAgentSchema, "create_agent", {
      p_name: name,
      ...(beside ? { p_org_id: beside.orgId } : {}),
      p_allowed_origins: origins,
      p_anonymous_allowed: input.flag("anonymous"),
      p_display: display,
    });
    if (!agent) {
      throw new CliError("unexpected_answer", "The project did not return the new agent: see agent list.");
    }
    const lines = facts({
      "agent id": agent.id,
      "signing secret": agent.signingSecret,
      "webhook secret": agent.webhookSecret,
    });
    const tag = scriptTag({
      apiUrl: addressOf(target) ?? "https://<project>.supabase.co",
      agentId: agent.id,
      accent: display.accent,
      anonymousAllowed: input.flag("anonymous"),
    });
    const notes = [
      "Put the secrets into your backend's settings now: they are not shown again.",
      ...(origins.length === 0 ? ["No site may embed it yet: it was made without --origin."] : []),
      "Visitors see nothing before it has a tab. If your team answers in the inbox:",
      `  ${HEDDLE} tab add ${agent.id} --name Chat --source store`,
      ...(beside
        ? [
          `The team of "${beside.name}" answers for it too, but for those who were invited to listed agents.`,
        ]
        : [`  ${HEDDLE} operator invite ${agent.id} --email ADDRESS --name NAME --role owner`]),
      "Nobody is told of anything outside an open inbox before a rule is on, such as of visitors who wait:",
      `  ${HEDDLE} notify on ${agent.id} waiting --minutes 10`,
      "If your own backend answers, its key first, which leads to the tabs:",
      `  ${HEDDLE} key create ${agent.id} --name backend`,
    ];
    const forPages = `For the pages of your site:\n\n  ${tag}`;
    return {
      json: { ...agent, scriptTag: tag },
      text: `Created the agent "${name}".\n\n${lines}\n\n${forPages}\n\n${notes.join("\n")}`,
    };
  },
};

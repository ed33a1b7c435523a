import { agentSchema } from "../../../shared/management.ts";
import type { Command, Input } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { id, label, namedOrigin, oneOf, origin } from "../input.ts";
import { DISPLAY_OPTIONS, DISPLAY_SETTINGS, displayIn } from "./display.ts";
import { IDENTITY_OPTIONS, identityIn } from "./identity_options.ts";
import { OFFICE_OPTIONS, officeIn } from "./office_options.ts";
import { agentText } from "./show.ts";

export const agentUpdate: Command = {
  name: "agent update",
  summary: "Changes an agent's settings; what is not given stays unchanged",
  parameters: ["<agent-id>"],
  options: {
    "name": {
      type: "string",
      value: "NAME",
      help: "your name for it; visitors see it unless it has a title",
    },
    "add-origin": {
      type: "string",
      multiple: true,
      value: "ORIGIN",
      help: "one more site that may embed it, repeatable: https://shop.example, https://*.shop.example",
    },
    "remove-origin": {
      type: "string",
      multiple: true,
      value: "ORIGIN",
      help: "a site that may no longer embed it, repeatable",
    },
    "origin": {
      type: "string",
      multiple: true,
      value: "ORIGIN",
      help: "replaces all sites that may embed it, repeatable",
    },
    "anonymous": { type: "boolean", help: "allow visitors without a user token" },
    "no-anonymous": { type: "boolean", help: "refuse them" },
    ...DISPLAY_OPTIONS,
    "reset": {
      type: "string",
      multiple: true,
      value: "SETTING",
      help: `back to the default, repeatable: ${DISPLAY_SETTINGS.join(", ")}`,
    },
    ...OFFICE_OPTIONS,
    ...IDENTITY_OPTIONS,
    "end-sessions": {
      type: "boolean",
      help: "end all sessions of its visitors; their widgets ask for new ones",
    },
  },
  examples: [
    "agent update a0000000-0000-4000-8000-000000000001 --add-origin https://blog.example --accent '#7a3b2e'",
    "agent update a0000000-0000-4000-8000-000000000001 --hours 'mon-fri 09:00-17:00' --zone Europe/Berlin --greeting 'How can we help?'",
    "agent update a0000000-0000-4000-8000-000000000001 --issuer https://login.shop.example/ --jwks-url https://login.shop.example/.well-known/jwks.json --audience shop --alg RS256",
  ],
  needs: "api",
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<agent-id>");
    const changes = changesIn(input);
    if (Object.keys(changes).length === 0) {
      throw usageError(`Nothing to change: see ${HEDDLE} agent update --help`);
    }
    const agent = await project.call(agentSchema, "update_agent", { p_agent_id: wanted, p_changes: changes });
    if (!agent) throw notFound("agent", wanted);
    const warning = input.text("jwks-url")?.startsWith("http:")
      ? "\n\nWarning: --jwks-url is not an https URL: a hosted project does not fetch keys from there."
      : "";
    const note = input.text("accent") === undefined
      ? ""
      : "\n\nWhere your pages' script tag has data-accent, change it there, too: it overrides this one.";
    return {
      json: agent,
      text: `Changed the agent "${agent.name}".\n\n${agentText(agent)}${warning}${note}`,
    };
  },
};

function changesIn(input: Input): Record<string, unknown> {
  const [anonymous, noAnonymous] = [input.flag("anonymous"), input.flag("no-anonymous")];
  if (anonymous && noAnonymous) throw usageError("--anonymous and --no-anonymous can't be combined.");
  const [origins, added] = ["origin", "add-origin"].map((name) => input.texts(name).map(origin));
  const removed = input.texts("remove-origin").map(namedOrigin);
  const reset = input.texts("reset").map((setting) =>
    [oneOf(setting, DISPLAY_SETTINGS, "--reset"), null] as const
  );
  const display = { ...Object.fromEntries(reset), ...displayIn(input) };
  const identity = identityIn(input);
  const name = input.text("name");
  return {
    ...(name === undefined ? {} : { name: label(name, "--name") }),
    ...(origins?.length ? { allowedOrigins: origins } : {}),
    ...(added?.length ? { addOrigins: added } : {}),
    ...(removed.length > 0 ? { removeOrigins: removed } : {}),
    ...(anonymous || noAnonymous ? { anonymousAllowed: anonymous } : {}),
    ...(Object.keys(display).length > 0 ? { display } : {}),
    ...officeIn(input),
    ...(identity === null ? {} : { identity }),
    ...(input.flag("end-sessions") ? { endSessions: true } : {}),
  };
}

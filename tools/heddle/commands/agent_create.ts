import type { Command } from "../command.ts";
import { Failure } from "../failure.ts";
import { oneOf, origin, required } from "../input.ts";
import { facts } from "../output/table.ts";

const LOOKS = ["title", "accent", "theme", "launcher", "locale"];

export const agentCreate: Command = {
  name: "agent create",
  summary: "Makes an agent: one embeddable widget with secrets of its own",
  parameters: [],
  options: {
    name: {
      type: "string",
      value: "NAME",
      help: "what you call it; visitors see it unless --title is given",
    },
    origin: {
      type: "string",
      multiple: true,
      value: "ORIGIN",
      help: "a site that may embed it, repeatable: https://shop.example, https://*.shop.example",
    },
    anonymous: { type: "boolean", help: "let visitors in whom your backend does not vouch for" },
    title: { type: "string", value: "TEXT", help: "heading of the widget" },
    accent: { type: "string", value: "#RRGGBB", help: "its colour" },
    theme: { type: "string", value: "THEME", help: "auto, light or dark" },
    launcher: { type: "string", value: "TEXT", help: "label of the button that opens it" },
    locale: { type: "string", value: "CODE", help: "language of dates and numbers, such as en" },
  },
  examples: [`agent create --name "My shop" --origin https://shop.example`],
  async run({ input, project }) {
    const accent = input.text("accent");
    if (accent !== undefined && !/^#[0-9a-f]{6}$/i.test(accent)) {
      throw new Failure("--accent must be a colour such as #2f6f4f.");
    }
    if (input.text("theme") !== undefined) oneOf(input.text("theme"), ["auto", "light", "dark"], "--theme");
    const name = required(input.text("name"), "--name");
    const origins = input.texts("origin").map(origin);
    const given = LOOKS.filter((look) => input.text(look) !== undefined);
    const agent = await project.call<{ id: string; signingSecret: string; webhookSecret: string }>(
      "create_agent",
      {
        p_name: name,
        p_allowed_origins: origins,
        p_anonymous_allowed: input.flag("anonymous"),
        p_display: Object.fromEntries(given.map((look) => [look, input.text(look)])),
      },
    );
    if (!agent) throw new Failure("The project did not say which agent it made: see agent list.");
    const lines = facts({
      "agent id": agent.id,
      "signing secret": agent.signingSecret,
      "webhook secret": agent.webhookSecret,
    });
    const notes = [
      "Put the secrets into your backend's settings now: they are not shown again.",
      ...(origins.length === 0 ? ["No site may embed it yet: it was made without --origin."] : []),
      `Next: npm run heddle -- key create ${agent.id} --name backend`,
    ];
    return { json: agent, text: `Made the agent "${name}".\n\n${lines}\n\n${notes.join("\n")}` };
  },
};

import { MOST_RULE_MINUTES, RULES, rulesSchema } from "../../../shared/management.ts";
import type { Command, Context } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { id, oneOf, wholeNumber } from "../input.ts";

const TELLS = {
  needs_human: "a bot or a visitor asks for a person",
  waiting: "a visitor waits for an answer",
};

export const notifyOn: Command = {
  name: "notify on",
  summary: "Tells an agent's team of what a rule is about",
  details: Object.entries(TELLS).map(([rule, when]) => `${rule}: ${when}.`).join(" "),
  parameters: ["<agent-id>", "<rule>"],
  options: {
    minutes: {
      type: "string",
      value: "N",
      help: "how long a visitor waits before the team is told; 5 at first",
    },
  },
  examples: [
    "notify on a0000000-0000-4000-8000-000000000001 needs_human",
    "notify on a0000000-0000-4000-8000-000000000001 waiting --minutes 10",
  ],
  needs: "api",
  async run(context) {
    const { input } = context;
    const text = input.text("minutes");
    const minutes = text === undefined ? null : wholeNumber(text, "--minutes", 1);
    if (minutes !== null && minutes > MOST_RULE_MINUTES) {
      throw usageError(`--minutes must be ${MOST_RULE_MINUTES} at most.`);
    }
    if (minutes !== null && input.positionals[1] !== "waiting") {
      throw usageError("--minutes is for the rule waiting only.");
    }
    const { rule, rules } = await setRule(context, { on: true, minutes });
    return { json: rules, text: `The team is told when ${TELLS[rule]}.` };
  },
};

export const notifyOff: Command = {
  name: "notify off",
  summary: "Tells an agent's team no longer of what a rule is about",
  parameters: ["<agent-id>", "<rule>"],
  options: {},
  examples: ["notify off a0000000-0000-4000-8000-000000000001 waiting"],
  needs: "api",
  async run(context) {
    const { rule, rules } = await setRule(context, { on: false, minutes: null });
    return { json: rules, text: `The team is told no longer when ${TELLS[rule]}.` };
  },
};

async function setRule(
  { input, project }: Context,
  { on, minutes }: { on: boolean; minutes: number | null },
) {
  const agent = id(input.positionals[0], "<agent-id>");
  const rule = oneOf(input.positionals[1] ?? "", RULES, "<rule>");
  const rules = await project.call(rulesSchema, "set_rule", {
    p_agent_id: agent,
    p_rule: rule,
    p_on: on,
    p_minutes: minutes,
  });
  if (!rules) throw notFound("agent", agent);
  return { rule, rules };
}

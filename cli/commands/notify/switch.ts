import {
  CHANNELS,
  MOST_RULE_MINUTES,
  PRIORITIES,
  RULES,
  rulesSchema,
  TIME_PATTERN,
} from "../../../shared/management.ts";
import type { Command, Context } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { id, oneOf, wholeNumber } from "../input.ts";

const TELLS = {
  away_reply:
    "A visitor who has not read what the team answered gets it by e-mail, and hears of it by push where they asked to.",
  handed_over:
    "Whoever is handed a conversation by somebody else is told outside the inbox, too. On unless you switch it off.",
  needs_human:
    "The team is told when a visitor, a bot or a service of yours asks for a person, or a bot could not answer.",
  new_message: "Whoever holds a conversation is told when its visitor has written.",
  task_ended: "The team is told when a task or flow of one of your services has ended.",
  waiting: "The team is told when a visitor waits for an answer.",
};

/** Of a rule that is off. */
const NO_MORE: Record<keyof typeof TELLS, string> = {
  away_reply: "Visitors are told no more of answers that they have not read.",
  handed_over: "Whoever is handed a conversation finds it in the inbox alone.",
  needs_human: "The team is told no more when a person is asked for.",
  new_message: "Whoever holds a conversation is told no more when its visitor has written.",
  task_ended: "The team is told no more when a task or flow has ended.",
  waiting: "The team is told no more when a visitor waits.",
};

export const notifyOn: Command = {
  name: "notify on",
  summary: "Switches a rule on, or changes it",
  details: `${
    Object.entries(TELLS).map(([rule, what]) => `${rule}: ${what}`).join(" ")
  } What you leave out stays.`,
  parameters: ["<agent-id>", "<rule>"],
  options: {
    minutes: {
      type: "string",
      value: "N",
      help: "how long a visitor waits before the team is told; 5 at first",
    },
    channels: {
      type: "string",
      value: "LIST",
      help: "besides the inbox: email, push, both with a comma, or none",
    },
    priority: {
      type: "string",
      value: "P",
      help: "low, normal, high, or critical, which knows no quiet hours",
    },
    delay: {
      type: "string",
      value: "N",
      help: "minutes after which a mail leaves if it was not seen; 5 at first",
    },
    batch: {
      type: "string",
      value: "N",
      help: "minutes from a mail to the next one for the same reader; 15 at first",
    },
    quiet: {
      type: "string",
      value: "HH:MM-HH:MM",
      help: "when neither mail nor push message leaves, or none",
    },
    zone: {
      type: "string",
      value: "ZONE",
      help: "whose time that is, such as Europe/Berlin; UTC at first",
    },
  },
  examples: [
    "notify on a0000000-0000-4000-8000-000000000001 needs_human",
    "notify on a0000000-0000-4000-8000-000000000001 waiting --minutes 10",
    "notify on a0000000-0000-4000-8000-000000000001 new_message --channels push --quiet 22:00-07:00 --zone Europe/Berlin",
  ],
  needs: "api",
  async run(context) {
    const { input } = context;
    const minutes = minutesOf(input, "minutes", 1) ?? null;
    if (minutes !== null && input.positionals[1] !== "waiting") {
      throw usageError("--minutes is for the rule waiting only.");
    }
    const { rule, rules } = await setRule(context, { on: true, minutes, settings: settingsOf(input) });
    return { json: rules, text: TELLS[rule] };
  },
};

export const notifyOff: Command = {
  name: "notify off",
  summary: "Switches a rule off",
  parameters: ["<agent-id>", "<rule>"],
  options: {},
  examples: ["notify off a0000000-0000-4000-8000-000000000001 waiting"],
  needs: "api",
  async run(context) {
    const { rule, rules } = await setRule(context, { on: false, minutes: null, settings: {} });
    return { json: rules, text: `Switched off: ${rule}. ${NO_MORE[rule]}` };
  },
};

type Input = Context["input"];

/** What of a rule was named: the rest stays as it is. */
function settingsOf(input: Input): Record<string, unknown> {
  const channels = input.text("channels");
  const priority = input.text("priority");
  const settings = {
    channels: channels === undefined ? undefined : channelsOf(channels),
    priority: priority === undefined ? undefined : oneOf(priority, PRIORITIES, "--priority"),
    delay: minutesOf(input, "delay", 0),
    batch: minutesOf(input, "batch", 0),
    quiet: quietOf(input),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function minutesOf(input: Input, name: string, least: number): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const minutes = wholeNumber(text, `--${name}`, least);
  if (minutes > MOST_RULE_MINUTES) throw usageError(`--${name} must be ${MOST_RULE_MINUTES} at most.`);
  return minutes;
}

function channelsOf(text: string): string[] {
  return text === "none" ? [] : text.split(",").map((each) => oneOf(each.trim(), CHANNELS, "--channels"));
}

/** One alone leaves the other as it is. */
function quietOf(input: Input): { from?: string; to?: string; zone?: string } | null | undefined {
  const [text, zone] = [input.text("quiet"), input.text("zone")];
  if (text === undefined) return zone === undefined ? undefined : { zone };
  if (text === "none") {
    if (zone !== undefined) throw usageError("--zone is for quiet hours, which --quiet none ends.");
    return null;
  }
  const [from = "", to = ""] = text.split("-");
  if (!TIME_PATTERN.test(from) || !TIME_PATTERN.test(to) || from === to) {
    throw usageError("--quiet must be two times, such as 22:00-07:00, or none.");
  }
  return { from, to, ...(zone === undefined ? {} : { zone }) };
}

async function setRule(
  { input, project }: Context,
  { on, minutes, settings }: { on: boolean; minutes: number | null; settings: Record<string, unknown> },
) {
  const agent = id(input.positionals[0], "<agent-id>");
  const rule = oneOf(input.positionals[1] ?? "", RULES, "<rule>");
  const rules = await project.call(rulesSchema, "set_rule", {
    p_agent_id: agent,
    p_rule: rule,
    p_on: on,
    p_minutes: minutes,
    p_settings: settings,
  });
  if (!rules) throw notFound("agent", agent);
  return { rule, rules };
}

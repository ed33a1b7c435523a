import { array, type ZodType } from "zod";
import { rotatedSecretSchema } from "../../shared/management.ts";
import type { Command } from "../command.ts";
import { CliError, notFound } from "../errors.ts";
import { facts, moment } from "../output/text.ts";
import { id } from "./input.ts";

interface Rotated {
  /** What has the secret, and the first word of the command. */
  noun: "webhook" | "bot";
  summary: string;
  /** An id of one. */
  example: string;
  /** Of `list_webhooks`, `list_bots`: one row. */
  row: ZodType<{ id: string; previousUntil?: string | null }>;
}

/** A command that replaces the secret of a webhook or a bot. Of former secrets one counts, so that a second rotation waits for its end. */
export function rotation({ noun, summary, example, row }: Rotated): Command {
  return {
    name: `${noun} rotate`,
    summary,
    parameters: ["<agent-id>", `<${noun}-id>`],
    options: { now: { type: "boolean", help: "end the old secret at once: after a leak" } },
    examples: [`${noun} rotate a0000000-0000-4000-8000-000000000001 ${example}`],
    needs: "api",
    async run({ input, project }) {
      const agent = id(input.positionals[0], "<agent-id>");
      const which = id(input.positionals[1], `<${noun}-id>`);
      const now = input.flag("now");
      if (!now) {
        const all = await project.call(array(row), `list_${noun}s`, { p_agent_id: agent });
        const until = all?.find((each) => each.id === which)?.previousUntil ?? null;
        if (until !== null) {
          throw new CliError(
            "conflict",
            `The secret was replaced already, and the one before it is valid until ${moment(until)}: ` +
              "replacing it again ends that one. Wait until then, or give --now.",
          );
        }
      }
      const rotated = await project.call(rotatedSecretSchema, `rotate_${noun}`, {
        p_agent_id: agent,
        [`p_${noun}_id`]: which,
        ...(now ? { p_grace: "0 seconds" } : {}),
      });
      if (!rotated) throw notFound(noun, which);
      const effect = now ? "The old secret is no longer valid." : "The old secret stays valid for 24 hours.";
      return {
        json: { id: which, secret: rotated.secret },
        text: `${
          facts({ [`${noun} secret`]: rotated.secret })
        }\n\n${effect} Put the new secret into your server's settings now: it is not shown again.`,
      };
    },
  };
}

import { array } from "zod";
import { changedDeliveriesSchema, undeliveredSchema } from "../../../shared/management.ts";
import type { Command, Context } from "../../command.ts";
import { wakeWorker } from "../../connection/worker.ts";
import { notFound, usageError } from "../../errors.ts";
import { moment, table } from "../../output/text.ts";
import { id } from "../input.ts";

const EXAMPLE = "a0000000-0000-4000-8000-000000000001";
const WHICH = {
  id: {
    type: "string",
    multiple: true,
    value: "ID",
    help: "as notify undelivered lists it; may be given several times",
  },
  all: { type: "boolean", help: "all that were given up" },
} as const;

export const notifyUndelivered: Command = {
  name: "notify undelivered",
  summary: "Lists mails, push messages and webhooks that were given up, and answers by mail that are held",
  parameters: ["<agent-id>"],
  options: {},
  examples: [`notify undelivered ${EXAMPLE}`],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const found = await project.call(array(undeliveredSchema), "list_undelivered", { p_agent_id: agent });
    if (!found) throw notFound("agent", agent);
    const rows = found.map((
      { id, at, kind, to, what, tries, why },
    ) => [id, moment(at), kind, to ?? "", what, tries, why]);
    return {
      json: found,
      text: table(["id", "at", "kind", "for", "what", "tries", "why"], rows, "Everything has arrived."),
    };
  },
};

export const notifyRetry: Command = {
  name: "notify retry",
  summary: "Sends again what was given up, or adds an answer that is held to its conversation",
  details: "--all leaves answers out: they may be forged, and are added one by one.",
  parameters: ["<agent-id>"],
  options: WHICH,
  examples: [`notify retry ${EXAMPLE} --id 1207`, `notify retry ${EXAMPLE} --all`],
  needs: "api",
  async run(context) {
    const answer = await change(context, "retry_undelivered");
    await wakeWorker(context.target);
    return { json: answer, text: `To be sent again: ${answer.count}.` };
  },
};

export const notifyDismiss: Command = {
  name: "notify dismiss",
  summary: "Takes what was given up out of the list, and forgets answers that are held",
  parameters: ["<agent-id>"],
  options: WHICH,
  examples: [`notify dismiss ${EXAMPLE} --id held-12`],
  needs: "api",
  async run(context) {
    const answer = await change(context, "dismiss_undelivered");
    return { json: answer, text: `Dismissed: ${answer.count}.` };
  },
};

async function change({ input, project }: Context, name: "retry_undelivered" | "dismiss_undelivered") {
  const agent = id(input.positionals[0], "<agent-id>");
  const ids = input.texts("id");
  if ((ids.length > 0) === input.flag("all")) throw usageError("Give either --id or --all.");
  const answer = await project.call(changedDeliveriesSchema, name, {
    p_agent_id: agent,
    p_ids: ids.length > 0 ? ids : null,
  });
  if (!answer) throw notFound("agent", agent);
  return answer;
}

import { array } from "zod";
import { webhookSchema } from "../../../shared/management.ts";
import { advice, failed, OK, unchecked } from "../../checks.ts";
import { jsonIn } from "../../connection/http.ts";
import { callRpc } from "../../connection/rest.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { moment } from "../../output/text.ts";
import { type Check, lacking, type Subject } from "../subject.ts";

const webhooksSchema = array(webhookSchema);

export const eventWebhooks: Check = {
  id: "event-webhooks",
  title: "Webhooks for events get what happens",
  async run(subject) {
    if (!subject.sql && !(subject.url && subject.secretKey)) {
      return lacking(subject, "--url and --secret-key, or --database-url");
    }
    const webhooks = await allWebhooks(subject);
    if (!webhooks) return unchecked("the project did not tell its webhooks for events");
    const overdue = webhooks.find(({ on, overdueSince }) => on && overdueSince !== null);
    if (overdue) {
      return failed(
        `nothing has been sent to ${overdue.host} since ${moment(overdue.overdueSince)}, when it was due`,
        "Turn on pg_cron and pg_net, apply the migrations, and call the function deliver once: docs/event_webhooks.md",
      );
    }
    const off = webhooks.find(({ offReason }) => offReason !== null);
    if (off) {
      return advice(
        `the one at ${off.host} was switched off: ${off.offReason}`,
        `Mend it, then switch it on: ${HEDDLE} webhook switch <agent-id> ${off.id} on`,
      );
    }
    const failing = webhooks.find(({ failingSince }) => failingSince !== null);
    if (!failing) return OK;
    return advice(
      `every try at ${failing.host} has failed since ${moment(failing.failingSince)}`,
      `See why: ${HEDDLE} webhook log <agent-id> ${failing.id} --failed`,
    );
  },
};

/** `null` where they can't be read, which is another check's fault. */
async function allWebhooks({ sql, url = "", secretKey = "" }: Subject) {
  const answer = sql
    ? (await sql`select heddle_api.list_webhooks(null) as webhooks`.catch(() => []))[0]?.webhooks
    : await callRpc({ url, key: secretKey }, "heddle_api", "list_webhooks", { p_agent_id: null })
      .then(({ status, text }) => status < 300 ? jsonIn(text) : null);
  const parsed = webhooksSchema.safeParse(answer);
  return parsed.success ? parsed.data : null;
}

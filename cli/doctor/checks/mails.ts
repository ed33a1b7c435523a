import * as z from "zod";
import { advice, type Finding, OK, unchecked } from "../../checks.ts";
import { jsonIn } from "../../connection/http.ts";
import { callRpc } from "../../connection/rest.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { type Check, lacking, type Subject } from "../subject.ts";

const stateSchema = z.object({
  /** A rule that is on has e-mail. */
  wanted: z.boolean(),
  /** Whether there are keys for Web Push. */
  pushKeys: z.boolean(),
  /** Of the last seven days: mails left out since no mail server is set, and mails and push messages given up. */
  notSetUp: z.number(),
  dead: z.number(),
  lastError: z.string().nullable(),
});

/** What notifications need to leave. */
export const mails: Check = {
  id: "mails",
  title: "Mails and push messages of notifications leave",
  async run(subject) {
    if (!subject.sql && !(subject.url && subject.secretKey)) {
      return lacking(subject, "--url and --secret-key, or --database-url");
    }
    const state = stateSchema.safeParse(await stateOf(subject));
    return state.success ? findingOf(state.data) : unchecked("the project did not tell what became of them");
  },
};

function findingOf({ wanted, pushKeys, notSetUp, dead, lastError }: z.infer<typeof stateSchema>): Finding {
  if (wanted && notSetUp > 0) {
    return advice(
      `${
        notSetUp === 1 ? "a mail was" : `${notSetUp} mails were`
      } left out lately, since no mail server is set`,
      "Set HEDDLE_MAIL_FROM and HEDDLE_SMTP_URL, or HEDDLE_MAIL_API_KEY, as secrets of the functions (docs/notifications.md), or take email from the rules.",
    );
  }
  if (!pushKeys) {
    return advice("there are no keys for Web Push", `Make them: ${HEDDLE} install`);
  }
  if (dead > 0) {
    return advice(
      `${dead === 1 ? "one was" : `${dead} were`} given up lately, the last since: ${lastError ?? "unknown"}`,
      "If that is the mail server's answer, correct the functions' secrets (docs/notifications.md).",
    );
  }
  return OK;
}

/** `null` where it can't be read, which is another check's fault. */
async function stateOf({ sql, url = "", secretKey = "" }: Subject): Promise<unknown> {
  if (sql) {
    const rows = await sql<{ state: unknown }[]>`select heddle_api.mail_state() as state`.catch(() => []);
    return rows[0]?.state ?? null;
  }
  const { status, text } = await callRpc({ url, key: secretKey }, "heddle_api", "mail_state", {});
  return status < 300 ? jsonIn(text) : null;
}

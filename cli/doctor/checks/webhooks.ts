import { advice, OK, unchecked } from "../../checks.ts";
import { jsonIn } from "../../connection/http.ts";
import { callRpc } from "../../connection/rest.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { moment } from "../../output/text.ts";
import { type Check, lacking, type Subject } from "../subject.ts";

const RECENT_MS = 60 * 60 * 1000;
const MANY = 100;

/** What `heddle_api.list_issues` returns: failures are counted by the hour. */
interface Issue {
  count: number;
  lastAt: string;
}

export const webhooks: Check = {
  id: "webhooks",
  title: "Webhooks answer",
  async run(subject) {
    if (!subject.sql && !(subject.url && subject.secretKey)) {
      return lacking(subject, "--url and --secret-key, or --database-url");
    }
    const issues = await latestIssues(subject);
    if (!issues) return unchecked("the project did not tell its latest failures");
    const recent = issues.filter(({ lastAt }) => Date.now() - Date.parse(lastAt) < RECENT_MS);
    const [last] = recent;
    if (!last) return OK;
    const times = recent.reduce((sum, { count }) => sum + count, 0);
    return advice(
      `${times === 1 ? "one failed" : `they failed ${times} times`} lately, last at ${moment(last.lastAt)}`,
      `See which and why: ${HEDDLE} issues list`,
    );
  },
};

/** The latest first; `null` where they can't be read, which is another check's fault. */
async function latestIssues({ sql, url = "", secretKey = "" }: Subject): Promise<Issue[] | null> {
  if (sql) {
    const rows = await sql<{ issues: Issue[] }[]>`select heddle_api.list_issues(null, ${MANY}) as issues`
      .catch(() => []);
    return rows[0]?.issues ?? null;
  }
  const { status, text } = await callRpc({ url, key: secretKey }, "heddle_api", "list_issues", {
    p_limit: MANY,
  });
  const issues = status < 300 ? jsonIn(text) : null;
  return Array.isArray(issues) ? issues : null;
}

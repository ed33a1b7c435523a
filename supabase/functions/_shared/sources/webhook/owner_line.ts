import { recordIssue } from "../../database/widget_issues.ts";
import { environment } from "../../environment.ts";
import { inBackground } from "../../http/log.ts";
import type { Call } from "../../http/endpoint.ts";
import type { OwnerLine } from "./ask_owner.ts";
import { createResolve } from "../../net/target.ts";

/** The line to owners as it is in production: the runtime's own fetch, resolver and clock. */
export function ownerLine(call: Call): OwnerLine {
  const { privateWebhookHosts, webhookTimeoutMs, webhookBudgetMs } = environment();
  return {
    fetch,
    resolve: createResolve(Deno),
    now: Date.now,
    privateHosts: privateWebhookHosts,
    timeoutMs: webhookTimeoutMs,
    budgetMs: webhookBudgetMs,
    report: (issue) => inBackground(recordIssue(issue), "record_issue", call.requestId),
  };
}

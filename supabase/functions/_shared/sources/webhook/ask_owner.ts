import type { WidgetIssue } from "../../database/widget_issues.ts";
import type { TabContext } from "../../database/tab_context.ts";
import type { Call } from "../../http/endpoint.ts";
import { VERSION } from "../../environment.ts";
import { connectorHeaders } from "./connector_headers.ts";
import { type IssueKind, WebhookError } from "./webhook_error.ts";
import { type WebhookMessage, type WebhookRequest, webhookRequest } from "./message.ts";
import { acceptedJson } from "./outcome.ts";
import { sendWebhook } from "./send.ts";
import { requestSigner } from "./sign.ts";
import { targetProblem, type TargetRules } from "../../net/target.ts";

export interface OwnerLine extends TargetRules {
  fetch: typeof globalThis.fetch;
  now(): number;
  /** Milliseconds for one try. */
  timeoutMs: number;
  /** Milliseconds from the start of the call to its end. */
  budgetMs: number;
  /** Tells the owner of a failure, off the path. */
  report(issue: WidgetIssue): void;
}

export interface Question<Answer> {
  agentId: string;
  tab: TabContext;
  message: WebhookMessage;
  /** Throws `source_invalid` if the JSON holds no such answer. */
  normalise(json: unknown): Answer;
  /** What the owner should know although the answer is passed on; `null` if nothing. */
  doubt?(json: unknown, answer: Answer): string | null;
}

/**
 * Asks the owner's webhook and normalises what it answers. Throws the error that the visitor gets; the owner gets a
 * widget issue for each.
 */
export async function askOwner<Answer>(
  { agentId, tab, message, normalise, doubt }: Question<Answer>,
  line: OwnerLine,
  call: Call,
): Promise<Answer> {
  const startedAt = line.now();
  const report = (kind: IssueKind, detail: string) =>
    line.report({
      agentId,
      tabId: message.tabId,
      action: message.action,
      kind,
      host: hostOf(tab.action.url),
      detail,
    });
  try {
    const json = await exchange(agentId, tab, message, line, call);
    const answer = normalise(json);
    const doubted = doubt?.(json, answer) ?? null;
    if (doubted !== null) report("invalid_shape", doubted);
    return answer;
  } catch (error) {
    if (error instanceof WebhookError) report(error.kind, error.detail);
    throw error;
  } finally {
    call.notes.sourceMs = line.now() - startedAt;
  }
}

async function exchange(
  agentId: string,
  tab: TabContext,
  message: WebhookMessage,
  line: OwnerLine,
  call: Call,
): Promise<unknown> {
  if (!URL.canParse(tab.action.url)) {
    throw new WebhookError("target_refused", "The webhook URL must be a URL.");
  }
  const request = webhookRequest(tab.action.url, message);
  const deadline = call.startedAt + line.budgetMs;
  const problem = await withinTime(
    deadline - line.now(),
    (signal) => targetProblem(request.url, line, signal),
  );
  if (problem !== null) throw new WebhookError(problem.kind, problem.detail);
  const fixed = fixedHeaders(request, tab.connector, call);
  const sign = requestSigner(request, message, { agentId, secrets: tab.webhook });
  const attempt = () => ({ ...fixed, ...sign(line.now()) });
  return acceptedJson(await sendWebhook(request, attempt, { ...line, deadline }), request.method);
}

/** Those that every attempt has. The connector's is the first, so that it can't stand in for Heddle's own. */
function fixedHeaders(
  request: WebhookRequest,
  connector: TabContext["connector"],
  call: Call,
): Record<string, string> {
  return {
    ...connectorHeaders(connector, request.url),
    accept: "application/json",
    "user-agent": `Heddle/${VERSION}`,
    "x-request-id": call.requestId,
    ...(request.method === "POST" ? { "content-type": "application/json" } : {}),
  };
}

/** The runtime's resolver may not heed the signal, so the time counts without its help too. */
async function withinTime<Result>(
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (ms <= 0) throw new WebhookError("timeout");
  const signal = AbortSignal.timeout(ms);
  const timeIsUp = new Promise<never>((_, reject) => {
    const failure = new WebhookError("timeout", "The webhook's host name took too long to resolve.");
    signal.addEventListener("abort", () => reject(failure), { once: true });
  });
  return await Promise.race([work(signal), timeIsUp]);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

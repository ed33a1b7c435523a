import type { WidgetIssue } from "../../database/widget_issues.ts";
import type { Connector, WebhookTab } from "../../database/tab_context.ts";
import type { Call } from "../../http/endpoint.ts";
import { VERSION } from "../../environment.ts";
import { type IssueKind, WebhookError } from "./webhook_error.ts";
import {
  requestSigner,
  type WebhookMessage,
  type WebhookRequest,
  webhookRequest,
} from "./webhook_request.ts";
import { acceptedJson, sendWebhook } from "./send.ts";
import { targetProblem, type TargetRules } from "../../net/target.ts";
import { Buffer } from "node:buffer";

export interface WebhookDependencies extends TargetRules {
  fetch: typeof globalThis.fetch;
  now(): number;
  /** Milliseconds for one try. */
  timeoutMs: number;
  /** Milliseconds from the start of the call to its end. */
  budgetMs: number;
  /** Tells the owner of a failure, off the path. */
  report(issue: WidgetIssue): void;
}

export interface WebhookCall<Answer> {
  agentId: string;
  tab: WebhookTab;
  url: string;
  message: WebhookMessage;
  /** Throws `source_invalid` if the JSON holds no such answer. */
  normalise(json: unknown): Answer;
  /** What the owner should know although the answer is passed on; `null` if nothing. */
  warnOwner?(json: unknown, answer: Answer): string | null;
}

/**
 * Calls the owner's webhook and normalises what it answers. Throws the error that the visitor gets; the owner
 * gets a widget issue for each.
 */
export async function callWebhook<Answer>(
  webhook: WebhookCall<Answer>,
  dependencies: WebhookDependencies,
  call: Call,
): Promise<Answer> {
  const { agentId, url, message, normalise, warnOwner } = webhook;
  const startedAt = dependencies.now();
  const report = (kind: IssueKind, detail: string) => {
    const { tabId, action } = message;
    dependencies.report({ agentId, tabId, action, kind, host: hostOf(url), detail });
  };
  try {
    const json = await exchange(webhook, dependencies, call);
    const answer = normalise(json);
    const warning = warnOwner?.(json, answer) ?? null;
    if (warning !== null) report("invalid_shape", warning);
    return answer;
  } catch (error) {
    if (error instanceof WebhookError) report(error.kind, error.detail);
    throw error;
  } finally {
    call.notes.sourceMs = dependencies.now() - startedAt;
  }
}

async function exchange(
  { agentId, tab, url, message }: Pick<WebhookCall<unknown>, "agentId" | "tab" | "url" | "message">,
  dependencies: WebhookDependencies,
  call: Call,
): Promise<unknown> {
  if (!URL.canParse(url)) throw new WebhookError("target_refused", "The webhook URL must be a URL.");
  const request = webhookRequest(url, message);
  const deadline = call.startedAt + dependencies.budgetMs;
  const problem = await withinTime(
    deadline - dependencies.now(),
    (signal) => targetProblem(request.url, dependencies, signal),
  );
  if (problem !== null) throw new WebhookError(problem.kind, problem.detail);
  const fixed = fixedHeaders(request, tab.connector, call);
  const sign = requestSigner(request, message, { agentId, secrets: tab.webhook });
  const attempt = () => ({ ...fixed, ...sign(dependencies.now()) });
  return acceptedJson(await sendWebhook(request, attempt, { ...dependencies, deadline }), request.method);
}

/** The headers of every attempt. The connector's comes first, so that Heddle's own override it. */
function fixedHeaders(
  request: WebhookRequest,
  connector: WebhookTab["connector"],
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

async function withinTime<Result>(
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (ms <= 0) throw new WebhookError("timeout");
  const signal = AbortSignal.timeout(ms);
  try {
    return await work(signal);
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new WebhookError("timeout", "The webhook's host name took too long to resolve.", { cause });
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

/**
 * The header that holds a connector's credential. It goes to the one host the connector is bound to, port
 * included; a webhook elsewhere is not called without it. Throws `WebhookError`.
 */
export function connectorHeaders(connector: Connector | null, url: URL): Record<string, string> {
  if (connector === null) return {};
  const bound = `${url.protocol}//${connector.host}/`;
  if (!URL.canParse(bound) || new URL(bound).host !== url.host) {
    throw new WebhookError(
      "target_refused",
      `The tab's connector is bound to ${connector.host}: bind one to the webhook's own host, with its port.`,
    );
  }
  switch (connector.kind) {
    case "bearer":
      return { authorization: `Bearer ${connector.value}` };
    case "basic":
      return { authorization: `Basic ${Buffer.from(connector.value, "utf8").toString("base64")}` };
    case "header":
      return { [connector.header]: connector.value };
  }
}

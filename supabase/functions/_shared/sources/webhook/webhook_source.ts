import type {
  CreateItemRequest,
  DeleteItemRequest,
  ItemClickedRequest,
  UpdateItemRequest,
} from "../../../../../shared/api/tab_action.ts";
import type { TabFetchRequest } from "../../../../../shared/api/tab_fetch.ts";
import { HeddleError } from "../../../../../shared/errors.ts";
import type { TabAction } from "../../../../../shared/tabs.ts";
import type { Session } from "../../auth/session.ts";
import type { WebhookTab } from "../../database/tab_context.ts";
import type { ConfiguredTab } from "../../database/widget_context.ts";
import { recordIssue } from "../../database/widget_issues.ts";
import { environment } from "../../environment.ts";
import { type Call, inBackground } from "../../http/endpoint.ts";
import { createResolve } from "../../net/target.ts";
import {
  type AnswerContext,
  createAnswer,
  createWarning,
  deleteAnswer,
  listAnswer,
  listWarning,
  threadAnswer,
  threadWarning,
  updateAnswer,
} from "./answers.ts";
import { callWebhook, type WebhookCall, type WebhookDependencies } from "./call_webhook.ts";

/** The data of a tab whose owner answers each action with a webhook. */
export function webhookSource(
  tab: WebhookTab,
  { agentId, endUser }: Session,
  call: Call,
  dependencies: WebhookDependencies = webhookDependencies(call),
) {
  const context: AnswerContext = { tab, agentId, endUser, now: call.startedAt };

  async function ask<Answer>(
    message: Omit<WebhookCall<Answer>["message"], "endUser">,
    normalise: (json: unknown) => Answer,
    warnOwner?: WebhookCall<Answer>["warnOwner"],
  ): Promise<Answer> {
    if (!tab.action?.enabled || tab.action.url === null) throw actionNotEnabled();
    const { url } = tab.action;
    return await callWebhook(
      { agentId, tab, url, message: { ...message, endUser }, normalise, warnOwner },
      dependencies,
      call,
    );
  }

  return {
    list: (request: TabFetchRequest) =>
      ask({ action: "get_items", ...request }, (json) => listAnswer(json, context), listWarning),
    thread: (request: ItemClickedRequest) =>
      ask(
        request,
        (json) => threadAnswer(json, request, context),
        (json) => threadWarning(json, request.itemId),
      ),
    create: (request: CreateItemRequest) =>
      ask(request, (json) => createAnswer(json, request, context), createWarning),
    update: (request: UpdateItemRequest) => ask(request, (json) => updateAnswer(json, request, context)),
    remove: (request: DeleteItemRequest) => ask(request, (json) => deleteAnswer(json, context)),
    /** No webhook is told of it: an owner's backend would be asked every three seconds. */
    typing: () => Promise.reject(actionNotEnabled()),
    office: () => Promise.reject(actionNotEnabled()),
  };
}

function actionNotEnabled(): HeddleError {
  return new HeddleError("action_not_enabled", "The tab's owner must have enabled this action.");
}

/** The actions that a visitor may use: what the owner has enabled and named a webhook for. */
export function webhookActions(configured: ConfiguredTab["actions"]): TabAction[] {
  return configured.flatMap(({ action, enabled, hasUrl }) => enabled && hasUrl ? [action] : []);
}

/** As they are in production: the runtime's own fetch, resolver and clock. */
function webhookDependencies(call: Call): WebhookDependencies {
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

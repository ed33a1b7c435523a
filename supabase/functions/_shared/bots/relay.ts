import { HeddleError } from "../../../../shared/errors.ts";
import { takeTurn, tellConversation } from "../database/bot_turns.ts";
import { recordIssue } from "../database/widget_issues.ts";
import { environment } from "../environment.ts";
import { type Call, describeError, inBackground } from "../http/endpoint.ts";
import { createResolve } from "../net/target.ts";
import { answerConversation, type RelaySetup } from "./answer_conversation.ts";
import type { Reader } from "./growing_answer.ts";

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** How bots are called in production: the runtime's own fetch, resolver and clock. */
export function relaySetup(tabId: string, call: Call, reader: Reader | null): RelaySetup {
  const { privateWebhookHosts, answerLimitMs } = environment();
  return {
    fetch,
    resolve: createResolve(Deno),
    privateHosts: privateWebhookHosts,
    reader,
    tell: tellConversation,
    until: Date.now() + answerLimitMs,
    report({ agentId, bot: { url } }, { kind, detail }) {
      const host = URL.canParse(url) ? new URL(url).host : "";
      const issue = { agentId, tabId, action: "create_item", kind, host, detail } as const;
      inBackground(recordIssue(issue), "record_issue", call.requestId);
    },
    onProblem(error) {
      const { requestId } = call;
      console.error(JSON.stringify({ requestId, task: "grow_answer", error: describeError(error) }));
    },
  };
}

/** Has a bot answer what a visitor has just written, unless somebody who reads along has begun that by then. */
export function answerSoon(
  { agentId, conversationId, tabId }: { agentId: string; conversationId: string; tabId: string },
  call: Call,
): void {
  inBackground(
    sleep(environment().readerGraceMs)
      .then(() => takeTurn({ agentId, conversationId }))
      .then((turn) => answerConversation(turn, relaySetup(tabId, call, null)))
      .catch((error: unknown) => {
        // The conversation was erased meanwhile.
        if (!(error instanceof HeddleError && error.code === "item_not_found")) throw error;
      }),
    "answer_conversation",
    call.requestId,
  );
}

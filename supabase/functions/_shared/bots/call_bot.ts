import { wellFormedJson } from "../../../../shared/text.ts";
import type { BotTurn } from "../database/bot_turns.ts";
import { VERSION } from "../environment.ts";
import { targetProblem, type TargetRules } from "../net/target.ts";
import { WebhookError } from "../sources/webhook/webhook_error.ts";
import { signatureHeaders } from "../sources/webhook/webhook_request.ts";
import { type BotAnswer, readBotAnswer } from "./bot_answer.ts";

export interface BotDependencies extends TargetRules {
  fetch: typeof globalThis.fetch;
}

/**
 * Asks a bot's webhook, with a Standard Webhooks signature, and reads how it begins to answer. It is asked once: whether it
 * has begun to do something nobody knows. Throws `WebhookError`, and the signal's reason once that is aborted.
 */
export async function callBot(
  turn: BotTurn,
  { fetch, ...rules }: BotDependencies,
  signal: AbortSignal,
): Promise<BotAnswer> {
  const { bot, clientId } = turn;
  if (!URL.canParse(bot.url)) throw new WebhookError("target_refused", "The bot's URL must be a URL.");
  const url = new URL(bot.url);
  url.hash = "";
  const problem = await targetProblem(url, rules, signal, "bot");
  if (problem) throw new WebhookError(problem.kind, problem.detail);
  signal.throwIfAborted();
  const body = bodyOf(turn);
  const signed = signatureHeaders(body, { current: bot.secret, previous: null }, {
    webhookId: `msg_${clientId}`,
    now: Date.now(),
  });
  const response = await send(fetch, url, {
    method: "POST",
    headers: {
      ...signed,
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
      "user-agent": `Heddle/${VERSION}`,
    },
    body,
    redirect: "manual",
    signal,
  });
  const { status } = response;
  if (status < 200 || status > 299) {
    await response.body?.cancel();
    if (status === 0 || status < 400) throw new WebhookError("redirect");
    throw new WebhookError("error_status", `The bot answered ${status}.`);
  }
  return await readBotAnswer(response);
}

async function send(fetch: typeof globalThis.fetch, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new WebhookError("unreachable", "No connection to the bot's host.", { cause });
  }
}

/** As a Standard Webhooks payload: `type`, `timestamp`, `data`. */
function bodyOf({ agentId, bot, conversation, endUser, message, history }: BotTurn): string {
  const { id, name } = bot;
  const data = { agentId, bot: { id, name }, conversation, endUser, message, history };
  return wellFormedJson(
    JSON.stringify({ type: "bot.message", timestamp: new Date().toISOString(), data }),
  );
}

import { wellFormedJson } from "../../../../shared/text.ts";
import type { BotTurn } from "../database/bot_turns.ts";
import { leaveBody } from "../http/in_time.ts";
import { type PostDependencies, postSigned } from "../sources/webhook/post_signed.ts";
import { WebhookError } from "../sources/webhook/webhook_error.ts";
import { type BotAnswer, readBotAnswer } from "./bot_answer.ts";

export type BotDependencies = PostDependencies;

/**
 * Asks a bot's webhook, with a Standard Webhooks signature, and reads how it begins to answer. It is asked once: whether it
 * has begun to do something nobody knows. Throws `WebhookError`, and the signal's reason once that is aborted.
 */
export async function callBot(
  turn: BotTurn,
  dependencies: BotDependencies,
  signal: AbortSignal,
): Promise<BotAnswer> {
  const { bot, clientId } = turn;
  const response = await postSigned(
    {
      url: bot.url,
      body: bodyOf(turn),
      secrets: { current: bot.secret, previous: bot.previousSecret },
      webhookId: `msg_${clientId}`,
      accept: "text/event-stream, application/json",
      what: "bot",
    },
    dependencies,
    signal,
  );
  const { status } = response;
  if (status < 200 || status > 299) {
    leaveBody(response);
    if (status === 0 || status < 400) throw new WebhookError("redirect");
    throw new WebhookError("error_status", `The bot answered ${status}.`);
  }
  return await readBotAnswer(response, signal);
}

/** As a Standard Webhooks payload: `type`, `timestamp`, `data`. */
function bodyOf({ agentId, bot, conversation, endUser, message, history }: BotTurn): string {
  const { id, name } = bot;
  const data = { agentId, bot: { id, name }, conversation, endUser, message, history };
  return wellFormedJson(
    JSON.stringify({ type: "bot.message", timestamp: new Date().toISOString(), data }),
  );
}

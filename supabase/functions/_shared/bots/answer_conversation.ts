import type { Envelope } from "../../../../shared/events.ts";
import { type BotTurn, endTurn, notifyTeam, takeTurn } from "../database/bot_turns.ts";
import { DatabaseError } from "../database/call_database.ts";
import { WebhookError } from "../sources/webhook/webhook_error.ts";
import type { WholeAnswer } from "./bot_answer.ts";
import { type BotDependencies, callBot } from "./call_bot.ts";
import {
  createGrowingAnswer,
  cutToMessage,
  envelope,
  type GrowingAnswer,
  pass,
  type Reader,
} from "./growing_answer.ts";
import type { BotPart } from "./stream_parts.ts";

/** For the first word, and from each to the next. */
const PATIENCE_MS = 30_000;
/** Of the time there is; a turn is not taken with less. */
const LEAST_MS = 35_000;
/** A notice that somebody writes lasts for six seconds. */
const TYPING_MS = 5_000;

export interface RelaySetup extends BotDependencies {
  /** Who asked, if they read along: what they have asked themselves, for as long as they may. */
  reader: Reader | null;
  tell(conversationId: string, event: Pick<Envelope, "type" | "data">): Promise<unknown>;
  /** Milliseconds since the epoch: the runtime ends this function soon after. */
  until: number;
  /** Tells the owner why a bot did not answer. */
  report(turn: BotTurn, error: WebhookError): void;
  onProblem(error: unknown): void;
}

const STOPPED = new DOMException("Nobody wants more of it.", "AbortError");
const TIME_IS_UP = new DOMException("The function's time is up.", "TimeoutError");

/** Answers what waits in a conversation, one message after the other, until nothing does. `turn` was taken already. */
export async function answerConversation(turn: BotTurn | null, setup: RelaySetup): Promise<void> {
  let next = turn;
  while (next) {
    const { agentId, conversation, reads } = next;
    await answerTurn(next, reads ? setup : { ...setup, reader: null });
    if (Date.now() + LEAST_MS >= setup.until) return;
    const reader = setup.reader?.isOpen ? setup.reader.id : null;
    next = await takeTurn({ agentId, conversationId: conversation.id, reader });
  }
}

async function answerTurn(turn: BotTurn, setup: RelaySetup): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort(STOPPED);
  const patience = createPatience(() =>
    stopping.abort(new WebhookError("timeout", "The bot must answer within 30 seconds."))
  );
  const limit = setTimeout(() => stopping.abort(TIME_IS_UP), Math.max(0, setup.until - Date.now()));
  const answer = createGrowingAnswer(turn, { ...setup, onStopped: stop });
  const typing = tellTyping(turn, setup, answer);
  let needsHuman = false;
  let failure: unknown = null;
  let whole: WholeAnswer | null = null;
  try {
    const said = await callBot(turn, setup, stopping.signal);
    if (said.kind === "whole") whole = said;
    for await (const part of said.kind === "stream" ? until(stopping.signal, said.parts) : []) {
      patience.renew();
      if ("needsHuman" in part) {
        needsHuman = true;
        continue;
      }
      if (!answer.hasBegun) await typing.told();
      await answer.add(part.text);
    }
  } catch (error) {
    failure = stopping.signal.aborted ? stopping.signal.reason : error;
  } finally {
    patience.end();
    clearTimeout(limit);
    await typing.end();
  }
  if (whole) return await sayAtOnce(turn, whole, setup);
  await settle(turn, { answer, needsHuman, failure }, setup);
}

async function sayAtOnce(
  turn: BotTurn,
  { body, needsHuman }: WholeAnswer,
  { reader, onProblem }: RelaySetup,
): Promise<void> {
  const said = body?.replaceAll("\0", "").toWellFormed() ?? null;
  const text = said && cutToMessage(said);
  const answer = await endTurn(turn, {
    outcome: "answered",
    text,
    needsHuman,
    done: text === said ? "stop" : "cancelled",
    reader: reader && reader.id,
  });
  if (answer.event) pass(reader, answer);
  if (needsHuman) await notifyTeam(turn.agentId).catch(onProblem);
}

/** What has begun stays as far as it came, and is not begun again. */
async function settle(
  turn: BotTurn,
  { answer, needsHuman, failure }: { answer: GrowingAnswer; needsHuman: boolean; failure: unknown },
  { report, onProblem }: RelaySetup,
): Promise<void> {
  const isStopped = failure === STOPPED;
  const isSilent = !answer.hasBegun && !needsHuman && !isStopped;
  if (failure instanceof DatabaseError) onProblem(failure);
  else if (failure instanceof WebhookError) report(turn, failure);
  else if (!isStopped && (failure || isSilent)) report(turn, asWebhookError(failure));
  await answer.end(isStopped ? "cancelled" : failure ? "error" : "stop");
  const isBroken = answer.hasBegun && failure !== null && !isStopped;
  const hasFailed = isSilent || isBroken;
  await endTurn(turn, { outcome: hasFailed ? "failed" : "answered", needsHuman });
  if (hasFailed || needsHuman) await notifyTeam(turn.agentId).catch(onProblem);
}

function asWebhookError(failure: unknown): WebhookError {
  if (!failure) return new WebhookError("empty", "The bot's stream must hold some text.");
  if (failure === TIME_IS_UP) {
    return new WebhookError("timeout", "The answer took longer than the function may run.");
  }
  return new WebhookError("unreachable", "The connection to the bot broke off.", { cause: failure });
}

/** The parts, for as long as anybody wants them: many may have come at once. */
async function* until(signal: AbortSignal, parts: AsyncIterable<BotPart>): AsyncGenerator<BotPart> {
  for await (const part of parts) {
    signal.throwIfAborted();
    yield part;
    signal.throwIfAborted();
  }
}

/** Runs out unless it is renewed. */
function createPatience(onOver: () => void) {
  let timer = setTimeout(onOver, PATIENCE_MS);
  const end = () => clearTimeout(timer);
  return {
    end,
    renew() {
      end();
      timer = setTimeout(onOver, PATIENCE_MS);
    },
  };
}

/**
 * Says that the bot writes, until its first words are there. A notice that is on its way must be told before they are:
 * behind them it would read as another message to come.
 */
function tellTyping(turn: BotTurn, { reader, tell }: RelaySetup, answer: GrowingAnswer) {
  const { bot, conversation } = turn;
  let told = Promise.resolve<unknown>(undefined);
  const say = () => {
    if (answer.hasBegun) return;
    const event = { type: "typing", data: { conversationId: conversation.id, role: "BOT", name: bot.name } };
    reader?.send(envelope(event));
    told = tell(conversation.id, event).catch(() => undefined);
  };
  say();
  const timer = setInterval(say, TYPING_MS);
  return {
    told: () => told,
    end() {
      clearInterval(timer);
      return told;
    },
  };
}

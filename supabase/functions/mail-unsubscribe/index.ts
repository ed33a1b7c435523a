import { type LanguageCode, LANGUAGES } from "../../../shared/languages.ts";
import { HeddleError } from "../../../shared/errors.ts";
import { derivedKey } from "../_shared/auth/session.ts";
import { callDatabase } from "../_shared/database/call_database.ts";
import { environment } from "../_shared/environment.ts";
import { endpoint } from "../_shared/http/endpoint.ts";
import { readUnsubscribeToken } from "../_shared/mail/unsubscribe_token.ts";
import { visitorWords } from "../_shared/mail/visitor_words.ts";

/**
 * POST mail-unsubscribe?token=[&language=]    the link of a mail, without a login
 *
 * Ends the mails that the token names. Mail programs call it when somebody presses their "Unsubscribe" (RFC 8058).
 *
 * GET mail-unsubscribe?token=[&language=][&confirm=yes]
 *
 * For people who follow the link at the end of a mail. Programs that check links open them as well: where the browser does
 * not say that a person did, the answer is how to confirm. Plain text, for Supabase serves no HTML here.
 *
 * 200 · 400 invalid_request for a token that is none
 */
const fetch = endpoint(
  { name: "mail-unsubscribe", method: ["GET", "POST"], callers: "servers" },
  async (request) => {
    const url = new URL(request.url);
    const token = url.searchParams.get("token") ?? "";
    const { sessionSecret } = environment();
    const named = readUnsubscribeToken(token, derivedKey(sessionSecret, "unsubscribe"));
    if (!named) throw new HeddleError("invalid_request", "The token must be one of a mail's link.");
    const words = visitorWords[languageOf(url.searchParams.get("language"))].unsubscribe;
    const isConfirmed = request.method === "POST" || request.headers.get("sec-fetch-user") === "?1" ||
      url.searchParams.get("confirm") === "yes";
    if (!isConfirmed) {
      return text(words.confirm);
    }
    const { agentId, audience, address } = named;
    await callDatabase("stop_mails", { p_agent_id: agentId, p_audience: audience, p_address: address });
    return text(words.done);
  },
);

function languageOf(code: string | null): LanguageCode {
  return LANGUAGES.find((language) => language === code) ?? "en";
}

function text(line: string): Response {
  return new Response(`${line}\n`, { headers: { "content-type": "text/plain; charset=utf-8" } });
}

export default { fetch };

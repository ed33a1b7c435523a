import { keyHeaders } from "../../shared/keys.ts";
import { CliError, messageOf } from "../errors.ts";
import { HEDDLE, START } from "../installation/calls.ts";
import { type Answer, jsonIn, send } from "./http.ts";

const ANSWER_MS = 20_000;
/** What the database raises where its state does not allow a change; the detail says why in a sentence. */
export const CONFLICT = "PT409";
/** The same for what was sent. */
export const INVALID = "PT400";

export interface RestAccess {
  url: string;
  key: string;
  /** Whether it is the running `npm start`. */
  local?: boolean;
}

/** What PostgREST answers when it refuses a call. */
export interface RestRefusal {
  code?: string;
  message?: string;
  details?: string | null;
  hint?: string | null;
}

/** Calls a function of `heddle_api` through the project's Data API; `null` for an empty answer. */
export async function callByRest(
  access: RestAccess,
  name: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  const { status, text } = await callRpc(access, "heddle_api", name, args).catch((error: unknown) => {
    const how = access.local ? `Start it again: ${START}` : "Check --url and your connection";
    throw new CliError("unreachable", `${access.url} does not answer (${messageOf(error)}). ${how}.`);
  });
  if (status >= 300) throw explained(name, status, refusalIn(text));
  if (text === "") return null;
  const result = jsonIn(text);
  if (result !== undefined) return result;
  throw new CliError(
    "unexpected_answer",
    `${access.url} answers, but not as a Supabase project does: check --url.`,
  );
}

/** One RPC as supabase-js makes it; keys that are no JWT travel in `apikey` only, and no redirect takes them elsewhere. */
export async function callRpc(
  { url, key }: RestAccess,
  schema: string,
  name: string,
  args: Record<string, unknown>,
): Promise<Answer> {
  return await send(`${url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { ...keyHeaders(key), "content-type": "application/json", "content-profile": schema },
    body: JSON.stringify(args),
    redirect: "error",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
}

/** The refusal that an answer's text holds; empty if it is something else, such as a proxy's page. */
export function refusalIn(text: string): RestRefusal {
  const parsed = jsonIn(text);
  return typeof parsed === "object" && parsed !== null ? parsed : {};
}

function explained(name: string, status: number, { code, message, details, hint }: RestRefusal): CliError {
  if (code === "PGRST106") {
    return new CliError(
      "not_installed",
      "The project does not expose schema heddle_api: add it under Project Settings → Data API → Exposed schemas.",
    );
  }
  if (code === "PGRST202") {
    return new CliError(
      "not_installed",
      `The project has no function heddle_api.${name}: apply this version's migrations first (${HEDDLE} install).`,
    );
  }
  if (code === "23514") return new CliError("rejected", refusedValue(message));
  if (code === CONFLICT && details) return new CliError("conflict", asSentence(details));
  if (code === INVALID && details) return new CliError("rejected", asSentence(details, hint));
  if (code === "42501") {
    return new CliError(
      "access_denied",
      "This key may not do that: --secret-key must be the project's secret key.",
    );
  }
  if (status === 401 || status === 403) {
    return new CliError("access_denied", "The project does not accept this secret key.");
  }
  if (message === undefined) {
    return new CliError("rejected", `The project answered with status ${status} and no reason.`);
  }
  return new CliError("rejected", asSentence(message, hint));
}

/** What the database says, as a sentence, with its hint as another. */
export function asSentence(message: string, hint?: string | null): string {
  return [message, hint]
    .filter((part): part is string => Boolean(part))
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1).replace(/\.$/, "")}.`)
    .join(" ");
}

/** What constraints say whose names would not say it. */
const REFUSALS: Record<string, string> = {
  tabs_visitor_fields:
    "Only store tabs ask visitors who they are (--ask): a webhook tab leaves that to your backend.",
  connectors_header:
    "Heddle or the connection itself sets this header (--header): name another for the credential, such as x-api-key.",
};

/** What a check constraint refused, by its name: `agents_display_accent`. */
export function refusedValue(message = ""): string {
  const [, constraint = "a rule of the database"] = /check constraint "([^"]+)"/.exec(message) ?? [];
  const refusal = REFUSALS[constraint];
  if (refusal !== undefined) return refusal;
  return `The database refuses this value: ${constraint.replaceAll("_", " ")}.`;
}

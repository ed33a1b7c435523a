import { createClient } from "@supabase/supabase-js";
import { type Failure, type Problem, type Result, unreachable } from "../../client/http/problem.ts";
import { fits, type Shape } from "../../client/http/transport.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { RealtimeEnvironment } from "../../client/realtime/socket.ts";
import { ERROR_STATUS, type ErrorBody, type ErrorCode } from "../../shared/errors.ts";
import { secretIn } from "../../shared/keys.ts";
import { authAnswer } from "./auth_answers.ts";

/** What the operators' app takes from its page. */
export interface InboxEnvironment extends RealtimeEnvironment {
  /** Runs it whenever another window of this browser may have changed what local storage has there. Returns what ends it. */
  followStorage(key: string, onChange: () => void): () => void;
}

/** Of the site owner's Supabase project, as `config.json` beside the page names it. */
export interface Config {
  /** Origin of its API. */
  url: string;
  publishableKey: string;
  /** What stands before a command that owners type in a terminal, where that is not `npx heddle`. */
  command?: string;
}

/** The longest that an answer may take, in milliseconds. */
const TIMEOUT = 15_000;
const SESSION_KEY = "heddle.inbox.session";
const TOO_MANY = 429;
const BAD_REQUEST = 400;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;

/** The project that `config.json` names. Throws where it names none, or holds a key that nobody but the owner may have. */
export function configOf(json: unknown): Config {
  const { url, publishableKey, command } = Object(json) as Partial<Config>;
  if (!url || !publishableKey) throw new Error("config.json must hold url and publishableKey.");
  const secret = secretIn(publishableKey);
  if (secret !== null) {
    throw new Error(
      `config.json holds ${secret}, which everybody can read here: put the publishable key there, and replace the other.`,
    );
  }
  return { url: new URL(url).origin, publishableKey, command };
}

export type Project = ReturnType<typeof createProject>;

/** The owner's Supabase project as a signed-in operator uses it. */
export function createProject(config: Config, { fetch, storage }: Pick<Environment, "fetch" | "storage">) {
  const client = createClient(config.url, config.publishableKey, {
    db: { schema: "heddle_api" },
    global: {
      fetch: async (input, init) => {
        const url = String(input);
        return await authAnswer(url, await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT) }));
      },
    },
    auth: {
      // Anybody can send an address with a session of their own in it.
      detectSessionInUrl: false,
      storageKey: SESSION_KEY,
      storage: {
        getItem: (key) => storage.read("local", key),
        setItem: (key, value) => void storage.write("local", key, value),
        removeItem: (key) => void storage.write("local", key, null),
      },
    },
  });

  /** Of now, for a page that has no time to ask. */
  let token: string | null = null;
  client.auth.onAuthStateChange((_, session) => {
    token = session?.access_token ?? null;
  });

  return {
    config,
    auth: client.auth,
    /** The token of now, refreshed if need be; `null` while nobody is signed in. */
    async accessToken(): Promise<string | null> {
      const { data } = await client.auth.getSession();
      return data.session?.access_token ?? null;
    },
    /** Whether somebody is signed in, also while that can't be confirmed because no answer comes. */
    async hasSession(): Promise<boolean> {
      const { data } = await client.auth.getSession();
      return data.session !== null || storage.read("local", SESSION_KEY) !== null;
    },
    /** Calls a function of `heddle_api` from a page that goes, so that no answer is waited for. */
    tell(name: string, args: object): void {
      if (token === null) return;
      fetch(`${config.url}/rest/v1/rpc/${name}`, {
        method: "POST",
        keepalive: true,
        headers: {
          "apikey": config.publishableKey,
          "authorization": `Bearer ${token}`,
          "content-type": "application/json",
          "content-profile": "heddle_api",
        },
        body: JSON.stringify(args),
        // Nobody is left to be told that it failed.
      }).catch(() => {});
    },
    /** Calls a function of `heddle_api` as the operator. */
    async call<Value>(name: string, args: object, shape: Shape<Value>): Promise<Result<Value>> {
      const { data, error, status } = await client.rpc(name, args);
      if (error) return failure({ ...error, status });
      return fits<Value>(data, shape) ? { ok: true, value: data } : unreadable(name);
    },
    /** Posts to an edge function as the operator. */
    async post<Value>(name: string, body: object, shape: Shape<Value>): Promise<Result<Value>> {
      const { data, error } = await client.functions.invoke(name, { body });
      if (error) return await functionsFailure(name, error.context);
      return fits<Value>(data, shape) ? { ok: true, value: data } : unreadable(name);
    },
  };
}

interface Refusal {
  code: string;
  message: string;
  details: string | null;
  /** HTTP status; 0 if no answer came. */
  status: number;
}

const NOT_STORABLE = "It holds a character that can't be stored.";

/** A refusal of `heddle_api` has a stable code for a message, and a sentence for details. */
function failure({ code, message, details, status }: Refusal): Failure {
  const problem = (code: Problem["code"]): Failure => ({
    ok: false,
    problem: { code, message: details ?? message },
  });
  if (status === 0) return problem("network");
  if (/^PT\d{3}$/.test(code) && Object.hasOwn(ERROR_STATUS, message)) return problem(message as ErrorCode);
  if (status === UNAUTHORIZED) return problem("expired_session");
  // Nothing can be stored of it, such as NUL or half an emoji: the same will be refused again.
  if (status === BAD_REQUEST) {
    return { ok: false, problem: { code: "invalid_request", message: NOT_STORABLE } };
  }
  return problem(status === TOO_MANY ? "rate_limited" : "internal");
}

/** `answer` is a `Response`, or what was thrown in its place. */
async function functionsFailure(name: string, answer: unknown): Promise<Failure> {
  if (!(answer instanceof Response)) return unreachable();
  const { error } = Object(await answer.json().catch(() => null)) as Partial<ErrorBody>;
  if (!error || !Object.hasOwn(ERROR_STATUS, error.code)) {
    return answer.status === NOT_FOUND ? missing(name) : unreadable(name);
  }
  if (answer.status === UNAUTHORIZED) return { ok: false, problem: { ...error, code: "expired_session" } };
  return { ok: false, problem: error };
}

function missing(name: string): Failure {
  const message = `The project has no function ${name}: deploy it, or do this from a terminal.`;
  return { ok: false, problem: { code: "unavailable", message } };
}

function unreadable(name: string): Failure {
  return { ok: false, problem: { code: "internal", message: `${name} answered something else.` } };
}

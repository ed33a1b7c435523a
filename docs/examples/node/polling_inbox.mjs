import { setTimeout as sleep } from "node:timers/promises";

const WAIT_SECONDS = 25;
const PAUSE_MS = 3_000;

/**
 * An inbox for an app that holds no connection: it asks for news, with nothing but `fetch`. Calls `show` with the open
 * conversations of an agent at first and after each change, until the signal aborts. Answers with `reply`.
 *
 * @param {{ url: string, publishableKey: string, agentId: string, email: string, password: string, signal: AbortSignal }} options
 * @param {(rows: { id: string, customerName: string | null, unread: number, lastMessage: { text: string } | null }[]) => void} show
 */
export async function openInbox({ url, publishableKey, agentId, email, password, signal }, show) {
  let session = null;

  async function call(path, { body, headers }) {
    const response = await fetch(`${url}/${path}`, {
      method: body ? "POST" : "GET",
      headers: {
        apikey: publishableKey,
        ...session && { authorization: `Bearer ${session.access_token}` },
        ...body && { "content-type": "application/json" },
        ...headers,
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(40_000)]),
    });
    const answer = await response.json().catch(() => null); // a proxy may answer HTML
    if (response.ok) return answer;
    const { code = "", message = "no reason given" } = answer?.error ?? answer ?? {};
    throw Object.assign(new Error(`Heddle answered ${response.status} ${code}: ${message}`), {
      code,
      status: response.status,
    });
  }

  async function signIn(body, grant) {
    session = null;
    return session = await call(`auth/v1/token?grant_type=${grant}`, { body });
  }

  const rpc = (name, body) =>
    call(`rest/v1/rpc/${name}`, { body, headers: { "content-profile": "heddle_api" } });

  const read = (cursor) => {
    const query = new URLSearchParams(cursor === null ? {} : { since: cursor, wait: WAIT_SECONDS });
    return call(`functions/v1/events?${query}`, {});
  };

  async function ask() {
    for (let cursor = null; !signal.aborted;) {
      try {
        // The cursor first: what happens while the list is fetched comes with the next answer.
        const news = await read(cursor);
        if (cursor === null || news.events.length > 0) {
          show((await rpc("inbox_list", { p_agent_id: agentId })).rows);
        }
        cursor = news.cursor;
      } catch (error) {
        if (signal.aborted) return;
        if (error.code === "cursor_expired") cursor = null; // the list is fetched whole again
        else if (error.status === 401) {
          await signIn({ refresh_token: session.refresh_token }, "refresh_token");
        } else await sleep(PAUSE_MS, null, { signal }).catch(() => undefined);
      }
    }
  }

  await signIn({ email, password }, "password");
  return {
    asking: ask(),
    /** Sends once, however often it is tried with the same `clientId`. */
    reply: (conversationId, text, clientId = crypto.randomUUID()) =>
      rpc("inbox_post", { p_conversation_id: conversationId, p_client_id: clientId, p_body: text }),
  };
}

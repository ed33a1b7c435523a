import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { JSONValue, Sql, TransactionSql } from "postgres";
import type { Config } from "../config.ts";
import { HttpError } from "../http.ts";
import type { Stale } from "./publish.ts";
import { type Call, verifiedCall } from "./signature.ts";

export interface Reply {
  body: JSONValue;
  /** Whose screens have become stale. */
  stale?: Stale;
}

type Handler = (sql: TransactionSql, call: Call) => Promise<Reply>;
export type Handlers = Partial<Record<string, Handler>>;

/**
 * Serves one webhook url: checks the caller, gives each call to the handler of its action, and reports what a
 * committed call has made stale.
 */
export function createWebhook(
  { heddle }: Config,
  sql: Sql,
  handlers: Handlers,
  onStale: (stale: Stale) => void,
): (request: Request) => Promise<Response> {
  return async function webhook(request) {
    const call = await verifiedCall(request, heddle);
    if (!sameText(request.headers.get("authorization") ?? "", `Bearer ${heddle.connectorToken}`)) {
      throw new HttpError(401, "the connector's bearer token is wrong");
    }
    const handler = handlers[call.action];
    if (!handler) throw new HttpError(400, `This url does not serve the action ${call.action}.`);

    const reply = await sql.begin((tx) =>
      request.method === "GET"
        ? handler(tx, call)
        : once(tx, request.headers.get("webhook-id") ?? "", () => handler(tx, call))
    );
    if (reply.stale) onStale(reply.stale);
    return Response.json(reply.body);
  };
}

/**
 * Does the work of one delivery once: the same webhook-id again gets the first answer again. Reads need no such
 * care. Five minutes would do, since older deliveries are refused by their timestamp.
 */
async function once(tx: TransactionSql, webhookId: string, work: () => Promise<Reply>): Promise<Reply> {
  await tx`delete from webhook_calls where received_at < now() - interval '15 minutes'`;
  const [isNew] = await tx`
    insert into webhook_calls (id) values (${webhookId}) on conflict do nothing returning id`;
  if (!isNew) {
    const [earlier] = await tx`select answer from webhook_calls where id = ${webhookId}`;
    return { body: earlier?.answer };
  }
  const reply = await work();
  await tx`update webhook_calls set answer = ${tx.json(reply.body)} where id = ${webhookId}`;
  return reply;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

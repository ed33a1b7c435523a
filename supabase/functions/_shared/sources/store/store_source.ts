import * as z from "zod";
import {
  type CreateItemRequest,
  createItemRequest,
  type DeleteItemAnswer,
  type DeleteItemRequest,
  type ItemClickedRequest,
  type OfficeAnswer,
  type TypingAnswer,
  type TypingRequest,
  type UpdateItemAnswer,
  type UpdateItemRequest,
} from "../../../../../shared/api/tab_action.ts";
import type { TabFetchRequest } from "../../../../../shared/api/tab_fetch.ts";
import { visitorEmail } from "../../../../../shared/email.ts";
import { HeddleError } from "../../../../../shared/errors.ts";
import { moment } from "../../../../../shared/moment.ts";
import type { TabAction } from "../../../../../shared/tabs.ts";
import { wellFormedJson } from "../../../../../shared/text.ts";
import { MAX_NAME_CHARACTERS, nameOf } from "../../auth/kept_name.ts";
import type { Session } from "../../auth/session.ts";
import { notifyTeam } from "../../database/bot_turns.ts";
import { callDatabase, DatabaseError } from "../../database/call_database.ts";
import { keptOfficeSchema } from "../../database/widget_context.ts";
import { type Call, inBackground } from "../../http/endpoint.ts";
import { validate } from "../../http/request.ts";
import { createAnswer, listAnswer, threadAnswer, updateAnswer } from "./answers.ts";
import { officeOf } from "./office.ts";
import { conversationId, entryPlace, itemNotFound, listPlace, threadPlace } from "./positions.ts";

/** Visitors take back single messages (`delete_item` with an `entryId`), never a conversation. */
export const STORE_ACTIONS: TabAction[] = ["get_items", "item_clicked", "create_item", "update_item"];

/** More than any conversation counts: `read` without an entry means all of it. */
const EVERYTHING = 2_147_483_647;

/** As the database keeps it. */
const MAX_ENDPOINT_CHARACTERS = 2000;

/** What a visitor may change, one at a time: each is one call of the database. */
const changesSchema = z.strictObject({
  /** Up to the entry that the request names, else all. */
  read: z.literal(true),
  delivered: z.literal(true),
  body: createItemRequest.shape.body,
  /** With a body: when what the visitor saw of the entry was written, its `editedAt`, else its `createdAt`. */
  version: moment,
  needsHuman: z.boolean(),
  /** Of the entry that the request names, while it grows. */
  stop: z.literal(true),
  /** Blank or null: forgotten. */
  visitor: z.strictObject({
    name: z.string().max(MAX_NAME_CHARACTERS).nullable(),
    email: visitorEmail.nullable(),
  }).partial(),
  /** A browser that is to tell the visitor of answers; without keys: no longer. The database looks closer. */
  push: z.strictObject({
    endpoint: z.url({ protocol: /^https?$/ }).regex(/^[!-~]+$/).max(MAX_ENDPOINT_CHARACTERS),
    keys: z.strictObject({
      p256dh: z.string().regex(/^[\w-]{87}$/),
      auth: z.string().regex(/^[\w-]{22}$/),
    }).nullable(),
  }),
}).partial().refine(
  ({ version: _, ...changes }) => Object.keys(changes).length === 1,
  "must be one change at a time",
);

/** The conversations that Heddle keeps, as this visitor may see and change them: each method waits for one call of the database. */
export function storeSource(session: Session, { requestId }: Pick<Call, "requestId">) {
  const { agentId, endUser, kind } = session;
  const visitor = { p_agent_id: agentId, p_end_user: endUser.id };
  const seat = (itemId: string) => ({ ...visitor, p_conversation_id: conversationId(itemId) });

  const entryOf = (itemId: string, entryId?: string) => ({ ...seat(itemId), p_seq: placeOf(entryId) });

  return {
    async list({ cursor }: TabFetchRequest) {
      const place = cursor === undefined ? null : listPlace(cursor);
      return listAnswer(
        await ask("store_list", {
          ...visitor,
          p_before_at: place?.at ?? null,
          p_before_id: place?.id ?? null,
        }),
      );
    },

    async thread({ itemId, cursor, after }: ItemClickedRequest) {
      if (after !== undefined) {
        return threadAnswer(await ask("store_changes", { ...seat(itemId), p_after_seq: after }));
      }
      const before = cursor === undefined ? null : threadPlace(cursor);
      return threadAnswer(await ask("store_thread", { ...seat(itemId), p_before_seq: before }));
    },

    async create({ itemId, clientId, body, page, language }: CreateItemRequest) {
      return createAnswer(
        await ask("store_post", {
          ...visitor,
          p_conversation_id: itemId === undefined ? null : conversationId(itemId),
          p_client_id: clientId,
          p_body: body,
          p_visitor: language === undefined ? nameOf(session) : { ...nameOf(session), language },
          p_page: page ?? null,
        }),
      );
    },

    async update({ itemId, entryId, changes }: UpdateItemRequest): Promise<UpdateItemAnswer> {
      const change = validate(z.object({ changes: changesSchema }), { changes }).changes;
      if (change.body !== undefined) {
        return await correct(entryOf(itemId, entryId), change.body, change.version);
      }
      if (change.stop !== undefined) {
        await ask("store_stop", entryOf(itemId, entryId));
        return {};
      }
      if (change.needsHuman !== undefined) {
        return await askForPerson(seat(itemId), change.needsHuman, requestId);
      }
      if (change.visitor !== undefined) {
        // The team takes the name of who has signed in for what the owner's backend says of them.
        if (kind === "identified") throw nameIsGiven();
        await ask("store_visitor", { ...visitor, p_changes: change.visitor });
        return {};
      }
      if (change.push !== undefined) return await tellByPush(visitor, change.push);
      const upTo = entryId === undefined ? EVERYTHING : entryPlace(entryId);
      await ask("store_read", { ...seat(itemId), p_seq: upTo, p_seen: change.read ?? false });
      return {};
    },

    async remove({ itemId, entryId }: DeleteItemRequest): Promise<DeleteItemAnswer> {
      if (entryId === undefined) throw staysThere();
      await ask("store_edit", { ...entryOf(itemId, entryId), p_body: null });
      return { deleted: true };
    },

    async typing({ itemId }: TypingRequest): Promise<TypingAnswer> {
      await ask("store_typing", seat(itemId));
      return {};
    },

    office: () => askOffice(agentId),
  };
}

async function askOffice(agentId: string): Promise<OfficeAnswer> {
  const kept = keptOfficeSchema.nullable().parse(await ask("store_office", { p_agent_id: agentId }));
  return { office: kept ? officeOf(kept, Date.now()) : undefined };
}

async function correct(
  place: { p_agent_id: string; p_end_user: string; p_conversation_id: string; p_seq: number },
  p_body: string,
  p_version?: string,
): Promise<UpdateItemAnswer> {
  return updateAnswer(await ask("store_edit", { ...place, p_body, p_version }));
}

async function tellByPush(
  visitor: { p_agent_id: string; p_end_user: string },
  { endpoint, keys }: NonNullable<z.infer<typeof changesSchema>["push"]>,
): Promise<UpdateItemAnswer> {
  const browser = { ...visitor, p_endpoint: endpoint };
  if (keys === null) await ask("store_push_off", browser);
  else await ask("store_push_on", { ...browser, p_p256dh: keys.p256dh, p_auth: keys.auth });
  return {};
}

/** The team is told once the visitor has the answer. */
async function askForPerson(
  seat: { p_agent_id: string; p_end_user: string; p_conversation_id: string },
  needs: boolean,
  requestId: string,
): Promise<UpdateItemAnswer> {
  const answer = updateAnswer(await ask("store_needs_human", { ...seat, p_needs: needs }));
  if (needs) inBackground(notifyTeam(seat.p_agent_id), "notify", requestId);
  return answer;
}

/** Calls the store. Throws `invalid_request`, `item_not_found` and `conflict` as it says them. */
const ask: typeof callDatabase = async (name, args) => {
  try {
    return await callDatabase(name, storable(args));
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const { code, details } = error;
    if (code === "PT400") {
      throw new HeddleError("invalid_request", details ?? "The change must be one that can be made.", {
        cause: error,
      });
    }
    if (code === "PT404") throw itemNotFound(error);
    if (code === "PT409") {
      throw new HeddleError("conflict", "Somebody else has changed this in the meantime.", { cause: error });
    }
    throw error;
  }
};

/** The same with text that Postgres keeps: whole characters, and no NUL. */
function storable<Value>(value: Value): Value {
  return JSON.parse(
    wellFormedJson(JSON.stringify(value)),
    (_, each) => typeof each === "string" ? each.replaceAll("\0", "") : each,
  );
}

function staysThere(): HeddleError {
  return new HeddleError("action_not_enabled", "A conversation of this tab can't be removed by its visitor.");
}

function nameIsGiven(): HeddleError {
  return new HeddleError(
    "action_not_enabled",
    "The site says who this visitor is: they can't change it here.",
  );
}

function placeOf(entryId: string | undefined): number {
  if (entryId !== undefined) return entryPlace(entryId);
  throw new HeddleError("invalid_request", "This needs the message that it is about.", {
    issues: [{ path: "entryId", message: "must be there with a body, or to stop" }],
  });
}

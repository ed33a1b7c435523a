import type { Sql } from "postgres";
import type { Config } from "../config.ts";
import { publish } from "../heddle/publish.ts";
import { storable } from "../heddle/text.ts";
import { HttpError } from "../http.ts";
import type { Changes } from "./changes.ts";
import { addReply, listConversations, listMessages, markRead, setStatus, visitorOf } from "./inbox.ts";

/** What the operator page calls. A real shop lets only its signed-in staff in here. */
export function createOperatorRoutes(config: Config, sql: Sql, changes: Changes) {
  return {
    async conversations(): Promise<Response> {
      return Response.json(await listConversations(sql));
    },

    async thread(request: Request): Promise<Response> {
      const id = new URL(request.url).searchParams.get("id") ?? "";
      await visitorOf(sql, id);
      return Response.json(await listMessages(sql, id));
    },

    /** Writes the row first, then tells Heddle whose widgets are stale. */
    async reply(request: Request): Promise<Response> {
      const { id, body } = await request.json();
      const text = typeof body === "string" ? storable(body).trim() : "";
      if (text === "") throw new HttpError(422, "The reply is empty.");
      const endUserId = await visitorOf(sql, id);
      await addReply(sql, id, text);
      changes.announce();
      return Response.json(await publish(config, { endUserId, conversationId: id }));
    },

    async status(request: Request): Promise<Response> {
      const { id, status } = await request.json();
      if (status !== "open" && status !== "resolved") throw new HttpError(422, "No such status.");
      const endUserId = await visitorOf(sql, id);
      await setStatus(sql, id, status);
      changes.announce();
      return Response.json(await publish(config, { endUserId, conversationId: id }));
    },

    /** The visitor's widget shows that its messages were read, if there were any to read. */
    async read(request: Request): Promise<Response> {
      const { id } = await request.json();
      await visitorOf(sql, id);
      if (!await markRead(sql, id)) return new Response(null, { status: 204 });
      changes.announce();
      return Response.json(await publish(config, { conversationId: id }));
    },
  };
}

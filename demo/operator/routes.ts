import { Hono } from "hono";
import type { Sql } from "postgres";
import type { Config } from "../config.ts";
import { publish } from "../heddle/publish.ts";
import { storable } from "../heddle/text.ts";
import { HttpError } from "../http.ts";
import type { Changes } from "./changes.ts";
import { addReply, listConversations, listMessages, markRead, setStatus, visitorOf } from "./inbox.ts";

/** What the operator page calls. A real shop lets only its signed-in staff in here. */
export function createOperatorRoutes(config: Config, sql: Sql, changes: Changes): Hono {
  const routes = new Hono();

  routes.get("/conversations", async (context) => context.json([...await listConversations(sql)]));
  routes.get("/changes", () => changes.subscribe());
  routes.get("/thread", async (context) => {
    const id = context.req.query("id") ?? "";
    await visitorOf(sql, id);
    return context.json([...await listMessages(sql, id)]);
  });

  /** Writes the row first, then tells Heddle whose widgets are stale. */
  routes.post("/reply", async (context) => {
    const { id, body } = await context.req.json();
    const text = typeof body === "string" ? storable(body).trim() : "";
    if (text === "") throw new HttpError(422, "The reply is empty.");
    const endUserId = await visitorOf(sql, id);
    await addReply(sql, id, text);
    changes.announce();
    return context.json(await publish(config, { endUserId, conversationId: id }));
  });

  routes.post("/status", async (context) => {
    const { id, status } = await context.req.json();
    if (status !== "open" && status !== "resolved") throw new HttpError(422, "No such status.");
    const endUserId = await visitorOf(sql, id);
    await setStatus(sql, id, status);
    changes.announce();
    return context.json(await publish(config, { endUserId, conversationId: id }));
  });

  /** The visitor's widget shows that its messages were read, if there were any to read. */
  routes.post("/read", async (context) => {
    const { id } = await context.req.json();
    await visitorOf(sql, id);
    if (!await markRead(sql, id)) return context.body(null, 204);
    changes.announce();
    return context.json(await publish(config, { conversationId: id }));
  });
  return routes;
}

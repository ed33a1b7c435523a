import type { TransactionSql } from "postgres";
import { HttpError } from "../http.ts";
import { cutPage } from "./paging.ts";
import type { Call } from "./signature.ts";
import { storable } from "./text.ts";
import { visibleTo } from "./visibility.ts";
import type { Handlers, Reply } from "./webhook.ts";

const ORDERS_PER_PAGE = 5;
const MAX_NOTE_CHARACTERS = 200;

interface Order {
  id: string;
  visitorId: string;
  placedAt: Date;
  status: "packing" | "shipped" | "delivered" | "cancelled";
  contents: string;
  totalCents: number;
  note: string;
}

/** The webhook of the orders tab: an item is an order. What Heddle does not know by name it shows as it is. */
export const orderHandlers: Handlers = {
  get_items: listOrders,
  item_clicked: showOrder,
  update_item: changeNote,
  delete_item: cancelOrHide,
};

async function listOrders(sql: TransactionSql, call: Call): Promise<Reply> {
  const after = call.cursor ?? null;
  const rows = await sql<Order[]>`
    select * from orders
    where visitor_id = ${call.visitor.id} and not hidden
      and (${after}::text is null or (placed_at, id) < (select placed_at, id from orders where id = ${after}))
    order by placed_at desc, id desc
    limit ${ORDERS_PER_PAGE + 1}`;
  const { page, nextCursor } = cutPage(rows, ORDERS_PER_PAGE, (row) => row.id);
  return { body: { items: page.map(toItem), nextCursor } };
}

async function showOrder(sql: TransactionSql, { visitor, itemId }: Call): Promise<Reply> {
  return { body: { item: toItem(visibleTo(visitor.id, await findOrder(sql, itemId))) } };
}

async function changeNote(sql: TransactionSql, { visitor, itemId, changes }: Call): Promise<Reply> {
  const order = visibleTo(visitor.id, await findOrder(sql, itemId));
  if (typeof changes?.note !== "string") throw new HttpError(422, "Please write the delivery note as text.");
  const note = storable(changes.note).trim();
  if (note.length > MAX_NOTE_CHARACTERS) {
    throw new HttpError(422, `A delivery note can have up to ${MAX_NOTE_CHARACTERS} characters.`);
  }
  if (order.status !== "packing") {
    throw new HttpError(422, `Order ${order.id} has left our shop, so its delivery note can't be changed.`);
  }
  await sql`update orders set note = ${note} where id = ${order.id}`;
  return { body: { item: toItem({ ...order, note }) } };
}

/** An order that is being packed is cancelled; one that is over leaves the list; one on its way has to stay. */
async function cancelOrHide(sql: TransactionSql, { visitor, itemId }: Call): Promise<Reply> {
  const order = visibleTo(visitor.id, await findOrder(sql, itemId));
  if (order.status === "shipped") {
    throw new HttpError(422, `Order ${order.id} is on its way. You can send it back once it has arrived.`);
  }
  const status = order.status === "packing" ? "cancelled" : order.status;
  await sql`update orders set status = ${status}, hidden = true where id = ${order.id}`;
  return { body: { deleted: true } };
}

async function findOrder(sql: TransactionSql, id = ""): Promise<Order | undefined> {
  const [row] = await sql<Order[]>`select * from orders where id = ${id} and not hidden for update`;
  return row;
}

function toItem({ id, placedAt, status, contents, totalCents, note }: Order) {
  return {
    id,
    title: contents,
    preview: `Order ${id}`,
    timestamp: placedAt,
    status,
    total: euros(totalCents),
    note,
  };
}

function euros(cents: number): string {
  return new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" }).format(cents / 100);
}

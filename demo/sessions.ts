import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Sql } from "postgres";
import { HttpError } from "./http.ts";
import type { Shopper } from "./heddle/user_token.ts";

const COOKIE = "shop_session";
const THIRTY_DAYS = 2_592_000;
const SIGNED_OUT = "none";
const FIRST_VISITOR = "ada";

/** Who is signed in. Whoever comes for the first time is taken for Ada, so that there is something to look at. */
export async function readSession(sql: Sql, context: Context): Promise<Shopper | null> {
  const id = getCookie(context, COOKIE) ?? "";
  if (id === SIGNED_OUT) return null;
  const [shopper] = await sql<Shopper[]>`
    select shoppers.id, name, email from sessions join shoppers on shoppers.id = shopper_id
    where sessions.id::text = ${id}`;
  if (shopper) return shopper;
  await signIn(sql, context, FIRST_VISITOR);
  const [ada] = await sql<Shopper[]>`select id, name, email from shoppers where id = ${FIRST_VISITOR}`;
  return ada ?? null;
}

/** Begins a session, whose cookie goes with the answer. */
export async function signIn(sql: Sql, context: Context, shopperId: string): Promise<void> {
  const [session] = await sql<{ id: string }[]>`
    insert into sessions (shopper_id) select id from shoppers where id = ${shopperId} returning id`;
  if (!session) throw new HttpError(422, "There is no such shopper.");
  keep(context, session.id);
}

/** Ends the session; the cookie of the answer says so. */
export async function signOut(sql: Sql, context: Context): Promise<void> {
  await sql`delete from sessions where id::text = ${getCookie(context, COOKIE) ?? ""}`;
  keep(context, SIGNED_OUT);
}

function keep(context: Context, value: string): void {
  // Behind https also `secure: true`.
  setCookie(context, COOKIE, value, { path: "/", httpOnly: true, sameSite: "Lax", maxAge: THIRTY_DAYS });
}

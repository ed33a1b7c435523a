import type { Sql } from "postgres";
import { HttpError } from "./http.ts";
import type { Shopper } from "./heddle/user_token.ts";

const COOKIE = "shop_session";
const SIGNED_OUT = "none";
const FIRST_VISITOR = "ada";

interface Session {
  shopper: Shopper | null;
  /** To be sent with the answer, if there is anything new to remember. */
  cookie?: string;
}

/** Who is signed in. Whoever comes for the first time is taken for Ada, so that there is something to look at. */
export async function readSession(sql: Sql, request: Request): Promise<Session> {
  const id = readCookie(request);
  if (id === SIGNED_OUT) return { shopper: null };
  const [shopper] = await sql<Shopper[]>`
    select shoppers.id, name, email from sessions join shoppers on shoppers.id = shopper_id
    where sessions.id::text = ${id}`;
  if (shopper) return { shopper };
  const cookie = await signIn(sql, FIRST_VISITOR);
  const [ada] = await sql<Shopper[]>`select id, name, email from shoppers where id = ${FIRST_VISITOR}`;
  return { shopper: ada ?? null, cookie };
}

/** Begins a session and returns its cookie. */
export async function signIn(sql: Sql, shopperId: string): Promise<string> {
  const [session] = await sql<{ id: string }[]>`
    insert into sessions (shopper_id) select id from shoppers where id = ${shopperId} returning id`;
  if (!session) throw new HttpError(422, "There is no such shopper.");
  return setCookie(session.id);
}

/** Ends the session and returns the cookie that says so. */
export async function signOut(sql: Sql, request: Request): Promise<string> {
  await sql`delete from sessions where id::text = ${readCookie(request)}`;
  return setCookie(SIGNED_OUT);
}

function readCookie(request: Request): string {
  return request.headers.get("cookie")?.match(/(?:^|;\s*)shop_session=([\w-]+)/)?.[1] ?? "";
}

function setCookie(value: string): string {
  return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000`;
}

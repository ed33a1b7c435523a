import { randomUUID } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOCAL_JWT_SECRET } from "../../../local/config.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { visitorTopic } from "../../realtime/support/topics.ts";
import { ask, newAddress, newUser, pageClient, PASSWORD, serverClient, signedIn } from "./auth_client.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const asUser = (token: string) => ({ authorization: `Bearer ${token}` });

async function tokens(client: ReturnType<typeof pageClient>) {
  const { data: { session } } = await client.auth.getSession();
  return { access: session?.access_token ?? "", refresh: session?.refresh_token ?? "" };
}

function refresh(token: string) {
  return ask(stack, "/token?grant_type=refresh_token", { body: { refresh_token: token } });
}

describe("a password", () => {
  it("signs in with a token that names user, session and method", async () => {
    const { id, email } = await newUser(stack);
    const { data } = await pageClient(stack).auth.signInWithPassword({
      email: email.toUpperCase(),
      password: PASSWORD,
    });
    const claims = decodeJwt(data.session?.access_token ?? "");
    expect(claims).toMatchObject({
      iss: `${stack.apiUrl}/auth/v1`,
      sub: id,
      aud: "authenticated",
      role: "authenticated",
      email,
      aal: "aal1",
      amr: [{ method: "password", timestamp: expect.any(Number) }],
      session_id: expect.stringMatching(/^[\da-f-]{36}$/),
      is_anonymous: false,
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600);
    expect(data.session).toMatchObject({ expires_in: 3600, expires_at: claims.exp, token_type: "bearer" });
    expect(data.user).toMatchObject({ id, email, identities: [{ provider: "email", user_id: id }] });
    expect(JSON.stringify(data)).not.toContain("encrypted_password");
  });

  it("that is wrong is answered like an address that nobody has", async () => {
    const { email } = await newUser(stack);
    const wrong = { email, password: "wrong" };
    const [one, other] = await Promise.all(
      [wrong, { ...wrong, email: newAddress() }].map((body) =>
        ask(stack, "/token?grant_type=password", { body })
      ),
    );
    expect([one?.status, one?.body]).toEqual([other?.status, other?.body]);
    expect([one?.status, one?.body]).toEqual([400, {
      code: 400,
      error_code: "invalid_credentials",
      msg: "Invalid login credentials",
    }]);
    const { error } = await pageClient(stack).auth.signInWithPassword(wrong);
    expect(error).toMatchObject({
      status: 400,
      code: "invalid_credentials",
      message: "Invalid login credentials",
    });
  });

  it("does not sign in where the address is not confirmed, or the user is banned", async () => {
    const admin = serverClient(stack).auth.admin;
    const email = newAddress();
    await admin.createUser({ email, password: PASSWORD });
    const login = () => pageClient(stack).auth.signInWithPassword({ email, password: PASSWORD });
    expect((await login()).error).toMatchObject({ status: 400, code: "email_not_confirmed" });
    const { id, email: banned } = await newUser(stack);
    const client = await signedIn(stack, banned);
    await admin.updateUserById(id, { ban_duration: "1h" });
    const attempt = await pageClient(stack).auth.signInWithPassword({ email: banned, password: PASSWORD });
    expect(attempt.error).toMatchObject({ status: 400, code: "user_banned" });
    expect((await client.auth.refreshSession()).error).toMatchObject({ code: "user_banned" });
    expect((await client.auth.getUser()).error).toMatchObject({ status: 403, code: "user_banned" });
    await admin.updateUserById(id, { ban_duration: "none" });
    expect((await client.auth.getUser()).error).toBeNull();
  });

  it("that changes ends the user's other sessions, and must be another one and long enough", async () => {
    const { email } = await newUser(stack);
    const [client, elsewhere] = await Promise.all([signedIn(stack, email), signedIn(stack, email)]);
    expect((await client.auth.updateUser({ password: PASSWORD })).error).toMatchObject({
      code: "same_password",
    });
    expect((await client.auth.updateUser({ password: "short" })).error)
      .toMatchObject({ status: 422, code: "weak_password", reasons: ["length"] });
    expect((await client.auth.updateUser({ password: "x".repeat(73) })).error)
      .toMatchObject({ status: 400, code: "validation_failed" });
    expect((await client.auth.updateUser({ password: "another password" })).error).toBeNull();
    expect((await client.auth.refreshSession()).error).toBeNull();
    expect((await elsewhere.auth.refreshSession()).error).toMatchObject({ code: "refresh_token_not_found" });
    const { error } = await pageClient(stack).auth.signInWithPassword({
      email,
      password: "another password",
    });
    expect(error).toBeNull();
  });

  it("is kept as bcrypt hash", async () => {
    const { id } = await newUser(stack);
    const [row] = await stack.sql`select encrypted_password from auth.users where id = ${id}`;
    expect(row?.encrypted_password).toMatch(/^\$2a\$10\$.{53}$/);
  });
});

it("an address has 30 attempts at once, counted by x-forwarded-for as in Auth", async () => {
  const attempt = async (address: string) => {
    const headers = { "x-forwarded-for": address };
    const { status, body } = await ask(stack, "/token?grant_type=password", { headers, body: {} });
    return `${status} ${body.error_code}`;
  };
  const from = performance.now();
  const attempts = await Promise.all(Array.from({ length: 40 }, () => attempt("192.0.2.1")));
  // One comes back in ten seconds.
  expect(attempts.filter((answer) => answer === "400 validation_failed").length)
    .toBeLessThan(33 + (performance.now() - from) / 10_000);
  expect(attempts).toContain("429 over_request_rate_limit");
  expect(await attempt("192.0.2.2")).toBe("400 validation_failed");
});

describe("a refresh token", () => {
  it("is used once: the next one takes its place, in the same session", async () => {
    const { email } = await newUser(stack);
    const client = await signedIn(stack, email);
    const before = await tokens(client);
    expect((await client.auth.refreshSession()).error).toBeNull();
    const after = await tokens(client);
    expect(after.refresh).not.toBe(before.refresh);
    expect(decodeJwt(after.access).session_id).toBe(decodeJwt(before.access).session_id);
    expect(decodeJwt(after.access).amr).toMatchObject([{ method: "password" }]);
  });

  it("whose successor nobody has used yet brings that again: its answer may have been lost", async () => {
    const { email } = await newUser(stack);
    const { refresh: first } = await tokens(await signedIn(stack, email));
    const [one, other] = await Promise.all([refresh(first), refresh(first)]);
    expect([one.status, other.status]).toEqual([200, 200]);
    expect(other.body.refresh_token).toBe(one.body.refresh_token);
  });

  it("that was stolen ends the whole session once it is used again", async () => {
    const { email } = await newUser(stack);
    const { refresh: first } = await tokens(await signedIn(stack, email));
    const { body: { refresh_token: second } } = await refresh(first);
    const { body: { refresh_token: third } } = await refresh(second);
    await stack
      .sql`update auth.refresh_tokens set updated_at = now() - interval '1 minute' where token = ${first}`;
    expect(await refresh(first)).toMatchObject({
      status: 400,
      body: { error_code: "refresh_token_already_used", msg: "Invalid Refresh Token: Already Used" },
    });
    await stack
      .sql`update auth.refresh_tokens set updated_at = now() - interval '1 minute' where token = ${third}`;
    expect(await refresh(third)).toMatchObject({
      status: 400,
      body: { error_code: "refresh_token_already_used" },
    });
  });

  it("that nobody was given is refused", async () => {
    expect(await refresh("unknown-token")).toMatchObject({
      status: 400,
      body: { error_code: "refresh_token_not_found", msg: "Invalid Refresh Token: Refresh Token Not Found" },
    });
    expect((await refresh("")).status).toBe(400);
  });
});

describe("sign-out", () => {
  it("ends this session, the others, or all", async () => {
    const { email } = await newUser(stack);
    const [a, b, c] = await Promise.all([1, 2, 3].map(() => signedIn(stack, email)));
    if (!a || !b || !c) throw new Error("three clients");
    const [keptA, keptC] = await Promise.all([tokens(a), tokens(c)]);
    expect((await a.auth.signOut({ scope: "local" })).error).toBeNull();
    expect((await refresh(keptA.refresh)).status).toBe(400);
    expect(await ask(stack, "/user", { headers: asUser(keptA.access) })).toMatchObject({
      status: 403,
      body: { error_code: "session_not_found" },
    });
    expect((await b.auth.signOut({ scope: "others" })).error).toBeNull();
    expect((await refresh(keptC.refresh)).status).toBe(400);
    expect((await b.auth.getUser()).error).toBeNull();
    const keptB = await tokens(b);
    expect((await b.auth.signOut()).error).toBeNull();
    expect((await refresh(keptB.refresh)).status).toBe(400);
  });

  it("knows no other scope", async () => {
    const { email } = await newUser(stack);
    const { access } = await tokens(await signedIn(stack, email));
    expect(await ask(stack, "/logout?scope=every", { method: "POST", headers: asUser(access) }))
      .toMatchObject({ status: 400, body: { error_code: "validation_failed" } });
  });
});

describe("an access token", () => {
  const signed = (claims: Record<string, unknown>, secret = LOCAL_JWT_SECRET) =>
    new SignJWT({ role: "authenticated", aud: "authenticated", ...claims })
      .setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(new TextEncoder().encode(secret));
  const user = async (token: string) => {
    const { status, body } = await ask(stack, "/user", { headers: asUser(token) });
    return [status, body.error_code];
  };

  it("that is forged, unsigned, expired or incomplete is refused", async () => {
    const { id } = await newUser(stack);
    const unsigned = ['{"alg":"none"}', JSON.stringify({ sub: id, role: "service_role", exp: 4e9 }), ""]
      .map((part) => Buffer.from(part).toString("base64url")).join(".");
    expect(await user(await signed({ sub: id }, "another-secret-of-at-least-32-characters"))).toEqual([
      403,
      "bad_jwt",
    ]);
    expect(await user(unsigned)).toEqual([403, "bad_jwt"]);
    expect(await user("no.jwt.atall")).toEqual([403, "bad_jwt"]);
    const expired = new SignJWT({ sub: id }).setProtectedHeader({ alg: "HS256" }).setExpirationTime(1)
      .sign(new TextEncoder().encode(LOCAL_JWT_SECRET));
    expect(await user(await expired)).toEqual([403, "bad_jwt"]);
    expect(await user(await signed({}))).toEqual([403, "bad_jwt"]);
    expect(await user(await signed({ sub: "ada" }))).toEqual([400, "bad_jwt"]);
    expect(await user(await signed({ sub: randomUUID() }))).toEqual([403, "user_not_found"]);
    expect(await user(await signed({ sub: id, session_id: randomUUID() }))).toEqual([
      403,
      "session_not_found",
    ]);
    expect(await user(await signed({ sub: id, session_id: "x" }))).toEqual([403, "bad_jwt"]);
    expect(await user(await signed({ sub: id }))).toEqual([200, undefined]);
  });

  it("says in SQL who asks, over rpc", async () => {
    const { id, email } = await newUser(stack);
    await stack.sql.unsafe(`
      create function public.whoami() returns jsonb language sql stable as
        $$ select jsonb_build_object('uid', auth.uid(), 'role', auth.role(), 'email', auth.email(), 'aal', auth.jwt() ->> 'aal') $$`);
    const client = await signedIn(stack, email);
    const { data, error } = await client.rpc("whoami");
    expect([error, data]).toEqual([null, { uid: id, role: "authenticated", email, aal: "aal1" }]);
  });

  it("joins private channels as its user", async () => {
    const { email } = await newUser(stack);
    const client = await signedIn(stack, email);
    await client.realtime.setAuth();
    const joined = new Promise((resolve) =>
      client.channel(visitorTopic(), { config: { private: true } }).subscribe((status) => resolve(status))
    );
    expect(await joined).toBe("SUBSCRIBED");
    await client.removeAllChannels();
  });

  it("of a user is none of an admin", async () => {
    const { id, email } = await newUser(stack);
    const { access } = await tokens(await signedIn(stack, email));
    const headers = asUser(access);
    const calls = [["GET", "/admin/users"], ["DELETE", `/admin/users/${id}`], ["POST", "/invite"]];
    for (const [method = "", path = ""] of calls) {
      expect(await ask(stack, path, { method, headers })).toMatchObject({
        status: 403,
        body: { error_code: "not_admin", msg: "User not allowed" },
      });
    }
    expect((await pageClient(stack).auth.admin.listUsers()).error).toMatchObject({
      status: 403,
      code: "not_admin",
    });
  });

  it("does not let its user grant themselves app_metadata", async () => {
    const { email } = await newUser(stack);
    const client = await signedIn(stack, email);
    const { access } = await tokens(client);
    const body = { app_metadata: { admin: true } };
    expect(await ask(stack, "/user", { method: "PUT", headers: asUser(access), body }))
      .toMatchObject({ status: 403, body: { error_code: "not_admin" } });
    await client.auth.updateUser({ data: { name: "Ada", colour: "blue" } });
    const { data } = await client.auth.updateUser({ data: { colour: null } });
    expect(data.user?.user_metadata).toEqual({ name: "Ada", email_verified: true });
  });
});

describe("the admin API", () => {
  const admin = () => serverClient(stack).auth.admin;

  it("creates, shows, changes, lists and deletes users", async () => {
    const { id, email } = await newUser(stack);
    expect((await admin().getUserById(id)).data.user).toMatchObject({
      id,
      email,
      app_metadata: { provider: "email" },
    });
    const changes = { user_metadata: { name: "Ada" }, app_metadata: { plan: "pro" } };
    expect((await admin().updateUserById(id, changes)).data.user).toMatchObject({
      user_metadata: { name: "Ada" },
      app_metadata: { plan: "pro", provider: "email" },
    });
    const { data: page } = await admin().listUsers({ page: 1, perPage: 1 });
    expect(page).toMatchObject({ aud: "authenticated", users: [{ id }], nextPage: 2 });
    const client = await signedIn(stack, email);
    expect((await admin().deleteUser(id)).error).toBeNull();
    expect((await admin().getUserById(id)).error).toMatchObject({ status: 404, code: "user_not_found" });
    expect((await client.auth.refreshSession()).error).toMatchObject({ code: "refresh_token_not_found" });
    expect((await client.auth.getUser()).error).toMatchObject({ status: 403, code: "user_not_found" });
  });

  it("gives an address to one user", async () => {
    const { id, email } = await newUser(stack);
    const { id: otherId } = await newUser(stack);
    const taken = { status: 422, code: "email_exists" };
    expect((await admin().createUser({ email: email.toUpperCase() })).error).toMatchObject(taken);
    expect((await admin().updateUserById(otherId, { email })).error).toMatchObject(taken);
    expect((await admin().updateUserById(id, { email })).error).toBeNull();
    const address = newAddress();
    const answers = await Promise.all([1, 2, 3].map(() => admin().createUser({ email: address })));
    expect(answers.filter(({ error }) => error === null)).toHaveLength(1);
  });

  it("refuses addresses that are none and bodies that make no sense", async () => {
    for (
      const email of [
        "",
        "ada",
        "ada@",
        "a b@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@-x.com",
      ]
    ) {
      expect((await admin().createUser({ email })).error).toMatchObject({
        status: 400,
        code: "validation_failed",
      });
    }
    const headers = { apikey: stack.secretKey };
    expect(await ask(stack, "/admin/users", { headers, body: { email: 5 } }))
      .toMatchObject({ status: 400, body: { error_code: "bad_json" } });
    expect((await admin().getUserById(randomUUID())).error).toMatchObject({
      status: 404,
      code: "user_not_found",
    });
    expect((await ask(stack, "/admin/users/me", { headers })).status).toBe(404);
  });

  it("keeps any text that Postgres can keep, and refuses the rest", async () => {
    const name = "Ada \u{1f600} \\u0000 \\ud800";
    const { id } = await newUser(stack);
    expect((await admin().updateUserById(id, { user_metadata: { name } })).data.user?.user_metadata.name)
      .toBe(name);
    for (const text of ["\0", "\ud800", "\\\\\0"]) {
      const attempts = await Promise.all([
        admin().updateUserById(id, { user_metadata: { [text]: 1 } }),
        admin().createUser({ email: newAddress(), password: `long enough${text}` }),
        pageClient(stack).auth.signInWithPassword({ email: newAddress(), password: text }),
      ]);
      expect(attempts.map(({ error }) => error?.code)).toEqual(["bad_json", "bad_json", "bad_json"]);
    }
  });

  it("is not for web pages, whoever calls", async () => {
    const headers = { apikey: stack.secretKey, origin: "https://example.com" };
    expect((await ask(stack, "/admin/users", { headers })).status).toBe(401);
  });

  it("leaves users to tables that refer to them", async () => {
    const { id } = await newUser(stack);
    await stack.sql`create table public.members (user_id uuid references auth.users (id))`;
    await stack.sql`insert into public.members values (${id})`;
    expect((await admin().deleteUser(id)).error).toMatchObject({ status: 500 });
    await stack.sql`drop table public.members`;
    expect((await admin().deleteUser(id)).error).toBeNull();
  });
});

describe("Auth", () => {
  it("asks for a key of the project, but not to see its public keys", async () => {
    const get = async (path: string, headers = {}) =>
      (await fetch(`${stack.apiUrl}/auth/v1${path}`, { headers })).status;
    expect(await get("/settings")).toBe(401);
    expect(await get("/settings", { apikey: "sb_publishable_unknown" })).toBe(401);
    expect(await get("/settings", { apikey: stack.publishableKey })).toBe(200);
    const keys = await fetch(`${stack.apiUrl}/auth/v1/.well-known/jwks.json`);
    expect(await keys.json()).toEqual({ keys: [] });
  });

  it("says that it is there, and what it offers", async () => {
    expect((await ask(stack, "/health")).body).toMatchObject({ name: "GoTrue" });
    expect((await ask(stack, "/settings")).body).toMatchObject({
      external: { email: true, phone: false, anonymous_users: false },
      disable_signup: false,
      mailer_autoconfirm: false,
    });
    expect((await ask(stack, "/sso", { body: {} })).status).toBe(404);
  });

  it("lets pages of any port of this machine call it and read its error codes", async () => {
    const preflight = await ask(stack, "/token", {
      method: "OPTIONS",
      headers: {
        origin: "http://localhost:5173",
        "access-control-request-headers": "x-supabase-api-version",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("x-supabase-api-version");
    const { headers, body } = await ask(stack, "/token?grant_type=password", {
      headers: { origin: "http://localhost:5173", "x-supabase-api-version": "2024-01-01" },
      body: { email: newAddress(), password: "x" },
    });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-expose-headers")).toContain("x-supabase-api-version");
    expect(headers.get("x-supabase-api-version")).toBe("2024-01-01");
    expect(body).toEqual({ code: "invalid_credentials", message: "Invalid login credentials" });
  });
});

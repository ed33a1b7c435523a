import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRestHandler, type RestHandler } from "../../../local/rest/handler.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

let database: TestDatabase;
/** As `postgres`, whose functions get Supabase's default grants. */
let owner: Sql;
let authenticator: Sql;
let handle: RestHandler;

beforeAll(async () => {
  database = await createDatabase();
  authenticator = postgres(database.as("authenticator"), { max: 4, onnotice: () => {} });
  handle = createRestHandler({ sql: authenticator, schemas: ["public", "heddle_api"] });
  owner = postgres(database.url, { max: 1, onnotice: () => {} });
  await owner.unsafe(`
    create function public.add(a int, b int default 10) returns int language sql immutable as 'select a + b';
    create function public.whoami() returns jsonb language sql as $$
      select jsonb_build_object(
        'role', current_user,
        'claims', current_setting('request.jwt.claims')::jsonb,
        'path', current_setting('request.path'),
        'method', current_setting('request.method'),
        'agent', current_setting('request.headers')::jsonb ->> 'user-agent',
        'search_path', current_setting('search_path'))
    $$;
    create function public.numbers(n int) returns setof int language sql as 'select generate_series(1, n)';
    create function public.people() returns table (name text, age int) language sql as $$ values ('Ada', 36) $$;
    create function public.nothing() returns void language sql as '';
    create function public.echo(v jsonb) returns jsonb language sql as 'select v';
    create function public.sum_all(variadic n int[]) returns bigint language sql as 'select sum(x) from unnest(n) x';
    create function public.twice(v int) returns int language sql as 'select v * 2';
    create function public.twice(v text) returns text language sql as 'select v || v';
    create function public.fail(state text) returns void language plpgsql as $$
      begin raise exception 'as asked' using errcode = state, detail = 'the detail', hint = 'the hint'; end $$;
    create table public.notes (id int primary key);
    create function public.note(id int) returns void language sql as 'insert into public.notes values (id)';
    create function public.sneaky(id int) returns void language sql stable as 'select public.note(id)';
    create function public.secret() returns int language sql as 'select 1';
    revoke execute on function public.secret from public, anon, authenticated;
  `).simple();
});
afterAll(async () => {
  await Promise.all([authenticator.end(), owner.end()]);
  await database.drop();
});

interface CallOptions {
  role?: string;
  headers?: Record<string, string>;
  claims?: Record<string, unknown>;
}

async function call(
  name: string,
  args?: unknown,
  { role = "service_role", headers = {}, claims }: CallOptions = {},
) {
  const body = args === undefined ? undefined : JSON.stringify(args);
  const request = new Request(`http://localhost/rest/v1/rpc/${name}`, { method: "POST", body, headers });
  const response = await handle(request, claims ?? { role });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined, headers: response.headers };
}

describe("a call", () => {
  it("passes arguments by name and leaves defaults to the function", async () => {
    expect(await call("add", { a: 1, b: 2 })).toMatchObject({ status: 200, body: 3 });
    expect(await call("add", { a: 1 })).toMatchObject({ status: 200, body: 11 });
  });

  it("runs as the caller's role, with the request at hand", async () => {
    const claims = { role: "authenticated", sub: "visitor" };
    const { body } = await call("whoami", undefined, { claims, headers: { "user-agent": "tester" } });
    expect(body).toEqual({
      role: "authenticated",
      claims,
      path: "/rpc/whoami",
      method: "POST",
      agent: "tester",
      search_path: '"public", "public", "extensions"',
    });
  });

  it("leaves nothing of itself on the connection", async () => {
    await call("whoami");
    await call("fail", { state: "P0001" });
    const [row] = await authenticator`
      select current_user as role, coalesce(current_setting('request.jwt.claims', true), '') as claims`;
    expect(row).toEqual({ role: "authenticator", claims: "" });
  });

  it("that fails leaves neither its key nor its arguments in Postgres's log", async () => {
    const [row] = await authenticator`
      select current_setting('log_min_error_statement') as statements_from,
        current_setting('log_error_verbosity') as verbosity`;
    // A deadlock's details would quote the statements of both sides.
    expect(row).toEqual({ statements_from: "panic", verbosity: "terse" });
  });

  it("is anonymous when the claims name no role", async () => {
    const { body } = await call("whoami", {}, { claims: {} });
    expect(body.role).toBe("anon");
  });

  it("finds functions in the schema that content-profile names", async () => {
    const headers = { "content-profile": "heddle_api" };
    const args = { p_key_hash: "unknown" };
    expect(await call("publish_context", args, { headers }))
      .toMatchObject({ status: 200, body: { outcome: "key_not_found" } });
    expect(await call("publish_context", args)).toMatchObject({ status: 404 });
  });

  it.each<[string, unknown, number, unknown]>([
    ["numbers", { n: 3 }, 200, [1, 2, 3]],
    ["numbers", { n: 0 }, 200, []],
    ["people", {}, 200, [{ name: "Ada", age: 36 }]],
    ["nothing", {}, 204, undefined],
    ["echo", { v: { deep: ["ü", null, 1.5] } }, 200, { deep: ["ü", null, 1.5] }],
    ["echo", { v: null }, 200, null],
    ["echo", { v: "'; select 1; --\\ $$ \u0001" }, 200, "'; select 1; --\\ $$ \u0001"],
    ["sum_all", { n: [1, 2, 3] }, 200, 6],
  ])("answers %s(%j) with %i", async (name, args, status, body) => {
    expect(await call(name, args)).toMatchObject({ status, body });
  });

  it("writes through a volatile function, and not through one that claims to be stable", async () => {
    expect((await call("note", { id: 1 })).status).toBe(204);
    expect(await call("sneaky", { id: 2 })).toMatchObject({ status: 405, body: { code: "25006" } });
    const notes = await database.sql`select id from public.notes`;
    expect([...notes]).toEqual([{ id: 1 }]);
  });

  it("sees a function that was created, changed or dropped since", async () => {
    expect((await call("late", { a: 1 })).status).toBe(404);
    await owner.unsafe("create function public.late(a int) returns int language sql as 'select a'");
    expect((await call("late", { a: 1 })).body).toBe(1);
    await owner.unsafe("drop function public.late");
    await owner.unsafe(
      "create function public.late(a text, b text) returns text language sql as 'select a || b'",
    );
    expect((await call("late", { a: "x", b: "y" })).body).toBe("xy");
    await owner.unsafe("drop function public.late");
    expect(await call("late", { a: "x", b: "y" })).toMatchObject({ status: 404, body: { code: "PGRST202" } });
  });

  it("sees that a function with the same arguments answers something else now", async () => {
    await owner.unsafe("create function public.shape() returns int language sql as 'select 1'");
    expect((await call("shape")).body).toBe(1);
    await owner.unsafe("drop function public.shape");
    await owner.unsafe("create function public.shape() returns setof int language sql as 'select 1'");
    await call("unrelated");
    expect((await call("shape")).status).toBe(200);
  });

  it("works again after the database cut its connection", async () => {
    const sql = postgres(database.as("authenticator"), { max: 1, connection: { application_name: "cut" } });
    const other = createRestHandler({ sql, schemas: ["public"] });
    const status = async () => {
      const request = new Request("http://localhost/rest/v1/rpc/whoami", { method: "POST" });
      return (await other(request, { role: "anon" })).status;
    };
    expect(await status()).toBe(200);
    await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'cut' and datname = ${database.name}`;
    await expect.poll(status).toBe(200);
    await sql.end();
  });

  it("many at once keep their callers apart", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => call("whoami", {}, { claims: { role: "anon", sub: String(n) } })),
    );
    expect(answers.map(({ body }) => body.claims.sub)).toEqual(answers.map((_, n) => String(n)));
  });
});

describe("an error", () => {
  it.each([
    ["P0001", 400],
    ["PT409", 409],
    ["23505", 409],
    ["22023", 400],
    ["57014", 500],
    ["53300", 503],
    ["XX000", 500],
  ])("%s of a function is a %i in PostgREST's shape", async (state, status) => {
    expect(await call("fail", { state })).toMatchObject({
      status,
      body: { code: state, message: "as asked", details: "the detail", hint: "the hint" },
    });
  });

  it("for want of permission is 401 to the anonymous and 403 to others", async () => {
    expect(await call("secret", {}, { role: "anon" })).toMatchObject({
      status: 401,
      body: { code: "42501" },
    });
    expect(await call("secret", {}, { role: "authenticated" })).toMatchObject({ status: 403 });
    expect(await call("secret", {}, { role: "service_role" })).toMatchObject({ status: 200 });
  });

  it("is answered for a role that does not exist, or that nobody may become", async () => {
    expect((await call("whoami", {}, { role: "nobody_at_all" })).status).toBe(400);
    expect((await call("whoami", {}, { role: "supabase_admin" })).status).toBe(403);
    expect((await call("whoami")).status).toBe(200);
  });

  it("names an unknown function, and an unknown argument", async () => {
    const unknown = await call("nope", {});
    expect(unknown).toMatchObject({ status: 404, body: { code: "PGRST202" } });
    expect(unknown.body.message).toBe(
      "Could not find the function public.nope without parameters in the schema cache",
    );
    expect((await call("add", { a: 1, c: 2 })).body.message).toContain("public.add(a, c)");
  });

  it("says that overloads leave a choice", async () => {
    expect(await call("twice", { v: 1 })).toMatchObject({ status: 300, body: { code: "PGRST203" } });
  });

  it("says which schemas are exposed", async () => {
    expect(await call("anything", {}, { headers: { "content-profile": "heddle" } })).toMatchObject({
      status: 406,
      body: { code: "PGRST106", hint: "Only the following schemas are exposed: public, heddle_api" },
    });
  });

  it("of a database that is not there is 503", async () => {
    const nowhere = postgres("postgres://authenticator@127.0.0.1:1/none", { max: 1 });
    const request = new Request("http://localhost/rest/v1/rpc/add", { method: "POST" });
    const response = await createRestHandler({ sql: nowhere, schemas: ["public"] })(request, {});
    expect(response.status).toBe(503);
    await nowhere.end();
  });

  it("of an argument that does not fit its type is 400", async () => {
    expect(await call("add", { a: "x" })).toMatchObject({ status: 400, body: { code: "22P02" } });
  });

  it.each(["{", "[]", "3", "null", '"x"'])("says that %s is no object of arguments", async (body) => {
    const request = new Request("http://localhost/rest/v1/rpc/add", { method: "POST", body });
    const response = await handle(request, { role: "anon" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "PGRST102" });
  });

  it.each([
    ["GET", "/rest/v1/notes", 404],
    ["POST", "/rest/v1/", 404],
    ["POST", "/rest/v1/rpc/a/b", 404],
    ["GET", "/rest/v1/rpc/add", 405],
  ])("tells %s %s that only function calls are answered", async (method, target, status) => {
    const response = await handle(new Request(`http://localhost${target}`, { method }), { role: "anon" });
    expect(response.status).toBe(status);
    expect((await response.json()).message).toMatch(/^The local stack answers only POST/);
  });
});

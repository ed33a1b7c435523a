import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms, visitorTopic } from "./support/topics.ts";
import { nowInSeconds, sign, tokenFor } from "./support/tokens.ts";

let server: TestRealtime;
/** Its public half is the project's key `current`. */
let signingKey: CryptoKey;
beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  signingKey = privateKey;
  server = await startRealtime({}, [{ ...await exportJWK(publicKey), kid: "current" }]);
  await openRooms(server.database.sql);
  await server.database.sql`
    create policy "members read clubs" on realtime.messages for select to authenticated
    using (realtime.topic() = 'club:' || (auth.jwt() ->> 'club'))`;
});
afterAll(() => server.stop());

const PRIVATE = { private: true };
const heartbeat = (ref: string) => [null, ref, "phoenix", "phx_reply", { status: "ok", response: {} }];

test("policies see the claims of the join's own token", async () => {
  const client = await RawClient.open(server);
  const access_token = await tokenFor("authenticated", { club: "chess" });

  expect((await client.join("club:chess", PRIVATE, { access_token })).reply).toMatchObject({ status: "ok" });
  expect((await client.join("club:go", PRIVATE, { access_token })).reply).toMatchObject({ status: "error" });
  await client.close();
});

test("a project key as access_token means the connection's token", async () => {
  const client = await RawClient.open(server);
  const access_token = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH";
  expect((await client.join("room:1", PRIVATE, { access_token })).reply).toMatchObject({ status: "ok" });
  await client.close();
});

test("a token signed with a published key opens the connection and is what policies see", async () => {
  const token = (kid: string) =>
    new SignJWT({ role: "authenticated", club: "chess" }).setExpirationTime("1h")
      .setProtectedHeader({ alg: "ES256", typ: "JWT", kid }).sign(signingKey);
  const client = await RawClient.open(server, await token("current"));
  expect((await client.join("club:chess", PRIVATE)).reply).toMatchObject({ status: "ok" });
  const { reply } = await client.join("lobby", {}, { access_token: await token("older") });
  expect(reply).toEqual({
    status: "error",
    response: {
      reason:
        'JwtSignerError: Failed to generate JWT signer for key ID (kid) "older", check your JWT secret or JWKS configuration',
    },
  });
  await client.close();
});

const expired = () => tokenFor("anon", { exp: nowInSeconds() - 60 });
test.each([
  ["an expired", expired, /^InvalidJWTToken: Token has expired 6\d seconds ago$/],
  ["a malformed", () => "x.y.z", /^MalformedJWT: The token provided is not a valid JWT$/],
  [
    "a foreign",
    () => sign({ role: "anon", exp: nowInSeconds() + 60 }, "x".repeat(32)),
    /^JwtSignatureError: Failed to validate JWT signature$/,
  ],
  [
    "a claimless",
    () => sign({ exp: nowInSeconds() + 60 }),
    /^InvalidJWTToken: Fields `role` and `exp` are required in JWT$/,
  ],
])("%s token refuses the join, on public channels too", async (_kind, token, reason) => {
  const client = await RawClient.open(server);
  const { reply } = await client.join("lobby", {}, { access_token: await token() });
  expect(reply).toEqual({ status: "error", response: { reason: expect.stringMatching(reason) } });
  await client.close();
});

test("when its token expires, a channel gets the reason and is closed, and the socket stays", async () => {
  const client = await RawClient.open(server);
  const topic = visitorTopic();
  const access_token = await tokenFor("anon", { exp: nowInSeconds() + 3 });
  const { ref } = await client.join(topic, PRIVATE, { access_token });

  expect(await client.next()).toEqual([ref, null, `realtime:${topic}`, "system", {
    extension: "system",
    status: "error",
    message: "Token has expired 0 seconds ago",
    channel: topic,
  }]);
  expect(await client.next()).toEqual([ref, ref, `realtime:${topic}`, "phx_close", {}]);
  expect(await client.expectNothing()).toEqual(heartbeat("2"));
  await client.close();
});

test("a new token keeps the channel open beyond the first one's expiry", async () => {
  const client = await RawClient.open(server);
  const { ref } = await client.join("room:1", PRIVATE, {
    access_token: await tokenFor("anon", { exp: nowInSeconds() + 3 }),
  });
  const other = await client.join("room:2", PRIVATE, {
    access_token: await tokenFor("anon", { exp: nowInSeconds() + 3 }),
  });
  client.send([ref, "9", "realtime:room:1", "access_token", { access_token: await tokenFor("anon") }]);

  // The channel beside it expires at the same moment; only that one is closed.
  expect(await client.next()).toMatchObject([other.ref, null, "realtime:room:2", "system", {}]);
  expect(await client.next()).toMatchObject([other.ref, other.ref, "realtime:room:2", "phx_close", {}]);
  await server.broadcast("room:1");
  expect(await client.next()).toBeInstanceOf(Buffer);
  await client.close();
});

test("a new token that may no longer listen closes the channel", async () => {
  const client = await RawClient.open(server);
  const access_token = await tokenFor("authenticated", { club: "chess" });
  const { ref } = await client.join("club:chess", PRIVATE, { access_token });

  const message = { access_token: await tokenFor("authenticated", { club: "go" }) };
  client.send([ref, "9", "realtime:club:chess", "access_token", message]);

  expect(await client.next()).toEqual([ref, null, "realtime:club:chess", "system", {
    extension: "system",
    status: "error",
    message: "You do not have permissions to read from this Channel topic: club:chess",
    channel: "club:chess",
  }]);
  expect(await client.next()).toEqual([ref, ref, "realtime:club:chess", "phx_close", {}]);
  await client.close();
});

test.each(["sb_publishable_x", null])("access_token %s changes nothing", async (access_token) => {
  const client = await RawClient.open(server);
  const { ref } = await client.join("room:1", PRIVATE);
  client.send([ref, "9", "realtime:room:1", "access_token", { access_token }]);
  expect(await client.expectNothing()).toEqual(heartbeat("2"));
  await client.close();
});

test("a dropped policy takes effect only with the next token", async () => {
  const { sql } = server.database;
  await sql`create policy "fleeting" on realtime.messages for select to anon using (realtime.topic() = 'fleeting')`;
  const client = await RawClient.open(server);
  await client.join("fleeting", PRIVATE);
  await sql`drop policy "fleeting" on realtime.messages`;

  await server.broadcast("fleeting");
  expect(await client.next()).toBeInstanceOf(Buffer);
  await client.close();
});

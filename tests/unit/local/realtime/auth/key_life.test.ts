import { expect, test } from "vitest";
import { isOpenedWithKey, withKeyLife } from "../../../../../local/realtime/connection_life.ts";
import { fakeServices, openSocket } from "../fake_services.ts";

const URL = "http://local/realtime/v1/websocket";
const NOW_S = 1_800_000_000;

test.each([
  [true, new Request(`${URL}?apikey=sb_publishable_x`)],
  [true, new Request(URL, { headers: { apikey: "sb_secret_x" } })],
  [false, new Request(`${URL}?apikey=eyJ.eyJ.x`)],
  [false, new Request(`${URL}?apikey=sb_publishable_x`, { headers: { authorization: "Bearer eyJ.eyJ.x" } })],
])("it is %s that a connection was opened with a project key", (opened, request) => {
  expect(isOpenedWithKey(request)).toBe(opened);
});

function verifier(endsAtS: number, clockS: number) {
  const claims = { role: "anon", exp: NOW_S + 1000 };
  return withKeyLife(() => Promise.resolve(claims), {
    token: "key's",
    endsAt: endsAtS * 1000,
    now: () => clockS * 1000,
  });
}

test("the connection's token lives as long as its key, a user's own token as long as it says", async () => {
  const verify = verifier(NOW_S + 60, NOW_S);
  expect((await verify("key's")).exp).toBe(NOW_S + 60);
  expect((await verify("user's")).exp).toBe(NOW_S + 1000);
});

test("a token that ends sooner than the key is none the longer for it", async () => {
  expect((await verifier(NOW_S + 2000, NOW_S)("key's")).exp).toBe(NOW_S + 1000);
});

test("after that time the connection's token has expired", async () => {
  const verify = verifier(NOW_S + 60, NOW_S + 63);
  await expect(verify("key's")).rejects.toMatchObject({
    reason: "InvalidJWTToken: Token has expired 3 seconds ago",
  });
  expect(await verify("user's")).toBeDefined();
});

test("a channel ends with the key's time, and says why; the connection stays", async () => {
  const world = fakeServices();
  const { clock, services } = world;
  services.verifyToken = withKeyLife(services.verifyToken, {
    token: JSON.stringify({ role: "anon", exp: clock.now() / 1000 + 3600 }),
    endsAt: clock.now() + 30_000,
    now: () => clock.now(),
  });
  const { join, received, ended } = openSocket(world);
  await join("a");
  clock.advance(30_000);

  const message = "Token has expired 0 seconds ago";
  expect(await received.next()).toMatchObject({ 3: "system", 4: { status: "error", message } });
  expect(await received.next()).toMatchObject({ 3: "phx_close" });
  expect(ended).toEqual([]);
});

import { Buffer } from "node:buffer";
import { beforeEach, expect, it } from "vitest";
import { createQuestions, type User } from "../../../gateway/readers/questions.ts";

const SECOND = 1000;
const token = (name: string) =>
  `e30.${Buffer.from(JSON.stringify({ exp: 1, name })).toString("base64url")}.c2ln`;
const GOOD = token("good");

let now = 0;
let asked: string[] = [];
let answer: (token: string) => Promise<User | null>;
let ask: ReturnType<typeof createQuestions>;
beforeEach(() => {
  now = 0;
  asked = [];
  answer = (token) => Promise.resolve(token === GOOD ? { id: "olga", endsAt: null } : null);
  ask = createQuestions((token) => (asked.push(token), answer(token)), () => now);
});

/** Shows so many other bad tokens at once; answers with how many were refused by rate. */
async function guess(count: number, address: string | null = "a") {
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, n) => ask(token(`${address} ${now} ${n}`), address)),
  );
  return results.filter(({ status }) => status === "rejected").length;
}

it("what can be no access token is asked about by nobody", async () => {
  for (const none of ["", "hdl", "a.b", "eyJh.bGci.OiJ9", "e30.e30.e30", `${GOOD}${"x".repeat(9_000)}`]) {
    expect(await ask(none, "a")).toBeNull();
  }
  expect(asked).toEqual([]);
});

it("a token that was just refused is not asked about again, a good one each time", async () => {
  for (let n = 0; n < 3; n++) {
    expect(await ask(GOOD, "a")).toEqual({ id: "olga", endsAt: null });
    expect(await ask(token("bad"), "a")).toBeNull();
  }
  expect(asked).toEqual([GOOD, token("bad"), GOOD, GOOD]);
  now = 61 * SECOND;
  await ask(token("bad"), "a");
  expect(asked).toHaveLength(5);
});

it("of one address sixty may be bad at once and one a second, of others as many", async () => {
  expect(await guess(100)).toBe(40);
  expect(await guess(60, "b")).toBe(0);
  now = 5 * SECOND;
  expect(await guess(10)).toBe(5);
  expect(asked).toHaveLength(125);
});

it("good ones cost nothing, and one that was good before is asked about beside any number of bad ones", async () => {
  for (let n = 0; n < 200; n++) expect(await ask(GOOD, "a")).not.toBeNull();
  expect(await guess(100)).toBe(40);
  expect(await ask(GOOD, "a")).not.toBeNull();
  await expect(ask(token("new"), "a")).rejects.toMatchObject({
    code: "rate_limited",
    headers: { "retry-after": "1" },
  });
});

it("one that comes a hundred times at once is asked about once", async () => {
  const users = await Promise.all(Array.from({ length: 100 }, () => ask(GOOD, "a")));
  expect(new Set(users.map((user) => user?.id))).toEqual(new Set(["olga"]));
  expect(asked).toEqual([GOOD]);
});

it("while Auth does not answer nothing is known of a token, and nothing charged", async () => {
  answer = () => Promise.reject(new Error("Auth answered 429"));
  for (let n = 0; n < 100; n++) {
    await expect(ask(token(`${n}`), "a")).rejects.toMatchObject({ code: "unavailable", status: 503 });
  }
  answer = () => Promise.resolve({ id: "olga", endsAt: null });
  expect(await ask(token("1"), "a")).not.toBeNull();
});

import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import { configOf } from "../../../inbox/core/project.ts";

const url = "https://abcdefghijklmnopqrst.supabase.co";
const jwt = (role: string) =>
  `x.${Buffer.from(JSON.stringify({ role, iss: "ÿ?>" })).toString("base64url")}.x`;

it.each(["sb_publishable_x", jwt("anon"), "a.b.c", "key"])("the inbox starts with the key %s", (key) => {
  expect(configOf({ url: `${url}/`, publishableKey: key })).toEqual({ url, publishableKey: key });
});

it("the inbox is told how its owner calls the heddle command, where that is another way", () => {
  const command = "npm run heddle --";
  expect(configOf({ url, publishableKey: "key", command })).toEqual({ url, publishableKey: "key", command });
});

it.each([["sb_secret_x", "a secret key"], [jwt("service_role"), "the service_role key"]])(
  "the inbox does not start with the key %s",
  (publishableKey, what) => {
    expect(() => configOf({ url, publishableKey })).toThrow(`config.json holds ${what}`);
  },
);

it.each([null, "x", {}, { url }, { publishableKey: "k" }])("the inbox does not start with %j", (config) => {
  expect(() => configOf(config)).toThrow("config.json must hold url and publishableKey.");
});

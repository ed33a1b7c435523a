import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readEnvironment, VERSION } from "../../../supabase/functions/_shared/environment.ts";

const COMPLETE = {
  SUPABASE_URL: "https://project.supabase.co/",
  SUPABASE_PUBLISHABLE_KEYS: '{"mobile":"sb_publishable_m","default":"sb_publishable_d"}',
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_d"}',
  SUPABASE_ANON_KEY: "eyJ.anon",
  SUPABASE_SERVICE_ROLE_KEY: "eyJ.service",
};

const environmentOf = (variables: Record<string, string>) => readEnvironment((name) => variables[name]);

function failureOf(variables: Record<string, string>): string {
  try {
    environmentOf(variables);
    return "none";
  } catch (error) {
    return String(error);
  }
}

describe("the functions' environment", () => {
  it("is the project's default keys, and limits that suit production", () => {
    expect(environmentOf(COMPLETE)).toEqual({
      supabaseUrl: "https://project.supabase.co",
      publicUrl: "https://project.supabase.co",
      publishableKey: "sb_publishable_d",
      secretKey: "sb_secret_d",
      sessionSecret: "sb_secret_d",
      privateWebhookHosts: [],
      addressHeader: null,
      webhookTimeoutMs: 10_000,
      webhookBudgetMs: 12_000,
      answerLimitMs: 140_000,
      readerGraceMs: 1_500,
    });
  });

  it.each([
    ["the first key of the map", '{"mobile":"sb_publishable_m"}', "sb_publishable_m"],
    ["the legacy key without a map", "", "eyJ.anon"],
    ["the legacy key with an empty map", "{}", "eyJ.anon"],
    ["the legacy key where a self-hosted project has no other", '{"default":""}', "eyJ.anon"],
  ])("gives browsers %s", (_, map, expected) => {
    const { publishableKey } = environmentOf({ ...COMPLETE, SUPABASE_PUBLISHABLE_KEYS: map });
    expect(publishableKey).toBe(expected);
  });

  it.each([
    [
      "with a map beside them",
      COMPLETE.SUPABASE_SECRET_KEYS,
      "sb_secret_d",
      COMPLETE.SUPABASE_PUBLISHABLE_KEYS,
      "sb_publishable_d",
    ],
    ["without a map", "", "sb_secret_one", "", "sb_publishable_one"],
    ["with an empty map", "{}", "sb_secret_one", "{}", "sb_publishable_one"],
  ])(
    "reads the single keys of a self-hosted project, before the legacy ones: %s",
    (_, secrets, secretKey, publishables, publishableKey) => {
      const selfHosted = {
        SUPABASE_SECRET_KEY: "sb_secret_one",
        SUPABASE_PUBLISHABLE_KEY: "sb_publishable_one",
      };
      const maps = { SUPABASE_SECRET_KEYS: secrets, SUPABASE_PUBLISHABLE_KEYS: publishables };
      expect(environmentOf({ ...COMPLETE, ...selfHosted, ...maps })).toMatchObject({
        secretKey,
        publishableKey,
      });
      const { SUPABASE_URL } = COMPLETE;
      expect(environmentOf({ SUPABASE_URL, ...selfHosted })).toMatchObject({
        secretKey: "sb_secret_one",
        publishableKey: "sb_publishable_one",
      });
    },
  );

  it("knows by which address others reach a self-hosted project, which the functions call by another", () => {
    const inside = { ...COMPLETE, SUPABASE_URL: "http://kong:8000" };
    const outside = { ...inside, SUPABASE_PUBLIC_URL: "https://supabase.shop.example/" };
    expect(environmentOf(outside)).toMatchObject({
      supabaseUrl: "http://kong:8000",
      publicUrl: "https://supabase.shop.example",
    });
    expect(environmentOf({ ...outside, HEDDLE_PUBLIC_URL: "https://chat.shop.example/" }).publicUrl)
      .toBe("https://chat.shop.example");
    expect(environmentOf(inside).publicUrl).toBe("http://kong:8000");
  });

  it("signs sessions with a secret of their own where one is set", () => {
    expect(environmentOf({ ...COMPLETE, HEDDLE_SESSION_SECRET: "own" }).sessionSecret).toBe("own");
  });

  it("never tells a key that stands where a map of keys should", () => {
    const message = failureOf({ ...COMPLETE, SUPABASE_SECRET_KEYS: "sb_secret_by_itself" });
    expect(message).toBe("Error: SUPABASE_SECRET_KEYS must be JSON");
  });

  it("names the variable that is missing or broken", () => {
    expect(failureOf({})).toContain("SUPABASE_SERVICE_ROLE_KEY");
    expect(failureOf({ ...COMPLETE, SUPABASE_URL: "" })).toContain("SUPABASE_URL");
    for (const value of ["soon", "0", "-1", "1.5"]) {
      expect(failureOf({ ...COMPLETE, HEDDLE_WEBHOOK_TIMEOUT_MS: value }))
        .toContain("HEDDLE_WEBHOOK_TIMEOUT_MS");
    }
  });

  it("trusts the header that is named for addresses, if one can have that name", () => {
    const { addressHeader } = environmentOf({ ...COMPLETE, HEDDLE_ADDRESS_HEADER: "X-Real-IP" });
    expect(addressHeader).toBe("X-Real-IP");
    for (const value of ["X Real IP", "x-real-ip:", "x-real-ip\n"]) {
      expect(failureOf({ ...COMPLETE, HEDDLE_ADDRESS_HEADER: value })).toContain("HEDDLE_ADDRESS_HEADER");
    }
  });

  it("lists the hosts that webhooks may reach although they are private", () => {
    const { privateWebhookHosts } = environmentOf({
      ...COMPLETE,
      HEDDLE_ALLOW_PRIVATE_WEBHOOKS: " 127.0.0.1:4173, Shop.Internal ,",
    });
    expect(privateWebhookHosts).toEqual(["127.0.0.1:4173", "shop.internal"]);
  });
});

it("the version that webhooks see is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  expect(VERSION).toBe(version);
});

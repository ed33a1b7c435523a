import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FUNCTION_SECRETS, secretsIn, secretsNotice } from "../../../local/functions/secrets.ts";

it("the functions' secrets are those that the documents have in tables", () => {
  const rows = ["docs/deploy.md", "docs/notifications.md"]
    .flatMap((path) => readFileSync(path, "utf8").match(/^\| `HEDDLE_[^|]*\|/gm) ?? []);
  const named = rows.flatMap((row) => row.match(/HEDDLE_\w+/g) ?? []);
  expect([...new Set(named)].sort()).toEqual([...FUNCTION_SECRETS]);
});

it("those that are set are handed on, and named without their values", () => {
  const env: Record<string, string> = {
    HEDDLE_INBOUND_DOMAIN: "reply.shop.example",
    HEDDLE_SMTP_URL: "smtps://me:hunter2@mail.example:465",
    HEDDLE_MAIL_FROM: "",
    HEDDLE_SECRET_KEY: "sb_secret_x",
  };
  const secrets = secretsIn((name) => env[name]);
  expect(Object.keys(secrets)).toEqual(["HEDDLE_INBOUND_DOMAIN", "HEDDLE_SMTP_URL"]);
  expect(secretsNotice(secrets)).toBe(
    "The functions have HEDDLE_INBOUND_DOMAIN, HEDDLE_SMTP_URL of your environment. Mails of notifications leave this machine.",
  );
  expect(secretsNotice({ HEDDLE_INBOUND_DOMAIN: "x" })).not.toContain("leave");
  expect(secretsNotice({})).toBe(null);
});

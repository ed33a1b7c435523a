import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { milliseconds, readAuthSettings } from "../../../../local/auth/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-auth-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

function settingsOf(config: string) {
  writeFileSync(join(folder, "config.toml"), config);
  return readAuthSettings(folder);
}

it("where config.toml is silent the settings are the CLI's", async () => {
  expect(await settingsOf("[api]\nport = 54321\n")).toMatchObject({
    siteUrl: "http://127.0.0.1:3000",
    accessTokenSeconds: 3600,
    confirmations: false,
    limits: { token: 150, mail: 30, verify: 30 },
  });
});

it("the settings stand in [auth] and its tables", async () => {
  const config = `
[auth]
site_url = "https://chat.example.com" # comment
additional_redirect_urls = [
  "https://a.example.com/#x", # the first
  'https://b.example.com',
]
jwt_expiry = 600
enable_signup = true
minimum_password_length = 10

[auth.email]
enable_signup = false
enable_confirmations = true
max_frequency = "1m30s"
otp_expiry = 60

[[auth.hook]]
site_url = "https://elsewhere.example.com"

[auth.rate_limit]
token_refresh = 7
`;
  expect(await settingsOf(config)).toMatchObject({
    siteUrl: "https://chat.example.com",
    redirectUrls: ["https://a.example.com/#x", "https://b.example.com"],
    accessTokenSeconds: 600,
    signUps: false,
    minimumPasswordLength: 10,
    confirmations: true,
    mailIntervalMs: 90_000,
    otpSeconds: 60,
    limits: { token: 7 },
  });
});

it("a value of another type is named", async () => {
  await expect(settingsOf('[auth]\njwt_expiry = "600"')).rejects.toThrow(
    "auth.jwt_expiry must be of the type of 3600",
  );
  await expect(settingsOf("[auth]\nsite_url = nowhere")).rejects.toThrow("auth.site_url is no string");
});

it("durations are Go's", () => {
  expect(["1h", "2m", "1h30m", "45s", "", "1d", "-1s"].map(milliseconds))
    .toEqual([3_600_000, 120_000, 5_400_000, 45_000, undefined, undefined, undefined]);
});

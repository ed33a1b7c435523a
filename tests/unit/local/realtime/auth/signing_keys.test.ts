import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSigningKeys } from "../../../../../local/realtime/auth/signing_keys.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-signing-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function configure(config: string, keys?: string): string {
  writeFileSync(join(folder, "config.toml"), config);
  if (keys !== undefined) writeFileSync(join(folder, "keys.json"), keys);
  return folder;
}

const NAMED = '[auth]\nenabled = true\nsigning_keys_path = "./keys.json"\n[studio]\nport = 1\n';

test("the file that config.toml names holds the keys", async () => {
  const keys = [{ kty: "EC", kid: "a", crv: "P-256", x: "x", y: "y" }];
  expect(await readSigningKeys(configure(NAMED, JSON.stringify(keys)))).toEqual(keys);
});

test("the file may be named by its whole path", async () => {
  const keys = [{ kty: "EC", kid: "a" }];
  const config = `[auth]\nsigning_keys_path = "${join(folder, "keys.json")}"\n`;
  expect(await readSigningKeys(configure(config, JSON.stringify(keys)))).toEqual(keys);
});

test.each([
  '[auth]\n# signing_keys_path = "./keys.json"\n',
  '[auth]\nenabled = true\n\n[auth.other]\nsigning_keys_path = "./keys.json"\n',
  "project_id = 'p'\n",
])("none is named by %j", async (config) => {
  expect(await readSigningKeys(configure(config, "[1]"))).toEqual([]);
});

test.each([undefined, "", "{}", "[1]", '[{"kty":"EC"}]'])("a file with %j is refused", async (keys) => {
  await expect(readSigningKeys(configure(NAMED, keys))).rejects.toThrow(
    "[auth] signing_keys_path of config.toml must name a JSON file",
  );
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTarget } from "../../../cli/connection/target.ts";

const [SHOP, BLOG] = ["abcdefghijklmnopqrst", "zyxwvutsrqponmlkjihg"];
const databaseOf = (ref: string) => `postgresql://postgres:p@db.${ref}.supabase.co:5432/postgres`;
const urlOf = (ref: string) => `https://${ref}.supabase.co`;

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "heddle-target-"));
  const status = { apiUrl: "http://127.0.0.1:54321", dbUrl: "postgresql://local", secretKey: "s" };
  writeFileSync(join(dataDir, "status.json"), JSON.stringify(status));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const find = (options: Record<string, string>, env: Record<string, string> = {}) =>
  findTarget((name) => options[name], env, { defaultDataDir: dataDir });

describe("the project", () => {
  const hosted = { HEDDLE_URL: urlOf(SHOP), HEDDLE_SECRET_KEY: "sb_secret_x" };

  it("is the npm start of --data-dir, whatever the environment names", () => {
    expect(find({ "data-dir": dataDir }, hosted)).toMatchObject({
      url: "http://127.0.0.1:54321",
      local: true,
    });
    expect(() => find({ "data-dir": dataDir, url: urlOf(SHOP) })).toThrow(
      "--data-dir names the npm start that runs here, and --url another project: give one.",
    );
  });

  it.each(["", "null", "{}", '{"pid":1,"api', '{"apiUrl":"x","dbUrl":"","secretKey":""}'])(
    "is none where the status of an npm start says %j",
    (content) => {
      const broken = mkdtempSync(join(tmpdir(), "heddle-target-"));
      writeFileSync(join(broken, "status.json"), content);
      const ways = [
        () => find({ "data-dir": broken }),
        () => findTarget(() => undefined, {}, { defaultDataDir: broken }),
      ];
      for (const way of ways) {
        expect(way).toThrow(expect.objectContaining({ code: "usage_error" }));
        expect(way).toThrow(/^No project is named and Heddle is not running here: /);
      }
      const url = { HEDDLE_URL: "http://127.0.0.1:54321" };
      expect(() => findTarget(() => undefined, url, { defaultDataDir: broken })).toThrow(
        /^HEDDLE_URL is set/,
      );
      rmSync(broken, { recursive: true });
    },
  );

  it("is not looked for in the working folder because --data-dir is empty", () => {
    expect(() => find({ "data-dir": "" })).toThrow("--data-dir names no folder.");
    expect(() => find({ "data-dir": "/dev/null" })).toThrow(/Heddle is not running here/);
  });

  it("is that of --database-url where the environment names another way", () => {
    const words = { "database-url": "postgresql://postgres:p@db.example/postgres" };
    expect(find(words, hosted).databaseFirst).toBe(true);
    expect(find({ ...words, url: urlOf(SHOP), "secret-key": "sb_secret_x" }).databaseFirst).toBe(false);
    expect(find({}, { ...hosted, HEDDLE_DATABASE_URL: databaseOf(SHOP) }).databaseFirst).toBe(false);
  });

  it.each([
    databaseOf(BLOG),
    `postgresql://postgres.${BLOG}:p@aws-0-eu-west-1.pooler.supabase.com:5432/postgres`,
  ])("is one project, not an address here and a database there: %s", (databaseUrl) => {
    expect(() => find({ "database-url": databaseUrl }, hosted)).toThrow(
      `--url belongs to the project ${SHOP}, but --database-url to ${BLOG}: nothing was tried.`,
    );
    expect(find({ "database-url": databaseOf(SHOP) }, hosted).url).toBe(urlOf(SHOP));
  });

  it.each(["http://127.0.0.1:54321", "http://localhost:54321/"])(
    "is the running npm start where the environment names its address alone: %s",
    (url) => expect(find({}, { HEDDLE_URL: url })).toMatchObject({ local: true, secretKey: "s" }),
  );

  it("is said to be named by halves in the environment, and which half is missing", () => {
    expect(() => find({}, { HEDDLE_URL: urlOf(SHOP) })).toThrow(
      "HEDDLE_URL is set in the environment, HEDDLE_SECRET_KEY is not: set it too, or HEDDLE_DATABASE_URL, or unset HEDDLE_URL to use",
    );
    expect(() => find({}, { HEDDLE_SECRET_KEY: "x" })).toThrow(
      /^HEDDLE_SECRET_KEY is set in the environment, HEDDLE_URL is not: /,
    );
    expect(() => find({ url: urlOf(SHOP) })).toThrow(/^A project needs both /);
  });

  it("may be less than a whole one for a command that makes do with it", () => {
    const partial = { defaultDataDir: dataDir, partial: true };
    const target = findTarget((name) => ({ url: urlOf(SHOP) })[name], {}, partial);
    expect(target).toMatchObject({ url: urlOf(SHOP), local: false });
    expect(target.secretKey).toBeUndefined();
  });

  it.each([
    `http://${SHOP}.supabase.co`,
    "http://supabase.lan:8000",
    "http://10.0.0.7:8000",
    "http://127.0.0.1.evil.example",
  ])(
    "gets no secret key over http, except on this machine: %s",
    (url) => {
      const words = { url, "secret-key": "x" };
      expect(() => find(words)).toThrow(/^--url must begin with https:/);
      expect(() => find({ url }, { HEDDLE_SECRET_KEY: "x" })).toThrow(/^--url must begin with https:/);
      expect(() => find({}, { HEDDLE_URL: url, HEDDLE_SECRET_KEY: "x" })).toThrow(
        /^--url must begin with https:/,
      );
    },
  );

  it.each([
    "http://127.0.0.1:8000",
    "http://localhost:8000",
    "http://[::1]:8000",
    "https://supabase.lan:8000",
  ])(
    "gets its secret key at %s",
    (url) => expect(find({ url, "secret-key": "x" }).url).toBe(url),
  );
});

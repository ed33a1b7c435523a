import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { addEvent, makeEventKey } from "../../support/event_readers.ts";
import { connect } from "../../support/gateway_client.ts";
import { type JsonProcess, runNode } from "../../support/process.ts";

/** Who is nobody, and owns nothing. */
const NOBODY = 65_534;

const instructions = readFileSync("gateway/Dockerfile", "utf8").split("\n")
  .map((line) => /^([A-Z]+) (.+)$/.exec(line)).flatMap((match) =>
    match ? [[match[1], match[2]] as const] : []
  );
const all = (name: string) => instructions.filter(([each]) => each === name).map(([, rest]) => rest ?? "");

let database: TestDatabase;
let gateway: JsonProcess;
let folder: string;
let url: string;
/** Does by hand what the Dockerfile says, as far as it goes without a container. */
beforeAll(async () => {
  database = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), "heddle-container-"));
  const build = join(folder, "heddle");
  for (const source of all("COPY").filter((each) => !each.startsWith("--from"))) {
    const paths = source.split(" ");
    const target = join(build, paths.at(-1) ?? "");
    for (const path of paths.slice(0, -1)) {
      cpSync(path, paths.length > 2 ? join(target, path) : target, { recursive: true });
    }
  }
  symlinkSync(resolve("node_modules"), join(build, "node_modules"));
  const [, building = ""] = all("RUN");
  const [command, ...args] = building.split(" ");
  expect(command).toBe("node");
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: build, encoding: "utf8" });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const [, from = ""] = /^--from=build \/heddle\/(\S+) \/gateway$/.exec(all("COPY").at(-1) ?? "") ?? [];
  cpSync(join(build, from), join(folder, "gateway"), { recursive: true });
  rmSync(build, { recursive: true });
  chmodSync(folder, 0o755);
  const [, main = ""] = JSON.parse(all("CMD")[0] ?? "");
  gateway = runNode([join(folder, main)], {
    SUPABASE_DB_URL: database.url,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEY: "none",
    HEDDLE_GATEWAY_PORT: "0",
  }, { cwd: folder, ...(process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}) });
  url = `http://127.0.0.1:${await gateway.event<number>("listening")}`;
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
});

it("what the image holds runs by itself, as nobody, and passes the image's health check", () => {
  const [node, ...args] = JSON.parse(all("HEALTHCHECK")[0]?.replace(/^CMD /, "") ?? "");
  expect(node).toBe("node");
  const check = (port: string) =>
    spawnSync(process.execPath, args, { env: { ...process.env, HEDDLE_GATEWAY_PORT: port } }).status;
  expect(check(new URL(url).port)).toBe(0);
  expect(check("9")).not.toBe(0);
  expect(all("USER")).toEqual(["node"]);
});

it("SIGTERM sends everybody elsewhere with 1012, after what was told, and ends it without an error", async () => {
  const key = await makeEventKey(database.sql);
  const client = await connect(url, { token: key });
  await client.ask({ type: "subscribe" });
  await addEvent(database.sql, "before");
  await expect.poll(() => client.events()).toHaveLength(1);
  const stream = await fetch(`${url}/v1/events`, {
    headers: { authorization: `Bearer ${key}`, accept: "text/event-stream" },
  });
  const exited = once(gateway.child, "exit");
  gateway.child.kill("SIGTERM");
  expect(await client.closed).toEqual({ code: 1012, reason: "restart" });
  expect(await stream.text()).toMatch(/^retry: /);
  expect(await exited).toEqual([0, null]);
  expect(gateway.output()).not.toMatch(/failed|crashed|hdl_/);
  expect(await database.sql`select from heddle.gateways where users <> '{}'`).toHaveLength(0);
});

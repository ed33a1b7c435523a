import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepLogFile } from "../support/logs.ts";
import { npmStart, query, statusOf } from "../support/npm_start.ts";
import { descendantsOf, processesWith } from "../support/processes.ts";
import type { Terminal } from "../support/terminal.ts";

describe("npm start", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "heddle-start-"));
  const start = (flags?: string) => npmStart(dataDir, flags);
  const status = () => statusOf(dataDir);
  let heddle: Terminal;

  beforeAll(async () => {
    heddle = start();
    await heddle.shows(/Stop +Ctrl-C/);
  });

  afterAll(async () => {
    await heddle.interrupt();
    keepLogFile("npm start", join(dataDir, "heddle.log"));
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each([
    ["itself", "node scripts/start.mjs"],
    ["the stack", "local/main.ts"],
  ])("starts again at once on the same ports, with its data, after a kill of %s", async (_, word) => {
    const before = status();
    const name = `Kept after ${word}`;
    await query(before.dbUrl, `update heddle.agents set name = '${name}'`);
    kill(descendantsOf(heddle.child.pid ?? 0, word));
    await heddle.exitCode;

    heddle = start(portsOf(before));
    await heddle.shows(/Stop +Ctrl-C/);
    expect(status()).toEqual(before);
    expect(await query(status().dbUrl, "select name from heddle.agents")).toEqual([{ name }]);
  });

  it("starts again after a kill of every process, although another program has its port now", async () => {
    const { apiUrl, dbUrl } = status();
    await query(dbUrl, "update heddle.agents set name = 'Kept'");
    kill([heddle.child.pid ?? 0, ...descendantsOf(heddle.child.pid ?? 0)]);
    await heddle.exitCode;
    await expect.poll(() => fetch(apiUrl).then(() => true, () => false)).toBe(false);
    const other = createServer((socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n"));
    other.listen(Number(new URL(apiUrl).port), "127.0.0.1");
    await once(other, "listening");

    heddle = start();
    await heddle.shows(/Stop +Ctrl-C/);
    other.close();
    expect(await query(status().dbUrl, "select name from heddle.agents")).toEqual([{ name: "Kept" }]);
  });

  it("stops everything and says what happened when a part crashes", async () => {
    const { dbUrl } = status();
    for (const pid of processesWith("bin/postgres", `-p ${new URL(dbUrl).port}`)) {
      process.kill(pid, "SIGKILL");
    }
    expect(await heddle.exitCode).toBe(1);
    expect(heddle.screen).toMatch(/Postgres ended unexpectedly.*--fresh/);
    await expect(query(dbUrl, "select 1")).rejects.toThrow();

    heddle = start();
    await heddle.shows(/Stop +Ctrl-C/);
  });
});

describe("a folder of which two starts want to make use", () => {
  const folder = join(mkdtempSync(join(tmpdir(), "heddle-contended-")), "new");
  const startThere = (flags = "") => npmStart(folder, flags);
  let winner: Terminal;

  afterAll(async () => {
    await winner?.interrupt();
    keepLogFile("npm start twice", join(folder, "heddle.log"));
    rmSync(join(folder, ".."), { recursive: true });
  });

  it("goes to one of two at the same moment; the other says who has it, and touches nothing", async () => {
    const both = [startThere("--fresh"), startThere("--fresh")];
    const shown = await Promise.allSettled(both.map((heddle) => heddle.shows(/Stop +Ctrl-C/)));
    expect(shown.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const first = both[shown.findIndex(({ status }) => status === "fulfilled")];
    const second = both.find((heddle) => heddle !== first);
    if (!first || !second) throw new Error("one of them is up");
    winner = first;
    expect(await second.exitCode).toBe(1);
    expect(second.screen).toMatch(
      /^\nHeddle already (?:starts|runs) from this folder.*\(process \d+\)\. .*kill \d+\n$/,
    );
  });

  it("stays with a start that does not answer, with all its data", async () => {
    const { dbUrl } = JSON.parse(readFileSync(join(folder, "status.json"), "utf8"));
    await query(dbUrl, "update heddle.agents set name = 'Kept'");
    const [stack = 0] = processesWith("local/main.ts", folder);
    process.kill(stack, "SIGSTOP");
    try {
      const second = startThere("--fresh");
      expect(await second.exitCode).toBe(1);
      expect(second.screen).toMatch(/^\nHeddle already runs from this folder: http.*kill \d+\n$/);
    } finally {
      process.kill(stack, "SIGCONT");
    }
    expect(await query(dbUrl, "select name from heddle.agents")).toEqual([{ name: "Kept" }]);
  });
});

function kill(pids: number[]): void {
  expect(pids).not.toEqual([]);
  // Some of them may have ended with the ones before them.
  spawnSync("kill", ["-KILL", ...pids.map(String)]);
}

function portsOf({ apiUrl, dbUrl, gatewayUrl, inboxUrl, mailUrl, shopUrl }: Record<string, string>): string {
  return Object.entries({
    api: apiUrl,
    database: dbUrl,
    gateway: gatewayUrl,
    inbox: inboxUrl,
    mail: mailUrl,
    shop: shopUrl,
  })
    .map(([name, url]) => `--${name}-port ${new URL(url ?? "").port}`).join(" ");
}

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { curl } from "../support/curl.ts";
import { keepLogFile } from "../support/logs.ts";
import { processesWith } from "../support/processes.ts";
import { npmStart, query, statusOf } from "../support/npm_start.ts";
import type { Terminal } from "../support/terminal.ts";

const dataDir = mkdtempSync(join(tmpdir(), "heddle start ü "));
const start = (flags?: string) => npmStart(dataDir, flags);
const status = () => statusOf(dataDir);

afterAll(() => {
  keepLogFile("npm start", join(dataDir, "heddle.log"));
  rmSync(dataDir, { recursive: true, force: true });
});

describe("npm start", () => {
  let heddle: Terminal;

  beforeAll(async () => {
    heddle = start();
    await heddle.shows(/Stop +Ctrl-C/);
  });

  afterAll(() => heddle.interrupt());

  it("prints where everything is and a curl line that publishes", async () => {
    const [, line = ""] = await heddle.shows(/Publish +(curl .*)/);
    const { body } = await curl(line);
    expect(JSON.parse(body)).toEqual({
      ok: true,
      channels: [expect.stringMatching(/^agent-.*-user-.*-[0-9a-f]{64}$/)],
    });
    for (const line of ["Shop page", "Operator page", "API", "Postgres"]) {
      expect(heddle.screen).toContain(line);
    }
  });

  it("prints the script tag, whose script is there, as npm run status does with the accent of now", async () => {
    const [, tag = "", src = ""] = await heddle.shows(/Script tag +(<script async src="(\S+)" .*<\/script>)/);
    const { agent, dbUrl } = status();
    expect(tag).toBe(`<script async src="${src}" data-agent="${agent.id}" data-accent="#2f6f4f"></script>`);
    expect((await fetch(src)).headers.get("content-type")).toMatch(/javascript/);

    await query(dbUrl, `update heddle.agents set display = display || '{"accent": "#7a3b2e"}'`);
    const text = execFileSync("npm", ["run", "-s", "status", "--", "--data-dir", dataDir], {
      encoding: "utf8",
    });
    await query(dbUrl, `update heddle.agents set display = display || '{"accent": "#2f6f4f"}'`);
    expect(text).toContain(`\nScript tag: ${tag.replace("#2f6f4f", "#7a3b2e")}\n`);
    expect(text).toContain(`npm run status -- --data-dir '${dataDir}' --json`);
  });

  it("prints its addresses and keys as JSON", () => {
    expect(status()).toEqual({
      apiUrl: expect.stringMatching(/^http:/),
      dbUrl: expect.stringMatching(/^postgresql:|^postgres:/),
      publishableKey: expect.stringMatching(/^sb_publishable_/),
      secretKey: expect.stringMatching(/^sb_secret_/),
      shopUrl: expect.stringMatching(/^http:/),
      mailUrl: expect.stringMatching(/^http:/),
      inboxUrl: expect.stringMatching(/^http:/),
      gatewayUrl: expect.stringMatching(/^http:/),
      operators: [
        { email: "mira@fern-and-fable.example", password: "local-demo-mira" },
        { email: "jonas@fern-and-fable.example", password: "local-demo-jonas" },
      ],
      agent: {
        id: expect.any(String),
        apiKey: expect.stringMatching(/^hdl_/),
        signingSecret: expect.any(String),
        webhookSecret: expect.stringMatching(/^whsec_/),
      },
      tabs: { messaging: expect.any(String), default: expect.any(String), store: expect.any(String) },
      eventsKey: expect.stringMatching(/^hdl_/),
      restUrl: expect.stringMatching(/\/functions\/v1\/api$/),
      scriptTag: expect.stringMatching(/^<script /),
    });
  });

  it("keeps keys, addresses and log from other users", () => {
    for (const file of ["status.json", "heddle.log"]) {
      expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
    }
  });

  it("refuses a second start from the same folder and says how to stop the first", async () => {
    const second = start();
    expect(await second.exitCode).toBe(1);
    expect(second.screen).toMatch(/already runs.*process \d+.*kill \d+/);
  });

  it("keeps its data over a restart, ends every process on Ctrl-C, and begins anew with --fresh", async () => {
    await query(status().dbUrl, "update heddle.agents set name = 'Renamed'");
    const { apiUrl, shopUrl, dbUrl } = status();
    await heddle.interrupt();
    expect(heddle.screen).toMatch(/Stopping …\s+Stopped\.\s*$/);
    for (const url of [apiUrl, shopUrl]) await expect(fetch(url)).rejects.toThrow();
    await expect(query(dbUrl, "select 1")).rejects.toThrow();
    expect(processesWith(dataDir)).toEqual([]);

    heddle = start();
    await heddle.shows(/Stop +Ctrl-C/);
    expect(await query(status().dbUrl, "select name from heddle.agents")).toEqual([{ name: "Renamed" }]);
    await heddle.interrupt();

    heddle = start("--fresh");
    await heddle.shows(/Stop +Ctrl-C/);
    expect(await query(status().dbUrl, "select name from heddle.agents")).not.toEqual([{ name: "Renamed" }]);
  });

  it.each([
    ["npm", () => heddle.child.pid],
    ["the process that npm runs", () => processesWith("node scripts/start.mjs", dataDir)[0]],
  ])("ends every process on SIGTERM to %s", async (_, find) => {
    const pid = find();
    if (!pid) throw new Error("it does not run");
    process.kill(pid, "SIGTERM");
    await heddle.exitCode;
    expect(heddle.screen).toMatch(/Stopping …\s+Stopped\.\s*$/);
    expect(processesWith(dataDir)).toEqual([]);
    expect(existsSync(join(dataDir, "status.json"))).toBe(false);

    heddle = start();
    await heddle.shows(/Stop +Ctrl-C/);
  });

  it("ends every process when npm is killed", async () => {
    heddle.child.kill("SIGKILL");
    await heddle.exitCode;
    await expect.poll(() => processesWith(dataDir), { timeout: 10_000 }).toEqual([]);
    expect(existsSync(join(dataDir, "status.json"))).toBe(false);

    heddle = start();
    await heddle.shows(/Stop +Ctrl-C/);
  });

  it("starts over a status that was cut off", async () => {
    await heddle.interrupt();
    writeFileSync(join(dataDir, "status.json"), '{"pid":1,"api');
    heddle = start();
    await heddle.shows(/Stop +Ctrl-C/);
  });
});

it.each(["", "--fresh"])("removes nothing that it did not make: npm start %s", async (flags) => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-foreign-"));
  const notes = join(folder, "postgres/notes.sql");
  mkdirSync(join(folder, "postgres"));
  writeFileSync(notes, "select 1");
  const heddle = start(`--data-dir ${folder} ${flags}`);
  expect(await heddle.exitCode).toBe(1);
  expect(heddle.screen).toContain(
    `${folder}/postgres holds files that Heddle did not put there, such as notes.sql`,
  );
  expect(readFileSync(notes, "utf8")).toBe("select 1");
  rmSync(folder, { recursive: true });
});

it("names a port that is taken after all were found free", async () => {
  const squatter = createServer();
  squatter.listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const address = squatter.address();
  const port = address && typeof address === "object" ? address.port : 0;
  squatter.close();
  const log = join(dataDir, "heddle.log");
  rmSync(log, { force: true });
  const heddle = start(`--gateway-port ${port}`);
  onTestFinished(async () => void await heddle.interrupt());
  await expect.poll(() => existsSync(log), { interval: 5 }).toBe(true);
  squatter.listen(port, "127.0.0.1");
  await once(squatter, "listening");
  expect(await heddle.exitCode).toBe(1);
  expect(heddle.screen).toContain(`Port ${port} (the gateway) is taken by another program`);
  squatter.close();
});

it("names a taken port and the flag that chooses another", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const address = squatter.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const heddle = start(`--shop-port ${port}`);
  expect(await heddle.exitCode).toBe(1);
  expect(heddle.screen).toContain(`Port ${port} (the shop) is taken by another program`);
  expect(heddle.screen).toContain(
    `npm start -- --data-dir '${dataDir}' --api-port 0 --database-port 0 --mail-port 0 --shop-port ${
      port + 10
    } --inbox-port 0 --gateway-port 0`,
  );
  squatter.close();
});

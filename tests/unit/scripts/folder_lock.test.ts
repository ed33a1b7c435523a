import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-lock-"));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map(end));
  rmSync(folder, { recursive: true });
});

/** A process that tries to take the folder, and who has it then: `null` if itself. */
async function taker(dir = folder): Promise<{ child: ChildProcess; holder: number | null }> {
  const program = join(import.meta.dirname, "fixtures/hold_folder.mjs");
  const child = spawn(process.execPath, [program, dir], { stdio: ["pipe", "pipe", "inherit"] });
  started.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, holder: JSON.parse(line) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  await exited;
}

// Starting Node takes a second on a busy machine.
describe("a data folder", { timeout: 20_000 }, () => {
  it("belongs to the first that takes it until that ends, and is left empty", async () => {
    const dir = join(folder, "new/data");
    const first = await taker(dir);
    expect(first.holder).toBeNull();
    expect((await taker(dir)).holder).toBe(first.child.pid);
    await end(first.child);
    const next = await taker(dir);
    expect(next.holder).toBeNull();
    await end(next.child);
    expect(readdirSync(dir)).toEqual([]);
  });

  it("is free again after its holder was killed", async () => {
    const { child } = await taker();
    child.kill("SIGKILL");
    await once(child, "exit");
    expect((await taker()).holder).toBeNull();
  });

  it.each([
    ["whose number another process has by now", JSON.stringify({ pid: process.pid, startedAt: "1" })],
    ["that was cut off", '{"pid":'],
    ["that is empty", ""],
    ["that is null", "null"],
  ])("is not held by a lock %s", async (_, lock) => {
    writeFileSync(join(folder, "start.lock"), lock);
    writeFileSync(join(folder, "start.lock.takeover"), lock);
    expect((await taker()).holder).toBeNull();
  });

  it.each([["new", undefined], ["left by a killed process", "{}"]])(
    "that is %s goes to one of four that want it at the same moment",
    async (_, lock) => {
      if (lock !== undefined) writeFileSync(join(folder, "start.lock"), lock);
      const takers = await Promise.all(Array.from({ length: 4 }, () => taker()));
      expect(takers.filter(({ holder }) => holder === null)).toHaveLength(1);
      const pids = takers.map(({ child }) => child.pid);
      for (const { holder } of takers) if (holder !== null) expect(pids).toContain(holder);
    },
  );
});

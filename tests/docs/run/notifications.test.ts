import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startStack, type TestStack } from "../../support/stack.ts";
import { snippets } from "../support/documents.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

it("docs/notifications.md switches rules on and off as printed", () => {
  const lines = snippets("docs/notifications.md", "sh").join("\n").trim().split("\n");
  const answers = lines.map((line) => {
    const command = line.replace("npm run heddle --", "node scripts/heddle.mjs")
      .replace("<agent-id>", stack.agent.id);
    const { status, stdout, stderr } = spawnSync("bash", ["-c", `${command} --json`], {
      encoding: "utf8",
      env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
    });
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout);
  });
  const kept = { channels: ["email", "push"], priority: "normal", delay: 5, batch: 15, quiet: null };
  const quiet = { from: "22:00", to: "07:00", zone: "Europe/Berlin" };
  const away = { ...kept, rule: "away_reply", on: true };
  const holder = { ...kept, rule: "new_message", on: true, channels: ["push"], quiet };
  const handed = { ...kept, rule: "handed_over", on: true, priority: "high" };
  const needs = { ...kept, rule: "needs_human", on: true, priority: "high" };
  const waiting = (on: boolean, minutes: number) => ({ ...kept, rule: "waiting", on, minutes });
  const task = { ...kept, rule: "task_ended", on: false };
  const off = [
    { ...away, on: false },
    handed,
    needs,
    { ...kept, rule: "new_message", on: false },
    task,
    waiting(false, 5),
  ];
  const all = [away, handed, needs, holder, task, waiting(true, 10)];
  expect(answers).toEqual([
    off,
    [...off.slice(0, 5), waiting(true, 10)],
    [...off.slice(0, 3), holder, task, waiting(true, 10)],
    all,
    all,
    [...all.slice(0, 5), waiting(false, 10)],
    [],
    { count: 0 },
    { count: 0 },
  ]);
});

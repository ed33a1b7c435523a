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
  const rules = (needsHuman: boolean, waiting: boolean, minutes: number) => [
    { rule: "needs_human", on: needsHuman },
    { rule: "waiting", on: waiting, minutes },
  ];
  expect(answers).toEqual([
    rules(true, false, 5),
    rules(true, true, 10),
    rules(true, true, 10),
    rules(true, false, 10),
  ]);
});

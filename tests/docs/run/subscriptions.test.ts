import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curl } from "../../support/curl.ts";
import { DEMO_ORG } from "../../support/event_readers.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { snippets } from "../support/documents.ts";

const DOCUMENT = "docs/subscriptions.md";
const LOCAL_API = "http://127.0.0.1:54321";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe(DOCUMENT, () => {
  const [keyCreate = "", write = "", reads = ""] = snippets(DOCUMENT, "sh");
  const [written = "", read = ""] = snippets(DOCUMENT, "json");
  const [now = "", since = ""] = reads.trim().split("\n");
  const run = async (line: string) => {
    const { status, body } = await curl(line.replaceAll(LOCAL_API, stack.apiUrl));
    expect({ line, status }).toEqual({ line, status: 200 });
    return JSON.parse(body);
  };

  it("makes a key with which both can be done", async () => {
    const command = keyCreate.replace("npm run heddle --", "node scripts/heddle.mjs")
      .replace("<agent-id>", stack.agent.id);
    const { stdout } = spawnSync("bash", ["-c", `${command} --json`], {
      encoding: "utf8",
      env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
    });
    const { key } = JSON.parse(stdout);
    await run(write.replace(/hdl_\w+/, key));
    await run(now.replace(/hdl_\w+/, key));
  });

  it("shows what writing and reading answer, line by line", async () => {
    const shown = (json: unknown) =>
      JSON.parse(
        JSON.stringify(json).replaceAll(DEMO_ORG, "<org>")
          .replace(/"id":"[^"]+"/g, '"id":"<uuid>"')
          .replace(/"cursor":"[^"]+"/g, '"cursor":"<cursor>"')
          .replace(
            /"at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00"/g,
            '"at":"2026-11-29T10:00:00.000000+00:00"',
          ),
      );
    const { cursor } = await run(now);
    expect(shown(await run(write.replace("invoice-7-paid", "again")))).toEqual(JSON.parse(written));
    expect(shown(await run(since.replace("<cursor>", cursor)))).toEqual(JSON.parse(read));
  });
});

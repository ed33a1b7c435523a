import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signIn, type Visitor } from "../../integration/functions/support/visitor.ts";
import { curl } from "../../support/curl.ts";
import { freePort } from "../../support/listen.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { snippets } from "../support/documents.ts";

const DOCUMENT = "docs/streaming.md";
const PAGE_ORIGIN = "http://127.0.0.1:29998";

let stack: TestStack;
let visitor: Visitor;
const folder = mkdtempSync(join(tmpdir(), "heddle-bot-"));
beforeAll(async () => {
  // On a busy machine who reads along comes late.
  const functionsEnv = { HEDDLE_READER_GRACE_MS: "5000" };
  stack = await startStack({ ownerUrl: PAGE_ORIGIN, storeTab: true, functionsEnv });
  visitor = await signIn(stack, PAGE_ORIGIN, { sub: "ann" });
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

describe(DOCUMENT, () => {
  const [add = "", readAlong = ""] = snippets(DOCUMENT, "sh");
  const [program = ""] = snippets(DOCUMENT, "js");

  it("has a bot that answers word by word, can be read along with curl, and fetches a person", async () => {
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const { secret } = heddle(add.replace("127.0.0.1:8787", address));
    const file = join(folder, "bot.mjs");
    writeFileSync(file, program.replace("8787", String(port)));
    const bot = spawn(process.execPath, [file], {
      env: { ...process.env, BOT_SECRET: secret },
      stdio: "inherit",
    });
    await once(bot, "spawn");
    await expect.poll(() =>
      fetch(`http://${address}/`, { method: "POST" }).then(({ status }) => status, () => 0)
    )
      .toBe(401);
    try {
      const id = await write("Hello bot");
      const command = readAlong.replace("http://127.0.0.1:54321", stack.apiUrl)
        .replace("<session>", visitor.validated.session)
        .replace("<tab-id>", stack.tabs.store)
        .replace("<conversation-id>", id);
      const { status, body } = await curl(command);
      expect(status).toBe(200);
      expect([...body.matchAll(/^event: (.+)$/gm)].map(([, type]) => type)).toEqual(
        expect.arrayContaining(["typing", "message:new", "message_stream", "message:updated"]),
      );
      expect((await thread(id)).bodies).toEqual(["Hello bot", "You wrote: Hello bot"]);
      await write("A person, please", id);
      await expect.poll(() => thread(id)).toMatchObject({
        bodies: ["Hello bot", "You wrote: Hello bot", "A person, please", "I will fetch somebody."],
        needsHuman: true,
      });
    } finally {
      bot.kill();
      await once(bot, "exit");
    }
  });
});

function heddle(line: string) {
  const command = line.replace("npm run heddle --", "node scripts/heddle.mjs").replace(
    "<agent-id>",
    stack.agent.id,
  );
  const { stdout } = spawnSync("bash", ["-c", `${command} --json`], {
    encoding: "utf8",
    env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
  });
  return JSON.parse(stdout);
}

async function write(body: string, itemId?: string): Promise<string> {
  const fields = { action: "create_item", tabId: stack.tabs.store, itemId, clientId: randomUUID(), body };
  const { body: answer } = await visitor.tabAction(fields);
  return answer.item?.id ?? "";
}

async function thread(itemId: string) {
  const { body } = await visitor.tabAction({ action: "item_clicked", tabId: stack.tabs.store, itemId });
  return {
    bodies: body.entries?.map(({ body }) => body),
    needsHuman: body.item?.fields["needsHuman"] === true,
  };
}

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Operation, OPERATIONS } from "../../../shared/rest/operations.ts";
import { curl } from "../../support/curl.ts";
import { expectDescribedByOpenApi } from "../../support/described.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { snippets } from "../support/documents.ts";

const DOCUMENT = "docs/rest.md";
const LOCAL_API = "http://127.0.0.1:54321";

let stack: TestStack;
let key: string;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe(DOCUMENT, () => {
  const [keyCreate = "", begin = "", then = "", pages = ""] = snippets(DOCUMENT, "sh");
  const [read = "", write = "", resolve = ""] = then.split("\n");
  const [page = "", nextPage = ""] = pages.split("\n");

  const run = async (line: string) => {
    const { status, body } = await curl(line.replaceAll(LOCAL_API, stack.apiUrl).replace("<api-key>", key));
    const [, method = "GET"] = /-X (\w+)/.exec(line) ?? [];
    const [, path = ""] = /\/v1\/api([^'\s]*)/.exec(line) ?? [];
    const [, sent] = /-d '([^']*)'/.exec(line) ?? [];
    expect({ line, status }).toEqual({ line, status: method === "POST" ? 201 : 200 });
    const answer = JSON.parse(body);
    expectDescribedByOpenApi({ method, path, body: sent && JSON.parse(sent), headers: {}, status, answer });
    return answer;
  };

  it("makes a key", () => {
    const command = keyCreate.replace("npm run heddle --", "node scripts/heddle.mjs")
      .replace("<agent-id>", stack.agent.id);
    const { stdout } = spawnSync("bash", ["-c", `${command} --json`], {
      encoding: "utf8",
      env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
    });
    ({ key } = JSON.parse(stdout));
    expect(key).toMatch(/^hdl_/);
  });

  it("begins with it a conversation, reads it, writes into it, resolves it, and finds it by pages", async () => {
    const { conversation } = await run(begin);
    expect((await run(begin)).conversation).toEqual(conversation);
    const inIt = (line: string) => run(line.replace("<conversation-id>", conversation.id));
    expect((await inIt(read)).items).toMatchObject([{ body: "Your invoice 7 is late." }]);
    expect((await inIt(write)).message.seq).toBe(2);
    expect((await inIt(resolve)).conversation.status).toBe("RESOLVED");
    await inIt(resolve);
    await run(begin.replace("invoice-7-late", "another").replace("ada", "bo")).then((
      { conversation: { id } },
    ) => run(resolve.replace("<conversation-id>", id)));
    const { items: [newest], next } = await run(page);
    const { items: [older] } = await run(nextPage.replace("<next>", next));
    expect([newest, older].map(({ visitor }) => visitor.id)).toEqual(["bo", "ada"]);
  });

  it("names every route", () => {
    const text = readFileSync(new URL(`../../../${DOCUMENT}`, import.meta.url), "utf8");
    const rows = text.split("\n").filter((line) => line.startsWith("| `"));
    const missing = Object.values<Operation>(OPERATIONS)
      .filter(({ method, path }) =>
        !rows.some((row) => {
          const [named = ""] = row.slice(2).split(" | ");
          return named.includes(method) && named.endsWith(` ${path}\``);
        })
      );
    expect(missing).toEqual([]);
  });
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepLogFile } from "../../support/logs.ts";
import { npmStartCommand, query, statusOf } from "../../support/npm_start.ts";
import { Terminal } from "../../support/terminal.ts";
import { snippets } from "../support/documents.ts";

const [begin = "", answer = ""] = snippets("docs/local.md", "sh");
const dataDir = mkdtempSync(join(tmpdir(), "heddle-local-"));
let heddle: Terminal;

beforeAll(async () => {
  heddle = new Terminal(begin.replace("npm start", npmStartCommand(dataDir)));
  await heddle.shows(/Stop +Ctrl-C/);
});
afterAll(async () => {
  await heddle?.interrupt();
  keepLogFile("npm start", join(dataDir, "heddle.log"));
  rmSync(dataDir, { recursive: true, force: true });
});

it("docs/local.md tries an answer by mail as printed", async () => {
  expect(heddle.screen).toContain(
    "The functions have HEDDLE_INBOUND_DOMAIN, HEDDLE_INBOUND_SECRET of your environment.",
  );
  const { apiUrl, mailUrl, dbUrl, agent } = statusOf(dataDir);
  const id = "0f000000-0000-4000-8000-000000000001";
  await query(
    dbUrl,
    `
    select heddle_api.set_rule('${agent.id}', 'away_reply', true, null, '{"channels": ["email"], "delay": 0}');
    select heddle_api.store_post('${agent.id}', 'ada', null, '${id}', 'Is it in stock?');
    update heddle.visitors set email = 'ada@home.example' where end_user_id = 'ada';
    insert into heddle.messages (conversation_id, role, author_name, body)
      select conversation_id, 'operator', 'Mira', 'Yes, it is.' from heddle.messages where client_id = '${id}';
    select heddle_api.notify('${agent.id}');`,
  );
  const read = async (path: string) => await (await fetch(`${mailUrl}/api/v1${path}`)).json();
  const found = async () => (await read("/search?query=to:ada@home.example")).messages[0]?.ID;
  await expect.poll(found, { timeout: 30_000 }).toBeTruthy();
  const [replyTo = ""] = (await read(`/message/${await found()}/headers`))["Reply-To"];
  const [secret = ""] = begin.split("\n");
  const command = answer.replace("<the address that the mail went to>", "ada@home.example")
    .replace("<its Reply-To>", replyTo).replace("http://127.0.0.1:54321", apiUrl);
  const { stdout, stderr } = spawnSync("bash", ["-c", `${secret}\ncd "$1"\n${command}`, "bash", dataDir], {
    encoding: "utf8",
  });
  expect(stdout, stderr).toBe('{"outcome":"posted"}');
  expect(await query(dbUrl, "select body from heddle.messages order by created_at desc limit 1"))
    .toEqual([{ body: "Two, please." }]);
});

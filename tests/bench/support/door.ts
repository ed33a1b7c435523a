import { createServer } from "node:http";
import { listen } from "../../support/listen.ts";
import type { TestStack } from "../../support/stack.ts";

/** Stands between Heddle and the shop, and counts the webhook calls that come to the shop. */
export interface Door {
  calls: number;
  close(): Promise<void>;
}

export async function countAtDoor(stack: TestStack): Promise<Door> {
  const server = createServer(async (incoming, response) => {
    door.calls++;
    const { url = "", method, headers } = incoming;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const forwarded = Object.entries(headers)
      .filter(([name]) => !["host", "connection", "content-length", "accept-encoding"].includes(name))
      .map(([name, value]): [string, string] => [name, String(value)]);
    const body = method === "GET" ? undefined : Buffer.concat(chunks);
    const answer = await fetch(stack.shopUrl + url, { method, headers: forwarded, body });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  const { port, stop } = await listen(server);

  const host = `127.0.0.1:${port}`;
  const { sql, agent } = stack;
  await sql`update heddle.connectors set host = ${host} where agent_id = ${agent.id}`;
  await sql`
    update heddle.tab_actions a set url = regexp_replace(a.url, '^http://[^/]+', ${`http://${host}`})
    from heddle.tabs t where t.id = a.tab_id and t.agent_id = ${agent.id}`;

  const door: Door = {
    calls: 0,
    close: stop,
  };
  return door;
}

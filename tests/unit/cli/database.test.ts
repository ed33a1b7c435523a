import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { connectDatabase } from "../../../cli/connection/database.ts";

/** Of a message that asks the server for TLS before anything else is said. */
const SSL_REQUEST = 80877103;

/** The code of the first message that reaches a database when it is called. */
async function firstMessage(options: string): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const database = connectDatabase(`postgresql://postgres:p@127.0.0.1:${address.port}/postgres${options}`);
  const asked = database.call("list_agents").catch(() => null); // the server hangs up
  const [socket] = await once(server, "connection");
  const [message] = await once(socket, "data");
  socket.destroy();
  server.close();
  await database.close();
  await asked;
  return message.readInt32BE(4);
}

describe("a database", () => {
  it("is asked for TLS before it gets a password, unless its URL says otherwise", async () => {
    const [asked, plain] = await Promise.all([firstMessage(""), firstMessage("?sslmode=disable")]);
    expect(asked).toBe(SSL_REQUEST);
    expect(plain).not.toBe(SSL_REQUEST);
  });

  it.each(["12#hidden", "12/hidden", "12?hidden", "hid%den"])(
    "whose password has a character that URLs don't: %s",
    (password) => {
      const open = () => connectDatabase(`postgresql://postgres:${password}@db.example:5432/postgres`);
      expect(open).toThrow(/^--database-url must look like .*%40 and the like\.$/);
    },
  );
});

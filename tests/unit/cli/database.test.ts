import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { driverUrl } from "../../../cli/connection/database_url.ts";
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

describe("the parameters of a database's URL", () => {
  const parametersOf = (text: string) =>
    Object.fromEntries(driverUrl(`postgresql://postgres:p%40s@db.example:5432/postgres${text}`).searchParams);

  it("that are for other clients are left out, and those for Postgres kept", () => {
    const prisma = "?pgbouncer=true&connection_limit=1&pool_timeout=0&schema=public&connect_timeout=300";
    expect(parametersOf(prisma)).toEqual({});
    expect(parametersOf("?sslmode=require&supa=base-pooler.x")).toEqual({ sslmode: "require" });
    expect(parametersOf("?application_name=ci&options=-c%20role%3Dpostgres")).toEqual({
      application_name: "ci",
      options: "-c role=postgres",
    });
    const { password, pathname } = driverUrl(
      "postgresql://postgres:p%40s@db.example/postgres?pgbouncer=true",
    );
    expect([password, pathname]).toEqual(["p%40s", "/postgres"]);
  });

  it.each(["sslmode=nonsense", "sslmode=", "ssl=yes", "sslmode=require&sslmode=off"])(
    "are refused with a value that they don't have: %s",
    (text) =>
      expect(() => parametersOf(`?${text}`)).toThrow(
        /^ssl(?:mode)? in --database-url must be one of disable, allow, /,
      ),
  );

  it.each(["sslrootcert", "pgbuoncer", "constructor"])("are refused where nobody knows them: %s", (name) => {
    expect(() => parametersOf(`?${name}=hidden`)).toThrow(
      `--database-url has a parameter that is not known here, ${name}: leave it out.`,
    );
  });
});

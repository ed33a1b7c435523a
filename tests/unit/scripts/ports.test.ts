import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { claimPorts, namingPort, portsFrom } from "../../../scripts/ports.mjs";

async function occupied() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, port: address && typeof address === "object" ? address.port : 0 };
}

it("a port that is taken for a moment is waited for", async () => {
  const { server, port } = await occupied();
  const claimed = claimPorts(
    { apiPort: 0, databasePort: port, mailPort: 0, shopPort: 0, inboxPort: 0, gatewayPort: 0 },
    30_000,
  );
  setTimeout(() => server.close(), 50);
  expect((await claimed).databasePort).toBe(port);
});

it("a port that stays taken is named with the flag that chooses another", async () => {
  const { server, port } = await occupied();
  await expect(
    claimPorts({ apiPort: 0, databasePort: port, mailPort: 0, shopPort: 0, inboxPort: 0, gatewayPort: 0 }, 0),
  )
    .rejects.toThrow(
      `Port ${port} (Postgres) is taken by another program. Free it, or choose another: npm start -- --database-port ${
        port + 10
      }`,
    );
  server.close();
});

describe("a part that failed", () => {
  const NONE = { apiPort: 0, databasePort: 0, mailPort: 0, shopPort: 0, inboxPort: 0, gatewayPort: 0 };
  const inDeno = new Error(
    "The local stack ended unexpectedly.\nAddrInUse: Address already in use (os error 98)",
  );
  const inNode = new Error("listen EADDRINUSE: address already in use 127.0.0.1:5174");

  it.each([inDeno, inNode])("since its port was taken after all names it: %s", async (error) => {
    const { server, port } = await occupied();
    expect(await namingPort(error, { ...NONE, gatewayPort: port })).toMatchObject({
      message: expect.stringContaining(`Port ${port} (the gateway) is taken by another program.`),
    });
    server.close();
  });

  it("says what it said where no port is taken, or it was not for that", async () => {
    const { server, port } = await occupied();
    const other = new Error("Postgres ended unexpectedly.");
    expect(await namingPort(other, { ...NONE, gatewayPort: port })).toBe(other);
    server.close();
    expect(await namingPort(inDeno, NONE)).toBe(inDeno);
  });
});

const named = (ports: Record<string, string>) =>
  portsFrom({
    "api-port": "54321",
    "database-port": "54322",
    "mail-port": "54324",
    "shop-port": "4173",
    "inbox-port": "5174",
    "gateway-port": "54330",
    ...ports,
  });

it.each(["1e3", "0x10", "", " ", "+80", "080", "-1", "4.5", "65536", "99999999999999999999"])(
  "%j is not a port",
  (text) =>
    expect(() => named({ "api-port": text })).toThrow(`"${text}" is not a port: a whole number from 0`),
);

it("ports are decimal numbers, each for one part, where 0 may be for several", () => {
  expect(named({ "api-port": "65535", "shop-port": "80" })).toMatchObject({ apiPort: 65_535, shopPort: 80 });
  expect(named({ "api-port": "0", "shop-port": "0" })).toMatchObject({ apiPort: 0, shopPort: 0 });
  expect(() => named({ "api-port": "5000", "shop-port": "5000" })).toThrow(
    "--api-port and --shop-port are both 5000: choose another port for one of them.",
  );
  expect(() => named({ "api-port": "54322" })).toThrow("--api-port and --database-port are both 54322: ");
});

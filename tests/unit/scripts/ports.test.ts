import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { claimPorts, portsFrom } from "../../../scripts/ports.mjs";

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

import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { claimPorts } from "../../../scripts/ports.mjs";

async function occupied() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, port: address && typeof address === "object" ? address.port : 0 };
}

it("a port that is taken for a moment is waited for", async () => {
  const { server, port } = await occupied();
  const claimed = claimPorts({ apiPort: 0, databasePort: port, shopPort: 0 }, 30_000);
  setTimeout(() => server.close(), 50);
  expect((await claimed).databasePort).toBe(port);
});

it("a port that stays taken is named with the flag that chooses another", async () => {
  const { server, port } = await occupied();
  await expect(claimPorts({ apiPort: 0, databasePort: port, shopPort: 0 }, 0)).rejects.toThrow(
    `Port ${port} (Postgres) is taken by another program. Free it, or choose another: npm start -- --database-port ${
      port + 10
    }`,
  );
  server.close();
});

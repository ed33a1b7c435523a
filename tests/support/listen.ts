import { once } from "node:events";
import { createServer, type Server } from "node:http";

export interface Listening {
  port: number;
  url: string;
  /** Ends connections that clients keep open, too. */
  stop(): Promise<void>;
}

/** Has a server listen on a free port of this machine. */
export async function listen(server: Server): Promise<Listening> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** A port that nobody listens on, for a process that must know its own before it starts. */
export async function freePort(): Promise<number> {
  const { port, stop } = await listen(createServer());
  await stop();
  return port;
}

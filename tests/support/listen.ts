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

/** Where no system hands out ports by itself: of those an outgoing connection may take one at any time. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;
/** How far the ports of two processes lie apart whose ids follow each other. */
const PORTS_OF_PROCESS = 97;
let asked = 0;

/** A port that nobody listens on, for a process that must know its own before it starts; another one at each call. */
export async function freePort(): Promise<number> {
  const port = FIRST_PORT + (process.pid * PORTS_OF_PROCESS + asked++) % PORTS;
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE" && asked < PORTS) return await freePort();
    throw error;
  }
  server.close();
  await once(server, "close");
  return port;
}

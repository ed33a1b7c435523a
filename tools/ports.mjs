import { once } from "node:events";
import { createServer } from "node:net";
import { PlainError } from "./project.mjs";

/**
 * Makes sure that a port can be had; 0 stands for any.
 * @param {number} port
 * @param {{ what: string, flag: string }} use what it is for, and the flag that chooses another
 * @returns {Promise<number>} the port, picked if it was 0
 */
export async function claimPort(port, { what, flag }) {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    const reason = code === "EADDRINUSE" ? "is taken by another program" : "may not be used by this account";
    throw new PlainError(
      `Port ${port} (${what}) ${reason}. Free it, or choose another: npm start -- --${flag} ${port + 10}`,
    );
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return address && typeof address === "object" ? address.port : port;
}

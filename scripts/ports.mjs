import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ScriptError } from "./project.mjs";

/** What each port is for, and the flag that chooses another. */
const USES = {
  apiPort: { what: "the API", flag: "--api-port" },
  databasePort: { what: "Postgres", flag: "--database-port" },
  shopPort: { what: "the shop", flag: "--shop-port" },
};

/**
 * The defaults lie where Linux takes the ports of outgoing connections from: one of them may hold a port for a moment, while
 * nobody listens there.
 */
const PATIENCE_MS = 2000;
const RETRY_MS = 200;

/** @typedef {keyof typeof USES} PortName */

/**
 * Checks that the ports are free; 0 picks any free one. Throws one error that names every port that is taken.
 * @param {Record<PortName, number>} wanted
 * @param {number} patienceMs how long a port that is taken may take to become free
 * @returns {Promise<Record<PortName, number>>}
 */
export async function claimPorts(wanted, patienceMs = PATIENCE_MS) {
  const names = /** @type {PortName[]} */ (Object.keys(USES));
  const claimed = await Promise.all(names.map((name) => waitForPort(wanted[name], patienceMs)));
  const taken = names.filter((_, index) => claimed[index] === null);
  if (taken.length > 0) {
    const ports = taken.map((name) => `Port ${wanted[name]} (${USES[name].what})`).join(", ");
    const flags = names.filter((name) => taken.includes(name) || process.argv.includes(USES[name].flag))
      .map((name) => `${USES[name].flag} ${taken.includes(name) ? wanted[name] + 10 : wanted[name]}`).join(
        " ",
      );
    const verb = taken.length === 1
      ? "is taken by another program. Free it"
      : "are taken by other programs. Free them";
    throw new ScriptError(`${ports} ${verb}, or choose another: npm start -- ${flags}`);
  }
  const [apiPort = 0, databasePort = 0, shopPort = 0] = claimed.map(Number);
  return { apiPort, databasePort, shopPort };
}

/**
 * @param {number} port
 * @param {number} patienceMs
 */
async function waitForPort(port, patienceMs) {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const free = await freePort(port);
    if (free !== null || performance.now() >= giveUpAt) return free;
    await delay(RETRY_MS);
  }
}

/**
 * The port, picked if it is 0; `null` if it can't be had.
 * @param {number} port
 */
async function freePort(port) {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EADDRINUSE" || code === "EACCES") return null;
    throw error;
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return address && typeof address === "object" ? address.port : port;
}

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ScriptError } from "./project.mjs";

/** What each port is for, and the flag that chooses another. */
const USES = {
  apiPort: { what: "the API", flag: "--api-port" },
  databasePort: { what: "Postgres", flag: "--database-port" },
  mailPort: { what: "caught mails", flag: "--mail-port" },
  shopPort: { what: "the shop", flag: "--shop-port" },
  inboxPort: { what: "the inbox", flag: "--inbox-port" },
  gatewayPort: { what: "the gateway", flag: "--gateway-port" },
};

/** The options of `npm start` that choose ports, for `parseArgs`. */
export const PORT_OPTIONS = /** @type {const} */ ({
  "api-port": { type: "string", default: "54321" },
  "database-port": { type: "string", default: "54322" },
  "mail-port": { type: "string", default: "54324" },
  "shop-port": { type: "string", default: "4173" },
  "inbox-port": { type: "string", default: "5174" },
  "gateway-port": { type: "string", default: "54330" },
});

/**
 * The defaults lie where Linux takes the ports of outgoing connections from: one of them may hold a port for a moment, while
 * nobody listens there.
 */
const PATIENCE_MS = 2000;
const RETRY_MS = 200;

/** @typedef {keyof typeof USES} PortName */

const PORT_NAMES = /** @type {PortName[]} */ (Object.keys(USES));

/**
 * The ports that options name; 0 stands for any free one. Throws a `ScriptError` for one that is none, or that is named twice.
 * @param {Record<keyof typeof PORT_OPTIONS, string>} values
 * @returns {Record<PortName, number>}
 */
export function portsFrom(values) {
  const ports = {
    apiPort: portNumber(values["api-port"]),
    databasePort: portNumber(values["database-port"]),
    mailPort: portNumber(values["mail-port"]),
    shopPort: portNumber(values["shop-port"]),
    inboxPort: portNumber(values["inbox-port"]),
    gatewayPort: portNumber(values["gateway-port"]),
  };
  for (const name of PORT_NAMES) {
    const other = PORT_NAMES.find((other) => other !== name && ports[other] === ports[name]);
    if (!other || ports[name] === 0) continue;
    throw new ScriptError(
      `${USES[name].flag} and ${USES[other].flag} are both ${
        ports[name]
      }: choose another port for one of them.`,
    );
  }
  return ports;
}

/** @param {string} text */
function portNumber(text) {
  const port = Number(text);
  if (/^(?:0|[1-9]\d{0,4})$/.test(text) && port < 65_536) return port;
  throw new ScriptError(`"${text}" is not a port: a whole number from 0 (any free one) to 65535 is.`);
}

/**
 * Checks that the ports are free; 0 picks any free one. Throws one error that names every port that is taken.
 * @param {Record<PortName, number>} wanted
 * @param {number} patienceMs how long a port that is taken may take to become free
 * @returns {Promise<Record<PortName, number>>}
 */
export async function claimPorts(wanted, patienceMs = PATIENCE_MS) {
  const claimed = await Promise.all(PORT_NAMES.map((name) => waitForPort(wanted[name], patienceMs)));
  const taken = PORT_NAMES.filter((_, index) => claimed[index] === null);
  if (taken.length > 0) {
    const ports = taken.map((name) => `Port ${wanted[name]} (${USES[name].what})`).join(", ");
    const flags = PORT_NAMES.filter((name) => taken.includes(name) || process.argv.includes(USES[name].flag))
      .map((name) => `${USES[name].flag} ${taken.includes(name) ? wanted[name] + 10 : wanted[name]}`).join(
        " ",
      );
    const verb = taken.length === 1
      ? "is taken by another program. Free it"
      : "are taken by other programs. Free them";
    throw new ScriptError(`${ports} ${verb}, or choose another: npm start -- ${flags}`);
  }
  const [apiPort = 0, databasePort = 0, mailPort = 0, shopPort = 0, inboxPort = 0, gatewayPort = 0] = claimed
    .map(
      Number,
    );
  return { apiPort, databasePort, mailPort, shopPort, inboxPort, gatewayPort };
}

/** As Node has it, Deno, and the systems that Deno asks. */
const IN_USE = /EADDRINUSE|address (?:is )?already in use/i;

/**
 * What to tell of a part that failed: the same, but where a port was taken after it was found free, which one and what for.
 * @param {unknown} error
 * @param {Record<PortName, number>} ports what the parts were given, and have let go of
 * @returns {Promise<unknown>}
 */
export async function namingPort(error, ports) {
  if (!(error instanceof Error) || !IN_USE.test(error.message)) return error;
  return await claimPorts(ports, 0).then(() => error, (taken) => taken);
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

/** Below those that systems give to outgoing connections, which could take a port before it is listened on. */
const PICKED = { from: 20_000, below: 32_000 };

/**
 * The port, picked if it is 0; `null` if it can't be had.
 * @param {number} port
 */
async function freePort(port) {
  const server = createServer();
  try {
    server.listen(port || randomInt(PICKED.from, PICKED.below), "127.0.0.1");
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

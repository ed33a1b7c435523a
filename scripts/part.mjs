import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { denoPath } from "./deno.mjs";
import { ROOT, ScriptError } from "./project.mjs";

const STOP_MS = 5000;
const TAIL_LINES = 15;

/**
 * A process of a running Heddle. It speaks JSON lines on stdout; whatever else it prints goes to the log. It ends
 * when its standard input does, so that it never outlives this process, however that ended.
 */
export class Part {
  /**
   * @param {string} name as the reader knows it
   * @param {string[]} args of `deno run -A`
   * @param {{ env?: Record<string, string>, log: (line: string) => void, onNotice?: (text: string) => void, onStep?: (step: string, ms?: number) => void }} options
   */
  constructor(name, args, { env, log, onNotice = () => undefined, onStep = () => undefined }) {
    this.name = name;
    this.stopping = false;
    /** @type {string[]} */
    const tail = [];
    /** @type {string | undefined} */
    let failed;
    // By name: below an owner's node_modules Deno would take the owner's.
    const config = join(ROOT, "deno.json");
    this.child = spawn(denoPath(), ["run", "-A", "--quiet", "--config", config, ...args], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own: Ctrl-C reaches this process alone, which then stops the parts in order.
      detached: true,
    });
    /** @type {Map<string, (value: unknown) => void>} */
    this.waiting = new Map();
    /** @param {string} line */
    const keep = (line) => {
      log(line);
      if (tail.push(line) > TAIL_LINES) tail.shift();
    };
    createInterface({ input: this.child.stderr }).on("line", keep);
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const event = parsed(line);
      if (event.log !== undefined) return keep(String(event.log));
      if (event.notice !== undefined) return onNotice(String(event.notice));
      if (event.failed !== undefined) failed = String(event.failed);
      if (event.step !== undefined) onStep(String(event.step), /** @type {number | undefined} */ (event.ms));
      for (const [key, value] of Object.entries(event)) this.waiting.get(key)?.(value);
      if (Object.keys(event).length === 0) keep(line);
    });
    /** Rejects when the process ends although nobody asked it to. */
    this.crashed = once(this.child, "close").then(([code]) => {
      if (this.stopping) return new Promise(() => undefined);
      const why = failed ?? `${name} ended unexpectedly (exit code ${code}).\n${tail.join("\n")}`;
      throw new ScriptError(why);
    });
    this.crashed.catch(() => undefined); // whoever awaits it sees the rejection
  }

  /**
   * The value of the first line that holds `key`.
   * @param {string} key
   * @returns {Promise<any>}
   */
  event(key) {
    const value = new Promise((resolve) => this.waiting.set(key, resolve));
    const first = Promise.race([value, this.crashed]);
    first.catch(() => undefined); // it may end while another part is waited for
    return first;
  }

  async stop() {
    this.stopping = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_MS);
    this.child.kill("SIGTERM");
    await once(this.child, "exit");
    clearTimeout(timer);
  }
}

/**
 * @param {string} line
 * @returns {Record<string, unknown>}
 */
function parsed(line) {
  if (!line.startsWith("{")) return {};
  try {
    return JSON.parse(line);
  } catch {
    return {}; // a log line that merely looks like JSON
  }
}

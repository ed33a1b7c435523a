import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tether } from "./tether.ts";

interface TerminalOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** The command reads what is typed. */
  input?: boolean;
}

/** A command as a person runs it in a terminal: one process group, both streams on one screen. */
export class Terminal {
  readonly child: ChildProcess;
  readonly exitCode: Promise<number | null>;
  #screen = "";
  #watchers = new Set<() => void>();

  constructor(command: string, options: TerminalOptions = {}) {
    this.child = spawn("bash", ["-c", command], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input ? "pipe" : "ignore", "pipe", "pipe"],
      detached: true,
    });
    tether(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#screen += chunk;
        for (const look of this.#watchers) look();
      });
    }
    this.exitCode = once(this.child, "close").then(([code]) => {
      for (const look of this.#watchers) look();
      return code;
    });
  }

  get screen(): string {
    return this.#screen;
  }

  /** What a person types, `\n` for Enter; only with `input`. */
  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Resolves with the match as soon as the screen shows `pattern`; rejects if the command ends before. */
  shows(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = this.#screen.match(pattern);
        if (match) resolve(match);
        else if (this.child.exitCode === null && this.child.signalCode === null) return;
        else reject(new Error(`ended without showing ${pattern}:\n${this.#screen}`));
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Ctrl-C: the signal goes to the whole group, as a terminal sends it. Resolves when the screen is quiet for good. */
  async interrupt(): Promise<number | null> {
    const { pid, exitCode, signalCode } = this.child;
    if (pid && exitCode === null && signalCode === null) process.kill(-pid, "SIGINT");
    return await this.exitCode;
  }

  /** What a supervisor does: the signal goes to the command alone. Resolves when the screen is quiet for good. */
  async signal(name: NodeJS.Signals): Promise<number | null> {
    this.child.kill(name);
    return await this.exitCode;
  }
}

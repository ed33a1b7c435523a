import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A browser with one window, by W3C WebDriver (https://w3c.github.io/webdriver/) or WebDriver BiDi. */
export interface Driver {
  open(url: string): Promise<void>;
  back(): Promise<void>;
  /** Runs the body of an async function in the page. What it returns comes as JSON. */
  run(body: string): Promise<unknown>;
  /** Real input: WebDriver's sources of actions. */
  act(sources: ActionSource[]): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  close(): Promise<void>;
}

export interface ActionSource {
  type: "key" | "pointer";
  id: string;
  actions: object[];
}

export const FIREFOX = "/usr/bin/firefox-esr";
export const WEBKIT = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/** A process of a browser, whose output is kept to tell why it failed. */
export function startProcess(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    // The fourth is for what Xvfb tells.
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr, child.stdio[3]]) {
    stream?.on("data", (chunk) => output += chunk);
  }
  return {
    /** The first match in what it printed; rejects when it ends before. */
    async printed(pattern: RegExp): Promise<string> {
      for (;;) {
        const [, found] = pattern.exec(output) ?? [];
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}:\n${output}`);
        const streams = [child.stdout, child.stderr, child.stdio[3]];
        await Promise.race([once(child, "exit"), ...streams.map((stream) => stream && once(stream, "data"))]);
      }
    },
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

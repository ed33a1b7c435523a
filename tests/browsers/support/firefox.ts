import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { type Driver, FIREFOX, startProcess } from "./driver.ts";

/** A name that is this machine and, unlike `localhost`, no secure context. */
export const INSECURE_HOST = "shop.test";

const PREFERENCES: Record<string, string | boolean | number> = {
  "app.update.disabledForTesting": true,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.localDomains": INSECURE_HOST,
  "remote.active-protocols": 1,
  "toolkit.telemetry.server": "",
};

/** Firefox by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/). */
export async function startFirefox(): Promise<Driver> {
  const profile = mkdtempSync(join(tmpdir(), "heddle-firefox-"));
  const lines = Object.entries(PREFERENCES).map((entry) =>
    `user_pref(${entry.map((each) => JSON.stringify(each))});`
  );
  writeFileSync(join(profile, "user.js"), lines.join("\n"));
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  const firefox = startProcess(FIREFOX, args, { HOME: profile });
  const url = await firefox.printed(/WebDriver BiDi listening on (\S+)\s/);
  const socket = new WebSocket(`${url}/session`);
  await once(socket, "open");
  const command = commandsOf(socket);
  await command("session.new", { capabilities: {} });
  const { contexts } = await command("browsingContext.getTree", {}) as { contexts: [{ context: string }] };
  const { context } = contexts[0];

  return {
    open: (url) => command("browsingContext.navigate", { context, url, wait: "complete" }).then(() => {}),
    back: () => command("browsingContext.traverseHistory", { context, delta: -1 }).then(() => {}),
    async run(body) {
      const answer = await command("script.evaluate", {
        expression: `(async () => { ${body} })().then((value) => JSON.stringify(value ?? null))`,
        target: { context },
        awaitPromise: true,
      }) as { result?: { value: string }; exceptionDetails?: { text: string } };
      if (!answer.result) throw new Error(answer.exceptionDetails?.text);
      return JSON.parse(answer.result.value);
    },
    act: (actions) => command("input.performActions", { context, actions }).then(() => {}),
    resize: (width, height) =>
      command("browsingContext.setViewport", { context, viewport: { width, height } }).then(() => {}),
    async close() {
      socket.close();
      await firefox.stop();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

function commandsOf(socket: WebSocket) {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let last = 0;
  socket.on("message", (data) => {
    const { id, type, result, error, message } = JSON.parse(String(data));
    if (type === "success") waiting.get(id)?.resolve(result);
    if (type === "error") waiting.get(id)?.reject(new Error(`${error}: ${message}`));
    waiting.delete(id);
  });
  return (method: string, params: object) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
}

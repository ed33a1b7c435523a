import { freePort } from "../../support/listen.ts";
import { type Driver, startProcess, WEBKIT } from "./driver.ts";

/** WebKitGTK by WebDriver, on a screen of its own. Its window is at least 447 pixels wide. */
export async function startWebKit(): Promise<Driver> {
  const screen = startProcess("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]);
  const display = await screen.printed(/^(\d+)\s/);
  const port = await freePort();
  const driver = startProcess("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    DISPLAY: `:${display}`,
    LIBGL_ALWAYS_SOFTWARE: "1",
    // Its sandbox does not start for root.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
  });
  const call = async (method: "GET" | "POST" | "DELETE", path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  await isListening(port);
  const { sessionId } = await call("POST", "session", {
    capabilities: {
      alwaysMatch: {
        browserName: "MiniBrowser",
        "webkitgtk:browserOptions": { binary: WEBKIT, args: ["--automation"] },
      },
    },
  });
  const session = `session/${sessionId}`;

  return {
    open: (url) => call("POST", `${session}/url`, { url }),
    back: () => call("POST", `${session}/back`, {}),
    async run(body) {
      const script = `const done = arguments[0];
        (async () => { ${body} })().then((value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));`;
      const { value, error } = await call("POST", `${session}/execute/async`, { script, args: [] });
      if (error) throw new Error(error);
      return value;
    },
    act: (actions) => call("POST", `${session}/actions`, { actions }),
    resize: (width, height) => call("POST", `${session}/window/rect`, { width, height }),
    async close() {
      await call("DELETE", session).catch(() => {});
      await driver.stop();
      await screen.stop();
    },
  };
}

async function isListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("WebKitWebDriver does not answer.");
}

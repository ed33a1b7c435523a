import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { build } from "vite";

const ENTRY = fileURLToPath(new URL("preview.ts", import.meta.url));
/** The strictest a page can ask for: a widget that needs more than this shows up as a failing test. */
const POLICY = "default-src 'self'; require-trusted-types-for 'script'";
const CORE = /\/core\/core\.ts$/;

export type PanelPageOptions = BrowserContextOptions & { query?: string; dir?: "ltr" | "rtl" };

export interface PanelPages {
  /** A page with the widget's panel over a fake core, `globalThis.core`, closed. */
  open(options?: PanelPageOptions): Promise<PanelPage>;
  close(): Promise<void>;
}

export interface PanelPage {
  page: Page;
  /** What the page complained about: errors, and refusals of its Content-Security-Policy. */
  complaints: string[];
  close(): Promise<void>;
}

/** Serves the preview under a strict Content-Security-Policy. */
export async function servePanelPages(browser: Browser): Promise<PanelPages> {
  const script = await (bundled ??= bundle());
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://preview");
    if (pathname === "/preview.js") {
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
      return;
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY })
      .end(html(searchParams.get("dir") ?? "ltr"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    async open({ query = "", dir = "ltr", ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 900, height: 800 }, ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${port}/?dir=${dir}&${query}`);
      await page.locator(".launcher").waitFor();
      return { page, complaints, close: () => context.close() };
    },
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}

function html(dir: string): string {
  return `<!doctype html><html lang="en" dir="${dir}"><head><title>Shop</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<meta name="color-scheme" content="light dark"></head><body><main><h1>Shop</h1>` +
    `<button id="before">Cart</button></main><script type="module" src="/preview.js"></script></body></html>`;
}

/** For all files of a worker. */
let bundled: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    publicDir: false,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    plugins: [{
      name: "fake-core",
      enforce: "pre",
      resolveId: (id) => CORE.test(id) ? "\0fake-core" : null,
      load: (id) => id === "\0fake-core" ? "export const createCore = () => globalThis.core;" : null,
    }],
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      target: ["chrome123"],
      rolldownOptions: { input: ENTRY, output: { format: "es", codeSplitting: false } },
    },
  });
  const chunk = [result].flat().flatMap((made) => "output" in made ? made.output : []).find(({ type }) =>
    type === "chunk"
  );
  if (chunk?.type !== "chunk") throw new Error("The preview made no script.");
  return chunk.code;
}

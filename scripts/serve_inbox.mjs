import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { inboxHeadersFor } from "./inbox_headers.mjs";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};
/** A page of elsewhere whose name resolves to this machine must not be taken for the inbox. */
const LOCAL_HOST = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d+)?$/i;
/** Below it names change with the content. */
const ASSETS = "/assets/";

/**
 * Serves the built operators' app on this machine, as any static host would, with the `config.json` of a project. Resolves once it
 * listens.
 * @param {{ dir: string, port: number, url: string, publishableKey: string, command?: string }} options
 */
export async function serveInbox({ dir, port, url, publishableKey, command }) {
  const config = JSON.stringify({ url, publishableKey, command });
  const headers = inboxHeadersFor(url);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (!LOCAL_HOST.test(request.headers.host ?? "")) {
      response.writeHead(404, { "content-type": "text/plain" }).end("Not found\n");
      return;
    }
    const pathname = pathOf(request.url ?? "/");
    if (pathname === "/config.json") {
      response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache" }).end(
        config,
      );
      return;
    }
    const file = fileOf(dir, pathname);
    if (!file) {
      response.writeHead(404, { "content-type": "text/plain" }).end("Not found\n");
      return;
    }
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "cache-control": pathname.startsWith(ASSETS) ? "max-age=31536000, immutable" : "no-cache",
    });
    createReadStream(file).on("error", () => response.destroy()).pipe(response);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const boundTo = typeof address === "object" && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${boundTo}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * The path as it was sent: `//` begins a host for `new URL`, which throws where none follows.
 * @param {string} target
 */
function pathOf(target) {
  return target.split(/[?#]/, 1)[0] ?? "";
}

/** @param {string} dir @param {string} pathname */
function fileOf(dir, pathname) {
  if (pathname.includes("\0") || pathname.includes("%")) return null;
  // An absolute path has nothing above it that `..` could lead to.
  const file = join(dir, normalize(pathname === "/" ? "/index.html" : pathname));
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

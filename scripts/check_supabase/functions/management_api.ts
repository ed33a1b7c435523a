import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

const DEPLOY = /^\/v1\/projects\/[a-z]{20}\/functions\/deploy$/;

/** One function as the CLI hands it to Supabase. */
export interface Upload {
  metadata: { entrypoint_path?: string; import_map_path?: string; verify_jwt?: boolean };
  /** Contents by path, relative to the project. */
  files: Map<string, Uint8Array>;
}

/** By the function's slug. */
export type Uploads = Map<string, Upload>;

export interface ManagementApi {
  url: string;
  uploads: Uploads;
  stop(): void;
}

/** A fake of Supabase's management API for `functions deploy --use-api` that keeps the uploads. */
export async function startManagementApi(): Promise<ManagementApi> {
  const uploads: Uploads = new Map();
  const server = createServer((request, response) => {
    answer(request, uploads).then(({ status, body }) => send(response, status, body), (error: unknown) => {
      send(response, 500, { message: String(error) });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    uploads,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  request: IncomingMessage,
  uploads: Uploads,
): Promise<{ status: number; body: unknown }> {
  const url = new URL(request.url ?? "/", "http://management");
  const body = await buffer(request);
  if (request.method === "POST" && DEPLOY.test(url.pathname)) {
    const slug = url.searchParams.get("slug") ?? "";
    uploads.set(slug, await uploadIn(body, request.headers["content-type"] ?? ""));
    return { status: 201, body: deployed(slug) };
  }
  // The last call of a deployment makes all functions visible at once.
  if (request.method === "PUT") return { status: 200, body: { functions: JSON.parse(body.toString()) } };
  return { status: 200, body: [] };
}

async function uploadIn(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<Upload> {
  const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
  const files = new Map<string, Uint8Array>();
  for (const part of form.getAll("file")) {
    if (typeof part !== "string") files.set(part.name, new Uint8Array(await part.arrayBuffer()));
  }
  const metadata = form.get("metadata");
  return { metadata: typeof metadata === "string" ? JSON.parse(metadata) : {}, files };
}

function deployed(slug: string) {
  const now = Date.now();
  return {
    id: crypto.randomUUID(),
    slug,
    name: slug,
    status: "ACTIVE",
    version: 1,
    created_at: now,
    updated_at: now,
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

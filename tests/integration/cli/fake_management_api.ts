/**
 * A fake of Supabase's management API: the calls that deployments make, answered as the real one does for one project.
 * Source: https://supabase.com/docs/reference/api and what the Supabase CLI 3.1 sends.
 */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { type Asked, type FakeServer, startFakeServer } from "./fake_server.ts";

export const REF = "abcdefghijklmnopqrst";
export const ACCESS_TOKEN = `sbp_${"0123456789".repeat(4)}`;

export interface FakeFunction {
  slug: string;
  version: number;
  verify_jwt: boolean;
  ezbr_sha256: string;
  [field: string]: unknown;
}

export interface FakeManagementApi extends FakeServer {
  /** Those that are active, by their slugs. */
  functions: Map<string, FakeFunction>;
  /** What was sent of each function last: its files by path, and its metadata. */
  uploads: Map<string, { files: Map<string, string>; metadata: Record<string, unknown> }>;
  /** Imports of uploaded files that lead nowhere. */
  unresolved: string[];
  project: { db_schema: string; secrets: string[] };
}

export async function startFakeManagementApi(): Promise<FakeManagementApi> {
  const functions: FakeManagementApi["functions"] = new Map();
  const uploads: FakeManagementApi["uploads"] = new Map();
  const unresolved: string[] = [];
  const project = { db_schema: "public,graphql_public", secrets: ["SUPABASE_URL"] };

  const server = await startFakeServer(async (asked) => {
    if (asked.headers.get("authorization") !== `Bearer ${ACCESS_TOKEN}`) {
      return Response.json({ message: "Unauthorized" }, { status: 401 });
    }
    const [, method, path = ""] = new RegExp(`^(\\S+) /v1/projects/${REF}(/.*)$`).exec(asked.request) ?? [];
    if (!method) return Response.json({ message: "Resource has been removed" }, { status: 404 });
    const { pathname, searchParams } = new URL(path, "http://fake");
    switch (`${method} ${pathname}`) {
      case "GET /functions":
        return Response.json([...functions.values()].map((there) => ({ ...there, updated_at: 1 })));
      case "POST /functions/deploy":
        return await bundle(asked, searchParams);
      case "PUT /functions":
        return activate(asked);
      case "GET /postgrest":
        return Response.json({ ...project, max_rows: 1000, jwt_secret: "never-to-be-shown" });
      case "PATCH /postgrest":
        project.db_schema = JSON.parse(asked.body.toString()).db_schema;
        return Response.json({ db_schema: project.db_schema, max_rows: 1000 });
      case "GET /secrets":
        return Response.json(project.secrets.map((name) => ({ name, value: "its digest" })));
      default:
        return Response.json({ message: `Cannot ${method} ${pathname}` }, { status: 404 });
    }
  });
  return { ...server, functions, uploads, unresolved, project };

  async function bundle({ headers, body }: Asked, query: URLSearchParams): Promise<Response> {
    const slug = query.get("slug") ?? "";
    const form = await new Response(new Uint8Array(body), { headers }).formData();
    const metadata = JSON.parse(String(form.get("metadata")));
    const files = new Map<string, string>();
    for (const part of form.getAll("file")) {
      if (typeof part !== "string") files.set(part.name, await part.text());
    }
    uploads.set(slug, { files, metadata });
    unresolved.push(...importsThatLeadNowhere(files, metadata.import_map_path));
    const answer: FakeFunction = {
      id: slug,
      slug,
      name: metadata.name,
      status: "ACTIVE",
      version: (functions.get(slug)?.version ?? 0) + 1,
      created_at: 1,
      updated_at: 1,
      verify_jwt: metadata.verify_jwt,
      entrypoint_path: metadata.entrypoint_path,
      import_map_path: metadata.import_map_path,
      ezbr_sha256: createHash("sha256").update(JSON.stringify([...files])).digest("hex"),
    };
    if (query.get("bundleOnly") !== "true") functions.set(slug, answer);
    return Response.json(answer, { status: 201 });
  }

  function activate({ body }: Asked): Response {
    const updates: FakeFunction[] = JSON.parse(body.toString());
    if (updates.some((update) => "updated_at" in update)) {
      return Response.json({ message: "property updated_at should not exist" }, { status: 400 });
    }
    for (const update of updates) functions.set(update.slug, update);
    return Response.json({ functions: [...functions.values()] });
  }
}

function importsThatLeadNowhere(files: Map<string, string>, importMapPath: string): string[] {
  const { imports }: { imports: Record<string, string> } = JSON.parse(files.get(importMapPath) ?? "{}");
  return [...files].filter(([path]) => path.endsWith(".ts")).flatMap(([path, source]) =>
    [...source.matchAll(/^(?:import|export)\b[^;"]*?from "([^"]+)"/gm)]
      .map(([, specifier = ""]) => specifier)
      .filter((specifier) =>
        specifier.startsWith(".")
          ? !files.has(posix.join(posix.dirname(path), specifier))
          : !specifier.startsWith("node:") && imports?.[specifier] === undefined
      )
      .map((specifier) => `${path}: ${specifier}`)
  );
}

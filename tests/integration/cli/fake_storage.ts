/**
 * A fake of Supabase Storage: the calls that upload the widget, and the public address that pages load it from.
 * Source: https://github.com/supabase/storage (src/http/routes)
 */
import { createHash } from "node:crypto";
import { type Asked, type FakeServer, startFakeServer } from "./fake_server.ts";

export const SECRET_KEY = "sb_secret_of_the_fake";

export interface StoredObject {
  content: string;
  type: string;
  cacheControl: string;
}

export interface FakeStorage extends FakeServer {
  /** Of the bucket `heddle`, by their paths. */
  objects: Map<string, StoredObject>;
  /** Paths in the order in which they were stored. */
  stored: string[];
  /** Chunks that a stored script tag named although they were not there. */
  missing: string[];
  bucket: { public: boolean } | null;
  /** What entity tags are made of. */
  tags: "md5" | "sha1";
}

export async function startFakeStorage(): Promise<FakeStorage> {
  const objects: FakeStorage["objects"] = new Map();
  const state = {
    stored: [] as string[],
    missing: [] as string[],
    bucket: null as FakeStorage["bucket"],
    tags: "md5" as FakeStorage["tags"],
  };

  const server = await startFakeServer((asked) => {
    const [, method, path = ""] = /^(\S+) \/storage\/v1(\/.*)$/.exec(asked.request) ?? [];
    const [, publicPath] = /^\/object\/public\/heddle\/(.+)$/.exec(path) ?? [];
    if (publicPath && method === "GET") return publicFile(publicPath);
    const { headers } = asked;
    if (headers.get("apikey") !== SECRET_KEY || headers.get("authorization") !== `Bearer ${SECRET_KEY}`) {
      return refusal("403", "Unauthorized", "signature verification failed");
    }
    switch (`${method} ${path}`) {
      case "GET /bucket/heddle":
        return state.bucket
          ? Response.json({ id: "heddle", name: "heddle", ...state.bucket })
          : refusal("404", "Bucket not found", "Bucket not found");
      case "POST /bucket":
        if (state.bucket) return refusal("409", "Duplicate", "The resource already exists");
        state.bucket = { public: JSON.parse(asked.body.toString()).public };
        return Response.json({ name: "heddle" });
      case "POST /object/list/heddle":
        return list(JSON.parse(asked.body.toString()));
    }
    const [, objectPath] = /^\/object\/heddle\/(.+)$/.exec(path) ?? [];
    if (!objectPath || method !== "POST") return refusal("404", "not_found", "Route not found");
    return state.bucket ? store(asked, objectPath) : refusal("404", "Bucket not found", "Bucket not found");
  });
  return Object.assign(state, server, { objects });

  function store({ headers, body }: Asked, path: string): Response {
    if (objects.has(path) && headers.get("x-upsert") !== "true") {
      return refusal("409", "Duplicate", "The resource already exists");
    }
    const content = body.toString();
    if (path === "heddle.js") state.missing.push(...chunksOf(content).filter((chunk) => !objects.has(chunk)));
    objects.set(path, {
      content,
      type: headers.get("content-type") ?? "application/octet-stream",
      cacheControl: headers.get("cache-control") ?? "no-cache",
    });
    state.stored.push(path);
    return Response.json({ Id: path, Key: `heddle/${path}` });
  }

  function list({ prefix, limit, offset }: { prefix: string; limit: number; offset: number }): Response {
    const folder = prefix === "" ? "" : `${prefix}/`;
    const inside = [...objects].filter(([path]) => path.startsWith(folder))
      .map(([path, object]) => [path.slice(folder.length), object] as const).sort();
    const files = inside.filter(([name]) => !name.includes("/")).map(([name, object]) => ({
      name,
      metadata: {
        eTag: `"${createHash(state.tags).update(object.content).digest("hex")}"`,
        size: Buffer.byteLength(object.content),
        mimetype: object.type,
        cacheControl: object.cacheControl,
      },
    }));
    const below = inside.map(([name]) => name.split("/")).filter(({ length }) => length > 1);
    const folders = [...new Set(below.map(([name]) => name))].map((name) => ({ name, metadata: null }));
    return Response.json([...folders, ...files].slice(offset, offset + limit));
  }

  function publicFile(path: string): Response {
    const object = objects.get(path);
    if (!object || !state.bucket?.public) return refusal("404", "not_found", "Object not found");
    const { content, type, cacheControl } = object;
    return new Response(content, {
      headers: { "content-type": type, "cache-control": cacheControl, "access-control-allow-origin": "*" },
    });
  }
}

/** Storage answers most of its refusals with status 400 and puts the true one into the body. */
function refusal(statusCode: string, error: string, message: string): Response {
  return Response.json({ statusCode, error, message }, { status: 400 });
}

export function chunksOf(script: string): string[] {
  return [...new Set(script.match(/assets\/[\w-]+\.js/g) ?? [])];
}

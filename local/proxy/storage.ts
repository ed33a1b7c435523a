import { extname, join, normalize } from "node:path";

const CONTENT_TYPES: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".map": "application/json",
  ".txt": "text/plain; charset=utf-8",
};
const ABSENT = [Deno.errors.NotFound, Deno.errors.IsADirectory, Deno.errors.NotADirectory];
/** Longer than any name of ours, shorter than what file systems refuse. */
const MAX_PATH_CHARACTERS = 200;
const HASHED_NAME = /-[\w-]{6}(?:-2)?\.\w+$/;

/**
 * Serves the built widget where a project's public bucket `heddle` would. Hashed chunks never change; the
 * script tag is revalidated on every load, so that a rebuild shows at once.
 */
export async function servePublicFile(request: Request, root: string, path: string): Promise<Response> {
  const file = fileBelow(root, path);
  if (!file) return notFound();
  const bytes = await Deno.readFile(file).catch((error) => {
    if (ABSENT.some((kind) => error instanceof kind)) return null;
    throw error;
  });
  if (!bytes) return notFound();

  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const etag = `"${digest.slice(0, 12).toHex()}"`;
  const headers = {
    "content-type": CONTENT_TYPES[extname(file)] ?? "application/octet-stream",
    "cache-control": HASHED_NAME.test(file) ? "public, max-age=31536000, immutable" : "no-cache",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
    etag,
  };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : bytes, { headers });
}

/** The file that a URL's path names; `null` if it is malformed or leads out of `root`. */
function fileBelow(root: string, path: string): string | null {
  try {
    const name = decodeURIComponent(path);
    if (name.length > MAX_PATH_CHARACTERS || name.includes("\0")) return null;
    const file = normalize(join(root, name));
    return file.startsWith(`${root}/`) ? file : null;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function notFound(): Response {
  return Response.json(
    {
      statusCode: "404",
      error: "not_found",
      message: "Object not found. Is the widget built? npm run build",
    },
    { status: 404, headers: { "access-control-allow-origin": "*" } },
  );
}

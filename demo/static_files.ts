import { HttpError } from "./http.ts";

const FOLDER = new URL("static/", import.meta.url);
const TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** `/static/<name>.<type>`: a plain name, so it can't point out of the folder. */
export async function staticFile(pathname: string): Promise<Response> {
  const [, name = "", type = ""] = /^\/static\/([\w-]+\.(css|js|svg))$/.exec(pathname) ?? [];
  const contentType = TYPES[type];
  if (!contentType) throw new HttpError(404, "There is no such file.");
  const file = await Deno.readFile(new URL(name, FOLDER)).catch((error) => {
    if (error instanceof Deno.errors.NotFound) throw new HttpError(404, "There is no such file.");
    throw error;
  });
  return new Response(file, { headers: { "content-type": contentType, "cache-control": "no-cache" } });
}

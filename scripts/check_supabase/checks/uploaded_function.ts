import { join } from "node:path";
import { failed, OK } from "../../../cli/checks.ts";
import { callFunction } from "../functions/call_function.ts";
import { missingImports } from "../functions/missing_imports.ts";
import { unpack } from "../functions/unpack.ts";
import type { Check } from "../subject.ts";

/** Whether what the CLI uploaded of a function is all that it needs. `deno`: such as "Deno 2.1.4". */
export function uploadedFunction(slug: string, deno: string): Check {
  return {
    id: `function:${slug}`,
    what: slug,
    title: `has all it imports in its upload, and answers from there under ${deno}`,
    needs: ["deploy"],
    async run({ uploads, scratch }) {
      const upload = uploads.get(slug);
      if (!upload) return failed("It was not uploaded.", "Look at functions deploy above.");
      if (upload.metadata.verify_jwt !== false) {
        return failed(
          "Supabase would ask its callers for a JWT of the project, which they do not have.",
          `Set verify_jwt = false under [functions.${slug}] in supabase/config.toml.`,
        );
      }
      const unpacked = await unpack(upload, join(scratch, "uploads", slug));
      const missing = await missingImports(unpacked);
      if (missing.length > 0) {
        return failed(
          missing.join("\n"),
          `Correct the import; a package must stand in supabase/functions/${slug}/deno.json.`,
        );
      }
      await callFunction(unpacked, slug);
      return OK;
    },
  };
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Check, failed, PASSED } from "../check.ts";
import { generatedTypes, TYPES_FILE } from "../database_types.ts";
import { lineDifferences } from "../line_differences.ts";

export const types: Check = {
  id: "types",
  what: "gen types",
  title: `makes what ${TYPES_FILE} holds`,
  needs: ["migrations"],
  async run({ cli, databases, project }) {
    const generated = await generatedTypes(cli, databases.bare);
    const committed = await readFile(join(project, TYPES_FILE), "utf8");
    if (generated === committed) return PASSED;
    return failed(
      lineDifferences(committed, generated) || "The same lines stand in another order.",
      "Run npm run check:supabase -- --write-types, then npm test, and commit the file.",
    );
  },
};

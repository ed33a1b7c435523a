import { functionSources } from "../../../cli/deploy/functions/sources.ts";
import { type Check, failed, PASSED } from "../check.ts";
import { uploadDifferences } from "../functions/upload_differences.ts";

/** Says something of the checkout only that this program belongs to: heddle deploys no other. */
export const ownDeploy: Check = {
  id: "heddle-deploy",
  what: "npm run heddle -- deploy",
  title: "uploads the very files that functions deploy uploads",
  needs: ["deploy"],
  async run({ uploads }) {
    const differences = uploadDifferences(await functionSources(), uploads);
    if (differences.length === 0) return PASSED;
    return failed(
      differences.join("\n"),
      "Make cli/deploy/functions/sources.ts find what the CLI finds.",
    );
  },
};

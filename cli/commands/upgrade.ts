import type { Command } from "../command.ts";
import { CliError } from "../errors.ts";
import { manifestIn } from "../init/manifest.ts";
import { findOwnProject } from "../init/own_project.ts";
import { HEDDLE } from "../installation/calls.ts";
import { callersFolder } from "../installation/place.ts";
import { init } from "./init.ts";

const { project, "dry-run": dryRun, without } = init.options;

export const upgrade: Command = {
  name: "upgrade",
  summary: "Brings what init has written into your project to this version: the same as running init again",
  parameters: [],
  options: {
    ...(project && { project }),
    ...(dryRun && { "dry-run": dryRun }),
    ...(without && { without }),
  },
  examples: ["upgrade --project ../shop --dry-run", "upgrade --project ../shop"],
  needs: "nothing",
  async run(context) {
    const { input, terminal } = context;
    const found = await findOwnProject(input.text("project") ?? callersFolder(terminal.env));
    if (await manifestIn(found) !== null) return await init.run(context);
    throw new CliError(
      "not_installed",
      `init has put no Heddle into ${found.folder}. To do that: ${HEDDLE} init --project ${found.folder}`,
    );
  },
};

import { progress } from "./progress.mjs";
import { ScriptError } from "./project.mjs";
import { stampedBuild } from "./stamped_build.mjs";

const inbox = stampedBuild({
  name: "inbox",
  main: "index.html",
  inputs: [
    "client",
    "inbox",
    "kit",
    "shared",
    "scripts/build_inbox.mjs",
    "scripts/inbox_headers.mjs",
    "package-lock.json",
  ],
  async build(outDir) {
    const { buildInbox } = await import("./build_inbox.mjs");
    return await buildInbox({ outDir });
  },
});

/** Builds the operators' app into dist/inbox unless nothing has changed since the last build. Returns the folder. */
export async function ensureInboxBuilt(announce = progress) {
  if (inbox.isBuilt()) return inbox.outDir;
  await announce("Building the inbox", inbox.build()).catch((error) => {
    throw new ScriptError(`The inbox could not be built.\n${error.message}`);
  });
  return inbox.outDir;
}

/** Builds the operators' app into dist/inbox, and remembers of what. */
export const buildStampedInbox = inbox.build;

/** Whether dist/inbox is what the checkout's sources make. */
export const isInboxBuilt = inbox.isBuilt;

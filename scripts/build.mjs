import { ensureInstalled } from "./install.mjs";
import { runCommand } from "./project.mjs";

runCommand(async () => {
  await ensureInstalled();
  const { buildStampedWidget } = await import("./ensure_widget.mjs");
  const { files, paths } = await buildStampedWidget();
  for (const { file, bytes, gzip } of files) {
    console.log(`dist/widget/${file.padEnd(34)} ${kilobytes(bytes)} min  ${kilobytes(gzip)} gzip`);
  }
  const { loader, badge, thread } = paths;
  console.log(
    `script tag ${kilobytes(loader)}, live badge ${kilobytes(badge)}, live thread ${kilobytes(thread)}`,
  );
  const { buildStampedInbox } = await import("./ensure_inbox.mjs");
  const { gzip } = await buildStampedInbox();
  console.log(`dist/inbox, all scripts of the operators' app: ${kilobytes(gzip)} gzip`);
  const { buildStampedFunctions } = await import("./ensure_functions.mjs");
  const { files: functionFiles } = await buildStampedFunctions();
  for (const [file, text] of functionFiles) {
    if (file.endsWith(".js")) {
      console.log(`dist/functions/${file.padEnd(34)} ${kilobytes(Buffer.byteLength(text))}`);
    }
  }
  return 0;
});

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

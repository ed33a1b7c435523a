const SETTLE_MS = 100;

/** Calls `changed` once a burst of file changes below `paths` has settled. Returns the function that ends it. */
export function watchFiles(paths: string[], changed: () => void): () => void {
  const watcher = Deno.watchFs(paths);
  let timer: ReturnType<typeof setTimeout> | undefined;
  (async () => {
    for await (const { kind } of watcher) {
      if (kind === "access") continue;
      clearTimeout(timer);
      timer = setTimeout(changed, SETTLE_MS);
    }
  })();
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

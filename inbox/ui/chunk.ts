import { useEffect, useState } from "preact/hooks";

/** A part of the app that is loaded when it is first shown: `null` until it is there, `failed` if it could not be had. */
export function useChunk<Module extends object>(load: () => Promise<Module>): Module | null | "failed" {
  const [chunk, setChunk] = useState<Module | null | "failed">(null);
  useEffect(() => {
    let isGone = false;
    load().then(
      (module) => !isGone && setChunk(module),
      () => !isGone && setChunk("failed"),
    );
    return () => void (isGone = true);
  }, []);
  return chunk;
}

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure } from "../../kit/components/notes.tsx";

/** A part of the app that is loaded when it is first shown, or before by `load`. */
export interface LatePart<Props> {
  /** `null` until it is there. */
  readonly Part: ComponentType<Props> | null;
  load(): Promise<void>;
}

export function latePart<Props>(fetch: () => Promise<ComponentType<Props>>): LatePart<Props> {
  let Part: ComponentType<Props> | null = null;
  return {
    get Part() {
      return Part;
    },
    async load() {
      Part ??= await fetch();
    },
  };
}

/** Shows it at once if it has been loaded. */
export function Late<Props extends object>({ of, props }: { of: LatePart<Props>; props: Props }) {
  const [, redraw] = useState({});
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let isGone = false;
    if (!of.Part && !failed) {
      of.load().then(() => !isGone && redraw({}), () => !isGone && setFailed(true));
    }
    return () => void (isGone = true);
  }, [of, failed]);
  if (failed) {
    const problem = { code: "network", message: "A part of the app did not load." } as const;
    return <Failure problem={problem} onRetry={() => setFailed(false)} />;
  }
  const { Part } = of;
  return Part && <Part {...props} />;
}

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { KeptEdits } from "../../client/sync/kept_edits.ts";

/** What an entry says, and a name for that: a time of the server's. */
interface Version {
  id: string;
  body: string;
  version: string | undefined;
}

/**
 * A correction of an entry, which went on from what was `kept`: what it replaces, and as `newer` what the entry says since it was changed
 * elsewhere, as soon as that is known, unless it is what was typed here.
 */
export function useCorrection(
  edits: KeptEdits,
  now: Version,
  kept: ReturnType<KeptEdits["read"]>,
  isCorrected: boolean,
) {
  const typed = useRef(kept?.text);
  const [known, setKnown] = useState({ ...now, version: kept ? kept.version : now.version });
  const [newer, setNewer] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (!isCorrected || known.version === now.version) return;
    setKnown(now);
    setNewer(typed.current?.trim() === now.body.trim() ? null : now.body);
  }, [isCorrected, now.version]);
  return {
    ...known,
    newer,
    typed,
    keep(text: string) {
      typed.current = text;
      edits.keep(now.id, text, known.version);
    },
    /** Anew, or no more: nothing stays of what was typed. */
    begin() {
      edits.keep(now.id, "");
      typed.current = undefined;
      setKnown(now);
      setNewer(null);
    },
  };
}

import type { Clock } from "../clock.ts";
import type { Settings } from "../settings.ts";

/** A connection, as far as its channels go. */
export interface Reapable {
  /** Whether it has no channel now, and has had one or has been open for so many milliseconds. */
  isIdle(openMs: number): boolean;
  drop(): void;
}

/**
 * Ends connections without a joined channel at every tick. Returns how to stop that.
 * Source: supabase/realtime, lib/realtime_web/channels/realtime_channel/tracker.ex.
 */
export function startReaper(
  { sockets, clock, settings }: { sockets: Iterable<Reapable>; clock: Clock; settings: Settings },
): () => void {
  let cancel = schedule();
  return () => cancel();

  function schedule() {
    const { noChannelMs } = settings;
    return clock.after(noChannelMs, () => {
      for (const socket of [...sockets].filter((each) => each.isIdle(noChannelMs))) socket.drop();
      cancel = schedule();
    });
  }
}

/** Hands out by how much a text has grown. */
export interface Pace {
  /** The text is this one by now: the former one and something behind it. */
  grow(text: string): void;
  /** Hands out what is left, and resolves once that is done. Nothing grows after it. */
  finish(): Promise<void>;
}

export interface PaceOptions {
  /** What is known of the text before. */
  begun: string;
  /** Milliseconds between two calls of `send`. Read each time. */
  everyMs(): number;
  /** `send` is also called where nothing has grown: it says that the text may still grow. */
  beats?: boolean;
  /** Never called while an earlier call is under way. False: it failed, and the same is handed out again. */
  send(offset: number, delta: string): Promise<boolean>;
}

/** Offsets and lengths are UTF-16 code units, as JavaScript counts them; no character is cut in two. */
export function createPace({ begun, everyMs, beats = false, send }: PaceOptions): Pace {
  let text = begun;
  let sent = begun.length;
  let sentAt = -Infinity;
  /** Where a call that failed ended: the other side may have it all the same, so the same is tried again. */
  let failedEnd: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<void> | null = null;
  let finished = false;

  async function run(isLast: boolean) {
    const end = failedEnd ?? (isLast ? text.length : wholeLength(text));
    if (end < sent || (end === sent && (!beats || isLast))) return;
    sentAt = Date.now();
    const isDone = await send(sent, text.slice(sent, end));
    failedEnd = isDone ? null : end;
    if (isDone) sent = end;
  }

  function schedule() {
    if (finished || timer !== undefined || sending || (!beats && wholeLength(text) <= sent)) return;
    timer = setTimeout(() => {
      timer = undefined;
      sending = run(false).finally(() => {
        sending = null;
        schedule();
      });
    }, Math.max(0, sentAt + everyMs() - Date.now()));
  }

  schedule();
  return {
    grow(next) {
      text = next;
      schedule();
    },
    async finish() {
      finished = true;
      clearTimeout(timer);
      await sending;
      await run(true);
    },
  };
}

/** Without the first half of a character whose second is yet to come. */
export function wholeLength(text: string): number {
  return (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800 ? text.length - 1 : text.length;
}

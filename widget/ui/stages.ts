/** A page that nobody sees draws no frames; its panel is filled all the same. */
const LONGEST_FRAME_MS = 500;

const after = (milliseconds?: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const nextTask = () => after();

/** Resolves once what has been drawn by now is on the screen. */
function painted(): Promise<unknown> {
  const frame = new Promise((resolve) => requestAnimationFrame(resolve)).then(nextTask);
  return Promise.race([frame, after(LONGEST_FRAME_MS)]);
}

/**
 * The first use of Intl makes the browser read its data of all languages, which holds a phone up for 50 to 115 ms and
 * can't be interrupted. Collation reads a part of them, so that there are two tasks, and none of them draws.
 */
async function readLanguages(): Promise<void> {
  await nextTask();
  Intl.Collator.supportedLocalesOf("en");
  await nextTask();
  Intl.DateTimeFormat.supportedLocalesOf("en");
}

// As soon as the panel's code is there, so that it is done when the panel was loaded ahead.
const languagesRead = readLanguages();

/** Resolves in a task of its own, once the frame is on the screen and the content's words and times can be written. */
export function readyToFill(): Promise<unknown> {
  return Promise.all([languagesRead, painted()]).then(nextTask);
}

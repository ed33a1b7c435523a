/** More than any message may have. */
const LONG = 10_000;

/**
 * Has fields below `root` that are about to get a very long text lay it out by one direction instead of each paragraph's own
 * (`unicode-bidi: plaintext`, by `dir=auto`): for a megabyte without a blank Chromium takes ten seconds there.
 */
export function easeLongTexts(root: HTMLElement): void {
  root.addEventListener("beforeinput", ({ target, data, dataTransfer }) => {
    const text = data ?? dataTransfer?.getData("text/plain") ?? "";
    if (text.length > LONG && target instanceof HTMLTextAreaElement) target.style.unicodeBidi = "isolate";
  });
}

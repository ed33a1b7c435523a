import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * For a question in the place of the button that led to it: whoever is asked sees all of it, with the focus on what changes
 * nothing, the last button; Escape closes it alone, and then they are where they were.
 */
export function useQuestion<Opener extends HTMLElement = HTMLButtonElement>(
  asking: boolean,
  close: () => void,
) {
  const question = useRef<HTMLDivElement>(null);
  const opener = useRef<Opener>(null);
  const wasAsking = useRef(false);
  useLayoutEffect(() => {
    if (asking) {
      question.current?.querySelector<HTMLElement>("button:last-of-type")?.focus({ preventScroll: true });
      question.current?.scrollIntoView({ block: "nearest" });
    } else if (wasAsking.current) opener.current?.focus();
    wasAsking.current = asking;
  }, [asking]);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Escape") return;
    // Not what is around it.
    event.stopPropagation();
    close();
  }

  return { question, opener, onKeyDown };
}

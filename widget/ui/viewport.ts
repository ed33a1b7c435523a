/**
 * Keeps a full-screen panel above a phone's keyboard: it covers the layout viewport's bottom, so height and offset of
 * the visual viewport are handed to the style sheet. Returns what undoes it.
 */
export function keepInViewport(panel: HTMLElement): () => void {
  const { visualViewport } = globalThis;
  if (!visualViewport) return () => {};
  const tell = () => {
    panel.style.setProperty("--visual-height", `${visualViewport.height}px`);
    panel.style.setProperty("--visual-top", `${visualViewport.offsetTop}px`);
  };
  tell();
  visualViewport.addEventListener("resize", tell);
  visualViewport.addEventListener("scroll", tell);
  return () => {
    visualViewport.removeEventListener("resize", tell);
    visualViewport.removeEventListener("scroll", tell);
  };
}

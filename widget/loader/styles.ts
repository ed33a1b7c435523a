/** Adds a style sheet to the shadow root and returns a function that replaces its text. */
export type AddStyles = (css: string) => (css: string) => void;

/**
 * Constructable stylesheets need no permission from a Content-Security-Policy. Browsers without them get a
 * `<style>` with the page's nonce.
 */
export function createStyles(root: ShadowRoot, nonce: string | undefined): AddStyles {
  return (css) => {
    if ("adoptedStyleSheets" in root) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      return (next) => sheet.replaceSync(next);
    }
    const style = document.createElement("style");
    if (nonce) style.nonce = nonce;
    style.textContent = css;
    (root as ShadowRoot).prepend(style);
    return (next) => {
      style.textContent = next;
    };
  };
}

/** Adds a style sheet to the shadow root. */
export type AddStyles = (css: string) => void;

/**
 * Constructable stylesheets need no permission from a Content-Security-Policy. Browsers without them get a
 * `<style>` with the page's nonce.
 */
export function createStyles(root: ShadowRoot, nonce = ""): AddStyles {
  return (css) => {
    if (root.adoptedStyleSheets) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    } else {
      const style = document.createElement("style");
      style.nonce = nonce;
      style.textContent = css;
      root.append(style);
    }
  };
}

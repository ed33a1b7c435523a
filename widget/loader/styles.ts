/** Adds a style sheet to the shadow root. */
export type AddStyles = (css: string) => void;

/** Constructable stylesheets: they need no permission, and no nonce, from a Content-Security-Policy. */
export function createStyles(root: ShadowRoot): AddStyles {
  return (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  };
}

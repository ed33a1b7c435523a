/** What a text is shown as: text stays text, and only these elements come about. */
export type RichNode = string | RichElement;

export interface RichElement {
  tag: "a" | "p" | "strong" | "em" | "code" | "pre" | "ul" | "ol" | "li" | "button";
  attributes?: Record<string, string>;
  children: RichNode[];
}

/** A link away from the page. */
export function linkTo(href: string, children: RichNode[]): RichElement {
  // A direction of its own: signs before it that turn the writing direction would show another address.
  return { tag: "a", attributes: { dir: "ltr", href, target: "_blank", rel: "noopener nofollow" }, children };
}

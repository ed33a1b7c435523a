import { type Html, html } from "./html.ts";

interface Page {
  title: string;
  /** Name of the page's own style sheet. */
  styles: string;
  head?: Html | null;
  body: Html;
}

export function page({ title, styles, head, body }: Page): string {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="/static/logo.svg">
    <link rel="stylesheet" href="/static/base.css">
    <link rel="stylesheet" href="/static/${styles}.css">
    ${head}
  </head>
  <body>${body}</body>
</html>`.text;
}

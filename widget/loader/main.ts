import { install } from "./api.ts";
import { createChunks } from "./chunks.ts";
import { readConfig } from "./config.ts";
import { whenParsed } from "./idle.ts";

// Of the prototype: an element of the page that is named "currentScript" hides the document's own property.
const current = Reflect.get(Document.prototype, "currentScript", document) as HTMLScriptElement | null;
const script = current ?? document.querySelector<HTMLScriptElement>("script[data-agent]");
const config = script && readConfig(script);

if (!config) console.error("heddle: the script tag needs data-agent.");
// Of all that the widget uses browsers have learned this last, or nearly so.
else if (CSS.supports("color", "light-dark(#fff,#000)")) {
  whenParsed(() => install(config, createChunks(script.src)));
} else {
  console.warn("heddle: this browser is too old.");
  globalThis.heddle = () => {};
}

import { install, sayTaken } from "./api.ts";
import { createChunks } from "./chunks.ts";
import { readConfig } from "./config.ts";
import { whenParsed } from "./idle.ts";

type Tag = HTMLScriptElement & { ran?: boolean };

// Of the prototype: an element of the page that is named "currentScript" hides the document's own property.
const current = Reflect.get(Document.prototype, "currentScript", document) as Tag | null;
const script = current ?? document.querySelector<Tag>("script[data-agent]");
const config = script && readConfig(script);
// The page's first tag for a Heddle widget: with `async` another one may run before it.
const first = document.querySelector<Tag>("script[data-agent][src*=heddle]");
if (script) script.ran = true;

if (!config) console.error("heddle: there is no tag with data-agent.");
else if (first && !first.ran && first.dataset.agent !== script.dataset.agent) sayTaken(first.dataset.agent);
// Of all that the widget uses browsers have learned this last, or nearly so.
else if (CSS.supports("color", "light-dark(#fff,#000)")) {
  whenParsed(() => install(config, createChunks(script.src)));
} else {
  console.warn("heddle: this browser is too old.");
  globalThis.heddle = () => {};
}

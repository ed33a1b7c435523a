import { install } from "./api.ts";
import { createChunks } from "./chunks.ts";
import { readConfig } from "./config.ts";
import { whenParsed } from "./idle.ts";

const script = (document.currentScript ?? document.querySelector("script[data-agent]")) as HTMLScriptElement;
const config = readConfig(script);

if (!config) console.error("heddle: the script tag needs data-agent.");
// Of all that the widget uses browsers have learned this last, or nearly so.
else if (CSS.supports("color", "light-dark(#fff,#000)")) {
  whenParsed(() => install(config, createChunks(script.src)));
} else {
  console.warn("heddle: this browser is too old.");
  globalThis.heddle = () => {};
}

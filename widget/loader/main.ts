import { install } from "./api.ts";
import { createChunks } from "./chunks.ts";
import { readConfig } from "./config.ts";
import { whenParsed } from "./idle.ts";

const script = document.currentScript ?? document.querySelector("script[data-agent]");
const config = script instanceof HTMLScriptElement ? readConfig(script) : null;

if (config && script instanceof HTMLScriptElement) {
  const chunks = createChunks(script.src);
  whenParsed(() => install(config, chunks));
} else {
  console.error("heddle: the script tag needs data-agent.");
}

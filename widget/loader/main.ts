import { install } from "./api.ts";
import { createChunks } from "./chunks.ts";
import { readConfig } from "./config.ts";
import { whenParsed } from "./idle.ts";

const script = (document.currentScript ?? document.querySelector("script[data-agent]")) as HTMLScriptElement;
const config = readConfig(script);

if (config) whenParsed(() => install(config, createChunks(script.src)));
else console.error("heddle: the script tag needs data-agent.");

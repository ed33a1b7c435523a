import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Env } from "../command.ts";

/** A checkout runs these sources, and the npm package a bundle of them. */
export const IS_CHECKOUT = import.meta.url.endsWith(".ts");

/** The checkout, or the package: sources and bundle lie two folders below it. */
export const ROOT = new URL("../../", import.meta.url);

/** Where `npm start` keeps its data: in the checkout, or in the folder that the package is called from. */
export const DEFAULT_DATA_DIR = IS_CHECKOUT ? fileURLToPath(new URL(".heddle", ROOT)) : resolve(".heddle");

/** The folder in which the command was typed: npm runs a checkout's scripts in its own, and says where it was called. */
export function callersFolder({ INIT_CWD }: Env): string {
  return (IS_CHECKOUT ? INIT_CWD : undefined) ?? process.cwd();
}

/** Of Heddle, such as 0.1.0. */
export function installedVersion(): string {
  return JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")).version;
}

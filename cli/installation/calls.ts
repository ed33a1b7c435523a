/** How this program, and what starts everything on this machine, are called where it is installed. */
import { IS_CHECKOUT } from "./place.ts";

/** In front of a command's name. */
export const HEDDLE = IS_CHECKOUT ? "npm run heddle --" : "npx heddle";
/** The same where a program reads what is printed. */
export const QUIET_HEDDLE = IS_CHECKOUT ? "npm run -s heddle --" : "npx heddle";
export const START = IS_CHECKOUT ? "npm start" : "npx heddle start";

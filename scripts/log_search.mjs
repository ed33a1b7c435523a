import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * @typedef {{ what: string, value?: string, sha256?: string }} KnownSecret
 * @typedef {{ file: string, line: number, what: string, text: string }} Hit
 */

/** Where the tests note the secrets that can't be told by their shape. */
export const KNOWN_SECRETS = "secrets.jsonl";

/** Secrets that give themselves away, in a log line as in a URL. @type {[string, RegExp][]} */
const SHAPES = [
  ["an API key", /\bhdl_[\w-]{16,}/g],
  ["a webhook secret", /\bwhsec_[\w+/=-]{16,}/g],
  ["a secret key of the project", /\bsb_secret_[\w-]{8,}/g],
  ["a session, userToken or other JWT", /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g],
  ["a whole channel name", /-[0-9a-f]{64}(?![0-9a-f])/g],
  ["a password in a URL", /\b[a-z]+:\/\/[^\s/:@"]*:[^\s/@"]+@/gi],
  ["a credential of a header", /\b(?:basic|bearer)(?: |%20|\+)+[\w.~+/=-]{16,}/gi],
  ["a webhook signature", /\bv1,[A-Za-z0-9+/]{43}=/g],
];
/** As long as 256 bits of base64url, which a visitorToken is; which of them is one, its hash tells. */
const VISITOR_TOKEN = /(?<![\w-])[\w-]{43}(?![\w-])/g;
/** Shorter ones, such as a test's connector that sends "t", are words that stand everywhere. */
const MIN_SECRET_CHARACTERS = 12;
const EXCERPT = 240;

/**
 * Searches the log files of a test run for secrets and whole channel names.
 * @param {string} folder of log files, and of the secrets that the tests noted
 * @returns {{ files: number, lines: number, hits: Hit[] }} the texts of hits have the secret cut out
 */
export function searchLogs(folder) {
  const secrets = knownSecrets(join(folder, KNOWN_SECRETS));
  /** @type {Hit[]} */
  const hits = [];
  let lines = 0;
  const files = readdirSync(folder).filter((name) => name.endsWith(".log"));
  for (const file of files) {
    for (const [index, text] of readFileSync(join(folder, file), "utf8").split("\n").entries()) {
      if (text === "") continue;
      lines++;
      for (const { what, value } of secretsIn(text, secrets)) {
        hits.push({ file: basename(file), line: index + 1, what, text: excerpt(text, value) });
      }
    }
  }
  return { files: files.length, lines, hits };
}

/**
 * @param {string} text
 * @param {ReturnType<typeof knownSecrets>} secrets
 * @returns {{ what: string, value: string }[]}
 */
function secretsIn(text, { values, hashes }) {
  const shaped = SHAPES.flatMap(([what, shape]) =>
    [...text.matchAll(shape)].map(([value]) => ({ what, value }))
  );
  const literal = values.filter(({ value }) => text.includes(value));
  const hashed = hashes.size === 0 ? [] : [...text.matchAll(VISITOR_TOKEN)].flatMap(([value]) => {
    const what = hashes.get(createHash("sha256").update(value).digest("hex"));
    return what === undefined ? [] : [{ what, value }];
  });
  return [...shaped, ...literal, ...hashed];
}

/** @param {string} file */
function knownSecrets(file) {
  /** @type {Map<string, string>} */
  const values = new Map();
  /** @type {Map<string, string>} */
  const hashes = new Map();
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  for (const line of lines.filter(Boolean)) {
    /** @type {KnownSecret} */
    const { what, value, sha256 } = JSON.parse(line);
    if (sha256) hashes.set(sha256, what);
    // As it is, and as a URL holds it.
    for (
      const form of value && value.length >= MIN_SECRET_CHARACTERS ? [value, encodeURIComponent(value)] : []
    ) values.set(form, what);
  }
  return { values: [...values].map(([value, what]) => ({ what, value })), hashes };
}

/**
 * @param {string} text
 * @param {string} secret
 */
function excerpt(text, secret) {
  const at = text.indexOf(secret);
  const from = Math.max(0, at - EXCERPT / 2);
  return text.slice(from, from + secret.length + EXCERPT).replaceAll(secret, `[${secret.slice(0, 6)}…]`);
}

import { createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * @typedef {{ what: string, value: string, proves?: string }} KnownSecret `proves`: what the tokens are that hold its tag
 * @typedef {{ file: string, line: number, what: string, text: string }} Hit
 */

/** Where the tests note secrets that have no recognisable shape. */
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
/** As long as the 39 bytes of a visitorToken are in base64url; the tag in its last 16 bytes identifies it. */
const VISITOR_TOKEN = /(?<![\w-])[\w-]{52}(?![\w-])/g;
const TAG_BYTES = 16;
/** Shorter ones, such as a test's connector that sends "t", are words that occur everywhere. */
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
function secretsIn(text, { values, provers }) {
  const shaped = SHAPES.flatMap(([what, shape]) =>
    [...text.matchAll(shape)].map(([value]) => ({ what, value }))
  );
  const literal = values.filter(({ value }) => text.includes(value));
  const proved = [...text.matchAll(VISITOR_TOKEN)].flatMap(([value]) => {
    const bytes = Buffer.from(value, "base64url");
    const prover = provers.find(({ secret }) => holdsTag(bytes, secret));
    return prover === undefined ? [] : [{ what: prover.proves, value }];
  });
  return [...shaped, ...literal, ...proved];
}

/**
 * @param {Buffer} bytes
 * @param {string} secret
 */
function holdsTag(bytes, secret) {
  const tag = createHmac("sha256", secret).update(bytes.subarray(0, -TAG_BYTES)).digest();
  return tag.subarray(0, TAG_BYTES).equals(bytes.subarray(-TAG_BYTES));
}

/** @param {string} file */
function knownSecrets(file) {
  /** @type {Map<string, string>} */
  const values = new Map();
  /** @type {{ proves: string, secret: string }[]} */
  const provers = [];
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  for (const line of lines.filter(Boolean)) {
    /** @type {KnownSecret} */
    const { what, value, proves } = JSON.parse(line);
    if (proves) provers.push({ proves, secret: value });
    // As it is, and as a URL holds it.
    for (
      const form of value.length >= MIN_SECRET_CHARACTERS ? [value, encodeURIComponent(value)] : []
    ) values.set(form, what);
  }
  return { values: [...values].map(([value, what]) => ({ what, value })), provers };
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

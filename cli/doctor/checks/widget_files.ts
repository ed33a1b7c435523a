import { advice, failed, type Finding, OK, unchecked } from "../../checks.ts";
import { type Answer, ask, maxAgeOf } from "../../connection/http.ts";
import { builtScript } from "../../deploy/widget/files.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { type Check, lacking } from "../subject.ts";

const FOLDER = "/storage/v1/object/public/heddle";
/** As deploy sends them; the local stack revalidates the script tag instead. */
const MAX_SCRIPT_SECONDS = 300;
const MIN_CHUNK_SECONDS = 31_536_000;
const UPLOAD = `Upload it again with its cache rule: ${HEDDLE} deploy --only widget`;

export const script: Check = {
  id: "script",
  title: "The script is there, and browsers revalidate it after 5 minutes at most",
  async run(subject) {
    const { url } = subject;
    if (!url) return lacking(subject, "--url");
    const answer = await ask(`${url}${FOLDER}/heddle.js`);
    const fault = missing(answer, "heddle.js") ?? notScript(answer);
    if (fault) return fault;
    const rule = cacheRule(answer);
    // Without a rule browsers choose one: a tenth of the file's age.
    const renewed = answer.headers.has("cache-control") && !rule.includes("immutable");
    if (renewed && maxAgeOf(answer) <= MAX_SCRIPT_SECONDS) return OK;
    return failed(`pages keep the old one too long (${rule})`, UPLOAD);
  },
};

export const chunks: Check = {
  id: "chunks",
  title: "The widget's files are there, cached forever, and readable from every site",
  async run(subject) {
    const { url } = subject;
    if (!url) return lacking(subject, "--url");
    const loader = await ask(`${url}${FOLDER}/heddle.js`);
    const names = [...new Set(loader.text.match(/assets\/[\w-]+\.js/g) ?? [])];
    if (loader.status !== 200 || names.length === 0) return unchecked("the script tag names no files");
    const findings = await Promise.all(names.map(async (name) => {
      const answer = await ask(`${url}${FOLDER}/${name}`, { headers: { origin: "https://doctor.example" } });
      return missing(answer, name) ?? notScript(answer) ?? notShared(answer, name);
    }));
    return findings.find((finding) => finding !== null) ?? OK;
  },
};

export const widgetOfCheckout: Check = {
  id: "widget-version",
  title: "The widget is the one that deploy sends",
  async run(subject) {
    const { url } = subject;
    if (!url) return lacking(subject, "--url");
    const built = await builtScript();
    if (built === null) return unchecked("it is not built here: npm run build");
    const { status, text } = await ask(`${url}${FOLDER}/heddle.js`);
    if (status !== 200) return unchecked("the script tag is not there");
    if (text === built) return OK;
    // An older or newer widget works: that is not a fault.
    return advice(
      "pages load the widget of another version",
      `Replace it: ${HEDDLE} deploy --only widget (caches may need some minutes after that).`,
    );
  },
};

function missing({ status }: Answer, name: string): Finding | null {
  if (status === 200) return null;
  return failed(
    `${name} is not there (status ${status})`,
    `Upload it: ${HEDDLE} deploy --only widget. The bucket heddle must be public.`,
  );
}

function notScript({ headers }: Answer): Finding | null {
  const type = headers.get("content-type") ?? "none";
  return /javascript/.test(type)
    ? null
    : failed(`its content type is ${type}`, `Upload it again: ${HEDDLE} deploy --only widget`);
}

function notShared(answer: Answer, name: string): Finding | null {
  if (answer.headers.get("access-control-allow-origin") !== "*") {
    return failed(
      `other sites may not load ${name}: it comes without CORS headers`,
      "Serve it from a public bucket, and don't let a proxy remove access-control-allow-origin.",
    );
  }
  if (maxAgeOf(answer) >= MIN_CHUNK_SECONDS && cacheRule(answer).includes("immutable")) return null;
  return failed(`browsers don't keep ${name} (${cacheRule(answer)})`, UPLOAD);
}

function cacheRule({ headers }: Answer): string {
  return headers.get("cache-control") ?? "no cache rule";
}

/**
 * A project's Storage, as far as the widget's bucket needs it.
 * Source: https://github.com/supabase/storage (src/http/routes)
 */
import { Failure, messageOf } from "../../failure.ts";
import type { WidgetFile } from "./files.ts";

const ANSWER_MS = 60_000;
const RETRY_AFTER_MS = 500;
const PAGE = 1000;
export const BUCKET = "heddle";

/** What Storage knows of a file. */
export interface StoredFile {
  eTag?: string;
  size?: number;
  mimetype?: string;
  cacheControl?: string;
}

/** What Storage answers with when it refuses; its own errors have a status of their own inside the body. */
interface Refusal {
  statusCode?: string;
  code?: string;
  error?: string;
  message?: string;
}

export interface Storage {
  /** `null` if there is none. */
  bucket(): Promise<{ public: boolean } | null>;
  createBucket(): Promise<void>;
  /** What lies directly in a folder of the bucket, by name; the folder `""` is the bucket itself. */
  list(folder: string): Promise<Map<string, StoredFile>>;
  /** Stores a file with its cache rule, in place of one that is there. */
  put(file: WidgetFile): Promise<void>;
}

/** Calls throw a `Failure` that says what to do; faults of the network and of the server are tried once more. */
export function openStorage({ url, secretKey }: { url: string; secretKey: string }): Storage {
  return {
    async bucket() {
      const answer = await send("GET", `/bucket/${BUCKET}`);
      if (answer.ok) return await answer.json();
      const refusal = await refusalOf(answer);
      if (refusal.code === "NoSuchBucket" || refusal.error === "Bucket not found") return null;
      throw new Failure(explained(answer.status, refusal, "look for the bucket"));
    },
    async createBucket() {
      const answer = await send("POST", "/bucket", asJson({ id: BUCKET, name: BUCKET, public: true }));
      if (!answer.ok) throw new Failure(explained(answer.status, await refusalOf(answer), "make the bucket"));
      await answer.body?.cancel();
    },
    async list(folder) {
      const files = new Map<string, StoredFile>();
      let page: { name: string; metadata: StoredFile | null }[] = [];
      for (let offset = 0; offset === 0 || page.length === PAGE; offset += PAGE) {
        const body = {
          prefix: folder,
          limit: PAGE,
          offset,
          sortBy: { column: "name", order: "asc" },
        };
        const answer = await send("POST", `/object/list/${BUCKET}`, asJson(body));
        if (!answer.ok) {
          throw new Failure(explained(answer.status, await refusalOf(answer), "list the files"));
        }
        page = await answer.json();
        for (const { name, metadata } of page) files.set(name, metadata ?? {});
      }
      return files;
    },
    async put({ path, content, contentType, cacheControl }) {
      const headers = { "content-type": contentType, "cache-control": cacheControl, "x-upsert": "true" };
      const answer = await send("POST", `/object/${BUCKET}/${path}`, { body: content, headers });
      if (!answer.ok) throw new Failure(explained(answer.status, await refusalOf(answer), `store ${path}`));
      await answer.body?.cancel();
    },
  };

  async function send(
    method: string,
    path: string,
    { body, headers = {} }: { body?: BodyInit; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const request = () =>
      fetch(`${url}/storage/v1${path}`, {
        method,
        // As supabase-js sends them: the gateway makes the role's JWT out of a key that is none.
        headers: { apikey: secretKey, authorization: `Bearer ${secretKey}`, ...headers },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
    const first = await request().catch(() => null);
    if (first !== null && first.status < 500) return first;
    await first?.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    return await request().catch((error: unknown) => {
      throw new Failure(`${url} does not answer (${messageOf(error)}). Check --url, then deploy again.`);
    });
  }

  function explained(status: number, refusal: Refusal, what: string): string {
    const own = Number(refusal.statusCode ?? status);
    if (own === 401 || own === 403 || /jw[st]/i.test(refusal.message ?? "")) {
      return `Storage refuses to ${what}: --secret-key must be the project's secret key (sb_secret_…).`;
    }
    if (status === 404 && refusal.statusCode === undefined && refusal.code === undefined) {
      return `${url} has no Storage to upload to. (npm start needs none: it serves the widget of this checkout.)`;
    }
    const why = refusal.message?.replace(/\.?$/, "") ?? "no reason given";
    return `Storage could not ${what}: status ${own}, ${why}. What was sent before stays; deploy again goes on from there.`;
  }
}

function asJson(body: unknown): { body: string; headers: Record<string, string> } {
  return { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

async function refusalOf(answer: Response): Promise<Refusal> {
  const text = await answer.text();
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

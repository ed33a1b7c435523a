/**
 * A project's Storage, as far as the widget's bucket needs it.
 * Source: https://github.com/supabase/storage (src/http/routes)
 */
import * as z from "zod";
import { type Answer, jsonIn, send, withRetry } from "../../connection/http.ts";
import { CliError, messageOf } from "../../errors.ts";
import { START } from "../../installation/calls.ts";
import type { WidgetFile } from "./files.ts";

const ANSWER_MS = 60_000;
const PAGE = 1000;
export const BUCKET = "heddle";

const bucketSchema = z.object({ public: z.boolean() });
const storedSchema = z.object({
  eTag: z.string().optional(),
  size: z.number().optional(),
  mimetype: z.string().optional(),
  cacheControl: z.string().optional(),
});
/** A folder has no metadata. */
const listSchema = z.array(z.object({ name: z.string(), metadata: storedSchema.nullish() }));
/** Its own refusals have a status of their own inside the body. */
const refusalSchema = z.object({
  statusCode: z.string().optional(),
  code: z.string().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
});

/** What Storage knows of a file. */
export type StoredFile = z.infer<typeof storedSchema>;
type Refusal = z.infer<typeof refusalSchema>;

export interface Storage {
  /** `null` if there is none. */
  bucket(): Promise<{ public: boolean } | null>;
  /** False if it is there already. */
  createBucket(): Promise<boolean>;
  /** The files directly in a folder of the bucket, by name; the folder `""` is the bucket itself. */
  list(folder: string): Promise<Map<string, StoredFile>>;
  /** Stores a file with its cache rule, in place of one that is there. */
  put(file: WidgetFile): Promise<void>;
}

interface Call {
  method: string;
  path: string;
  /** Completes the sentence of a refusal: Storage could not … */
  what: string;
  body?: BodyInit;
  headers?: Record<string, string>;
}

interface Project {
  url: string;
  secretKey: string;
}

/** Calls throw a `CliError` that says what to do; after a failure of the network or the server they are repeated once. */
export function openStorage(project: Project): Storage {
  const { ask, read, request } = createCaller(project);
  return {
    async bucket() {
      const call = { method: "GET", path: `/bucket/${BUCKET}`, what: "look for the bucket" };
      const { status, text } = await request(call);
      const refusal = refusalIn(text);
      if (refusal.code === "NoSuchBucket" || refusal.error === "Bucket not found") return null;
      return read(bucketSchema, call, status, text);
    },
    async createBucket() {
      const call = {
        method: "POST",
        path: "/bucket",
        what: "make the bucket",
        ...asJson({ id: BUCKET, name: BUCKET, public: true }),
      };
      const { status, text } = await request(call);
      if (Number(refusalIn(text).statusCode ?? status) === 409) return false;
      read(z.unknown(), call, status, text);
      return true;
    },
    async list(folder) {
      const files = new Map<string, StoredFile>();
      let page: z.infer<typeof listSchema> = [];
      for (let offset = 0; offset === 0 || page.length === PAGE; offset += PAGE) {
        page = await ask(listSchema, {
          method: "POST",
          path: `/object/list/${BUCKET}`,
          what: "list the files",
          ...asJson({ prefix: folder, limit: PAGE, offset, sortBy: { column: "name", order: "asc" } }),
        });
        for (const { name, metadata } of page) files.set(name, metadata ?? {});
      }
      return files;
    },
    async put({ path, content, contentType, cacheControl }) {
      await ask(z.unknown(), {
        method: "POST",
        path: `/object/${BUCKET}/${path}`,
        what: `store ${path}`,
        body: content,
        headers: { "content-type": contentType, "cache-control": cacheControl, "x-upsert": "true" },
      });
    },
  };
}

/** `ask` is `request` and `read` in one. */
function createCaller({ url, secretKey }: Project) {
  async function ask<T>(schema: z.ZodType<T>, call: Call): Promise<T> {
    const { status, text } = await request(call);
    return read(schema, call, status, text);
  }

  async function request({ method, path, body, headers }: Call): Promise<Answer> {
    return await withRetry(() =>
      send(`${url}/storage/v1${path}`, {
        method,
        // As supabase-js sends them: Supabase's proxy turns such a key into the role's JWT.
        headers: { apikey: secretKey, authorization: `Bearer ${secretKey}`, ...headers },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER_MS),
      })
    ).catch((error: unknown) => {
      throw new CliError(
        "unreachable",
        `${url} does not answer (${messageOf(error)}). Check --url, then deploy again.`,
      );
    });
  }

  function read<T>(schema: z.ZodType<T>, { what }: Call, status: number, text: string): T {
    if (status >= 300) throw explained(url, status, refusalIn(text), what);
    const parsed = schema.safeParse(jsonIn(text));
    if (parsed.success) return parsed.data;
    throw new CliError(
      "unexpected_answer",
      `${url} answers, but not as Storage does: check --url, then deploy again.`,
    );
  }

  return { ask, read, request };
}

/** `what` completes the sentence: Storage could not … */
function explained(url: string, status: number, refusal: Refusal, what: string): CliError {
  const own = Number(refusal.statusCode ?? status);
  if (own === 401 || own === 403 || /jw[st]/i.test(refusal.message ?? "")) {
    return new CliError(
      "access_denied",
      `Storage refuses to ${what}: --secret-key must be the project's secret key (sb_secret_…).`,
    );
  }
  if (status === 404 && refusal.statusCode === undefined && refusal.code === undefined) {
    return new CliError(
      "not_found",
      `${url} has no Storage to upload to. (${START} needs none: it serves its widget itself.)`,
    );
  }
  const why = refusal.message?.replace(/\.?$/, "") ?? "no reason given";
  return new CliError(
    "rejected",
    `Storage could not ${what}: status ${own}, ${why}. What was sent before stays; deploy again continues from there.`,
  );
}

function asJson(body: unknown): { body: string; headers: Record<string, string> } {
  return { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

function refusalIn(text: string): Refusal {
  return refusalSchema.safeParse(jsonIn(text)).data ?? {};
}

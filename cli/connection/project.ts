import { Misuse } from "../errors.ts";
import { connectDatabase } from "./database.ts";
import { callByRest } from "./rest.ts";
import type { Target } from "./target.ts";

/** Calls functions of schema `heddle_api`, whichever way leads there. */
export interface Project {
  /** What the function returns; `null` when it found nothing. Throws a `Failure` when the call failed. */
  call<T>(name: string, args?: Record<string, unknown>): Promise<T | null>;
  close(): Promise<void>;
}

/** By the Data API if the target has a secret key and does not put its database first, else by SQL. Nothing is opened before the first call. */
export function openProject(target: Target): Project {
  const { url, secretKey, databaseUrl, databaseFirst } = target;
  if (url && secretKey && !databaseFirst) {
    return {
      call: (name, args = {}) => callByRest({ url, key: secretKey, local: target.local }, name, args),
      close: () => Promise.resolve(),
    };
  }
  if (!databaseUrl) {
    const failure = new Misuse("A project needs both --url and --secret-key, or --database-url.");
    return { call: () => Promise.reject(failure), close: () => Promise.resolve() };
  }
  const database = connectDatabase(databaseUrl);
  return { call: database.call, close: database.close };
}
